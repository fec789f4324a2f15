"""Figures of scaling laws: fits in, drawings out, in the colours of the page or paper that they stand on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.report.drawing import Drawing, Palette
from evalkit.scaling.amounts import short
from evalkit.scaling.law import CHINCHILLA
from evalkit.scaling.points import COMPUTE, ERROR, UNITS
from evalkit.scaling.record import Scaling
from evalkit.scaling.sketch import isolosses, optimal_sizes, paper_lines
from evalkit.scaling.texts import headline, in_percent, loss, loss_bounds
from evalkit.scaling.words import at_text

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 3
_WIDE, _HIGH = 9.0, 4.4  # inches
_DASHES = ("--", ":", "-.")


def law_figure(scaling: Scaling) -> Drawing:
    """Loss against size, or against operations at the compute-optimal frontier: points, the law with its band, the
    papers' laws where they are of the same unit, and the forecasts.
    """

    def draw(figure: "Figure", palette: Palette) -> None:
        axis = figure.subplots()
        _law(axis, scaling, palette)
        _papers(axis, scaling, palette)
        _finish(axis, scaling)
        axis.set_ylabel(in_percent(scaling.measure))
        axis.legend(frameon=False, fontsize=8)

    return Drawing((_WIDE, _HIGH), _told(scaling), draw)


def frontier_figure(scaling: Scaling) -> Drawing | None:
    """Parameters against operations: the points, lines of equal loss and the compute-optimal frontier with its band,
    beside the papers' frontiers (Hoffmann et al. 2022, figure 4); None where there is no frontier.
    """
    if scaling.frontier is None:
        return None
    best = optimal_sizes(scaling)

    def draw(figure: "Figure", palette: Palette) -> None:
        axis = figure.subplots()
        xs = [point.compute or math.nan for point in scaling.points]
        ys = [point.parameters or math.nan for point in scaling.points]
        lines = isolosses(scaling)
        for line in lines:
            axis.plot(line.x, line.y, color=palette.soft, linewidth=0.7, alpha=0.8)
            end = (line.x[0], line.y[0])
            axis.annotate(
                line.label, end, (2, 0), textcoords="offset points", fontsize=7, color=palette.soft, va="center"
            )
        axis.plot(xs, ys, "o", color=palette.accent, markersize=2.5, alpha=0.7, label="points")
        own, *others = best
        if own.low and own.high:
            axis.fill_between(own.x, own.low, own.high, color=palette.accent, alpha=0.15, linewidth=0)
        axis.plot(own.x, own.y, color=palette.accent, linewidth=1.8, label="best parameters, with 95 %")
        for place, line in enumerate(others):
            style = _DASHES[place % len(_DASHES)]
            axis.plot(line.x, line.y, style, color=palette.of(place + 1), linewidth=1.3, label=line.label)
        _log_axis(axis, "x", COMPUTE)
        _log_axis(axis, "y", "parameters")
        axis.set_xlim(min(own.x), max(own.x))
        axis.grid(linewidth=0.5)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8)

    rows = (f"{short(one.compute)} FLOP {short(one.parameters.value)}" for one in scaling.frontier.budgets)
    words = f"Compute-optimal parameters by operations: {', '.join(rows)}; grey lines have equal loss"
    return Drawing((_WIDE, _HIGH), words, draw)


def family_figure(scalings: Sequence[Scaling]) -> Drawing:
    """A panel per task: points, and the law with its band."""
    height = math.ceil(len(scalings) / _COLUMNS)

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = figure.subplots(height, _COLUMNS, squeeze=False).ravel()
        for axis, scaling in zip(axes, scalings, strict=False):
            _law(axis, scaling, palette)
            _finish(axis, scaling)
            axis.set_title(scaling.measure.name, fontsize=8, wrap=True)
            axis.set_ylabel(in_percent(scaling.measure), fontsize=7)
        for axis in axes[len(scalings) :]:
            axis.set_axis_off()

    return Drawing((11, 2.7 * height), " ".join(map(_told, scalings)), draw)


def _law(axis: "Axes", scaling: Scaling, palette: Palette) -> None:
    """Points with their intervals, the law with its band, the forecasts."""
    times, size = (100 if scaling.measure.kind == ERROR else 1), _across(scaling)
    xs = [x for x, _ in scaling.curve]
    banded = [(x, one.low, one.high) for x, one in scaling.curve if one.low is not None and one.high is not None]
    if banded:
        lows, highs = ([times * ends[side] for ends in banded] for side in (1, 2))
        axis.fill_between([x for x, *_ in banded], lows, highs, color=palette.accent, alpha=0.15, linewidth=0)
    many = len(scaling.points) > 30
    places = [(x, point) for point in scaling.points if (x := point.size(size)) is not None]
    for x, point in places:
        if point.low is not None and point.high is not None:
            axis.vlines(x, times * point.low, times * point.high, color=palette.soft, linewidth=1)
    label = "points" if scaling.law != CHINCHILLA else "points (not at the frontier)"
    axis.plot(
        [x for x, _ in places],
        [times * point.value for _, point in places],
        "o",
        color=palette.soft,
        markersize=2.5 if many else 5,
        alpha=0.6 if many else 1,
        label=label,
    )
    name = "the law, with 95 %" if scaling.law != CHINCHILLA else "at the frontier, with 95 %"
    axis.plot(xs, [times * one.value for _, one in scaling.curve], color=palette.accent, linewidth=1.8, label=name)
    for number, one in enumerate(scaling.forecasts):
        x = {"parameters": one.parameters, "tokens": one.tokens, COMPUTE: one.compute}[size]
        if x is None:
            continue
        if one.low is not None and one.high is not None:
            axis.vlines(x, times * one.low, times * one.high, color=palette.accent, linewidth=1.2)
        axis.plot(
            [x],
            [times * one.loss.value],
            "D",
            color=palette.accent,
            markersize=6,
            label="forecast, with 95 % of a model" if not number else None,
        )


def _papers(axis: "Axes", scaling: Scaling, palette: Palette) -> None:
    """The papers' laws, over the law's own sizes."""
    for place, line in enumerate(paper_lines(scaling)):
        style = _DASHES[place % len(_DASHES)]
        axis.plot(line.x, line.y, style, color=palette.of(place + 1), linewidth=1.3, label=line.label)


def _across(scaling: Scaling) -> str:
    return scaling.sizes[0] if scaling.law != CHINCHILLA else COMPUTE


def _finish(axis: "Axes", scaling: Scaling) -> None:
    _log_axis(axis, "x", _across(scaling))
    axis.set_yscale("log")
    axis.margins(x=0.04)
    low, high = axis.get_ylim()
    _ticks(axis, "y", _round_numbers(low, high), scaling.measure.kind == ERROR)
    axis.grid(linewidth=0.5)
    axis.spines[["top", "right"]].set_visible(False)


def _log_axis(axis: "Axes", which: str, size: str) -> None:
    """A logarithmic axis of a size with a tick at each decade."""
    (axis.set_xscale if which == "x" else axis.set_yscale)("log")
    (axis.set_xlabel if which == "x" else axis.set_ylabel)(UNITS[size])
    low, high = axis.get_xlim() if which == "x" else axis.get_ylim()
    _ticks(axis, which, _round_numbers(low, high))


def _ticks(axis: "Axes", which: str, places: Sequence[float], in_percent: bool = False) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator

    of = axis.xaxis if which == "x" else axis.yaxis
    labels = [f"{place:g}" if in_percent or place < 1000 else short(place) for place in places]
    of.set_major_locator(FixedLocator(list(places)))
    of.set_minor_locator(NullLocator())
    of.set_ticklabels(labels)


def _round_numbers(low: float, high: float) -> list[float]:
    """Round numbers for a logarithmic axis: decades, halves of them, or steps of a narrow range."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1,), (1, 3), (1, 2, 5), tuple(range(1, 10))):
        found = [factor * 10.0**decade for decade in decades for factor in factors]
        found = [one for one in found if low <= one <= high]
        if len(found) >= 4:
            return found[:: math.ceil(len(found) / 9)]
    whole = 10.0 ** math.floor(math.log10(high - low))
    step = next(one for one in (whole, whole / 2, whole / 4, whole / 5) if (high - low) / one >= 4)
    return [place * step for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _told(scaling: Scaling) -> str:
    """The figure in words."""
    said = [f"{at_text(one)}: {_forecast(scaling, one.loss.value, one.low, one.high)}" for one in scaling.forecasts]
    forecasts = f" Forecasts: {'; '.join(said)}." if said else ""
    points = "" if len(scaling.points) > 12 else _points(scaling)
    return f"{scaling.formula} fitted to {headline(scaling)}.{points}{forecasts}"


def _points(scaling: Scaling) -> str:
    size = _across(scaling)
    return (
        f" {', '.join(f'{short(point.size(size))} {loss(scaling.measure, point.value)}' for point in scaling.points)}."
    )


def _forecast(scaling: Scaling, value: float, low: float | None, high: float | None) -> str:
    return f"{loss(scaling.measure, value)} ({loss_bounds(scaling.measure, low, high)})"
