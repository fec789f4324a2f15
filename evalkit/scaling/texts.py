"""A fit in words and digits, wherever it is shown: records in, texts out."""

import math
from collections.abc import Sequence

from evalkit.scaling.amounts import short
from evalkit.scaling.law import SYMBOLS
from evalkit.scaling.points import ERROR, UNITS, Measure, Point
from evalkit.scaling.record import Number, Scaling

NONE = "-"


def constant(name: str, value: float) -> str:
    """A constant with as many digits as papers print: E to four decimals, a scale of sizes as `8.8e13`."""
    if name in ("E", "alpha", "beta", "a", "b"):
        return f"{value:.4f}".replace("-0.0000", "0.0000").replace("-", "−")
    if name in ("A", "B"):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}"
    return _scale(value)


def printed(name: str, value: float) -> str:
    """A paper's constant, with no more digits than it was printed with."""
    if name in ("A", "B"):
        return f"{value:,.0f}" if value >= 1000 else f"{round(value, 1):g}"
    return f"{round(value, 4):g}" if name in ("E", "alpha", "beta") else _scale(value)


def constant_bounds(name: str, number: Number) -> str:
    """The 95 % interval of a constant; `-` where there is none."""
    if number.low is None or number.high is None:
        return NONE
    return f"{constant(name, number.low)} to {constant(name, number.high)}"


def loss(measure: Measure, value: float | None) -> str:
    """A loss to three decimals, an error in percent."""
    if value is None:
        return NONE
    return f"{100 * value:.1f}" if measure.kind == ERROR else f"{value:.3f}"


def loss_bounds(measure: Measure, low: float | None, high: float | None) -> str:
    """The 95 % interval of a loss or an error; `-` where there is none."""
    return NONE if low is None or high is None else f"{loss(measure, low)} to {loss(measure, high)}"


def sizes(numbers: Number) -> str:
    """The 95 % interval of a size; `-` where there is none."""
    if numbers.low is None or numbers.high is None:
        return NONE
    return f"{short(numbers.low)} to {short(numbers.high)}"


def ratio(value: float | None) -> str:
    """Tokens per parameter."""
    return NONE if value is None else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio_bounds(number: Number) -> str:
    """The 95 % interval of tokens per parameter; `-` where there is none."""
    return NONE if number.low is None or number.high is None else f"{ratio(number.low)} to {ratio(number.high)}"


def headline(scaling: Scaling) -> str:
    """What was fitted to what."""
    spans = [_span(scaling.points, size) for size in scaling.sizes]
    what = f"{in_percent(scaling.measure)} of {scaling.measure.name}"
    return f"{what}: {len(scaling.points)} points, {' and '.join(spans)}"


def in_percent(measure: Measure) -> str:
    """What is measured, and in what."""
    return f"error in percent ({measure.unit})" if measure.kind == ERROR else f"loss ({measure.unit})"


def quality(scaling: Scaling) -> str:
    """How close the points lie, and how sure it is."""
    how = f"{method(scaling)}: {scaling.objective:.4g}"
    return f"The points lie {scaling.scatter:.2g} % about the law ({how}). {sureness(scaling)}."


def method(scaling: Scaling) -> str:
    """How it was fitted."""
    return "Huber's loss of log residuals, delta 0.001" if len(scaling.sizes) > 1 else "least squares of logs"


def sureness(scaling: Scaling) -> str:
    """What the intervals are."""
    if not scaling.draws:
        return "No draws, so no intervals"
    return f"95 %: {scaling.draws:,} draws of the points, seed {scaling.seed}"


def compared(scaling: Scaling) -> list[str]:
    """The constants that may be held against those of another fit: not scales, which go with the exponents."""
    return [name for name in scaling.constants if name in ("E", "alpha", "beta")]


def scaled_by(scaling: Scaling) -> str:
    """What the symbols of the formula are."""
    said = [f"{SYMBOLS[size]}: {UNITS[size]}" for size in scaling.sizes]
    return ", ".join(said)


def _span(points: Sequence[Point], size: str) -> str:
    found = sorted(value for point in points if (value := point.size(size)) is not None)
    return f"{short(found[0])} to {short(found[-1])} {UNITS[size]}"


def _scale(value: float) -> str:
    """A scale, which may be anything, in two or three digits."""
    if math.isinf(value):
        return "∞"
    text = f"{value:.3g}" if 1e-3 <= value < 1e5 else f"{value:.1e}"
    return text.replace("e+0", "e").replace("e+", "e").replace("e-0", "e−").replace("e-", "e−")
