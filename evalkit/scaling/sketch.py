"""Lines for the figures of a fit: records in, places out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.scaling import frontier
from evalkit.scaling.law import CHINCHILLA, Floats, law_of, log_loss, theta_of
from evalkit.scaling.papers import theta_of_paper
from evalkit.scaling.points import FLOP_PER
from evalkit.scaling.record import Scaling

_LEVELS = 9  # of equal loss
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its name and, where there is one, its band."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()


def paper_lines(scaling: Scaling) -> list[Line]:
    """The papers' laws over the sizes of the law's curve, where both are nats per token; those of parameters and tokens
    along their own frontiers.
    """
    if not scaling.measure.is_nats:
        return []
    law = law_of(scaling.law, scaling.sizes[0])
    x = np.array([x for x, _ in scaling.curve])
    lines = []
    for paper in scaling.papers:
        theta = theta_of_paper(law, paper)
        logs = frontier.optimum(theta, x)[2] if law.name == CHINCHILLA else log_loss(law, theta, np.log(x)[:, None])
        lines.append(_line(paper.label, x, np.exp(logs)))
    return lines


def optimal_sizes(scaling: Scaling) -> list[Line]:
    """The best parameters over operations, first by the fit and then by the papers."""
    if scaling.frontier is None:
        return []
    law = law_of(scaling.law, scaling.sizes[0])
    x, own = zip(*scaling.frontier.best, strict=True)
    lows = [one.low for one in own if one.low is not None]
    highs = [one.high for one in own if one.high is not None]
    banded = len(lows) == len(highs) == len(own)
    lines = [Line("fit", x, [one.value for one in own], lows if banded else (), highs if banded else ())]
    for paper in scaling.papers:
        logs = frontier.optimum(theta_of_paper(law, paper), np.array(x))[0]
        lines.append(_line(paper.label, np.array(x), np.exp(logs)))
    return lines


def isolosses(scaling: Scaling) -> list[Line]:
    """Operations and parameters that give the same loss, from the lowest loss at the frontier's end to the highest at
    its beginning; each named by the loss.
    """
    if scaling.frontier is None:
        return []
    law = law_of(scaling.law, scaling.sizes[0])
    theta = theta_of(law, [scaling.constants[name].value for name in law.constants])
    x = np.array([x for x, _ in scaling.frontier.best])
    parameters, _, logs = frontier.optimum(theta, x)
    reach = 0.5 * (math.log(x[-1]) - math.log(x[0]))
    lines = []
    for level in np.linspace(logs[0], logs[-1], _LEVELS + 2)[1:-1]:
        at = float(np.interp(-level, -logs, parameters))
        sizes = np.linspace(at - reach, at + reach, _STEPS)
        operations = _operations(theta, sizes, level)
        seen = np.isfinite(operations) & (operations < math.log(x[-1]))
        if seen.any():
            lines.append(_line(f"{math.exp(level):.2f}", np.exp(operations[seen]), np.exp(sizes[seen])))
    return lines


def _operations(theta: Floats, parameters: Floats, level: float) -> Floats:
    """The log of the operations with which so many parameters (logs) reach a loss (a log); infinite where they never
    do.
    """
    e, first, second, alpha, beta = theta
    left = math.exp(level) - math.exp(e) - np.exp(first - alpha * parameters)
    with np.errstate(divide="ignore", invalid="ignore"):
        tokens = np.where(left > 0, (second - np.log(np.where(left > 0, left, 1.0))) / beta, np.inf)
    return np.asarray(math.log(FLOP_PER) + parameters + tokens)


def _line(label: str, x: Floats, y: Floats) -> Line:
    return Line(label, [float(one) for one in x], [float(one) for one in y])
