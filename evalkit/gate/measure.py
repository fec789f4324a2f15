"""Pairs of outcomes to changes: of every number, and of the mean of tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.gate.lines import OVERALL
from evalkit.metrics import METRICS
from evalkit.metrics.base import IDEALS, Metric, turned
from evalkit.runs.outcomes import Key
from evalkit.runs.pairs import Pair
from evalkit.statistics import (
    NO_CHANGE,
    Change,
    changes,
    least_error,
    loss_p,
    mean_change,
    mean_of,
    resampled_change,
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number of both, its change, and what `lines.Line` says beside. Of a mean, `names` are its groups, and `added`
    and `shares` (shape [G]) what each adds to the change and its share of all items; else they are None.
    """

    key: Key
    n: int
    groups: int
    baseline: float
    candidate: float
    moved: int
    better: int | None
    worse: int | None
    relative: bool
    change: Change
    names: tuple[str, ...] = ()
    added: Any = None
    shares: Any = None


def measure(own: Pair, margin: float) -> Measured:
    """The change of one number."""
    metric = METRICS[own.key.metric]
    first, second = own.sums()
    values = [float(metric.value(sums.sum(axis=0))) for sums in (first, second)]
    relative = not metric.percent
    scale = abs(values[0]) if relative and values[0] else 1.0
    moved = int((own.first != own.second).any(axis=1).sum())
    change, added, shares = NO_CHANGE, None, None
    if _is_plain(metric):
        added, shares = changes(first, second)
        added = added * (-1.0 if metric.better == "lower" else 1.0) / scale
        if moved:
            change = mean_change(added, shares, 0.0 if relative else _least(own, margin))
    elif moved:
        seed = f"{own.key.task}|{own.key.metric}|gate"
        change = resampled_change(first, second, lambda sums: turned(metric.better, metric.value(sums)) / scale, seed)
    better, worse = _directions(own, metric)
    return Measured(
        key=own.key,
        n=len(own.groups),
        groups=len(first),
        baseline=values[0],
        candidate=values[1],
        moved=moved,
        better=better,
        worse=worse,
        relative=relative,
        change=change,
        names=tuple(dict.fromkeys(own.groups)),
        added=added,
        shares=shares,
    )


def overall(measured: Sequence[Measured]) -> Measured | None:
    """The mean over tasks of the mean over each one's settings, of shares; None where there are not two of them."""
    import numpy as np  # heavy: loaded only when something is gated

    shares = [one for one in measured if not one.relative]
    if len(shares) < 2:
        return None
    tasks: dict[str, list[Measured]] = {}
    for one in shares:
        tasks.setdefault(one.key.task, []).append(one)
    parts = [_of_task(settings) for settings in tasks.values()]
    added = [own for _, own in parts if own is not None]
    p = loss_p(np.concatenate(added) / len(parts)) if len(added) == len(parts) else None
    every = tasks.values()
    return Measured(
        key=Key(OVERALL, "", 0, 0, ""),
        n=sum(one.n for one in shares),
        groups=sum(one.groups for one in shares),
        baseline=_mean(_mean(one.baseline for one in settings) for settings in every),
        candidate=_mean(_mean(one.candidate for one in settings) for settings in every),
        moved=sum(one.moved for one in shares),
        better=_sum(one.better for one in shares),
        worse=_sum(one.worse for one in shares),
        relative=False,
        change=mean_of([part for part, _ in parts], p),
    )


def _of_task(settings: Sequence[Measured]) -> tuple[Change, Any]:
    """The mean change of a task's settings, which are of the same items, and what each group added to it (None where
    that is not known: then the settings are taken to go up and down together, which is the least certain case).
    """
    import numpy as np

    changed, count = [one.change for one in settings], len(settings)
    least = _mean(one.least for one in changed)
    if any(one.added is None for one in settings):
        error, freedom = _mean(one.error for one in changed), min(one.freedom for one in changed)
        return Change(_mean(one.value for one in changed), error, least, freedom, max(one.p for one in changed)), None
    places = {name: place for place, name in enumerate(dict.fromkeys(name for one in settings for name in one.names))}
    added, shares = np.zeros(len(places)), np.zeros(len(places))
    for one in settings:
        index = [places[name] for name in one.names]
        np.add.at(added, index, one.added / count)
        np.add.at(shares, index, one.shares / count)
    if not any(one.moved for one in settings):
        return NO_CHANGE, added
    return mean_change(added, shares, least), added


def _is_plain(metric: Metric) -> bool:
    """Whether a number is a mean of items of which more, or less, is better."""
    return metric.is_mean and metric.better not in IDEALS


def _directions(own: Pair, metric: Metric) -> tuple[int, int] | tuple[None, None]:
    """How many items got better, and how many worse, where single items do."""
    if not _is_plain(metric) or not own.is_by_item:
        return None, None
    moved = own.second[:, 0] - own.first[:, 0]
    up, down = int((moved > 0).sum()), int((moved < 0).sum())
    return (down, up) if metric.better == "lower" else (up, down)


def _least(own: Pair, margin: float) -> float:
    """The least standard error under a loss of the margin, which is known of items that are 0 or 1."""
    import numpy as np

    both = np.vstack([own.first, own.second])
    is_binary = own.is_by_item and bool(np.isin(both[:, 0], (0.0, 1.0)).all() and (both[:, 1] == 1).all())
    return least_error(margin, len(own.groups)) if is_binary else 0.0


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed)


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
