"""What a fit of a scaling law is: frozen records, and their JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from evalkit.finite import finite
from evalkit.scaling.papers import Paper
from evalkit.scaling.points import Measure, Point

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its 95 % interval over the bootstrap's draws; None where there were none, or where it is beyond
    float64.
    """

    value: float
    low: float | None = None
    high: float | None = None
    stderr: float | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the law says of a model that may not be there yet. `loss` has the interval of the law; a model of its own
    scatters about the law as the points do, and lies between `low` and `high` (95 %). Of its sizes those are None that
    neither were given nor follow. `times` is how often it is as large as the largest of the points, or the smallest of
    them as large as it, in the size in which it lies farthest outside; 1 where it lies among them.
    """

    parameters: float | None
    tokens: float | None
    compute: float | None
    loss: Number
    low: float | None
    high: float | None
    times: float


@dataclass(frozen=True, slots=True)
class Budget:
    """The best way to spend a number of operations (FLOP): parameters, tokens, tokens per parameter and the loss that
    these give; and by paper the tokens per parameter that its constants advise.
    """

    compute: float
    parameters: Number
    tokens: Number
    ratio: Number
    loss: Number
    advised: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Frontier:
    """N_opt = G (C / 6)^a and D_opt = (C / 6)^b / G; `exponents` has a and b by paper, `best` the best parameters over
    operations.
    """

    a: Number
    b: Number
    scale: Number
    exponents: Mapping[str, tuple[float, float]]
    budgets: tuple[Budget, ...]
    best: tuple[tuple[float, Number], ...]


@dataclass(frozen=True, slots=True)
class Scaling:
    """A law fitted to points.

    `law` is power, irreducible or chinchilla, `formula` says what that is, `sizes` of which sizes it is. `constants`
    have what was fitted by the formula's names, `papers` what papers printed for the same law. `objective` is what the
    fit made small: the sum of Huber losses (delta 1e-3) of log residuals, or half of the sum of their squares;
    `scatter` is the standard deviation of the log residuals about the law, in percent of the loss. `curve` is the law
    over the points' sizes and the forecasts' (of two sizes: the loss at the frontier, over operations). `draws` are the
    bootstrap's. `notes` are what has to be known to read the numbers.
    """

    law: str
    formula: str
    sizes: tuple[str, ...]
    measure: Measure
    points: tuple[Point, ...]
    dropped: int
    constants: Mapping[str, Number]
    papers: tuple[Paper, ...]
    forecasts: tuple[Forecast, ...]
    frontier: Frontier | None
    curve: tuple[tuple[float, Number], ...]
    objective: float
    scatter: float
    draws: int
    seed: int
    notes: tuple[str, ...]


def as_json(scaling: Scaling) -> dict[str, Any]:
    """The fit as JSON has it."""
    told: dict[str, Any] = finite(asdict(scaling))
    return told


def json_text(scalings: Sequence[Scaling]) -> str:
    """Fits as a JSON file has them."""
    told = {"format": FORMAT, "fits": [as_json(scaling) for scaling in scalings]}
    return json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
