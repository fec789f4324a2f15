"""Intervals and p-values: counts of a metric in, 95 % bounds or a probability out. Pure functions over arrays.

Items of one group are not independent, so everything here works on the sums of groups.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

REPLICATES = 2000
PERMUTATIONS = 2000
LEVEL = 0.95

_CELLS = 2_000_000  # of a table of choices or draws that is made at once


def group_sums(values: "Floats", groups: Sequence[str]) -> "Floats":
    """The sums of the rows of each group: shape [n, d] to [G, d]."""
    import numpy as np

    places: dict[str, int] = {}
    index = [places.setdefault(group, len(places)) for group in groups]
    sums = np.zeros((len(places), values.shape[1]))
    np.add.at(sums, index, values)
    return sums


def mean_interval(sums: "Floats") -> tuple[float, float]:
    """The interval of a mean of items between 0 and 1.

    Wilson's score interval (Wilson 1927) with the effective number of items: p(1 - p) over the cluster-robust variance
    of the mean (Miller 2024, section 2.2). With single items that are 0 or 1 this is Wilson's own. Where groups hold
    several items, the variance is known from G groups alone: it is taken times G / (G - 1), and Student's t with G - 1
    degrees of freedom stands for the normal quantile (Cameron and Miller 2015, section VI); without these, 95 % would
    be 91 % of 10 groups. Where the groups do not differ at all, their number stands for the effective number.

    Args:
        sums: shape [G, 2]: of each group, the sum of its items and their number.
    """
    import numpy as np
    from scipy.special import stdtrit

    total, groups = sums[:, 1].sum(), len(sums)
    p = sums[:, 0].sum() / total
    variance = ((sums[:, 0] - p * sums[:, 1]) ** 2).sum() / total**2
    if variance <= 1e-12 or not 0 < p < 1:
        return wilson(float(np.clip(p, 0, 1)), float(groups))
    if (sums[:, 1] == 1).all():
        return wilson(float(p), float(p * (1 - p) / variance))
    t = float(stdtrit(groups - 1, (1 + LEVEL) / 2))
    return wilson(float(p), float(p * (1 - p) / (variance * groups / (groups - 1))), t)


def wilson(p: float, n: float, z: float | None = None) -> tuple[float, float]:
    """Wilson's score interval (1927) of a proportion p of n, without continuity correction; `z` is the quantile that it
    is made with, the normal one of `LEVEL` if None.
    """
    from scipy.special import ndtri

    z = float(ndtri((1 + LEVEL) / 2)) if z is None else z
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * float((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
    return max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half))  # at 0 and 1 rounding puts p outside


def replicates(sums: "Floats", value: "Callable[[Floats], Floats]", seed: str) -> "Floats":
    """The metric on `REPLICATES` resamples of the groups.

    Groups with equal sums are interchangeable, so a resample is one multinomial draw over the different ones.

    Args:
        sums: shape [G, d].
        value: shape [..., d] to [...].
        seed: any text; equal texts give equal replicates.
    """
    import numpy as np

    kinds, counts = np.unique(sums, axis=0, return_counts=True)
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    once = max(1, _CELLS // len(kinds))
    sizes = [min(once, REPLICATES - first) for first in range(0, REPLICATES, once)]
    return np.concatenate(
        [value(generator.multinomial(len(sums), counts / len(sums), size=size) @ kinds) for size in sizes]
    )


def bootstrap_interval(
    sums: "Floats", value: "Callable[[Floats], Floats]", seed: str
) -> tuple[float, float] | tuple[None, None]:
    """The bias-corrected and accelerated bootstrap interval (Efron and Tibshirani 1993, section 14.3), over groups.

    None where every resample gives the same number: then resampling knows nothing of the uncertainty.

    Args:
        sums, value, seed: as `replicates` has them.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    drawn = replicates(sums, value, seed)
    if np.ptp(drawn) == 0:
        return None, None
    point = value(sums.sum(axis=0))
    below = (np.sum(drawn < point) + 0.5 * np.sum(drawn == point)) / len(drawn)
    bias = ndtri(np.clip(below, 1 / len(drawn), 1 - 1 / len(drawn)))
    kinds, counts = np.unique(sums, axis=0, return_counts=True)
    left_out = value(sums.sum(axis=0) - kinds)
    centred = np.average(left_out, weights=counts) - left_out
    spread = (counts * centred**2).sum()
    acceleration = (counts * centred**3).sum() / (6 * spread**1.5) if spread > 0 else 0.0
    z = bias + ndtri(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    low, high = np.quantile(drawn, ndtr(bias + z / (1 - acceleration * z)))
    return float(low), float(high)


def percentile_interval(drawn: "Floats") -> tuple[float, float]:
    """The plain percentile interval of replicates."""
    import numpy as np

    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def paired_sums(
    first: "tuple[Floats, Sequence[str]]", second: "tuple[Floats, Sequence[str]]"
) -> tuple["Floats", "Floats"]:
    """The sums of the rows of each group, of two collections of rows with their groups: row g of both results is the
    same group, 0 where a collection has none of it. Shapes [n, d] and [m, e] to [G, d] and [G, e].
    """
    import numpy as np

    places = {group: place for place, group in enumerate(dict.fromkeys([*first[1], *second[1]]))}
    sums = []
    for values, groups in (first, second):
        summed = np.zeros((len(places), values.shape[1]))
        np.add.at(summed, [places[group] for group in groups], values)
        sums.append(summed)
    return sums[0], sums[1]


def difference_interval(
    first: "Floats", second: "Floats", value: "Callable[[Floats], Floats]", seed: str
) -> tuple[float, float] | tuple[None, None]:
    """The percentile interval of value(first) - value(second) where both are of the same groups, resampled together
    (the paired cluster bootstrap; Efron and Tibshirani 1993, sections 8 and 13.3).

    None where every resample gives the same number. Resamples in which there is nothing of one of them do not count.

    Args:
        first, second: shapes [G, d] and [G, e]; `paired_sums` makes them.
        value, seed: as `replicates` has them.
    """
    import numpy as np

    width = first.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = replicates(
            np.hstack([first, second]), lambda sums: value(sums[..., :width]) - value(sums[..., width:]), seed
        )
    drawn = drawn[np.isfinite(drawn)]
    return percentile_interval(drawn) if drawn.size and np.ptp(drawn) > 0 else (None, None)


def permutation_p(
    values: "Floats", groups: Sequence[str], chosen: Sequence[bool], value: "Callable[[Floats], Floats]", seed: str
) -> float:
    """How often a difference as large as value(chosen rows) - value(the others) comes about when it says nothing which
    rows are chosen: two-sided, over `PERMUTATIONS` permutations with the one that is there among them (Phipson and
    Smyth 2010), so that it is never 0.

    Rows of one group are not independent: the order of the groups is shuffled, and their rows, laid end to end, take
    the choices as they stand. Groups of equal size so exchange theirs whole, and the test is exact; where sizes differ,
    a group takes a piece of its neighbours' choices, and it is approximate.

    Args:
        values: shape [n, d]; rows and their groups in any order.
        value, seed: as `replicates` has them.
    """
    import numpy as np

    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    index = np.array([places[group] for group in groups])
    order = np.argsort(index, kind="stable")
    laid, labels, sizes = values[order], np.asarray(chosen, dtype=bool)[order], np.bincount(index)
    starts = np.cumsum(sizes) - sizes
    total = laid.sum(axis=0)
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    once = max(1, _CELLS // len(laid))
    differences = []
    with np.errstate(divide="ignore", invalid="ignore"):
        for first in range(0, PERMUTATIONS, once):
            masks = np.zeros((min(once, PERMUTATIONS - first), len(laid)))
            for mask in masks:
                shuffled = generator.permutation(len(sizes))
                ends = np.cumsum(sizes[shuffled])
                rows = np.repeat(starts[shuffled] - ends + sizes[shuffled], sizes[shuffled]) + np.arange(len(laid))
                mask[rows[labels]] = 1.0
            sums = masks @ laid
            differences.append(value(sums) - value(total - sums))
        there = laid[labels].sum(axis=0)
        found = abs(float(value(there) - value(total - there)))
    away = np.abs(np.concatenate(differences))
    as_large = np.sum(~(away < found - 1e-9 * max(1.0, found)))  # a number that is none counts against the claim
    return float((1 + as_large) / (1 + PERMUTATIONS))
