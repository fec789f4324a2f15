"""What a law is fitted to: models, how large they are, and what they scored. Pure data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PARAMETERS, TOKENS, COMPUTE = "parameters", "tokens", "compute"
SIZES = (PARAMETERS, TOKENS, COMPUTE)
UNITS: Mapping[str, str] = {PARAMETERS: "parameters", TOKENS: "training tokens", COMPUTE: "FLOP"}
FLOP_PER = 6.0  # operations per parameter and token: forward and backward (Kaplan et al. 2020, section 2.1)

LOSS, BITS, ERROR = "loss", "bits_per_byte", "error"

Sizes = tuple[float | None, float | None, float | None]  # in the order of `SIZES`


@dataclass(frozen=True, slots=True)
class Measure:
    """What a law is of: `kind` is loss, bits_per_byte or error, `unit` says what one of it is, `name` what was measured
    (a task, its metric and shots; the name of a file). `is_nats` says that it is nats per token, as in the papers;
    `is_share`, that it cannot be above 1.
    """

    kind: str
    unit: str
    name: str
    is_nats: bool = False
    is_share: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One model: its size, as far as it is known, and its loss or error with a 95 % interval, where there is one.
    `where` is the run's folder, or the file and the line.
    """

    name: str
    parameters: float | None
    tokens: float | None
    compute: float | None
    value: float
    low: float | None
    high: float | None
    where: str

    def size(self, of: str) -> float | None:
        """How large it is in one of `SIZES`, None where that is not known."""
        known = {PARAMETERS: self.parameters, TOKENS: self.tokens, COMPUTE: self.compute}
        return known[of]


@dataclass(frozen=True, slots=True)
class Points:
    """Points of one measure; `dropped` counts those left out as was asked, `notes` say what to know of them."""

    measure: Measure
    points: Sequence[Point]
    dropped: int = 0
    notes: Sequence[str] = ()


def completed(parameters: float | None, tokens: float | None, compute: float | None) -> Sizes:
    """The three sizes, the one that is missing taken from the other two: C = 6 N D."""
    if compute is None and parameters is not None and tokens is not None:
        compute = FLOP_PER * parameters * tokens
    elif tokens is None and parameters is not None and compute is not None:
        tokens = compute / (FLOP_PER * parameters)
    elif parameters is None and tokens is not None and compute is not None:
        parameters = compute / (FLOP_PER * tokens)
    return parameters, tokens, compute
