"""Two models on the same items: counts of both in, probabilities, a standard error and the smallest difference that
could have been seen out. Pure functions over arrays.

Rows of `first` and `second` are sums of the same groups, in one order: items of one group are not independent.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALPHA = 0.05
POWER = 0.8
EXACT = 2**15  # ways of swapping, up to which all of them are counted
SWAPS = 10_000  # drawn where there are more

_CELLS = 2_000_000  # of a table of swaps that is made at once


def mcnemar_p(worse: int, better: int) -> float:
    """How likely it is that items that changed are parted at least so unevenly, if each is as likely to change one way
    as the other: McNemar's test (1947), two-sided and exact (twice the smaller tail of the binomial distribution; Fay
    2010, "Two-sided exact tests and matching confidence intervals for discrete data").

    Args:
        worse, better: how many items went from right to wrong, and from wrong to right.
    """
    from scipy.special import bdtr

    if abs(worse - better) <= 1:
        return 1.0
    return 2 * float(bdtr(min(worse, better), worse + better, 0.5))


def swap_p(first: "Floats", second: "Floats", value: "Callable[[Floats], Floats]", seed: str) -> tuple[float, bool]:
    """How often a difference as large as value(second) - value(first) comes about when it says nothing which of the
    two models a group's answers are of: each group's are swapped or not (Fisher 1935, "The Design of Experiments",
    section 21; for a metric of all items together, approximate randomisation: Noreen 1989; Yeh 2000). Two-sided; with
    it, whether it is exact. It is where there are at most `EXACT` different ways of swapping, groups with the same
    counts being alike; else `SWAPS` are drawn, with the one that is there among them (Phipson and Smyth 2010).

    Of means, this is the sign-flip test of the groups' differences; of items that are right or wrong, McNemar's.

    Args:
        first, second: shape [G, d].
        value: shape [..., d] to [...].
        seed: any text; equal texts give equal draws.
    """
    import numpy as np

    kinds, counts = _kinds(first, second)
    found = float(value(second.sum(axis=0)) - value(first.sum(axis=0)))
    if np.log(counts + 1.0).sum() > np.log(EXACT):
        return drawn_p(swapped(first, second, value, seed), found), False
    if not len(kinds):
        return 1.0, True
    ways, weights = _all_swaps(counts)
    return min(1.0, float(weights[_as_large(_after(ways @ kinds, first, second, value), found)].sum())), True


def swapped(first: "Floats", second: "Floats", value: "Callable[[Floats], Floats]", seed: str) -> "Floats":
    """value(second) - value(first) after `SWAPS` draws of which groups are swapped; arguments as `swap_p` has them."""
    import numpy as np

    kinds, counts = _kinds(first, second)
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(seed.encode()).digest()))
    once = max(1, _CELLS // max(1, len(counts)))
    drawn = []
    for done in range(0, SWAPS, once):
        ways = _draw(counts, min(once, SWAPS - done), generator)
        drawn.append(_after(ways @ kinds, first, second, value))
    return np.concatenate(drawn)


def drawn_p(drawn: "Floats", found: float) -> float:
    """How often a draw is as large as what was found, which counts as one of them (Phipson and Smyth 2010)."""
    return float((1 + _as_large(drawn, found).sum()) / (1 + len(drawn)))


def holm(p: Sequence[float]) -> list[float]:
    """The p-values of several tests, adjusted so that among those below a level is a false one with at most that
    probability, however they hang together (Holm 1979, step-down; as R's p.adjust has it).
    """
    order = sorted(range(len(p)), key=lambda place: p[place])
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = largest
    return adjusted


def paired_standard_error(first: "Floats", second: "Floats") -> float:
    """The cluster-robust standard error of a difference of two means over the same items (Miller 2024, sections 2.2
    and 4.2), with the factor G / (G - 1) for few groups (Cameron and Miller 2015, section II.B), which makes it the one
    of a paired t-test where every group is a single item. NaN of a single group.

    Args:
        first, second: shape [G, 2]: of each group, the sum of its items and their number.
    """
    import numpy as np

    if len(first) < 2:
        return float("nan")
    totals = first.sum(axis=0), second.sum(axis=0)
    parts = [
        (sums[:, 0] - total[0] / total[1] * sums[:, 1]) / total[1]
        for sums, total in zip((first, second), totals, strict=True)
    ]
    return float(np.sqrt(len(first) / (len(first) - 1) * ((parts[1] - parts[0]) ** 2).sum()))


def detectable(standard_error: float, alpha: float = ALPHA, power: float = POWER) -> float:
    """The smallest true difference that a two-sided test at level `alpha` finds with probability `power`, where a
    difference has this standard error (Miller 2024, section 5, solved for the difference; Bloom 1995).
    """
    from scipy.special import ndtri

    return float(ndtri(1 - alpha / 2) + ndtri(power)) * standard_error


def _after(moved: "Floats", first: "Floats", second: "Floats", value: "Callable[[Floats], Floats]") -> "Floats":
    """The difference after so much (shape [..., d]) has moved from the sums of the second to those of the first."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return value(second.sum(axis=0) - moved) - value(first.sum(axis=0) + moved)


def _as_large(drawn: "Floats", found: float) -> "NDArray[np.bool_]":
    """Which are as large as what was found, either way; a number that is none counts against the claim."""
    return ~(abs(drawn) < abs(found) - 1e-9 * max(1.0, abs(found)))


def _kinds(first: "Floats", second: "Floats") -> "tuple[Floats, NDArray[np.int64]]":
    """The differences that swapping a group makes to the sums, each different one once, and how many groups have it;
    groups in which both are the same make none.
    """
    import numpy as np

    moved = second - first
    kinds, counts = np.unique(moved[(moved != 0).any(axis=1)], axis=0, return_counts=True)
    return kinds, counts


def _draw(counts: "NDArray[np.int64]", number: int, generator: "np.random.Generator") -> "Floats":
    """How many groups of each kind are swapped, so many times: shape [number, kinds]."""
    import numpy as np

    single = counts == 1  # a bit each: for many groups that are all different a binomial draw takes ten times as long
    bits = generator.integers(0, 256, size=(number, -(-int(single.sum()) // 8)), dtype=np.uint8)
    ways = np.empty((number, len(counts)))
    ways[:, single] = np.unpackbits(bits, axis=1, count=int(single.sum()))
    ways[:, ~single] = generator.binomial(counts[~single], 0.5, size=(number, int((~single).sum())))
    return ways


def _all_swaps(counts: "NDArray[np.int64]") -> "tuple[Floats, Floats]":
    """Every way of swapping so many groups of each kind, a row each, and how likely it is."""
    import numpy as np
    from scipy.special import gammaln

    ways = np.stack(np.meshgrid(*(np.arange(count + 1.0) for count in counts), indexing="ij"), axis=-1)
    ways = ways.reshape(-1, len(counts))
    logs = gammaln(counts + 1) - gammaln(ways + 1) - gammaln(counts - ways + 1) - counts * np.log(2)
    return ways, np.exp(logs.sum(axis=1))
