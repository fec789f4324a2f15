"""Intervals: counts of a metric in, 95 % bounds out. Pure functions over arrays.

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
LEVEL = 0.95


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
    of the mean (Miller 2024, section 2.2). With single items that are 0 or 1 this is Wilson's own. Where the groups do
    not differ at all, their number stands for the effective number.

    Args:
        sums: shape [G, 2]: of each group, the sum of its items and their number.
    """
    import numpy as np

    total = sums[:, 1].sum()
    p = sums[:, 0].sum() / total
    variance = ((sums[:, 0] - p * sums[:, 1]) ** 2).sum() / total**2
    effective = p * (1 - p) / variance if variance > 1e-12 and 0 < p < 1 else float(len(sums))
    return wilson(float(np.clip(p, 0, 1)), float(effective))


def wilson(p: float, n: float) -> tuple[float, float]:
    """Wilson's score interval (1927) of a proportion p of n, without continuity correction."""
    from scipy.special import ndtri

    z = float(ndtri((1 + LEVEL) / 2))
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * float((p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


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
    draws = generator.multinomial(len(sums), counts / len(sums), size=REPLICATES)
    return value(draws @ kinds)


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
