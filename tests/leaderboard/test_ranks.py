"""Rank ranges, held against their definition and against the truth of simulated scores."""

from math import inf

import numpy as np
import pytest

from evalkit.leaderboard.ranks import goodness, is_below, rank_ranges
from evalkit.statistics import wilson


@pytest.mark.parametrize(
    ("intervals", "ranges"),
    [
        ([], []),
        ([(0.1, 0.2)], [(1, 1)]),
        ([(0.6, 0.8), (0.5, 0.7), (0.1, 0.2)], [(1, 2), (1, 2), (3, 3)]),
        ([(0.1, 0.2), (0.3, 0.4), (0.5, 0.6)], [(3, 3), (2, 2), (1, 1)]),
        ([(0.1, 0.2), (0.2, 0.3)], [(1, 2), (1, 2)]),  # ends that meet overlap
        ([(0.0, 0.9), (0.1, 0.2), (0.3, 0.4)], [(1, 3), (2, 3), (1, 2)]),
        ([(-inf, inf), (0.1, 0.2), (0.3, 0.4)], [(1, 3), (2, 3), (1, 2)]),  # without an interval
    ],
)
def test_a_range_is_what_the_intervals_leave_open(intervals, ranges):
    assert rank_ranges(intervals) == ranges


def test_ranges_are_as_counted_one_by_one():
    ends = np.sort(np.random.default_rng(5).integers(0, 40, (200, 2)) / 40, axis=1)
    intervals = [(float(low), float(high)) for low, high in ends]
    slow = [
        (1 + sum(is_below(one, other) for other in intervals), sum(not is_below(other, one) for other in intervals))
        for one in intervals
    ]
    assert rank_ranges(intervals) == slow


def test_true_ranks_lie_in_the_ranges():
    """The true rank of each of ten models, over 300 leaderboards of 500 items, is in its range 99 % of the time."""
    draw = np.random.default_rng(1)
    held = total = 0
    for _ in range(300):
        skill = draw.uniform(0.3, 0.9, 10)
        right = draw.binomial(500, skill)
        ranges = rank_ranges([wilson(count / 500, 500) for count in right])
        truth = (-skill).argsort().argsort() + 1
        held += sum(best <= rank <= worst for rank, (best, worst) in zip(truth, ranges, strict=True))
        total += 10
    assert held / total > 0.99


@pytest.mark.parametrize(
    ("better", "low", "high", "found"),
    [
        ("higher", 0.2, 0.4, (0.2, 0.4)),
        ("lower", 8.0, 9.0, (-9.0, -8.0)),
        ("half", 0.6, 0.8, pytest.approx((-0.3, -0.1))),
        ("half", 0.4, 0.8, pytest.approx((-0.3, 0.0))),
        ("zero", -0.2, -0.1, (-0.2, -0.1)),
        ("one", 0.9, 1.3, pytest.approx((-0.3, 0.0))),
        ("higher", None, None, (-inf, inf)),
    ],
)
def test_more_is_better_on_the_scale_of_goodness(better, low, high, found):
    assert goodness(better, low, high) == found
