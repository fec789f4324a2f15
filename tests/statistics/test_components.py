"""Parts of variance against a published table, scipy's analysis of variance and simulated truth."""

import numpy as np
import pytest
from scipy import stats

from evalkit.metrics import METRICS
from evalkit.statistics import components as statistics

RATINGS = np.array(  # Shrout and Fleiss 1979, Psychological Bulletin 86, table 2: six targets, four judges
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
NONE = np.zeros((24, 24))


def mean(sums):
    return sums[..., 0] / sums[..., 1]


def counted(hits):
    """The sums of items by themselves: shape [..., n] to [C, n, 2]."""
    flat = hits.reshape(-1, hits.shape[-1]).astype(float)
    return np.stack([flat, np.ones_like(flat)], axis=-1)


def test_it_is_shrout_and_fleiss():
    """Their table 3 has mean squares 11.24 of targets, 32.49 of judges, 1.02 of the rest; table 4, ICC(2,1) = .29."""
    found = statistics.components(RATINGS, NONE, 10)
    assert found.prompt == pytest.approx((11.24 - 1.02) / 4, abs=0.005)
    assert found.seed == pytest.approx((32.49 - 1.02) / 6, abs=0.005)
    assert found.both == pytest.approx(1.02, abs=0.005)
    assert found.prompt / (found.prompt + found.seed + found.both) == pytest.approx(0.29, abs=0.005)
    assert found.error**2 == pytest.approx((11.24 + 32.49 - 1.02) / 24, abs=0.002)


def test_seeds_alone_are_the_mean_square_between_them():
    """F of a one-way analysis of variance is the mean square between over that within."""
    generator = np.random.default_rng(0)
    runs = generator.normal(np.array([[0.0], [0.3], [0.9]]), 1.0, (3, 40))
    within = runs.var(axis=1, ddof=1).mean()
    found = statistics.components(runs.mean(axis=1)[None], np.eye(3) * within / 40, 40)
    assert 1 + 40 * found.seed / within == pytest.approx(stats.f_oneway(*runs).statistic)
    assert found.sampling == pytest.approx(within / 40)
    assert found.prompt is None
    assert found.both is None


def test_prompts_are_to_rows_what_seeds_are_to_columns():
    one, other = (statistics.components(values, NONE, 10) for values in (RATINGS, RATINGS.T))
    assert (one.prompt, one.seed, one.both, one.error) == pytest.approx(
        (other.seed, other.prompt, other.both, other.error)
    )


def test_two_seeds_without_sampling_are_students_interval():
    values = np.array([[0.2, 0.3, 0.7]])
    found = statistics.components(values, np.zeros((3, 3)), 50)
    theirs = stats.ttest_1samp(values[0], 0).confidence_interval(0.95)
    assert statistics.components_interval(found, False, 50) == pytest.approx((theirs.low, theirs.high))


def test_numbers_that_agree_leave_sampling_alone():
    """The same answers under every seed know no more than one of them, and have its interval (with Student's t)."""
    hits = np.repeat((np.arange(300) < 200)[None], 4, axis=0)
    covariance = statistics.jackknife_covariance(counted(hits), mean)
    found = statistics.components(hits.mean(axis=1).reshape(2, 2), covariance, 300)
    assert (found.seed, found.prompt, found.both) == (0, 0, 0)
    assert found.error**2 == pytest.approx(found.sampling)
    low, high = statistics.components_interval(found, True, 300)
    assert (low, high) == pytest.approx(stats.binomtest(200, 300).proportion_ci(method="wilson"), abs=0.001)


def test_no_answer_right_has_an_interval_still():
    sums = counted(np.zeros((3, 20)))
    found = statistics.components(np.zeros((1, 3)), statistics.jackknife_covariance(sums, mean), 20)
    low, high = statistics.components_interval(found, True, 20)
    assert low == 0
    assert high == pytest.approx(stats.binomtest(0, 20).proportion_ci(method="wilson").high)


def test_jackknife_is_the_covariance_of_means():
    rows = np.random.default_rng(1).random((3, 60))
    theirs = np.cov(rows) / 60
    assert statistics.jackknife_covariance(counted(rows), mean) == pytest.approx(theirs)


def test_jackknife_of_a_ratio_is_that_of_many_runs():
    """F1 under two settings on the same items: the spread over 2,000 simulated runs."""
    generator = np.random.default_rng(0)
    values, found = [], []
    for _ in range(2000):
        gold = generator.random(200) < 0.4
        first = np.where(generator.random(200) < 0.8, gold, ~gold)
        second = np.where(generator.random(200) < 0.7, first, ~first)
        cells = np.stack([np.eye(4)[2 * gold + predicted] for predicted in (first, second)])
        values.append(METRICS["f1"].value(cells.sum(axis=1)))
        if len(found) < 200:
            found.append(statistics.jackknife_covariance(cells, METRICS["f1"].value))
    assert np.mean(found, axis=0) == pytest.approx(np.cov(np.array(values).T), rel=0.12)


def simulate(shape, spreads, runs):
    """Runs of 200 items whose difficulty all cells share, under prompts and seeds that shift all of them."""
    generator = np.random.default_rng(0)
    (prompts, seeds), (prompt, seed, both) = shape, spreads
    covered, parts = 0, []
    for _ in range(runs):
        shifts = 0.6 + generator.normal(0, prompt, (prompts, 1)) + generator.normal(0, seed, (1, seeds))
        shifts = shifts + generator.normal(0, both, shape)
        rates = np.clip(shifts[..., None] + generator.normal(0, 0.2, 200), 0, 1)
        hits = generator.random(rates.shape) < rates
        found = statistics.components(
            hits.mean(axis=2), statistics.jackknife_covariance(counted(hits), mean), hits.shape[2]
        )
        low, high = statistics.components_interval(found, True, 200)
        covered += low <= 0.6 <= high
        parts.append([part or 0.0 for part in (found.prompt, found.seed, found.both, found.sampling)])
    return covered / runs, np.sqrt(np.mean(parts, axis=0))


def test_parts_are_those_of_the_truth():
    _, (prompt, seed, both, sampling) = simulate((8, 8), (0.06, 0.04, 0.03), 300)
    assert (prompt, seed, both) == pytest.approx((0.06, 0.04, 0.03), abs=0.003)
    assert sampling == pytest.approx((0.6 * 0.4 / 200) ** 0.5, abs=0.001)


@pytest.mark.parametrize(
    ("shape", "spreads"),
    [
        ((1, 2), (0, 0.05, 0)),
        ((1, 3), (0, 0.05, 0)),
        ((1, 3), (0, 0, 0)),
        ((3, 1), (0.08, 0, 0)),
        ((3, 3), (0.05, 0.03, 0.02)),
        ((5, 5), (0.05, 0.03, 0.02)),
    ],
    ids=str,
)
def test_the_interval_of_the_mean_covers_what_it_says(shape, spreads):
    """At least 95 % (within a point) of 2,000 simulated runs; more where little is known of seeds and prompts."""
    covered, _ = simulate(shape, spreads, 2000)
    assert 0.94 <= covered <= 0.99


def test_an_interval_of_sampling_alone_would_be_too_narrow():
    """What the parts are for: among seeds that matter, the interval of one run holds the truth far too seldom."""
    generator = np.random.default_rng(0)
    rates = 0.6 + generator.normal(0, 0.08, 2000)
    hits = generator.binomial(200, np.clip(rates, 0, 1))
    within = [stats.binomtest(int(hit), 200).proportion_ci(method="wilson") for hit in hits]
    assert np.mean([one.low <= 0.6 <= one.high for one in within]) < 0.75
