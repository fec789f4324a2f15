"""What a number owes to the draw of examples, of shots (seeds) and of the prompt: numbers on a grid of prompts and
seeds in; their variance in parts, and the mean with an interval that includes all of them, out. Pure functions over
arrays.

The model is the two-way random one without replication (Searle, Casella and McCulloch 1992, chapter 4; Shrout and
Fleiss 1979, case 2): number = mean + prompt + seed + both + sampling. All cells are of the same examples, so that their
sampling errors go together; their covariance is known from the examples, and is taken off the mean squares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from evalkit.statistics.intervals import LEVEL, wilson

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Components:
    """The mean over a grid of prompts and seeds; the variance of one of its numbers in parts, None for those that the
    grid is too small to show (`both` is what a seed does under one prompt and not under another; with one prompt or one
    seed it is within the other part); and of the mean, its standard error, and how many of them its interval reaches.

    What a seed or a prompt does to single examples and not to all of them is within `sampling`: it averages out over
    examples.
    """

    mean: float
    sampling: float
    seed: float | None
    prompt: float | None
    both: float | None
    error: float
    quantile: float


class _Squares(NamedTuple):
    """Mean squares or what sampling is expected to add to them: of prompts, of seeds, and of the rest."""

    prompt: float
    seed: float
    both: float


def jackknife_covariance(sums: "Floats", value: "Callable[[Floats], Floats]") -> "Floats":
    """The covariance of C numbers that are counted from the same groups, by leaving out one group at a time (Efron and
    Tibshirani 1993, equation 11.5, for vectors; with groups as Cameron and Miller 2015).

    Args:
        sums: shape [C, G, d]: of each number, what its metric counts of each group; at least two groups.
        value: shape [..., d] to [...].

    Returns:
        Shape [C, C].
    """
    import numpy as np

    groups = sums.shape[1]
    left_out = np.stack([value(own.sum(axis=0) - own) for own in sums])
    away = left_out - left_out.mean(axis=1, keepdims=True)
    covariance: Floats = (groups - 1) / groups * (away @ away.T)
    return covariance


def components(values: "Floats", covariance: "Floats", groups: int) -> Components:
    """The variance of numbers on a grid in parts, by the method of moments: mean squares less what sampling adds to
    them. Parts that come out negative are 0.

    The variance of the mean is not put together from these parts, which would lose what was cut off at 0, but from the
    mean squares themselves and the covariance that the cells have in common. The quantile is the mean of Student's
    quantiles of its terms, weighted by them (Cochran and Cox 1957): with two or three seeds,
    Satterthwaite's degrees of freedom make 95 % to 89 or 92; these make it 95 to 97, and up to 99 where neither seeds
    nor prompts matter.

    Args:
        values: shape [P, S], P prompts and S seeds; more than one of one of them.
        covariance: shape [P * S, P * S], of the sampling errors, row by row; `jackknife_covariance` makes it.
        groups: independent groups of examples, which it was made from.
    """
    prompts, seeds = values.shape
    cells = prompts * seeds
    found, added = _mean_squares(values), _expected(covariance, prompts, seeds)
    both = max(0.0, found.both - added.both)
    common = max(0.0, float(covariance.sum()) / cells**2 - _total(added) / cells)
    between = max(_total(found), found.prompt, found.seed) / cells
    terms = [(common, groups - 1), (found.prompt / cells, prompts - 1), (found.seed / cells, seeds - 1)]
    return Components(
        mean=float(values.mean()),
        sampling=float(covariance.trace()) / cells,
        seed=max(0.0, (found.seed - added.seed - both) / prompts) if seeds > 1 else None,
        prompt=max(0.0, (found.prompt - added.prompt - both) / seeds) if prompts > 1 else None,
        both=both if min(prompts, seeds) > 1 else None,
        error=(common + between) ** 0.5,
        quantile=_quantile([(part, freedom) for part, freedom in terms if part > 0 and freedom > 0]),
    )


def components_interval(found: Components, is_mean: bool, groups: int) -> tuple[float, float]:
    """The interval of the mean that includes all parts. That of a mean of items between 0 and 1 is Wilson's with the
    effective number of items, p(1 - p) over its variance, as `mean_interval` has it.
    """
    p, variance, z = found.mean, found.error**2, found.quantile
    if not is_mean:
        return p - z * found.error, p + z * found.error
    return wilson(p, p * (1 - p) / variance if variance > 1e-12 and 0 < p < 1 else float(groups), z)


def _quantile(terms: list[tuple[float, int]]) -> float:
    """Student's quantile, of variances with different degrees of freedom; the normal one where there is none."""
    from scipy.special import ndtri, stdtrit

    if not terms:
        return float(ndtri((1 + LEVEL) / 2))
    weighted = sum(part * float(stdtrit(freedom, (1 + LEVEL) / 2)) for part, freedom in terms)
    return weighted / sum(part for part, _ in terms)


def _total(squares: _Squares) -> float:
    """What the mean squares say of the variance of a sum over all cells, per cell."""
    return squares.prompt + squares.seed - squares.both


def _mean_squares(values: "Floats") -> _Squares:
    prompts, seeds = values.shape
    whole, rows, columns = values.mean(), values.mean(axis=1), values.mean(axis=0)
    rest = values - rows[:, None] - columns[None, :] + whole
    return _Squares(
        _over(seeds * float(((rows - whole) ** 2).sum()), prompts - 1),
        _over(prompts * float(((columns - whole) ** 2).sum()), seeds - 1),
        _over(float((rest**2).sum()), (prompts - 1) * (seeds - 1)),
    )


def _expected(covariance: "Floats", prompts: int, seeds: int) -> _Squares:
    """The mean squares of errors with this covariance, in expectation: traces of it within each space."""
    cells = covariance.reshape(prompts, seeds, prompts, seeds)
    rows, columns = cells.mean(axis=(1, 3)), cells.mean(axis=(0, 2))
    prompt = seeds * float(rows.trace() - rows.sum() / prompts)
    seed = prompts * float(columns.trace() - columns.sum() / seeds)
    rest = float(covariance.trace() - covariance.sum() / (prompts * seeds)) - prompt - seed
    return _Squares(_over(prompt, prompts - 1), _over(seed, seeds - 1), _over(rest, (prompts - 1) * (seeds - 1)))


def _over(squares: float, freedom: int) -> float:
    return squares / freedom if freedom > 0 else 0.0
