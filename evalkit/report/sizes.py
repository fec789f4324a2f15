"""Score against the size of models: runs of a family in; out one drawing, a panel per task."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from evalkit.report.drawing import Drawing, Palette
from evalkit.report.figures import AROUND, GUESSES, ROW, TALL, bar, draw_guesses, ends, legend, legend_rows
from evalkit.report.panels import PAGE, TITLE, below, columns, fitting, grid, least, size, ticks, tidy, times
from evalkit.report.series import Panel, Point, Series, panels, told_value, under
from evalkit.report.summary import number, short_names, shots_text
from evalkit.runs.diagnostics import MAJORITY, RANDOM
from evalkit.scaling.amounts import short

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_APART = 0.02  # of the axis: how far points of two numbers of shots at the same size are

Line = list[tuple[int, Point]]  # parameters of a model, and its number
_Compared = tuple[Panel, Mapping[int, Line], str]  # a task under one prompt, its lines by shots, and who is left out


def parameters_drawing(series: Sequence[Series], width: float = PAGE, most: int | None = None) -> Drawing | None:
    """Score against parameters, a panel for each of the first `most` tasks, and in it a line for each number of shots,
    all under the first prompt that models of two sizes share; the other tasks in words alone. None where no task has
    such models. `width` is in inches.
    """
    found = [one for panel in panels(series) if (one := _compared(panel, series)) is not None]
    shown = found[:most]
    if not shown:
        return None
    names = short_names(panel.task for panel, _, _ in shown)
    shots = sorted({count for _, lines, _ in shown for count in lines})
    guesses = [name for name in (RANDOM, MAJORITY) if any(name in panel.guesses for panel, _, _ in shown)]
    beside = columns(len(shown), width, least(width))
    wide, high = size(len(shown), width, least(width), TALL)

    def draw(figure: "Figure", palette: Palette) -> None:
        colours = {count: palette.of(place) for place, count in enumerate(shots)}
        axes = grid(figure, len(shown), beside)
        for axis, (panel, lines, _) in zip(axes, shown, strict=True):
            _draw(axis, panel, lines, colours, palette, wide / beside - AROUND)
            axis.set_title(fitting(names[panel.task], wide / beside), fontsize=TITLE)
        below(axes, beside, "parameters")
        signs: list[tuple[str, dict[str, Any]]] = [
            (shots_text(count), {"color": colour, "marker": "o", "markersize": 4, "linewidth": 1.4})
            for count, colour in colours.items()
        ]
        guessed = {"color": palette.soft, "linewidth": 0.9}
        signs += [(GUESSES[name][0], {**guessed, "linestyle": GUESSES[name][1]}) for name in guesses]
        legend(figure, signs, wide)

    rows = legend_rows([*map(shots_text, shots), *(GUESSES[name][0] for name in guesses)], wide)
    words = f"Score by the model's parameters, shares in percent. {_words(found, len(shown))}"
    return Drawing((wide, high + 0.2 + ROW * rows), words, draw)


def _compared(panel: Panel, series: Sequence[Series]) -> _Compared | None:
    """A task under the first prompt that gives lines; and the runs that have the task under other prompts only."""
    for prompt in dict.fromkeys(curve.prompt for curve in panel.curves):
        own = under(panel, prompt, series)
        if lines := _lines(own, series):
            has = {curve.run for curve in own.curves}
            others = [curve for curve in panel.curves if curve.is_first and curve.prompt != prompt]
            left = [f"{series[curve.run].label} ({curve.prompt})" for curve in others if curve.run not in has]
            without = f", without {', '.join(left)}" if left else ""
            return own, lines, f"prompt {prompt} alone{without}" if others else ""
    return None


def _lines(panel: Panel, series: Sequence[Series]) -> Mapping[int, Line]:
    """By shots, the numbers of models by their size; only where there are several sizes."""
    lines: dict[int, Line] = {}
    for curve in panel.curves:
        if series[curve.run].parameters > 0:
            for point in curve.points:
                lines.setdefault(point.shots, []).append((series[curve.run].parameters, point))
    several = {shots: line for shots, line in sorted(lines.items()) if len({own for own, _ in line}) > 1}
    return {shots: sorted(line, key=lambda one: one[0]) for shots, line in several.items()}


def _draw(
    axis: "Axes",
    panel: Panel,
    lines: Mapping[int, Line],
    colours: Mapping[int, str],
    palette: Palette,
    inches: float,
) -> None:
    by = times(panel.metric)
    draw_guesses(axis, panel, palette)
    sizes = sorted({own for line in lines.values() for own, _ in line})
    apart = _APART * math.log10(sizes[-1] / sizes[0])
    for place, (shots, line) in enumerate(lines.items()):
        colour, aside = colours[shots], apart * (place - (len(lines) - 1) / 2)
        there = sorted({own for own, _ in line})
        means = [by * fmean(point.value for own, point in line if own == each) for each in there]
        axis.plot([math.log10(each) + aside for each in there], means, color=colour, linewidth=1.4, clip_on=False)
        for own, point in line:
            bar(axis, math.log10(own) + aside, panel, point, colour)
            axis.plot(math.log10(own) + aside, by * point.value, "o", color=colour, markersize=4, clip_on=False)
    ends(axis, panel)
    axis.margins(x=0.14)
    ticks(axis, [math.log10(own) for own in sizes], [short(own) for own in sizes], inches, 8)
    tidy(axis, "y")


def _words(found: Sequence[_Compared], shown: int) -> str:
    said = [_told(*one) for one in found]
    more = f". Not drawn: {'; '.join(said[shown:])}" if said[shown:] else ""
    return f"{'; '.join(said[:shown])}{more}"


def _told(panel: Panel, lines: Mapping[int, Line], left: str) -> str:
    parts = [
        f"{shots_text(shots)}: "
        + ", ".join(f"{told_value(panel.metric, point)} of {short(own)}" for own, point in line)
        for shots, line in lines.items()
    ]
    parts += [f"{GUESSES[name][0]} {number(panel.metric, value)}" for name, value in panel.guesses.items()]
    parts += [left] if left else []
    return f"{panel.task} {panel.measure}: {' | '.join(parts)}"
