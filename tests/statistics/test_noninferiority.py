"""The gate's rule: against scipy and statsmodels' numbers, and by simulation of what it promises."""

import numpy as np
import pytest
from scipy import stats

from evalkit.statistics import (
    INCONCLUSIVE,
    NO_CHANGE,
    PASS,
    REGRESSION,
    Change,
    changes,
    holm,
    items_needed,
    least_error,
    loss_p,
    mean_change,
    mean_of,
    paired_standard_error,
    resampled_change,
    verdict,
)

MARGIN, ALPHA = 0.01, 0.05


def test_changes_add_up_to_the_difference_of_two_means() -> None:
    first, second = np.array([[1.0, 2.0], [3.0, 3.0], [0.0, 1.0]]), np.array([[2.0, 2.0], [2.0, 3.0], [1.0, 1.0]])
    added, shares = changes(first, second)
    assert added == pytest.approx([1 / 6, -1 / 6, 1 / 6])
    assert shares == pytest.approx([2 / 6, 3 / 6, 1 / 6])


def test_of_single_items_the_standard_error_is_that_of_a_paired_t_test() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.random(40), generator.random(40)
    ones = np.ones(40)
    pair = np.stack([first, ones], axis=1), np.stack([second, ones], axis=1)
    change = mean_change(*changes(*pair))
    bounds = stats.ttest_rel(second, first, alternative="greater").confidence_interval(0.95)
    assert change.error == pytest.approx(stats.sem(second - first))
    assert change.error == pytest.approx(paired_standard_error(*pair))
    assert change.bounds(0.05)[0] == pytest.approx(bounds.low)


def test_of_groups_the_standard_error_is_that_of_the_comparison() -> None:
    generator = np.random.default_rng(2)
    sizes = generator.integers(1, 6, size=30)
    pair = [np.stack([generator.binomial(sizes, p), sizes], axis=1).astype(float) for p in (0.7, 0.6)]
    assert mean_change(*changes(*pair)).error == pytest.approx(paired_standard_error(*pair))


@pytest.mark.parametrize(("better", "worse"), [(0, 3), (2, 9), (150, 86), (59, 6), (1, 0), (5, 5)])
def test_of_items_right_or_wrong_the_p_value_is_mcnemars(better: int, worse: int) -> None:
    added = np.array([0.01] * better + [-0.01] * worse + [0.0] * 20)
    expected = stats.binomtest(worse, better + worse, alternative="greater").pvalue
    assert loss_p(added) == pytest.approx(expected)


def test_of_few_unequal_changes_the_p_value_counts_all_signs() -> None:
    sample = np.array([-0.5, -0.25, 0.1, -0.3, 0.05, -0.6])
    exact = stats.permutation_test(
        (sample,), np.sum, permutation_type="samples", alternative="less", n_resamples=np.inf
    )
    assert loss_p(sample) == pytest.approx(exact.pvalue)


def test_of_many_unequal_changes_the_p_value_is_near_that_of_all_signs() -> None:
    sample = np.random.default_rng(3).normal(-0.2, 1, size=200)
    drawn = stats.permutation_test(
        (sample,), np.sum, permutation_type="samples", alternative="less", n_resamples=5000, rng=4
    )
    assert loss_p(sample) == pytest.approx(drawn.pvalue, abs=0.02)


def test_nothing_changed_is_no_evidence() -> None:
    assert loss_p(np.zeros(9)) == 1.0
    assert NO_CHANGE.bounds(ALPHA) == (0.0, 0.0)
    assert verdict(NO_CHANGE, 1.0, 0.0, ALPHA) == PASS


def test_few_changed_items_do_not_make_a_bound_narrow() -> None:
    """Two lost of 500: exactly, as many or fewer have a probability of 12 % if 1 of 100 is lost."""
    added = np.array([-1.0] * 2 + [0.0] * 498) / 500
    assert stats.binom.cdf(2, 500, MARGIN) > ALPHA
    change = mean_change(added, np.full(500, 1 / 500), least_error(MARGIN, 500))
    assert verdict(change, change.p, MARGIN, ALPHA) == INCONCLUSIVE
    assert change.bounds(ALPHA)[0] < -MARGIN < mean_change(added, np.full(500, 1 / 500)).bounds(ALPHA)[0]


def test_a_certain_loss_within_the_margin_passes() -> None:
    change = Change(-0.005, 0.001, 0.0, 1e6, 1e-7)
    assert verdict(change, change.p, MARGIN, ALPHA) == PASS


def test_a_certain_loss_that_may_be_within_the_margin_is_inconclusive() -> None:
    change = Change(-0.009, 0.003, 0.0, 1e6, 0.001)
    assert verdict(change, change.p, MARGIN, ALPHA) == INCONCLUSIVE


def test_one_group_says_nothing() -> None:
    change = mean_change(np.array([-0.4]), np.array([1.0]))
    assert change.bounds(ALPHA) == (-np.inf, np.inf)
    assert verdict(change, change.p, MARGIN, ALPHA) == INCONCLUSIVE
    assert items_needed(change, 1, MARGIN, ALPHA) is None


def test_a_metric_that_is_resampled_agrees_with_the_same_as_a_mean() -> None:
    generator = np.random.default_rng(5)
    first = np.stack([generator.binomial(1, 0.7, size=400), np.ones(400)], axis=1).astype(float)
    second = np.stack([np.where(generator.random(400) < 0.1, 1 - first[:, 0], first[:, 0]), np.ones(400)], axis=1)
    exact = mean_change(*changes(first, second))
    drawn = resampled_change(first, second, lambda sums: sums[..., 0] / sums[..., 1], "seed")
    assert drawn.value == pytest.approx(exact.value)
    assert drawn.error == pytest.approx(exact.error, rel=0.05)
    assert drawn.p == pytest.approx(exact.p, abs=0.015)


def test_a_mean_of_changes_has_satterthwaites_degrees_of_freedom() -> None:
    """Two means' difference is twice the mean of their changes: Welch's test."""
    generator = np.random.default_rng(6)
    one, two = generator.normal(0, 1, 12), generator.normal(0.4, 3, 7)
    welch = stats.ttest_ind(two, one, equal_var=False, alternative="less")
    parts = [Change(sign * x.mean(), stats.sem(x), 0.0, len(x) - 1.0, 1.0) for sign, x in ((-1, one), (1, two))]
    mean = mean_of(parts)
    assert mean.freedom == pytest.approx(welch.df)
    assert mean.p == pytest.approx(welch.pvalue)


# Simulation. Two models of a family, on 500 items: the first is right on 70 %, and of every 100 items 8 come out
# otherwise by the second (discordance 0.08, as of a model that was quantised or trained on; the correlation of what
# items get is 0.82). A loss of 5 points is then 6.5 % lost and 1.5 % gained.

N, RIGHT, DISCORDANCE, LOSS = 500, 0.7, 0.08, 0.05


def draws(count: int, loss: float, n: int = N, discordance: float = DISCORDANCE, seed: int = 7) -> np.ndarray:
    """What items get in so many pairs of runs, shape [count, 2, n]."""
    generator = np.random.default_rng(seed)
    chances = np.array([RIGHT - (discordance + loss) / 2, (discordance + loss) / 2, (discordance - loss) / 2])
    edges = np.cumsum(chances)  # both right, lost, gained
    drawn = generator.random((count, n))
    return np.stack([drawn < edges[1], (drawn < edges[0]) | ((drawn >= edges[1]) & (drawn < edges[2]))], axis=1)


def gate(tasks: list[np.ndarray], margin: float = MARGIN) -> list[str]:
    """The verdicts of one gate over tasks, each of shape [2, n], with the overall one."""
    added = [(task[1].astype(float) - task[0]) / task.shape[1] for task in tasks]
    parts = [
        mean_change(own, np.full(len(own), 1 / len(own)), least_error(margin, len(own))) if own.any() else NO_CHANGE
        for own in added
    ]
    if len(parts) > 1:
        parts.append(mean_of(parts, loss_p(np.concatenate(added) / len(parts))))
    return [verdict(one, p, margin, ALPHA) for one, p in zip(parts, holm([one.p for one in parts]), strict=True)]


def test_a_loss_of_5_points_on_500_items_is_caught_where_tolerances_miss_it() -> None:
    """The others see two numbers with their standard errors, as lm-evaluation-harness prints them. To tell a regression
    by 95 % intervals that do not overlap catches 1 in 170; by twice the standard error of the difference, unpaired, 1
    in 4; by 8 % of the number, as vLLM's tests of accuracy on that harness do, 4 in 10.
    """
    pairs = draws(2000, LOSS)
    caught = np.mean([gate([pair]) == [REGRESSION] for pair in pairs])
    before, after = draws(20_000, LOSS).mean(axis=2).T
    errors = np.sqrt(before * (1 - before) / (N - 1)), np.sqrt(after * (1 - after) / (N - 1))
    assert caught >= 0.98
    assert np.mean(before - after > 1.96 * (errors[0] + errors[1])) == pytest.approx(0.006, abs=0.002)
    assert np.mean(before - after > 1.96 * np.hypot(*errors)) == pytest.approx(0.26, abs=0.03)
    assert np.mean(~np.isclose(before, after, rtol=0.08)) == pytest.approx(0.44, abs=0.03)


def test_of_less_alike_models_it_is_still_caught() -> None:
    assert np.mean([gate([pair]) == [REGRESSION] for pair in draws(1000, LOSS, discordance=0.13)]) >= 0.9


@pytest.mark.parametrize("discordance", [0.004, 0.02, 0.1, 0.3])
def test_without_a_loss_one_task_seldom_fails(discordance: float) -> None:
    pairs = draws(2000, 0.0, discordance=discordance)
    assert np.mean([gate([pair]) == [REGRESSION] for pair in pairs]) <= 0.05 + 0.006


def test_without_a_loss_a_gate_of_several_tasks_seldom_fails_and_with_one_everywhere_always() -> None:
    sizes = (500, 56, 100, 277, 104, 30)
    count = 400
    none = [draws(count, 0.0, n=n, seed=n) for n in sizes]
    every = [draws(count, LOSS, n=n, seed=n + 1) for n in sizes]
    failed = [np.mean([REGRESSION in gate([task[i] for task in own]) for i in range(count)]) for own in (none, every)]
    assert failed[0] <= 0.05 + 0.011
    assert failed[1] >= 0.9


def test_a_loss_of_the_margin_seldom_passes() -> None:
    for discordance in (MARGIN, 0.03, 0.1):
        pairs = draws(2000, MARGIN, discordance=discordance)
        assert np.mean([gate([pair]) == [PASS] for pair in pairs]) <= 0.05 + 0.015


def test_the_n_that_is_told_settles_it() -> None:
    """Found from a small sample of known spread; then simulated with as many items."""
    change = Change(0.0, np.sqrt(DISCORDANCE / N), least_error(MARGIN, N), N - 1.0, 0.5)
    needed = items_needed(change, N, MARGIN, ALPHA)
    assert needed is not None
    assert needed == pytest.approx(stats.norm.isf([0.05, 0.1]).sum() ** 2 * DISCORDANCE / MARGIN**2, abs=1)
    passed = np.mean([gate([pair]) == [PASS] for pair in draws(300, 0.0, n=needed)])
    failed = np.mean([gate([pair]) == [REGRESSION] for pair in draws(300, 2 * MARGIN, n=needed)])
    assert passed == pytest.approx(0.9, abs=0.045)
    assert failed >= 0.97


def test_no_n_settles_what_allows_no_loss_at_all() -> None:
    assert items_needed(Change(0.0, 0.01, 0.0, 99.0, 0.5), 100, 0.0, ALPHA) is None


def test_a_change_near_the_margin_needs_more_than_there_are() -> None:
    change = Change(-0.009, 0.003, 0.0, 1e6, 0.001)
    needed = items_needed(change, 20_000, MARGIN, ALPHA)
    assert needed == pytest.approx(20_000 * (1.645 * 3) ** 2, rel=1e-3)
