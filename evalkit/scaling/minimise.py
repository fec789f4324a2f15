"""Fits a law: sizes and losses in, the parameters that fit best out.

The objective is the SUM of Huber's losses of the log residuals, in units of delta squared, never their mean: an
optimiser stops when the objective hardly changes, and a mean of thousandths hardly ever does. Hoffmann et al. 2022
stopped early for that reason, as Besiroglu et al. 2024 found (arXiv 2404.10102).
"""

import itertools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from evalkit.scaling.law import Floats, Law, log_loss, moved, slopes

POLISHED = 24  # of the starts, those that fit best
_FLOORS = (0.02, 0.3, 0.6, 0.8, 0.95)  # shares of the constant in a middling loss
_SPLITS = (0.15, 0.5, 0.85)  # of what is left, that of the first of two powers
_EXPONENTS = (0.05, 0.15, 0.3, 0.5, 0.8, 1.2)
_LEAST, _MOST = 12.0, 4.0  # logs: how far below the losses the constant, and how large an exponent, may go
_TIGHT: dict[str, Any] = {"maxiter": 5000, "maxfun": 20000, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-9}


def fitted(law: Law, sizes: Floats, logs: Floats) -> tuple[Floats, float]:
    """The parameters that fit best, and the sum of Huber losses there (half of squares where delta is infinite).

    A power law alone is a line of logs, and solved at once. For the others a grid of starts is tried, and L-BFGS-B goes
    on from the best of them (Hoffmann et al. 2022, appendix D.2). The grid is laid on the data: shares of a middling
    loss that the constant and the powers may have.

    Args:
        sizes: logs of sizes, shape [n, q].
        logs: logs of losses, shape [n].
    """
    middle, ones = sizes.mean(axis=0), np.ones_like(logs)
    if not law.has_floor:
        theta = moved(law, line(sizes - middle, logs, ones), -middle)
        return theta, float(huber(log_loss(law, theta, sizes) - logs, law.delta).sum())
    starts = _grid(law, logs)
    totals = huber(log_loss(law, starts, sizes - middle) - logs, law.delta).sum(axis=-1)
    best = [descend(law, starts[place], sizes - middle, logs, ones) for place in np.argsort(totals)[:POLISHED]]
    theta, total = min(best, key=lambda one: one[1])
    return moved(law, theta, -middle), total


def line(sizes: Floats, logs: Floats, weights: Floats) -> Floats:
    """A power law's parameters by weighted least squares: logs are a line in the log of the one size, shape [n, 1]."""
    design = np.concatenate([np.ones_like(sizes), -sizes], axis=1)
    weighted = design.T * weights
    return np.asarray(np.linalg.solve(weighted @ design, weighted @ logs))


def huber(residuals: Floats, delta: float) -> Floats:
    """Huber's loss (1964) of each: r² / 2 up to delta, and delta (|r| - delta / 2) beyond."""
    size = np.abs(residuals)
    inner = np.minimum(size, delta)
    return np.asarray(inner * (size - inner / 2))


def descend(
    law: Law,
    theta: Floats,
    sizes: Floats,
    logs: Floats,
    weights: Floats,
    options: Mapping[str, Any] = _TIGHT,
    times: int = 4,
) -> tuple[Floats, float]:
    """L-BFGS-B from one start, begun anew until nothing is gained, at most so many times: parameters and the sum of
    Huber losses there.
    """
    from scipy.optimize import minimize  # heavy: loaded only when something is fitted

    minimise: Any = minimize  # its stubs know no bounds beside a gradient
    within: Any = bounds(law, logs)
    values, total = np.asarray(theta, dtype=np.float64), math.inf
    for _ in range(times):
        done = minimise(
            objective(law, sizes, logs, weights),
            values,
            jac=True,
            method="L-BFGS-B",
            bounds=within,
            options={**options},
        )
        gained, values, total = total - float(done.fun), done.x, float(done.fun)
        if gained <= 1e-9 * max(1.0, total):
            break
    return values, total * unit(law) ** 2


def objective(law: Law, sizes: Floats, logs: Floats, weights: Floats) -> Callable[[Floats], tuple[float, Floats]]:
    """The sum of Huber losses in units of `unit` squared, and its gradient, as functions of the parameters."""

    def value(theta: Floats) -> tuple[float, Floats]:
        found, changes = slopes(law, theta, sizes)
        residuals = (found - logs) / unit(law)
        clipped = np.clip(residuals, -law.delta / unit(law), law.delta / unit(law))
        total = weights @ (clipped * (residuals - clipped / 2))
        return float(total), (weights * clipped) @ changes / unit(law)

    return value


def unit(law: Law) -> float:
    """What residuals are counted in while they are made small."""
    return law.delta if math.isfinite(law.delta) else 1e-3


def bounds(law: Law, logs: Floats) -> list[tuple[float, float]]:
    """Where parameters may go: a law without a constant may rise; beside one, a power that does not fall is none."""
    free = (-math.inf, math.inf)
    if not law.has_floor:
        return [free] * law.count
    floor = (float(logs.min()) - _LEAST, float(logs.max()))
    return [floor, *[free] * len(law.sizes), *[(0.0, _MOST)] * len(law.sizes)]


def _grid(law: Law, logs: Floats) -> Floats:
    """Starts, shape [s, k], for sizes whose logs are centred."""
    middle = float(np.median(logs))
    splits = [(math.log(part), math.log(1 - part)) for part in _SPLITS] if len(law.sizes) > 1 else [(0.0,)]
    exponents = list(itertools.product(_EXPONENTS, repeat=len(law.sizes)))
    return np.array(
        [
            [middle + math.log(floor), *(middle + math.log(1 - floor) + part for part in split), *p]
            for floor in _FLOORS
            for split in splits
            for p in exponents
        ]
    )
