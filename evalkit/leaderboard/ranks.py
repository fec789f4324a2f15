"""Rank ranges: intervals in, for each the best and the worst place that they leave open.

A model's best rank counts those whose interval lies wholly above its own, its worst rank those that are not wholly
below: the sets of Klein, Wright and Wieczorek, "A joint confidence region for an overall ranking of populations"
(Journal of the Royal Statistical Society C 69, 2020); the best rank is the one that Chatbot Arena shows
(Chiang et al. 2024, arXiv 2403.04132). Theirs hold for all models jointly, where the intervals do. Here each interval
holds at 95 % by itself: of two models a wrong order is rarer than that (intervals of equal width that do not overlap
are 2.8 standard errors of the difference apart), among many it is not, and nothing is adjusted for it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import inf

from evalkit.metrics.base import IDEALS, turned

Interval = tuple[float, float]


def goodness(better: str, low: float | None, high: float | None) -> Interval:
    """An interval on a scale on which more is better: of what a metric with an ideal is away from it, the negative.
    A number without an interval may be anything.
    """
    if low is None or high is None:
        return -inf, inf
    worse, good = sorted((turned(better, low), turned(better, high)))
    return worse, 0.0 if better in IDEALS and low <= IDEALS[better] <= high else good


def rank_ranges(intervals: Sequence[Interval]) -> list[tuple[int, int]]:
    """The best and the worst rank of each, 1 being the best; more is better.

    >>> rank_ranges([(0.6, 0.8), (0.5, 0.7), (0.1, 0.2)])
    [(1, 2), (1, 2), (3, 3)]
    """
    lows, highs = sorted(low for low, _ in intervals), sorted(high for _, high in intervals)
    total = len(intervals)
    return [(1 + total - bisect_right(lows, high), total - bisect_left(highs, low)) for low, high in intervals]


def is_below(now: Interval, before: Interval) -> bool:
    """Whether an interval lies wholly below another."""
    return now[1] < before[0]
