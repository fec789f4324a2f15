"""Intervals against published examples, scipy's bootstrap and simulation."""

import numpy as np
import pytest
from scipy import stats

from evalkit import statistics
from evalkit.metrics import METRICS


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_is_newcombes_table(hits, n, low, high):
    assert statistics.wilson(hits / n, n) == pytest.approx((low, high), abs=5e-5)
    singles = np.array([[1.0, 1.0]] * hits + [[0.0, 1.0]] * (n - hits))
    assert statistics.mean_interval(singles) == pytest.approx((low, high), abs=5e-5)


def test_groups_that_agree_within_count_once():
    """Ten groups of five equal answers know no more than ten answers."""
    fives = np.array([[5.0, 5.0]] * 6 + [[0.0, 5.0]] * 4)
    assert statistics.mean_interval(fives) == pytest.approx(statistics.wilson(0.6, 10))


def test_groups_without_any_difference_give_an_honest_bound():
    assert statistics.mean_interval(np.array([[3.0, 3.0]] * 8)) == pytest.approx(statistics.wilson(1.0, 8))


def test_group_sums_keeps_the_order_of_first_appearance():
    sums = statistics.group_sums(np.array([[1.0], [2.0], [4.0]]), ["b", "a", "b"])
    assert sums.tolist() == [[5.0], [2.0]]


def test_bootstrap_is_scipys_bca():
    generator = np.random.default_rng(0)
    gold = generator.integers(0, 2, 300)
    predicted = np.where(generator.random(300) < 0.8, gold, 1 - gold)
    cells = np.zeros((300, 4))
    cells[np.arange(300), gold * 2 + predicted] = 1
    low, high = statistics.bootstrap_interval(cells, METRICS["matthews"].value, "x")
    theirs = stats.bootstrap(
        tuple(cells.T),
        lambda *columns, axis: METRICS["matthews"].value(np.stack([c.sum(axis=axis) for c in columns], axis=-1)),
        paired=True,
        vectorized=True,
        n_resamples=4000,
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.02)


def test_bootstrap_is_seeded():
    cells = np.eye(4)[np.random.default_rng(0).integers(0, 4, 50)]
    value = METRICS["f1"].value
    assert statistics.bootstrap_interval(cells, value, "a") == statistics.bootstrap_interval(cells, value, "a")
    assert statistics.bootstrap_interval(cells, value, "a") != statistics.bootstrap_interval(cells, value, "b")


def test_bootstrap_says_nothing_where_resampling_knows_nothing():
    right = np.array([[0.0, 0.0, 0.0, 1.0]] * 20)
    assert statistics.bootstrap_interval(right, METRICS["f1"].value, "x") == (None, None)


@pytest.mark.parametrize(("p", "size"), [(0.5, 1), (0.9, 1), (0.7, 4)])
def test_mean_interval_covers_what_it_says(p, size):
    """95 % of simulated runs hold the true value, with groups of 1 and of 4 dependent items."""
    generator = np.random.default_rng(0)
    runs, groups, covered = 2000, 400, 0  # with few items the steps of the binomial show in any interval
    for _ in range(runs):
        rates = np.clip(p + generator.choice([-0.2, 0.2], groups), 0, 1) if size > 1 else np.full(groups, p)
        hits = generator.binomial(size, rates)
        low, high = statistics.mean_interval(np.stack([hits, np.full(groups, size)], axis=1).astype(float))
        covered += low <= p <= high
    assert covered / runs == pytest.approx(0.95, abs=0.012)


def test_percentiles():
    assert statistics.percentile_interval(np.arange(1001.0)) == pytest.approx((25.0, 975.0))
