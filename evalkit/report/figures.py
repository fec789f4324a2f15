"""Score against shots: runs in; out one drawing, a panel per task."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.report.drawing import Drawing, Palette
from evalkit.report.panels import (
    PAGE,
    TITLE,
    below,
    columns,
    fitting,
    from_0_to_100,
    grid,
    least,
    size,
    ticks,
    tidy,
    times,
    unit,
)
from evalkit.report.series import Curve, Panel, Point, Series, panels, shots_of, told
from evalkit.report.summary import number, short_names
from evalkit.runs.diagnostics import MAJORITY, RANDOM

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 24  # panels on a page
TALL = 2.05  # inches of a panel
AROUND = 0.62  # of a panel's inches, taken by what stands beside its axes
ROW = 0.24  # inches of one row of the legend
GUESSES = {RANDOM: ("guessing", (0, (5, 3))), MAJORITY: ("majority", (0, (1, 2)))}  # name, dashes
_MARKS = "DsP^vX"
_APART = 0.08  # of the axis of shots: how far points of two runs at the same place are


@dataclass(frozen=True, slots=True)
class _Named:
    """What a legend tells: a name, and how its sign is drawn."""

    name: str
    how: dict[str, Any]


def shots_drawing(series: Sequence[Series], width: float = PAGE, most: int | None = None) -> Drawing | None:
    """Score against shots, a panel for each of the first `most` tasks that have several numbers of shots; the others in
    words alone. None where no task has. `width` is in inches.
    """
    found = several_shots(series)
    shown = found[:most]
    if not shown:
        return None
    labels = [run.label for run in series]
    names = short_names(panel.task for panel in shown)
    beside = columns(len(shown), width, least(width))
    wide, high = size(len(shown), width, least(width), TALL)

    def draw(figure: "Figure", palette: Palette) -> None:
        signs = list(_legend(shown, labels, palette))
        axes = grid(figure, len(shown), beside)
        for axis, panel in zip(axes, shown, strict=True):
            _draw(axis, panel, palette, wide / beside - AROUND, is_alone=len(labels) == 1)
            axis.set_title(fitting(names[panel.task], wide / beside), fontsize=TITLE)
        below(axes, beside, "shots")
        legend(figure, [(sign.name, sign.how) for sign in signs], wide)

    rows = legend_rows([sign.name for sign in _legend(shown, labels, Palette("", "", "", ("",)))], wide)
    return Drawing((wide, high + 0.2 + ROW * rows), _words(found, labels, len(shown)), draw)


def several_shots(series: Sequence[Series]) -> list[Panel]:
    """The tasks that a run has at several numbers of shots."""
    return [panel for panel in panels(series) if len(shots_of(panel)) > 1]


def caption(series: Sequence[Series], most: int = MOST) -> str:
    """What has to be said below the drawing of a page."""
    found = several_shots(series)
    points = [point for panel in found for curve in panel.curves for point in curve.points]
    said = ["Each panel is a task with its first metric, shares from 0 to 100; bars are 95 % intervals."]
    if any(point.seeds > 1 for point in points):
        said.append("Lines are means over seeds, and the band reaches from the lowest seed to the highest.")
    if any(not curve.is_first for panel in found for curve in panel.curves):
        said.append("The thin lines are the other prompts.")
    said.append("The number of shots is on a logarithmic axis that begins at 0.")
    if any(panel.guesses for panel in found):
        said.append("Guessing and the class that is right most often are dashed and dotted.")
    if marks := {mark.model for panel in found for mark in panel.marks}:
        said.append(f"Hollow marks are a paper's: {', '.join(sorted(marks))}.")
    if len(found) > most:
        said.append(f"The first {most} of {len(found)} tasks are drawn; the table has all.")
    return " ".join(said)


def legend(figure: Any, signs: Sequence[tuple[str, dict[str, Any]]], width: float) -> None:
    """Names and their signs in rows above the panels, where there are any."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if signs:
        handles = [Patch(**how) if "facecolor" in how else Line2D([], [], **how) for _, how in signs]
        names = [fitting(name, width - 0.8, 9) for name, _ in signs]
        beside = math.ceil(len(signs) / legend_rows([name for name, _ in signs], width))
        figure.legend(
            handles, names, loc="outside upper left", ncols=beside, frameon=False, fontsize=9, columnspacing=1.4
        )


def legend_rows(names: Sequence[str], width: float) -> int:
    """In how many rows names stand that are all given as much room as the longest."""
    if not names:
        return 0
    room = 0.65 + min(width - 0.8, max(map(len, names)) * 0.073)  # inches: of the sign, and about of the letters
    return math.ceil(len(names) / max(1, int(width / room)))


def draw_guesses(axis: "Axes", panel: Panel, palette: Palette) -> None:
    """What is scored without a model, across the panel."""
    for name, value in panel.guesses.items():
        by = times(panel.metric)
        axis.axhline(by * value, color=palette.soft, linewidth=0.9, linestyle=GUESSES[name][1], zorder=1.5)


def ends(axis: "Axes", panel: Panel) -> None:
    """The ends of a panel's score, and its name."""
    by = times(panel.metric)
    points = [point for curve in panel.curves for point in curve.points]
    lows = [by * value for point in points for value in (point.least, point.low) if value is not None]
    if (between := from_0_to_100(panel.metric, min(lows))) is not None:
        axis.set_ylim(*between)
        axis.set_yticks(range(0, 101, 25) if between[0] > -100 else range(-100, 101, 50))
    axis.set_ylabel(fitting(unit(panel.metric), TALL - 0.4, 9))


def bar(axis: "Axes", place: float, panel: Panel, point: Point, colour: str) -> None:
    """The interval of a point, where it has one."""
    if point.low is not None and point.high is not None:
        by = times(panel.metric)
        axis.vlines(place, by * point.low, by * point.high, color=colour, linewidth=1, alpha=0.6)


def _draw(axis: "Axes", panel: Panel, palette: Palette, inches: float, is_alone: bool) -> None:
    draw_guesses(axis, panel, palette)
    middle = (max(curve.run for curve in panel.curves)) / 2
    for curve in panel.curves:
        if curve.is_first:
            _draw_curve(axis, panel, curve, palette.of(curve.run), _APART * (curve.run - middle))
        elif is_alone:
            _draw_thin(axis, panel, curve, palette.of(curve.run))
    models = sorted({mark.model for mark in panel.marks})
    for mark in panel.marks:
        axis.plot(_place(mark.shots), times(panel.metric) * mark.value, **_hollow(models.index(mark.model), palette))
    ends(axis, panel)
    axis.margins(x=0.1)
    counts = sorted({*shots_of(panel), *(mark.shots for mark in panel.marks)})
    ticks(axis, [_place(count) for count in counts], [str(count) for count in counts], inches)
    tidy(axis, "y")


def _draw_curve(axis: "Axes", panel: Panel, curve: Curve, colour: str, aside: float) -> None:
    by, points = times(panel.metric), curve.points
    places = [_place(point.shots) + aside for point in points]
    if any(point.seeds > 1 for point in points):
        lowest, highest = [by * point.least for point in points], [by * point.most for point in points]
        axis.fill_between(places, lowest, highest, color=colour, alpha=0.2, linewidth=0)
    for place, point in zip(places, points, strict=True):
        bar(axis, place, panel, point, colour)
    values = [by * point.value for point in points]
    axis.plot(places, values, "o-", color=colour, markersize=4, linewidth=1.4, clip_on=False)


def _draw_thin(axis: "Axes", panel: Panel, curve: Curve, colour: str) -> None:
    values = [times(panel.metric) * point.value for point in curve.points]
    axis.plot([_place(point.shots) for point in curve.points], values, **_thin(colour))


def _thin(colour: str) -> dict[str, Any]:
    return {"color": colour, "linewidth": 0.8, "alpha": 0.6, "marker": "o", "markersize": 2.5, "clip_on": False}


def _hollow(place: int, palette: Palette) -> dict[str, Any]:
    return {
        "marker": _MARKS[place % len(_MARKS)],
        "color": palette.ink,
        "markerfacecolor": "none",
        "markersize": 5,
        "markeredgewidth": 0.9,
        "linestyle": "none",
        "clip_on": False,
    }


def _legend(shown: Sequence[Panel], labels: Sequence[str], palette: Palette) -> Iterator[_Named]:
    """Everything that a reader could not name: nothing, where one run is all there is."""
    curves = [curve for panel in shown for curve in panel.curves]
    if len(labels) > 1:
        for place, label in enumerate(labels):
            yield _Named(label, {"color": palette.of(place), "marker": "o", "markersize": 4, "linewidth": 1.4})
    if any(point.seeds > 1 for curve in curves if curve.is_first for point in curve.points):
        colour = palette.accent if len(labels) == 1 else palette.soft
        yield _Named("lowest to highest seed", {"facecolor": colour, "alpha": 0.2, "linewidth": 0})
    if len(labels) == 1 and any(not curve.is_first for curve in curves):
        yield _Named("other prompts", _thin(palette.accent))
    for name, (called, dashes) in GUESSES.items():
        if any(name in panel.guesses for panel in shown):
            yield _Named(called, {"color": palette.soft, "linewidth": 0.9, "linestyle": dashes})
    for place, model in enumerate(sorted({mark.model for panel in shown for mark in panel.marks})):
        yield _Named(model, _hollow(place, palette))


def _words(found: Sequence[Panel], labels: Sequence[str], shown: int) -> str:
    """The drawing in words: every point of every panel, and of those left out."""
    said = [_told(panel, labels) for panel in found]
    more = f". Not drawn: {'; '.join(said[shown:])}" if said[shown:] else ""
    return f"Score by number of shots, shares in percent. {'; '.join(said[:shown])}{more}"


def _told(panel: Panel, labels: Sequence[str]) -> str:
    metric, parts = panel.metric, []
    several = len({curve.prompt for curve in panel.curves if curve.is_first}) > 1  # runs differ in it
    for curve in panel.curves:
        of = [labels[curve.run]] if len(labels) > 1 else []
        of += [] if curve.is_first and not several else [f"prompt {curve.prompt}"]
        points = ", ".join(told(metric, point) for point in curve.points)
        parts.append(f"{' '.join(of)} {points}".strip())
    parts += [f"{GUESSES[name][0]} {number(metric, value)}" for name, value in panel.guesses.items()]
    parts += [f"{mark.model} {number(metric, mark.value)} at {mark.shots}" for mark in panel.marks]
    return f"{panel.task} {panel.measure}: {' | '.join(parts)}"


def _place(shots: int) -> float:
    return math.log2(1 + shots)
