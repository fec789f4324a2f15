"""Paired tests against published examples, scipy, and simulation."""

import numpy as np
import pytest
from scipy import stats

from evalkit.metrics import METRICS
from evalkit.statistics import difference_interval, group_sums, paired

ZEA_MAYS = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]  # Darwin 1876, in eighths of an inch
SLEEP = (  # Student 1908: hours of sleep gained with two drugs
    [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0],
    [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4],
)


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def singles(values):
    return np.stack([np.array(values, dtype=float), np.ones(len(values))], axis=1)


@pytest.mark.parametrize(
    ("worse", "better", "p"),
    [
        (1, 7, 0.0703),  # Fagerland, Lydersen and Laake 2013, BMC Medical Research Methodology 13:91, table 1
        (11, 1, 0.006347),  # mlxtend's user guide, mcnemar, example 3
        (0, 6, 2 / 2**6),
        (5, 5, 1),
        (0, 0, 1),
    ],
)
def test_mcnemar(worse, better, p):
    assert paired.mcnemar_p(worse, better) == pytest.approx(p, abs=5e-5)
    assert paired.mcnemar_p(better, worse) == paired.mcnemar_p(worse, better)


@pytest.mark.parametrize(("worse", "better"), [(3, 9), (40, 61), (250, 300), (0, 1)])
def test_mcnemar_is_scipys_binomial_test(worse, better):
    expected = stats.binomtest(worse, worse + better, 0.5).pvalue
    assert paired.mcnemar_p(worse, better) == pytest.approx(expected, rel=1e-9)


def test_swaps_are_fishers_1726_of_32768():
    """The Design of Experiments (1935), section 21: 863 sums of 32,768 as large, and as many as small."""
    p, is_exact = paired.swap_p(singles([0] * 15), singles(ZEA_MAYS), mean, "x")
    assert is_exact
    assert p == pytest.approx(1726 / 32768, rel=1e-12)


def test_drawn_swaps_come_near_the_exact_ones():
    first, second = singles([0] * 15), singles(ZEA_MAYS)
    drawn = paired.swapped(first, second, mean, "x")
    assert paired.drawn_p(drawn, float(np.mean(ZEA_MAYS))) == pytest.approx(1726 / 32768, abs=0.007)
    assert (drawn == paired.swapped(first, second, mean, "x")).all()
    assert (drawn != paired.swapped(first, second, mean, "y")).any()


@pytest.mark.parametrize(("worse", "better"), [(3, 9), (40, 61), (0, 4)])
def test_swaps_of_right_and_wrong_are_mcnemars(worse, better):
    first = singles([1] * worse + [0] * better + [1, 0])
    second = singles([0] * worse + [1] * better + [1, 0])
    p, is_exact = paired.swap_p(first, second, mean, "x")
    assert is_exact
    assert p == pytest.approx(paired.mcnemar_p(worse, better), rel=1e-9)


def test_swaps_are_scipys_permutations():
    generator = np.random.default_rng(3)
    first, second = generator.random(200), generator.random(200) + 0.05
    p, is_exact = paired.swap_p(singles(first), singles(second), mean, "x")
    theirs = stats.permutation_test(
        (first, second),
        lambda a, b, axis: (b - a).mean(axis=axis),
        permutation_type="samples",
        n_resamples=9999,
        rng=np.random.default_rng(1),
    ).pvalue
    assert not is_exact
    assert p == pytest.approx(theirs, abs=0.02)


def test_swaps_of_a_metric_of_all_items_together():
    """Four items in two groups; every way of swapping by hand: macro F1 is 1 or 1/3 or between, and swapping both
    groups gives the same difference the other way.
    """
    right, wrong = np.eye(4)[[0, 3]], np.eye(4)[[1, 2]]
    value = METRICS["matthews"].value
    p, is_exact = paired.swap_p(right, wrong, value, "x")
    assert is_exact
    assert p == 0.5  # of four ways, those that swap none or both are as large


def test_nothing_differs():
    same = singles([1, 0, 1])
    assert paired.swap_p(same, same, mean, "x") == (1.0, True)
    assert paired.swapped(same, same, mean, "x").tolist() == [0.0] * paired.SWAPS


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # Wikipedia, Holm-Bonferroni method: H1 and H4 at .05
        ([0.01, 0.02, 0.03], [0.03, 0.04, 0.04]),
        ([0.9, 0.8], [1.0, 1.0]),
        ([0.2], [0.2]),
        ([], []),
    ],
)
def test_holm(p, adjusted):
    assert paired.holm(p) == pytest.approx(adjusted)


def test_standard_error_is_students():
    """t = 4.0621 on a mean of 1.58 (R's `sleep`, paired)."""
    error = paired.paired_standard_error(singles(SLEEP[0]), singles(SLEEP[1]))
    assert 1.58 / error == pytest.approx(4.0621, abs=5e-5)
    assert error == pytest.approx(stats.sem(np.subtract(*SLEEP)), rel=1e-12)


def test_standard_error_counts_groups_that_agree_once():
    once = paired.paired_standard_error(singles([0, 1, 1, 0, 1]), singles([1, 1, 0, 0, 1]))
    thrice = paired.paired_standard_error(3 * singles([0, 1, 1, 0, 1]), 3 * singles([1, 1, 0, 0, 1]))
    assert thrice == pytest.approx(once, rel=1e-12)
    assert np.isnan(paired.paired_standard_error(singles([1]), singles([0])))


def test_detectable_is_millers():
    """Miller 2024, section 5: with a variance of 1/9, 969 questions show 3 points at power .8."""
    assert paired.detectable((1 / 9 / 969) ** 0.5) == pytest.approx(0.03, abs=5e-7)
    assert paired.detectable(1.0, alpha=0.01, power=0.9) == pytest.approx(2.5758 + 1.2816, abs=1e-4)


def simulated(generator, effect=0.0):
    """Two models on 60 groups of one to five items that are alike; the second is better by so much."""
    sizes = generator.integers(1, 6, 60)
    names = np.repeat(np.arange(60), sizes).astype(str).tolist()
    ease = np.repeat(generator.normal(0, 1, 60), sizes)
    tastes = np.repeat(generator.normal(0, 0.5, (2, 60)), sizes, axis=1)
    scores = ease + tastes + generator.normal(0, 1, (2, len(names)))
    return group_sums(singles(scores[0]), names), group_sums(singles(scores[1] + effect), names)


def right_or_wrong(generator):
    """The same, of items that are right or wrong."""
    sizes = generator.integers(1, 6, 60)
    names = np.repeat(np.arange(60), sizes).astype(str).tolist()
    ease = np.repeat(generator.normal(0, 1, 60), sizes)
    tastes = np.repeat(generator.normal(0, 0.5, (2, 60)), sizes, axis=1)
    chosen = ease + tastes + generator.normal(0, 1, (2, len(names))) > 0.2
    return group_sums(singles(chosen[0]), names), group_sums(singles(chosen[1]), names)


def found(pairs):
    return np.mean([paired.swap_p(first, second, mean, "x")[0] < 0.05 for first, second in pairs])


def test_no_difference_is_found_one_time_in_twenty_at_most():
    generator = np.random.default_rng(7)
    share = found([right_or_wrong(generator) for _ in range(300)])
    assert 0.015 < share < 0.05 + 2.33 * (0.05 * 0.95 / 300) ** 0.5


def test_the_detectable_difference_is_found_four_times_in_five():
    generator = np.random.default_rng(7)
    pairs = [simulated(generator) for _ in range(400)]
    error = np.mean([paired.paired_standard_error(first, second) for first, second in pairs])
    spread = np.std([mean(second.sum(axis=0)) - mean(first.sum(axis=0)) for first, second in pairs])
    assert error == pytest.approx(spread, rel=0.1)
    share = found([simulated(generator, paired.detectable(spread)) for _ in range(200)])
    assert share == pytest.approx(0.8, abs=2.33 * (0.8 * 0.2 / 200) ** 0.5)


def test_the_paired_interval_covers_with_groups():
    generator = np.random.default_rng(11)
    covered = []
    for _ in range(250):
        first, second = right_or_wrong(generator)
        low, high = difference_interval(second, first, mean, "x")
        covered.append(low <= 0 <= high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)
