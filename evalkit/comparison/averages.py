"""The average of a suite in two runs: the mean over tasks of the mean of each task's metrics, paired task by task."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from evalkit.comparison.numbers import DRAWN, ROUNDING, bare, less
from evalkit.comparison.record import Difference, Test
from evalkit.library import Library
from evalkit.metrics.base import Metric
from evalkit.metrics.recount import EQUAL
from evalkit.runs.pairs import Pair
from evalkit.schema import Result
from evalkit.statistics import detectable, drawn_p, group_sums, percentile_interval, replicates, swapped
from evalkit.tasks.parse import find_suites

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalkit.metrics.base import Floats

Measured = tuple[Difference, Pair, Metric]

_WHY = "what it is the average of cannot be paired"


def average(results: tuple[Result, Result], differences: Sequence[Measured]) -> Difference:
    """Two averages, from the differences of their tasks' metrics. Its interval resamples the groups of every task, and
    its p-value swaps them. Without either where these metrics do not give the average again.
    """
    import numpy as np  # heavy: loaded only when something is compared

    tasks = _tasks(results, differences)
    told = bare(results, False, _WHY)
    if not tasks:
        return told
    values = [np.mean([np.mean([one[0].values[side] for one in own]) for own in tasks.values()]) for side in (0, 1)]
    left_out = any(any(one[0].left_out) for own in tasks.values() for one in own)
    if not left_out and any(
        abs(value - own.value) > EQUAL * max(1.0, abs(own.value)) for value, own in zip(values, results, strict=True)
    ):
        return told
    drawn, swaps = np.mean([_drawn(task, own) for task, own in tasks.items()], axis=0)
    low, high = percentile_interval(drawn)
    found, error = float(values[1] - values[0]), float(drawn.std(ddof=1))
    firsts = [own[0][0] for own in tasks.values()]
    return replace(
        told,
        unlike=tuple(dict.fromkeys(field for own in tasks.values() for one in own for field in one[0].unlike)),
        values=(float(values[0]), float(values[1])),
        difference=found,
        low=low if error > ROUNDING else None,
        high=high if error > ROUNDING else None,
        detectable=detectable(error) if error > ROUNDING else None,
        test=Test(drawn_p(swaps, found), DRAWN),
        n=sum(first.n for first in firsts),
        groups=sum(first.groups for first in firsts),
        left_out=(sum(first.left_out[0] for first in firsts), sum(first.left_out[1] for first in firsts)),
        why="",
    )


def _tasks(results: tuple[Result, Result], differences: Sequence[Measured]) -> Mapping[str, Sequence[Measured]]:
    """The metrics of each of the suite's tasks in these settings; nothing where one is missing."""
    settings = tuple((one.prompt, one.shots, one.seed) for one in results)
    suites = find_suites(Library.open(), [results[0].task])
    found: dict[str, list[Measured]] = {name: [] for suite in suites for name in suite.average}
    for one in differences:
        own = one[0].results
        here = tuple((result.prompt, result.shots, result.seed) for result in own)
        if own[0].task in found and here == settings and not own[0].scorer:
            found[own[0].task].append(one)
    return found if all(found.values()) else {}


def _drawn(task: str, own: Sequence[Measured]) -> "Floats":
    """The difference of the mean of a task's metrics, the metrics on the same groups: on resamples, and after swaps;
    shape [2, draws], as many of both as there are of the fewer.
    """
    import numpy as np

    sums = [_sums(pair) for _, pair, _ in own]
    first, second = np.hstack([one for one, _ in sums]), np.hstack([other for _, other in sums])
    edges = [0, *accumulate(pair.first.shape[1] for _, pair, _ in own)]
    value = _mean([metric for _, _, metric in own], edges)
    resampled = replicates(np.hstack([first, second]), less(value, first.shape[1]), task)
    swaps = swapped(first, second, value, task)
    fewer = min(len(resampled), len(swaps))
    return np.stack([resampled[:fewer], swaps[:fewer]])


def _sums(pair: Pair) -> "tuple[Floats, Floats]":
    """The sums of each group, by the groups' names, so that the metrics of a task have them in one order."""
    import numpy as np

    names = list(dict.fromkeys(pair.groups))
    order = np.argsort(np.array(names))
    return group_sums(pair.first, pair.groups)[order], group_sums(pair.second, pair.groups)[order]


def _mean(metrics: Sequence[Metric], edges: Sequence[int]) -> "Callable[[Floats], Floats]":
    import numpy as np

    def value(sums: "Floats") -> "Floats":
        spans = zip(metrics, edges[:-1], edges[1:], strict=True)
        mean: Floats = np.mean([metric.value(sums[..., start:end]) for metric, start, end in spans], axis=0)
        return mean

    return value
