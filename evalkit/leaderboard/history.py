"""A model's runs of one column in time: numbers in, steps out, and which of them are regressions.

A regression is a step down to an interval that lies wholly below that of the run before. That is a rough sign: it
takes the two for independent, though they are of the same items, and knows nothing of how many steps were looked at.
`evalkit gate` is the test.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.leaderboard.entry import Number
from evalkit.leaderboard.gather import Run
from evalkit.leaderboard.ranks import Interval, goodness, is_below

CAVEAT = (
    "A step is marked as a regression where the new interval lies wholly below that of the run before it. That is a "
    "rough sign: the runs are of the same items, and small steps down do not show. “evalkit gate” is the test."
)


@dataclass(frozen=True, slots=True)
class Point:
    """One run's number; `is_regression` if it lies wholly below that of the run before."""

    run: Run
    number: Number
    is_regression: bool


def history(better: str, numbers: Sequence[tuple[Run, Number]]) -> tuple[Point, ...]:
    """The points of a model in a column, oldest first, as they are given."""
    points: list[Point] = []
    before: Interval | None = None
    for run, number in numbers:
        now = goodness(better, number.low, number.high)
        points.append(Point(run, number, before is not None and is_below(now, before)))
        before = now
    return tuple(points)


def changed(before: Point, now: Point) -> list[str]:
    """What differs between two runs beside the number."""
    old, new = before.run.entry, now.run.entry
    return [
        *(["weights"] if old.version != new.version else []),
        *([f"evalkit {old.evalkit} to {new.evalkit}"] if old.evalkit != new.evalkit else []),
    ]
