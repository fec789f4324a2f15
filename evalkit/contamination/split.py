"""A setting's samples and what a scan found of their examples in; every metric's number on the clean, the dirty and the
unscored ones out, and what may be said of the difference.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from evalkit import statistics
from evalkit.contamination.counting import Counter
from evalkit.contamination.overlaps import CLEAN, DIRTY, UNSCORED, Overlap
from evalkit.contamination.scores import Side, SplitScore, Step, Subset
from evalkit.metrics import METRICS
from evalkit.metrics.base import by_unit
from evalkit.schema import Sample, Setting

LONGEST = (100.0, 50.0, 30.0, 20.0, 16.0, 13.0, 10.0)  # words that a match may have, before none may be there
SHARES = (0.8, 0.6, 0.4, 0.2, 0.1, 0.05, 0.0)
LITTLE, MUCH = 0.2, 0.8  # Llama 2's shares: clean below the first, dirty from the second on


@dataclass(frozen=True, slots=True)
class Unit:
    """Samples that are judged together: their places, and the most that was found of any of them. It is dirty if one of
    them is, and unscored only if all are; its status is empty where the scan does not know one of them.
    """

    places: tuple[int, ...]
    status: str
    longest: int
    token_share: float
    extend_share: float


class Numbers(NamedTuple):
    """What a split is of: a metric, by which scorer, and the signature of the number that is split."""

    metric: str
    scorer: str
    signature: str


def units(samples: Sequence[Sample], found: Mapping[str, Overlap]) -> list[Unit]:
    """The units of a setting's samples; `found` is by example id."""
    places: dict[str, list[int]] = {unit: [] for unit in by_unit(samples)}
    for place, sample in enumerate(samples):
        places[sample.query.example.unit].append(place)
    return [_unit(own, [found.get(samples[place].query.example.id) for place in own]) for own in places.values()]


def split(
    setting: Setting, samples: Sequence[Sample], numbers: Sequence[Numbers], found: Mapping[str, Overlap], ngram: int
) -> list[SplitScore]:
    """Each number, split. Samples that the scan does not know have no part in it.

    Args:
        samples: all of the setting's.
        numbers: what to split.
        found: by example id.
        ngram: the N of the scan, of this task.
    """
    places = sorted(place for unit in units(samples, found) if unit.status for place in unit.places)
    known = [samples[place] for place in places]
    own = units(known, found)
    scores = []
    for one in numbers:
        seen = [replace(sample, scores=_of(sample, one.scorer)) for sample in known] if one.scorer else known
        counter = Counter(METRICS[one.metric], seen)
        scores.append(_score(setting, one, counter, own, ngram))
    return scores


def relative(clean: float, whole: float) -> float | None:
    """What the clean score is above that of all, in percent of that of all (Brown et al. 2020, table C.1)."""
    return 100 * (clean - whole) / abs(whole) if whole else None


def _of(sample: Sample, scorer: str) -> Mapping[str, tuple[float, ...]]:
    return {scorer: sample.scores[scorer]}


def _unit(places: Sequence[int], found: Sequence[Overlap | None]) -> Unit:
    known = [one for one in found if one is not None]
    statuses = {one.status for one in known}
    if DIRTY in statuses:
        status = DIRTY
    elif len(known) < len(found):
        status = ""
    else:
        status = CLEAN if CLEAN in statuses else UNSCORED
    return Unit(
        tuple(places),
        status,
        max((one.longest for one in known), default=0),
        max((one.token_share for one in known), default=0.0),
        max((one.token_extend_share for one in known), default=0.0),
    )


def _score(setting: Setting, one: Numbers, counter: Counter, own: Sequence[Unit], ngram: int) -> SplitScore:
    seed = f"{setting.task}|{one.metric}"
    scored = [unit for unit in own if unit.status != UNSCORED]
    whole = counter.side(len(own), _places(own), seed)
    sides = {}
    for status in (CLEAN, DIRTY, UNSCORED):
        part = [unit for unit in own if unit.status == status]
        sides[status] = counter.side(len(part), _places(part), f"{seed}|{status}")
    epg, low, high, z = _gain(counter, own, whole, sides, seed)
    p, why = _test(counter, scored, seed)
    return SplitScore(
        *(setting.task, setting.prompt, setting.shots, setting.seed, one.metric, one.scorer),
        better=counter.metric.better,
        ngram=ngram,
        all=whole,
        clean=sides[CLEAN],
        dirty=sides[DIRTY],
        unscored=sides[UNSCORED],
        clean_percent=100 * sides[CLEAN].units / len(own) if own else 0.0,
        relative=None if epg is None or whole.value is None else relative(whole.value - epg, whole.value),
        epg=epg,
        epg_low=low,
        epg_high=high,
        z=z,
        p=p,
        why=why,
        subsets=_subsets(counter, scored),
        longest=_curve(counter, scored, lambda unit: unit.longest, [*(most for most in LONGEST if most >= ngram), 0]),
        share=_curve(counter, scored, lambda unit: unit.token_share, SHARES),
        signature=one.signature,
    )


def _places(own: Sequence[Unit]) -> list[int]:
    return [place for unit in own for place in unit.places]


class _Gain(NamedTuple):
    epg: float | None
    low: float | None
    high: float | None
    z: float | None


def _gain(counter: Counter, own: Sequence[Unit], whole: Side, sides: Mapping[str, Side], seed: str) -> _Gain:
    """The estimated performance gain; where nothing is dirty, what is left out was too short, and nothing is gained."""
    clean = counter.part(_places([unit for unit in own if unit.status == CLEAN]))
    nothing_dirty = not sides[DIRTY].units and sides[UNSCORED].units
    if whole.value is None or sides[CLEAN].value is None or clean is None or counter.whole is None or nothing_dirty:
        return _Gain(None, None, None, None)
    epg = whole.value - (sides[CLEAN].value or 0.0)
    first, second = statistics.paired_sums((counter.whole.values, counter.whole.groups), (clean.values, clean.groups))
    low, high = statistics.difference_interval(first, second, counter.metric.value, f"{seed}|gain")
    items = counter.items(counter.whole)
    sigma = float(items.std()) if items is not None else 0.0
    return _Gain(epg, low, high, epg / (sigma / len(clean.groups) ** 0.5) if sigma > 0 else None)


def _test(counter: Counter, scored: Sequence[Unit], seed: str) -> tuple[float | None, str]:
    """The p-value, or why there is none."""
    import numpy as np  # heavy: loaded only when something is measured

    sides = {status: [unit for unit in scored if unit.status == status] for status in (CLEAN, DIRTY)}
    for status, own in sides.items():
        if not own:
            return None, f"nothing is {status}"
    clean, dirty = (counter.part(_places(own)) for own in sides.values())
    if clean is None or dirty is None:
        return None, f"of the {DIRTY if dirty is None else CLEAN} ones it has no number"
    groups = (*clean.groups, *dirty.groups)
    if len(set(groups)) < 2:
        return None, "all items are one group"
    whole = counter.part(_places(scored))
    sums = clean.values.sum(axis=0), dirty.values.sum(axis=0)
    if sums[0].shape != sums[1].shape or whole is None:
        return None, "its counts of parts cannot be put together"
    if not counter.is_mean and not (
        whole.values.shape[1] == len(sums[0]) and np.allclose(whole.values.sum(axis=0), sums[0] + sums[1])
    ):
        return None, "its counts of parts cannot be put together"
    chosen = [True] * len(clean.groups) + [False] * len(dirty.groups)
    values = np.vstack([clean.values, dirty.values])
    return statistics.permutation_p(values, groups, chosen, counter.metric.value, f"{seed}|split"), ""


def _subsets(counter: Counter, scored: Sequence[Unit]) -> tuple[Subset, ...]:
    """Llama 2's four; none where nothing is found at all."""
    if not any(unit.extend_share > 0 for unit in scored):
        return ()
    rules: dict[str, Callable[[float], bool]] = {
        "clean": lambda share: share < LITTLE,
        "not clean": lambda share: share >= LITTLE,
        "not dirty": lambda share: share < MUCH,
        "dirty": lambda share: share >= MUCH,
    }
    items = counter.items(counter.part(_places(scored)))
    found = []
    for name, fits in rules.items():
        part = [unit for unit in scored if fits(unit.extend_share)]
        side = counter.side(len(part), _places(part), name, bounds=False)
        share = sum(unit.extend_share for unit in part) / len(part) if part else 0.0
        z = None
        if items is not None and side.value is not None and items.std() > 0:
            z = float((side.value - items.mean()) / (items.std() / side.n**0.5))
        found.append(Subset(name, side, share, z))
    return tuple(found)


def _curve(
    counter: Counter, scored: Sequence[Unit], of: Callable[[Unit], float], limits: Sequence[float]
) -> tuple[Step, ...]:
    """What is left as less and less is allowed; the first step allows everything. None where nothing is found."""
    found = max((of(unit) for unit in scored), default=0)
    if not found:
        return ()
    steps = []
    for most in (float(found), *(limit for limit in limits if limit < found)):
        part = [unit for unit in scored if of(unit) <= most]
        steps.append(Step(most, counter.side(len(part), _places(part), "curve", bounds=False)))
    return tuple(steps)
