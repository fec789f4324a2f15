"""A value and what the bootstrap's draws make of it in, a `Number` with its interval out."""

import math

import numpy as np

from evalkit.scaling.law import Floats
from evalkit.scaling.record import Number
from evalkit.statistics import LEVEL

_TAIL = round((1 - LEVEL) / 2, 9)
_FEWEST = 0.9  # of the draws, that have to give a number


def number(value: float, draws: Floats) -> Number:
    """The value with the percentiles that hold `LEVEL` of the draws, and their standard deviation. Without draws, or
    where more than one in ten gives no number, it has neither.
    """
    told = np.sort(draws[~np.isnan(draws)])
    if not len(told) or len(told) < _FEWEST * len(draws):
        return Number(float(value))
    low, high = np.quantile(told, [_TAIL, 1 - _TAIL], method="inverted_cdf")
    finite = told[np.isfinite(told)]
    spread = float(finite.std(ddof=1)) if len(finite) == len(told) > 1 else math.nan
    return Number(float(value), float(low), float(high), spread if math.isfinite(spread) else None)
