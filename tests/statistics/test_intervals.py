"""Intervals against published examples, scipy's bootstrap and simulation."""

import numpy as np
import pytest
from scipy import stats

from evalkit.metrics import METRICS
from evalkit.statistics import intervals as statistics


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


def test_an_interval_holds_its_own_rate():
    for n in range(1, 60):
        assert statistics.wilson(0.0, n)[0] == 0.0
        assert statistics.wilson(1.0, n)[1] == 1.0


def test_groups_that_agree_within_count_once():
    """Ten groups of five equal answers know no more than ten answers, whose variance is not told by their rate."""
    fives = np.array([[5.0, 5.0]] * 6 + [[0.0, 5.0]] * 4)
    assert statistics.mean_interval(fives) == pytest.approx(statistics.wilson(0.6, 9, stats.t.ppf(0.975, 9)))


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


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def items(*values):
    return np.array([[float(value), 1.0] for value in values])


def test_permutation_is_scipys():
    generator = np.random.default_rng(3)
    for shift in (0.0, 0.4, 0.8):
        one, other = generator.normal(shift, 1, 25), generator.normal(0, 1, 35)
        theirs = stats.permutation_test(
            (one, other),
            lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis),
            vectorized=True,
            n_resamples=4000,
            rng=np.random.default_rng(1),
        ).pvalue
        names = [str(place) for place in range(60)]
        ours = statistics.permutation_p(items(*one, *other), names, [True] * 25 + [False] * 35, mean, "x")
        assert ours == pytest.approx(theirs, abs=0.03)


def test_permutation_exchanges_groups_of_equal_size_whole():
    """Six groups of two, three of them chosen: of the 20 ways to choose, two part the groups as far as the one here."""
    values = items(1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0)
    groups = [str(place // 2) for place in range(12)]
    p = statistics.permutation_p(values, groups, [True] * 6 + [False] * 6, mean, "x")
    assert p == pytest.approx(2 / 20, abs=0.02)
    alone = statistics.permutation_p(values, list(map(str, range(12))), [True] * 6 + [False] * 6, mean, "x")
    assert alone == pytest.approx(2 / 924, abs=0.003)


def test_permutation_does_not_ask_for_an_order_of_rows():
    values, chosen = items(3, 1, 4, 1, 5, 9), [True, False, True, False, False, True]
    groups = ["a", "b", "a", "b", "c", "c"]
    order = [0, 2, 1, 3, 4, 5]
    one = statistics.permutation_p(values, groups, chosen, mean, "x")
    other = statistics.permutation_p(values[order], [groups[p] for p in order], [chosen[p] for p in order], mean, "x")
    assert one == other


def test_permutation_is_never_sure_and_is_seeded():
    values = items(*[1] * 50, *[0] * 50)
    groups, chosen = list(map(str, range(100))), [True] * 50 + [False] * 50
    assert statistics.permutation_p(values, groups, chosen, mean, "x") == 1 / (1 + statistics.PERMUTATIONS)
    assert statistics.permutation_p(items(*[1] * 100), groups, chosen, mean, "x") == 1
    noise = items(*np.random.default_rng(0).normal(size=100))
    drawn = [statistics.permutation_p(noise, groups, chosen, mean, seed) for seed in "xxy"]
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("size", [1, 4])
def test_permutation_is_uniform_where_nothing_differs(size, monkeypatch):
    """Items of a group are alike and chosen together; counted as independent they would be found to differ."""
    monkeypatch.setattr(statistics, "PERMUTATIONS", 199)
    generator = np.random.default_rng(0)
    groups = [str(place // size) for place in range(40 * size)]
    chosen = np.repeat(np.arange(40) < 15, size)
    found = {"grouped": [], "single": []}
    for run in range(300):
        values = items(*np.repeat(generator.normal(size=40), size))
        found["grouped"].append(statistics.permutation_p(values, groups, chosen, mean, str(run)))
        found["single"].append(statistics.permutation_p(values, list(map(str, range(40 * size))), chosen, mean, "x"))
    assert stats.kstest(found["grouped"], "uniform").pvalue > 0.01
    assert np.mean(np.array(found["grouped"]) <= 0.05) == pytest.approx(0.05, abs=0.03)
    if size > 1:
        assert np.mean(np.array(found["single"]) <= 0.05) > 0.2


def test_paired_sums_stand_in_the_same_rows():
    first, second = statistics.paired_sums((items(1, 2, 3), ["a", "b", "a"]), (items(7, 9), ["c", "b"]))
    assert first.tolist() == [[4, 2], [2, 1], [0, 0]]
    assert second.tolist() == [[0, 0], [9, 1], [7, 1]]


def test_difference_interval_is_scipys_paired_bootstrap():
    generator = np.random.default_rng(0)
    whole = items(*generator.random(200))
    part = whole * (generator.random(200) < 0.6)[:, None]
    low, high = statistics.difference_interval(whole, part, mean, "x")
    theirs = stats.bootstrap(
        (*whole.T, *part.T),
        lambda a, b, c, d, axis: a.sum(axis=axis) / b.sum(axis=axis) - c.sum(axis=axis) / d.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=4000,
        method="percentile",
        rng=np.random.default_rng(1),
    ).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.003)


def test_difference_interval_says_nothing_where_nothing_differs():
    whole = items(1, 0, 1, 1)
    assert statistics.difference_interval(whole, whole, mean, "x") == (None, None)


def test_difference_interval_leaves_out_resamples_without_a_part():
    whole = items(1, 0, 1, 0)
    low, high = statistics.difference_interval(whole, whole * np.array([[1], [0], [0], [0]]), mean, "x")
    assert low is not None
    assert high is not None
    assert -1 <= low < high <= 0
