"""The compute-optimal frontier: the parameters and tokens that make a law's loss smallest for C = 6 N D operations.

Hoffmann et al. 2022, equation 4: N_opt = G (C / 6)^a and D_opt = (C / 6)^b / G, with a = beta / (alpha + beta),
b = alpha / (alpha + beta) and G = (alpha A / (beta B))^(1 / (alpha + beta)).
"""

import numpy as np

from evalkit.scaling.law import Floats
from evalkit.scaling.points import FLOP_PER


def exponents(theta: Floats) -> tuple[Floats, Floats, Floats]:
    """a, b and G of the law's parameters (log E, log A, log B, alpha, beta), shape [..., 5] to [...] each. Nothing that
    is a number where an exponent is 0: then there is no optimum.
    """
    _, first, second, alpha, beta = np.moveaxis(theta, -1, 0)
    with np.errstate(all="ignore"):
        whole = alpha + beta
        scale = np.exp((np.log(alpha) + first - np.log(beta) - second) / whole)
        return beta / whole, alpha / whole, scale


def optimum(theta: Floats, compute: Floats) -> tuple[Floats, Floats, Floats]:
    """The logs of the best parameters, of the best tokens and of the loss that they give, shape [..., m] each.

    Args:
        theta: shape [..., 5].
        compute: operations, shape [m].
    """
    a, b, scale = (part[..., None] for part in exponents(theta))
    budget = np.log(compute / FLOP_PER)
    with np.errstate(all="ignore"):
        parameters, tokens = np.log(scale) + a * budget, -np.log(scale) + b * budget
        floor, first, second, alpha, beta = (part[..., None] for part in np.moveaxis(theta, -1, 0))
        loss = np.logaddexp(floor, np.logaddexp(first - alpha * parameters, second - beta * tokens))
    return parameters, tokens, loss
