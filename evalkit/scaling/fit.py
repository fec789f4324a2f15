"""Fits scaling laws: run folders or a file of points in, a `Scaling` for every task out. Also the public Python API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evalkit.errors import UsageError
from evalkit.scaling.family import Wanted
from evalkit.scaling.foresee import At, Fit, curve, find_frontier, forecast
from evalkit.scaling.gather import Source, gather, sizes_by_model
from evalkit.scaling.law import CHINCHILLA, LAWS, Floats, Law, law_of, log_loss, told
from evalkit.scaling.minimise import fitted
from evalkit.scaling.numbers import number
from evalkit.scaling.papers import papers
from evalkit.scaling.points import ERROR, PARAMETERS, SIZES, Points
from evalkit.scaling.record import Number, Scaling
from evalkit.scaling.resample import resampled
from evalkit.scaling.suited import suited
from evalkit.scaling.words import notes

DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of points: the law (of `LAWS`), the size that a law of one size is of, where to forecast (sizes in
    the order of the law's), operations to spend, and the bootstrap's draws and seed.
    """

    law: str = "power"
    against: str = PARAMETERS
    at: Sequence[At] = ()
    budgets: Sequence[float] = ()
    bootstrap: int = DRAWS
    seed: int = 0


def fit_scaling(
    *runs: str | Path,
    points: str | Path | None = None,
    law: str = "power",
    against: str = PARAMETERS,
    task: str | None = None,
    metric: str = "",
    prompt: str = "",
    shots: int | None = None,
    parameters: float | Mapping[str, float] | None = None,
    tokens: float | Mapping[str, float] | None = None,
    columns: Mapping[str, str] | None = None,
    drop: tuple[str, str] | None = None,
    at: Sequence[float | tuple[float, float]] = (),
    budgets: Sequence[float] = (),
    bootstrap: int = DRAWS,
    seed: int = 0,
) -> Scaling:
    """Fit a scaling law to models of several sizes.

    Args:
        runs: run folders of the models, as `evalkit run` writes them. None, if `points` has the losses.
        points: a CSV file of points (see `evalkit.scaling.table`); beside runs, one of their models' sizes.
        law: "power", L = (Xc / X)^alpha (Kaplan et al. 2020); "irreducible", the same and a constant E; "chinchilla",
            L(N, D) = E + A / N^alpha + B / D^beta (Hoffmann et al. 2022, approach 3).
        against: what X is: "parameters", "tokens" or "compute" (FLOP).
        task, metric, prompt, shots: which number of the runs; needed where they share several tasks.
        parameters, tokens: of the runs' models, by name, or one number for all; a run tells its model's parameters.
        columns: what the file calls its columns, such as {"parameters": "N"}.
        drop: a column and the value of lines that are to be left out.
        at: forecast there: sizes of what the law is against, or (parameters, tokens) for chinchilla.
        budgets: operations (FLOP) to be spent best, for chinchilla; decades, if empty.
        bootstrap: how often points are drawn anew, for the intervals.
        seed: of the draws.

    Raises:
        UsageError: too few points, or points that cannot tell the law; what is asked does not fit together.
        DataError: the file of points is wrong.
        RunError: a folder has no run, or it is damaged or unfinished.
    """
    asked = Asked(law, against, [one if isinstance(one, tuple) else (one,) for one in at], budgets, bootstrap, seed)
    source = Source(
        runs=[Path(run) for run in runs],
        file=None if points is None else Path(points),
        wanted=Wanted((task,) if task else (), metric, prompt, shots),
        given=sizes_by_model(parameters, tokens),
        columns=columns or {},
        drop=drop,
    )
    found = gather(source, check(asked).count + 1)
    if len(found) > 1:
        raise UsageError(f"the runs share several tasks; say which: {', '.join(one.measure.name for one in found)}")
    return conclude(found[0], asked)


def check(asked: Asked) -> Law:
    """The law that is asked for.

    Raises:
        UsageError: there is none, or what is asked besides does not fit it.
    """
    if asked.law not in LAWS:
        raise UsageError(f"no law {asked.law!r}; there are {', '.join(LAWS)}")
    if asked.against not in SIZES:
        raise UsageError(f"no size {asked.against!r}; there are {', '.join(SIZES)}")
    law = law_of(asked.law, asked.against)
    if asked.law == CHINCHILLA and asked.against != PARAMETERS:
        raise UsageError("chinchilla is a law of parameters and tokens together: leave --against out")
    if asked.budgets and asked.law != CHINCHILLA:
        raise UsageError(f"how best to spend a budget is told by --law {CHINCHILLA} alone")
    if any(len(place) != len(law.sizes) for place in asked.at):
        raise UsageError(
            "--at: chinchilla forecasts at parameters and tokens, such as 70B:1.4T"
            if law.name == CHINCHILLA
            else f"--at: {law.name} forecasts at {law.sizes[0]} alone, such as 70B"
        )
    if asked.bootstrap < 0 or any(not size > 0 for size in (*asked.budgets, *(x for place in asked.at for x in place))):
        raise UsageError("sizes, budgets and the number of draws are positive numbers")
    return law


def fit_each(found: Sequence[Points], asked: Asked) -> tuple[list[Scaling], list[str]]:
    """The law fitted to each of several sets of points, and why others cannot tell it.

    Raises:
        UsageError: none of them can.
    """
    fits: list[Scaling] = []
    left_out: list[str] = []
    for points in found:
        try:
            fits.append(conclude(points, asked))
        except UsageError as error:
            left_out.append(str(error))
    if not fits:
        raise UsageError(left_out[0])
    return fits, left_out


def conclude(points: Points, asked: Asked) -> Scaling:
    """Fit the law to points, and say what it says.

    Raises:
        UsageError: there are too few points, or they cannot tell the law's constants apart.
    """
    law = law_of(asked.law, asked.against)
    suited(law, points)
    sizes = np.log(np.array([[point.size(of) for of in law.sizes] for point in points.points], dtype=np.float64))
    logs = np.log(np.array([point.value for point in points.points]))
    theta, objective = fitted(law, sizes, logs)
    draws = resampled(law, theta, sizes, logs, asked.bootstrap, asked.seed)
    fit = Fit(law, theta, draws, sizes, logs - log_loss(law, theta, sizes))
    frontier = find_frontier(fit, asked.at, asked.budgets)
    forecasts = tuple(forecast(fit, place) for place in asked.at)
    beside = () if points.measure.kind == ERROR else papers(law)
    return Scaling(
        law=law.name,
        formula=law.formula,
        sizes=law.sizes,
        measure=points.measure,
        points=tuple(points.points),
        dropped=points.dropped,
        constants=_constants(law, theta, draws),
        papers=beside,
        forecasts=forecasts,
        frontier=frontier,
        curve=curve(fit, asked.at, frontier),
        objective=objective,
        scatter=100 * fit.scatter,
        draws=asked.bootstrap,
        seed=asked.seed,
        notes=tuple(notes(points, fit, forecasts, frontier, beside)),
    )


def _constants(law: Law, theta: Floats, draws: Floats) -> dict[str, Number]:
    values, drawn = told(law, theta), told(law, draws)
    return {name: number(float(values[place]), drawn[:, place]) for place, name in enumerate(law.constants)}
