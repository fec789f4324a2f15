"""The laws and what is made small: against other ways to the same numbers."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import huber as scipy_huber
from scipy.stats import linregress

from evalkit.scaling.law import LAWS, law_of, log_loss, moved, slopes, theta_of, told
from evalkit.scaling.minimise import bounds, fitted, huber, objective
from evalkit.scaling.points import COMPUTE, PARAMETERS, SIZES, TOKENS
from tests.scaling.conftest import chinchilla

CONSTANTS = {
    "power": (0.076, 8.8e13),
    "irreducible": (1.7, 0.34, 4.9e7),
    "chinchilla": (1.8172, 482.01, 2085.43, 0.3478, 0.3658),
}
N, D = np.array([7e7, 1e9, 7e10]), np.array([3e11, 2e10, 1.4e12])


def sizes(law):
    return np.log(np.stack([N, D], axis=-1)[:, : len(law.sizes)])


@pytest.mark.parametrize("name", LAWS)
def test_constants_become_parameters_and_back(name) -> None:
    law = law_of(name, PARAMETERS)
    assert told(law, theta_of(law, CONSTANTS[name])) == pytest.approx(CONSTANTS[name])
    assert len(law.constants) == law.count == len(bounds(law, np.zeros(3)))


def test_the_laws_are_what_their_formulas_say() -> None:
    law = law_of("power", PARAMETERS)
    assert np.exp(log_loss(law, theta_of(law, CONSTANTS["power"]), sizes(law))) == pytest.approx((8.8e13 / N) ** 0.076)
    law = law_of("irreducible", PARAMETERS)
    found = np.exp(log_loss(law, theta_of(law, CONSTANTS["irreducible"]), sizes(law)))
    assert found == pytest.approx(1.7 + (4.9e7 / N) ** 0.34)
    law = law_of("chinchilla", PARAMETERS)
    found = np.exp(log_loss(law, theta_of(law, CONSTANTS["chinchilla"]), sizes(law)))
    assert found == pytest.approx(chinchilla(N, D))
    assert [law_of("power", size).formula for size in SIZES] == [f"L({x}) = ({x}c / {x})^alpha" for x in "NDC"]


@pytest.mark.parametrize("name", LAWS)
def test_slopes_are_those_of_the_loss(name) -> None:
    law = law_of(name, TOKENS)
    theta = theta_of(law, CONSTANTS[name])
    logs, changes = slopes(law, theta, sizes(law))
    assert logs == pytest.approx(log_loss(law, theta, sizes(law)))
    numeric = approx_fprime(theta, lambda values: log_loss(law, values, sizes(law)), 1e-7)
    assert changes == pytest.approx(numeric, abs=1e-5)
    value = objective(law, sizes(law), logs + np.array([3e-4, 2e-2, -4e-3]), np.array([1.0, 2.0, 0.0]))
    assert value(theta)[1] == pytest.approx(approx_fprime(theta, lambda values: value(values)[0], 1e-9), rel=2e-3)


@pytest.mark.parametrize("name", LAWS)
def test_a_law_can_be_moved_along_its_sizes(name) -> None:
    law = law_of(name, COMPUTE)
    theta = theta_of(law, CONSTANTS[name])
    by = sizes(law).mean(axis=0)
    assert log_loss(law, moved(law, theta, by), sizes(law) - by) == pytest.approx(log_loss(law, theta, sizes(law)))


def test_hubers_loss_is_scipys() -> None:
    residuals = np.array([-3.0, -1e-3, -1e-4, 0, 5e-4, 0.01])
    assert huber(residuals, 1e-3) == pytest.approx(scipy_huber(1e-3, residuals), rel=1e-12)


def test_a_power_law_is_a_line_of_logs() -> None:
    random = np.random.default_rng(3)
    x = random.uniform(17, 25, 12)
    y = 1.2 - 0.07 * x + random.normal(0, 0.02, 12)
    theta, total = fitted(law_of("power", PARAMETERS), x[:, None], y)
    line = linregress(x, y)
    assert theta == pytest.approx([line.intercept, -line.slope], rel=1e-6)
    assert total == pytest.approx(((y - line.intercept - line.slope * x) ** 2).sum() / 2)


@pytest.mark.parametrize("name", ["irreducible", "chinchilla"])
@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_constants_are_found_again(name, noise) -> None:
    law = law_of(name, PARAMETERS)
    random = np.random.default_rng(5)
    n = np.exp(random.uniform(np.log(5e7), np.log(2e10), 150))
    x = np.log(np.stack([n, n * random.uniform(2, 200, 150)], axis=-1)[:, : len(law.sizes)])
    truth = theta_of(law, CONSTANTS[name])
    theta, _ = fitted(law, x, log_loss(law, truth, x) + random.normal(0, noise, 150))
    found = told(law, theta)
    expected = np.array(CONSTANTS[name])
    if noise == 0:
        assert found == pytest.approx(expected, rel=1e-4)
    else:
        assert found[0] == pytest.approx(expected[0], abs=0.05)
        exponents = [place for place, one in enumerate(law.constants) if one in ("alpha", "beta")]
        assert found[exponents] == pytest.approx(expected[exponents], abs=0.04)


def test_the_unit_of_the_loss_moves_scales_alone() -> None:
    """Nats or bits, tokens or thousands of them: the exponents are the same, and so is the fit."""
    law = law_of("chinchilla", PARAMETERS)
    random = np.random.default_rng(1)
    n, d = np.exp(random.uniform(18, 24, 60)), np.exp(random.uniform(21, 26, 60))
    y = np.log(chinchilla(n, d)) + random.normal(0, 0.01, 60)
    first, total = fitted(law, np.log(np.stack([n, d], axis=-1)), y)
    second, other = fitted(law, np.log(np.stack([n, d / 1000], axis=-1)), y + np.log(0.25))
    assert other == pytest.approx(total, rel=1e-5)
    assert second[3:] == pytest.approx(first[3:], abs=1e-3)
    assert second[0] == pytest.approx(first[0] + np.log(0.25), abs=1e-3)
