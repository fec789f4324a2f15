"""How far a number can be off, as other tools tell it: a standard error in, our 95 % interval out, and back."""

import math

from evalkit.statistics import wilson

_Z = 1.959963984540054  # the normal distribution's 97.5th percentile
_EQUAL = 1e-6


def items_of(value: float, stderr: float) -> int | None:
    """How many items a share is of, from its standard error, where each counts as 0 or 1; None where that cannot be.

    A mean of n such items has the standard error sqrt(p (1 - p) / (n - 1)), and n p is a whole number.
    """
    if not 0 < value < 1 or stderr <= 0:
        return None
    n = round(value * (1 - value) / stderr**2 + 1)
    return n if is_of_ones(value, stderr, n) else None


def is_of_ones(value: float, stderr: float, n: int) -> bool:
    """Whether a number and its standard error are those of n items that each count as 0 or 1."""
    if n < 2 or not 0 <= value <= 1 or abs(value * n - round(value * n)) > _EQUAL * n:
        return False
    return math.isclose(stderr, ones_stderr(value, n), rel_tol=_EQUAL, abs_tol=1e-12)


def ones_stderr(value: float, n: int) -> float:
    """The standard error of the mean of n items (at least two) that each count as 0 or 1."""
    return math.sqrt(max(0.0, value * (1 - value)) / (n - 1))


def interval_of(value: float, stderr: float | None, n: int, is_share: bool) -> tuple[float | None, float | None]:
    """The 95 % interval: Wilson's where every item counts as 0 or 1 (as in our own runs), else 1.96 standard errors to
    either side, of a share not beyond 0 and 1; none without a standard error.
    """
    if stderr is None:
        return None, None
    if is_of_ones(value, stderr, n):
        return wilson(value, n)
    low, high = value - _Z * stderr, value + _Z * stderr
    return (max(0.0, low), min(1.0, high)) if is_share else (low, high)


def stderr_of(value: float, low: float | None, high: float | None, n: int, groups: int) -> float | None:
    """A standard error for a number of ours: that of a mean where the interval is Wilson's for single items, else half
    the interval's width over 1.96; None where there is no interval.
    """
    if low is None or high is None or n < 2:
        return None
    if groups == n and 0 <= value <= 1:
        wilsons = wilson(value, n)
        if math.isclose(low, wilsons[0], abs_tol=1e-9) and math.isclose(high, wilsons[1], abs_tol=1e-9):
            return ones_stderr(value, n)
    return (high - low) / (2 * _Z)
