"""What a fitted law says beyond its points: forecasts, the curve, the compute-optimal frontier."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.scaling.frontier import exponents, optimum
from evalkit.scaling.law import CHINCHILLA, Floats, Law, log_loss
from evalkit.scaling.numbers import number
from evalkit.scaling.papers import papers, theta_of_paper
from evalkit.scaling.points import COMPUTE, FLOP_PER, PARAMETERS, TOKENS, completed
from evalkit.scaling.record import Budget, Forecast, Frontier, Number

_STEPS = 64
_DOWN, _UP = 2, 4  # decades of the table of budgets, from that of the largest point

At = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A law's parameters, shape [k], those of the bootstrap's draws, [B, k], the points' sizes (logs), [n, q], and what
    is left of the logs of their losses, [n]: measured less fitted.
    """

    law: Law
    theta: Floats
    draws: Floats
    sizes: Floats
    residuals: Floats

    @property
    def scatter(self) -> float:
        """The standard deviation of the residuals, with as many degrees of freedom fewer as the law has parameters."""
        return math.sqrt(float((self.residuals**2).sum()) / (len(self.residuals) - self.law.count))


def forecast(fit: Fit, at: At) -> Forecast:
    """What the law says of a model with the sizes `at`, in the order of `law.sizes`. Its own interval is over every
    draw with every residual, up and down, these wider by what the fit has taken from them.
    """
    place = np.log(np.array([at]))
    law = float(log_loss(fit.law, fit.theta, place)[0])
    draws = log_loss(fit.law, fit.draws, place)[..., 0]
    n = len(fit.residuals)
    apart = fit.residuals * math.sqrt(n / (n - fit.law.count))
    spread = number(math.exp(law), np.exp(draws[:, None] + np.concatenate([apart, -apart])).ravel())
    sizes = dict(zip(fit.law.sizes, at, strict=True))
    known = completed(sizes.get(PARAMETERS), sizes.get(TOKENS), sizes.get(COMPUTE))
    loss = number(math.exp(law), np.exp(draws))
    return Forecast(*known, loss, spread.low, spread.high, _times(fit.sizes, place[0]))


def curve(fit: Fit, ats: Sequence[At], frontier: Frontier | None) -> tuple[tuple[float, Number], ...]:
    """The law over the sizes of the points and the forecasts; one of two sizes at the frontier, over operations, and
    empty where there is none.
    """
    if fit.law.name == CHINCHILLA:
        own = np.array([x for x, _ in frontier.best] if frontier is not None else [])
        return _banded(own, *(optimum(theta, own)[2] for theta in (fit.theta, fit.draws)))
    ends = np.concatenate([fit.sizes[:, 0], [math.log(at[0]) for at in ats]])
    grid = np.linspace(ends.min(), ends.max(), _STEPS)
    return _banded(np.exp(grid), *(log_loss(fit.law, theta, grid[:, None]) for theta in (fit.theta, fit.draws)))


def find_frontier(fit: Fit, ats: Sequence[At], budgets: Sequence[float]) -> Frontier | None:
    """The compute-optimal frontier over the operations of points, forecasts and budgets, and the best way to spend each
    budget; decades around the largest point if none are given. None where the law has none: it is of one size, or an
    exponent is 0.
    """
    if fit.law.name != CHINCHILLA:
        return None
    found, draws = (exponents(theta) for theta in (fit.theta, fit.draws))
    if not all(math.isfinite(part) and part > 0 for part in map(float, found)):
        return None
    a, b, scale = (number(float(value), own) for value, own in zip(found, draws, strict=True))
    beside = {paper.label: theta_of_paper(fit.law, paper) for paper in papers(fit.law)}
    operations = fit.sizes.sum(axis=1) + math.log(FLOP_PER)
    last = math.floor(operations.max() / math.log(10))
    spent = np.array(budgets or [10.0**decade for decade in range(last - _DOWN, last + _UP + 1)])
    ends = np.log([*np.exp(operations), *spent, *(FLOP_PER * math.prod(at) for at in ats)])
    grid = np.exp(np.linspace(ends.min(), ends.max(), _STEPS))
    best = _banded(grid, *(optimum(theta, grid)[0] for theta in (fit.theta, fit.draws)))
    told = {label: exponents(theta) for label, theta in beside.items()}
    return Frontier(
        a,
        b,
        scale,
        {label: (float(parts[0]), float(parts[1])) for label, parts in told.items()},
        tuple(_budgets(fit, spent, beside)),
        best,
    )


def _budgets(fit: Fit, spent: Floats, beside: Mapping[str, Floats]) -> Iterator[Budget]:
    logs, draws = (optimum(theta, spent) for theta in (fit.theta, fit.draws))
    advised = {label: optimum(theta, spent) for label, theta in beside.items()}
    for place, compute in enumerate(spent):
        n, d, loss = (
            number(math.exp(value[place]), np.exp(own[:, place])) for value, own in zip(logs, draws, strict=True)
        )
        ratio = number(d.value / n.value, np.exp(draws[1][:, place] - draws[0][:, place]))
        own_ratios = {label: float(np.exp(best[1][place] - best[0][place])) for label, best in advised.items()}
        yield Budget(float(compute), n, d, ratio, loss, own_ratios)


def _banded(x: Floats, logs: Floats, draws: Floats) -> tuple[tuple[float, Number], ...]:
    """Values at places, from their logs, shape [m], and those of the draws, [B, m]."""
    return tuple((float(one), number(math.exp(logs[place]), np.exp(draws[:, place]))) for place, one in enumerate(x))


def _times(sizes: Floats, place: Floats) -> float:
    """How far outside of the points a place lies, as a factor, in the size in which it does most."""
    over, under = place - sizes.max(axis=0), sizes.min(axis=0) - place
    return float(np.exp(max(0.0, over.max(), under.max())))
