"""The constants that papers printed for a law, to stand beside one's own: a law in, papers out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit import published
from evalkit.scaling.frontier import exponents
from evalkit.scaling.law import CHINCHILLA, IRREDUCIBLE, Law, law_of, theta_of
from evalkit.scaling.points import COMPUTE, FLOP_PER, PARAMETERS, TOKENS

PF_DAY = 1e15 * 86400  # FLOP
_TABLE = "scaling_constants"
_KAPLAN, _BROWN = "Kaplan et al. 2020 (arXiv 2001.08361)", "Brown et al. 2020 (arXiv 2005.14165)"
_HOFFMANN, _BESIROGLU = "Hoffmann et al. 2022 (arXiv 2203.15556)", "Besiroglu et al. 2024 (arXiv 2404.10102)"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's constants for a law, by the names of `Law.constants`: of losses in nats per token of the paper's own
    data. `stderr` are their standard errors where the paper gives any, `meaning` says what they are of.
    """

    label: str
    source: str
    constants: Mapping[str, float]
    stderr: Mapping[str, float]
    meaning: str


def papers(law: Law) -> tuple[Paper, ...]:
    """The papers that have constants for this law, oldest first; none where no paper has."""
    if law.name == CHINCHILLA:
        return _parametric()
    if law.name == IRREDUCIBLE:
        return tuple(_of_one_size(paper, law) for paper in _parametric()[1:])
    return _powers(law.sizes[0])


def _powers(against: str) -> tuple[Paper, ...]:
    """Kaplan's laws of one size, and GPT-3's of compute."""
    if against == PARAMETERS:
        return (
            _kaplan("Kaplan", "L(N)", "alpha_N", "N_c", "Nc", 1.0, "non-embedding parameters, trained to convergence"),
        )
    if against == TOKENS:
        return (_kaplan("Kaplan", "L(D)", "alpha_D", "D_c", "Dc", 1.0, "a large model on limited data, stopped early"),)
    best = "compute spent as well as can be, batches far below the critical size"
    fixed = "compute of batches of one size"
    coefficient, exponent = (_value("Brown", "validation loss", name) for name in ("coefficient", "exponent"))
    scale = PF_DAY * coefficient ** (-1 / exponent)
    return (
        _kaplan("Kaplan, best", "L(C_min)", "alpha_C_min", "C_c_min", "Cc", PF_DAY, best),
        _kaplan("Kaplan, fixed", "L(C) naive", "alpha_C", "C_c", "Cc", PF_DAY, fixed),
        Paper(
            "GPT-3", _BROWN, {"alpha": -exponent, "Cc": scale}, {}, "the frontier of GPT-3's training runs, figure 3.1"
        ),
    )


def _kaplan(label: str, law: str, alpha: str, scale: str, name: str, unit: float, meaning: str) -> Paper:
    exponent, size = (_value("Kaplan", law, constant) for constant in (alpha, scale))
    return Paper(label, _KAPLAN, {"alpha": exponent, name: size * unit}, {}, f"{meaning}; WebText2")


def _parametric() -> tuple[Paper, ...]:
    """L(N, D) as it was printed, as it was fitted, and as it was fitted again."""
    names = law_of(CHINCHILLA, PARAMETERS).constants
    printed = {name: _value("Hoffmann", "approach 3 (parametric)", name) for name in names}
    exact = _unrounded("as used by Besiroglu")
    refit = {name: _value("Besiroglu", "refit of approach 3, 240 points", name) for name in names}
    errors = {name: _errors("refit of approach 3, 240 points", name) for name in names}
    return (
        Paper("Hoffmann", _HOFFMANN, printed, {}, "as printed; to so few digits that the frontier is another"),
        Paper("Hoffmann, exact", _HOFFMANN, exact, {}, "as fitted (MassiveText), from the paper's TeX source"),
        Paper("Besiroglu", _BESIROGLU, refit, errors, "fitted again to 240 points read off Hoffmann's figure 4"),
    )


def _of_one_size(paper: Paper, law: Law) -> Paper:
    """L(N, D) where data have no end, models no bounds, or along the compute-optimal frontier."""
    e, a, b, alpha, beta = (paper.constants[name] for name in ("E", "A", "B", "alpha", "beta"))
    if law.sizes[0] == COMPUTE:
        theta = theta_of(law_of(CHINCHILLA, PARAMETERS), (e, a, b, alpha, beta))
        scale = float(exponents(theta)[2])
        exponent = alpha * beta / (alpha + beta)
        factor = (a * scale**-alpha + b * scale**beta) * FLOP_PER**exponent
        where = "along its frontier"
    else:
        factor, exponent = (a, alpha) if law.sizes[0] == PARAMETERS else (b, beta)
        where = "with data without end" if law.sizes[0] == PARAMETERS else "with a model without bounds"
    constants = dict(zip(law.constants, (e, exponent, factor ** (1 / exponent)), strict=True))
    return Paper(paper.label, paper.source, constants, {}, f"its L(N, D) {where}")


def _rows(paper: str, law: str) -> Sequence[Mapping[str, str]]:
    return [row for row in published.rows(_TABLE) if row["paper"].startswith(paper) and row["law"].startswith(law)]


def _value(paper: str, law: str, constant: str) -> float:
    """A constant as it stands in the table; of laws whose names begin alike, that with the shortest."""
    found = [row for row in _rows(paper, law) if row["constant"] == constant]
    return float(min(found, key=lambda row: len(row["law"]))["value"])


def _errors(law: str, constant: str) -> float:
    return next(
        float(row["stderr"]) for row in _rows("Besiroglu", law) if row["constant"] == constant and row["stderr"]
    )


def _unrounded(said: str) -> dict[str, float]:
    own = {row["constant"]: float(row["value"]) for row in published.rows(_TABLE) if said in row["law"]}
    return {**{name: math.exp(own[f"log {name}"]) for name in "EAB"}, "alpha": own["alpha"], "beta": own["beta"]}


def theta_of_paper(law: Law, paper: Paper) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """A paper's constants as parameters of the law."""
    return theta_of(law, [paper.constants[name] for name in law.constants])
