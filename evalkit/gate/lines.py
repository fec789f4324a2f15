"""What a gate is asked, and what it says: terms, lines and the whole."""

from dataclasses import dataclass

from evalkit.gate.baseline import Baseline
from evalkit.runs.outcomes import Key

OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked: the largest loss that is allowed, the level of the tests, the metric (empty: the first of each
    setting), and whether a pass takes every line's or only the overall one's.
    """

    max_drop: float = 0.01
    alpha: float = 0.05
    metric: str = ""
    overall_alone: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One number of both and the verdict on it. `change`, `low` and `high` (one-sided bounds; None where nothing is
    known) are positive where the candidate is better: in parts of 1 for a share, in parts of the baseline's number
    where `relative`. `moved` counts the items that came out otherwise, `better` and `worse` those that did so either
    way (None of a metric that is of all items together); `p` is that of "no loss", adjusted by Holm; `needed` is the n
    that would settle it. The key of the overall line names no metric.
    """

    key: Key
    n: int
    groups: int
    baseline: float
    candidate: float
    change: float
    low: float | None
    high: float | None
    p: float
    verdict: str
    needed: int | None
    moved: int
    better: int | None
    worse: int | None
    relative: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """The verdict, the lines that it is made of, and what has to be known beside it."""

    verdict: str
    terms: Terms
    baseline: Baseline
    candidate: Baseline
    lines: tuple[Line, ...]
    overall: Line | None
    notes: tuple[str, ...]

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """The lines, the overall one last."""
        return (*self.lines, self.overall) if self.overall is not None else self.lines
