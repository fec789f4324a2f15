"""How sure a fitted law is: points drawn anew, with replacement, and the law fitted to every draw."""

import math
from typing import Any

import numpy as np

from evalkit.scaling.law import Floats, Law, moved, slopes
from evalkit.scaling.minimise import bounds, descend, line, objective, unit

_LOOSE: Any = {"maxiter": 1000, "maxcor": 20, "ftol": 1e-11, "gtol": 1e-7}
_TRIES = 200  # of a draw that holds enough different sizes


def resampled(law: Law, theta: Floats, sizes: Floats, logs: Floats, count: int, seed: int) -> Floats:
    """The law's parameters on so many draws of the points, shape [count, k]: the bootstrap of pairs (Efron 1979).

    A draw in which too few different sizes are left to tell the law's parameters is drawn again. Every fit begins at
    the parameters of all points, in directions in which the objective there is as steep as in any other, so that a few
    steps do; where it leaves the law's bounds, it is done anew within them.
    """
    middle = sizes.mean(axis=0)
    centred, start = sizes - middle, moved(law, theta, middle)
    rounded = np.unique(np.round(sizes, 9), axis=0, return_inverse=True)[1].reshape(-1)
    random = np.random.default_rng(seed)
    axes = _axes(law, start, centred, logs)
    low, high = (np.array(ends) for ends in zip(*bounds(law, logs), strict=True))
    found = []
    for _ in range(count):
        weights = _drawn(random, rounded, law.count)
        one = _refitted(law, start, axes, centred, logs, weights)
        if not np.isfinite(one).all() or (one < low).any() or (one > high).any():
            one, _ = descend(law, np.clip(start, low, high), centred, logs, weights, _LOOSE, 1)
        found.append(one)
    return moved(law, np.array(found).reshape(-1, law.count), -middle)


def _drawn(random: np.random.Generator, kinds: "np.ndarray[tuple[int], np.dtype[np.intp]]", least: int) -> Floats:
    """How often each point is in a draw."""
    n = len(kinds)
    for _ in range(_TRIES):
        places = random.integers(0, n, n)
        if len(np.unique(kinds[places])) >= least:
            break
    return np.bincount(places, minlength=n).astype(np.float64)


def _axes(law: Law, theta: Floats, sizes: Floats, logs: Floats) -> Floats:
    """Directions, shape [k, k], in which the objective at its lowest point is about equally steep."""
    found, changes = slopes(law, theta, sizes)
    size = np.maximum(np.abs(found - logs), 1e-12)
    weights = np.minimum(1.0, law.delta / size) if math.isfinite(law.delta) else np.ones_like(logs)
    steepness = (changes * weights[:, None]).T @ changes / unit(law) ** 2
    steepness += np.eye(law.count) * 1e-9 * np.trace(steepness)
    directions: Floats = np.linalg.inv(np.linalg.cholesky(steepness)).T
    return directions


def _refitted(law: Law, start: Floats, axes: Floats, sizes: Floats, logs: Floats, weights: Floats) -> Floats:
    """The law fitted to one draw, its bounds left aside."""
    from scipy.optimize import minimize  # heavy: loaded only when something is fitted

    if not law.has_floor:
        return line(sizes, logs, weights)
    total = objective(law, sizes, logs, weights)

    def along(steps: Floats) -> tuple[float, Floats]:
        value, gradient = total(start + axes @ steps)
        return value, axes.T @ gradient

    done = minimize(along, np.zeros(law.count), jac=True, method="L-BFGS-B", options=_LOOSE)
    return np.asarray(start + axes @ done.x)
