"""The laws: sizes and parameters of a law in, the log of the loss out.

Every law here is a sum of terms, a constant and powers of sizes, and its log is the log-sum-exp of the terms' logs:
log L = LSE(e, c_1 - p_1 log x_1, ...), the form in which Hoffmann et al. 2022 fit theirs (appendix D.2).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.scaling.points import COMPUTE, PARAMETERS, TOKENS

Floats = NDArray[np.float64]

POWER, IRREDUCIBLE, CHINCHILLA = "power", "irreducible", "chinchilla"
LAWS = (POWER, IRREDUCIBLE, CHINCHILLA)
SYMBOLS: Mapping[str, str] = {PARAMETERS: "N", TOKENS: "D", COMPUTE: "C"}


@dataclass(frozen=True, slots=True)
class Law:
    """A law: its name, the sizes that its powers are of, whether it has a constant term (what no size removes), and
    the Huber loss's delta that it is fitted with (infinite: squares).

    Its parameters, `theta`, are the constant's log e (if there is one), then every term's log c, then every exponent p.
    """

    name: str
    sizes: tuple[str, ...]
    has_floor: bool
    delta: float

    @property
    def count(self) -> int:
        """How many parameters it has."""
        return self.has_floor + 2 * len(self.sizes)

    @property
    def formula(self) -> str:
        """The law as one writes it."""
        if self.name == CHINCHILLA:
            return "L(N, D) = E + A / N^alpha + B / D^beta"
        x = SYMBOLS[self.sizes[0]]
        return f"L({x}) = {'E + ' if self.has_floor else ''}({x}c / {x})^alpha"

    @property
    def constants(self) -> tuple[str, ...]:
        """The names of its constants, in the order of `told`."""
        if self.name == CHINCHILLA:
            return "E", "A", "B", "alpha", "beta"
        return *(("E",) if self.has_floor else ()), "alpha", f"{SYMBOLS[self.sizes[0]]}c"


def law_of(name: str, against: str) -> Law:
    """The law of that name; `against` is the size that a law of one size is of.

    The law of both sizes is fitted with Huber's loss, delta 1e-3, as Hoffmann et al. do; those of one, to a handful of
    models as a rule, by least squares.
    """
    if name == CHINCHILLA:
        return Law(name, (PARAMETERS, TOKENS), True, 1e-3)
    return Law(name, (against,), name == IRREDUCIBLE, math.inf)


def log_loss(law: Law, theta: Floats, sizes: Floats) -> Floats:
    """The log of the loss that the law gives.

    Args:
        theta: parameters, shape [..., k].
        sizes: logs of sizes in the order of `law.sizes`, shape [n, q].

    Returns:
        Shape [..., n].
    """
    return np.asarray(np.logaddexp.reduce(_terms(law, theta, sizes), axis=-1))


def slopes(law: Law, theta: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """`log_loss` for one theta, shape [n], and what each parameter changes of it, shape [n, k]."""
    terms = _terms(law, theta, sizes)
    logs = np.logaddexp.reduce(terms, axis=-1)
    shares = np.exp(terms - logs[:, None])
    powers = shares[:, law.has_floor :]
    return logs, np.concatenate([shares, -powers * sizes], axis=1)


def told(law: Law, theta: Floats) -> Floats:
    """Parameters, shape [..., k], as the constants that one reads, in the order of `law.constants`. The scale of a law
    of one size is infinite where no size brings the loss to 1, or one beyond float64.
    """
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if law.name == CHINCHILLA:
            return np.concatenate([np.exp(theta[..., :3]), theta[..., 3:]], axis=-1)
        first, exponent = theta[..., -2], theta[..., -1]
        own = [exponent, np.where(exponent > 0, np.exp(first / exponent), np.inf)]
        return np.stack([*([np.exp(theta[..., 0])] if law.has_floor else []), *own], axis=-1)


def theta_of(law: Law, constants: Sequence[float]) -> Floats:
    """The parameters of constants as one reads them: `told` backwards."""
    values = np.array(constants, dtype=np.float64)
    if law.name == CHINCHILLA:
        return np.concatenate([np.log(values[:3]), values[3:]])
    exponent, scale = values[-2:]
    return np.array([*np.log(values[:-2]), exponent * np.log(scale), exponent])


def moved(law: Law, theta: Floats, by: Floats) -> Floats:
    """The same law for sizes (logs) that lie `by` lower, shape [q]: the exponents stay."""
    start, powers = int(law.has_floor), len(law.sizes)
    shifted = theta.copy()
    shifted[..., start : start + powers] -= theta[..., start + powers :] * by
    return shifted


def _terms(law: Law, theta: Floats, sizes: Floats) -> Floats:
    start, powers = int(law.has_floor), len(law.sizes)
    firsts, exponents = theta[..., None, start : start + powers], theta[..., None, start + powers :]
    terms: Floats = firsts - exponents * sizes
    if not law.has_floor:
        return terms
    floor = np.broadcast_to(theta[..., None, :1], (*terms.shape[:-1], 1))
    return np.concatenate([floor, terms], axis=-1)
