"""The bootstrap: seeded, as wide as it has to be, and never of a draw that cannot tell the law."""

import numpy as np
import pytest

from evalkit.scaling.law import law_of, log_loss, theta_of, told
from evalkit.scaling.minimise import fitted
from evalkit.scaling.numbers import number
from evalkit.scaling.points import PARAMETERS
from evalkit.scaling.resample import resampled
from tests.scaling.conftest import chinchilla

POWER = law_of("power", PARAMETERS)
TRUTH = theta_of(POWER, (0.08, 1e14))


def noisy(random, count):
    x = random.uniform(18, 25, (count, 1))
    return x, log_loss(POWER, TRUTH, x) + random.normal(0, 0.03, count)


def test_equal_seeds_draw_alike() -> None:
    x, y = noisy(np.random.default_rng(0), 12)
    theta, _ = fitted(POWER, x, y)
    first, again, other = (resampled(POWER, theta, x, y, 20, seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert not (first == other).all()
    assert resampled(POWER, theta, x, y, 0, 0).shape == (0, 2)


def test_a_draws_fit_is_the_fit_of_that_draw() -> None:
    """Begun at the fit of all points, it ends where one from the grid does."""
    random = np.random.default_rng(2)
    law = law_of("chinchilla", PARAMETERS)
    n, d = np.exp(random.uniform(18, 24, 80)), np.exp(random.uniform(21, 26, 80))
    x, y = np.log(np.stack([n, d], axis=-1)), np.log(chinchilla(n, d)) + random.normal(0, 0.01, 80)
    draws = resampled(law, fitted(law, x, y)[0], x, y, 3, 7)
    places = np.random.default_rng(7)
    for one in draws:
        drawn = places.integers(0, 80, 80)
        anew, _ = fitted(law, x[drawn], y[drawn])
        assert told(law, one) == pytest.approx(told(law, anew), rel=1e-2)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """95 % of 120 families of 25 models: 86 % or more (a binomial's 99.9 %, less a bootstrap's own shortfall)."""
    random = np.random.default_rng(11)
    held = 0
    for seed in range(120):
        x, y = noisy(random, 25)
        theta, _ = fitted(POWER, x, y)
        own = number(float(theta[1]), resampled(POWER, theta, x, y, 300, seed)[:, 1])
        assert own.low is not None
        assert own.high is not None
        held += own.low <= 0.08 <= own.high
    assert 0.86 * 120 <= held < 120


def test_every_draw_has_enough_different_sizes() -> None:
    """Of three sizes, one alone would be drawn once in nine times: no line goes through that."""
    x = np.log([[1e8], [1e9], [1e10]])
    y = log_loss(POWER, TRUTH, x) + np.array([0.01, -0.01, 0.02])
    theta, _ = fitted(POWER, x, y)
    draws = resampled(POWER, theta, x, y, 300, 0)
    assert np.isfinite(draws).all()
    assert abs(draws[:, 1] - 0.08).max() < 0.03


def test_parameters_stay_within_their_bounds() -> None:
    """Points without a constant: E goes to nothing, and no exponent below 0."""
    law = law_of("irreducible", PARAMETERS)
    x, y = noisy(np.random.default_rng(4), 10)
    theta, _ = fitted(law, x, y)
    draws = resampled(law, theta, x, y, 60, 0)
    assert (draws[:, 2] >= 0).all()
    assert (draws[:, 0] >= y.min() - 12.001).all()


def test_a_number_without_draws_has_no_interval() -> None:
    assert number(1.0, np.array([])) == number(1.0, np.array([np.nan] * 9 + [1.0]))
    own = number(1.0, np.array([1.0, 2.0, 3.0, np.inf]))
    assert (own.low, own.high, own.stderr) == (1.0, np.inf, None)
    own = number(2.0, np.arange(1, 1001) / 100)
    assert (own.low, own.high) == (0.25, 9.75)
