"""A history as a small drawing: values with their intervals in, places on a canvas out."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, EDGE = 640, 96, 10

Bounded = tuple[float, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Points from left to right as x, y, and the ends of the interval, and the line through them."""

    points: Sequence[tuple[float, float, float, float]]

    @property
    def line(self) -> str:
        """The points of the line, as SVG has them."""
        return " ".join(f"{x},{y}" for x, y, _, _ in self.points)


def sketch(values: Sequence[Bounded]) -> Sketch:
    """Evenly spaced from left to right; the scale holds every interval."""
    ends = [end for value in values for end in value if end is not None]
    lowest, highest = min(ends), max(ends)
    width = highest - lowest or 1.0
    apart = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)

    def height(value: float | None, otherwise: float) -> float:
        share = ((otherwise if value is None else value) - lowest) / width
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)

    return Sketch(
        [
            (round(EDGE + place * apart, 1), height(value, value), height(low, value), height(high, value))
            for place, (value, low, high) in enumerate(values)
        ]
    )
