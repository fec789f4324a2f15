"""Figures of contamination: split scores in, drawings out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.contamination.scores import SplitScore, Step
from evalkit.report.drawing import Drawing, Palette
from evalkit.report.panels import PAGE, at_least, below, columns, fitting, grid, size, tidy, times
from evalkit.report.summary import number, short_names

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 16  # panels on a page
_PANEL, _TALL = 2.75, 2.5  # inches
_WIDE, _HIGH = 9.0, 4.6  # inches
_LETTER, _LINE = 4.6, 10.0  # points that a letter and a line of a label take, about
_PLACES = ((0, 7), (0, -14), (1, 3), (-1, 3), (1, 12), (-1, 12), (1, -12), (-1, -12), (0, 18), (0, -25))

Box = tuple[float, float, float, float]  # left, bottom, right, top


def relative_drawing(scores: Sequence[SplitScore], width: float = _WIDE) -> Drawing | None:
    """Figure 4.2 of Brown et al. 2020: how much of each task is clean, and what its clean score is above that of all;
    None where no task has both. `width` is in inches.
    """
    points = [(one, one.relative) for one in scores if one.relative is not None]
    if not points:
        return None
    names = short_names(one.task for one in scores)
    told = ", ".join(f"{one.task} {one.clean_percent:.0f} % clean, {change:+.1f} %" for one, change in points)
    reach = 1.3 * max(1.0, *(abs(change) for _, change in points))
    own = (min(width, _WIDE), max(_HIGH * min(width, _WIDE) / _WIDE, _HIGH / 1.4))

    def draw(figure: "Figure", palette: Palette) -> None:
        axis = figure.subplots()
        axis.axhline(0, color=palette.soft, linewidth=0.8)
        clean = [one.clean_percent for one, _ in points]
        axis.plot(clean, [change for _, change in points], "o", color=palette.accent, markersize=5)
        axis.set_xlim(-4, 104)
        axis.set_ylim(-reach, reach)
        axis.set_xlabel("percentage of the data set that is clean")
        axis.set_ylabel("change on clean against all, in %")
        tidy(axis, "both")
        _label(
            axis, [(one.clean_percent, change, fitting(names[one.task], 3, 8)) for one, change in points], reach, own
        )

    return Drawing(own, f"Change of the score on clean examples against how much is clean: {told}", draw)


def curves_drawing(
    scores: Sequence[SplitScore], of: str, width: float = PAGE, most: int | None = None
) -> Drawing | None:
    """The score of what is left as the longest match ("longest") or the share of words in matches ("share") that is
    allowed shrinks, a panel for each of the first `most` tasks; None where nothing was found. `width` is in inches.
    """
    curves = [(one, one.longest if of == "longest" else one.share) for one in scores]
    curves = [(one, steps) for one, steps in curves if len(steps) > 1]
    shown = curves[:most]
    if not shown:
        return None
    what = "longest match, in words" if of == "longest" else "share of words in matches, in %"
    told = "; ".join(f"{one.task} {one.metric}: {_told(one, steps)}" for one, steps in curves)
    names = short_names(one.task for one, _ in shown)

    def draw(figure: "Figure", palette: Palette) -> None:
        beside = columns(len(shown), width, _PANEL)
        axes = grid(figure, len(shown), beside)
        for axis, (one, steps) in zip(axes, shown, strict=True):
            _draw(axis, one, steps, of, palette)
            axis.set_title(fitting(names[one.task], _PANEL), fontsize=10)
        below(axes, beside, f"{what},\nat most; below: units left")

    words = f"Score of what is left, by the {what} that is allowed. {told}"
    return Drawing(size(len(shown), width, _PANEL, _TALL), words, draw)


def _draw(axis: "Axes", one: SplitScore, steps: Sequence[Step], of: str, palette: Palette) -> None:
    by, colour = times(one.metric), palette.accent
    there = [(place, step.side) for place, step in enumerate(steps) if step.side.value is not None]
    axis.plot([p for p, _ in there], [by * (side.value or 0) for _, side in there], "o-", color=colour, markersize=4)
    for place, side in there:
        if side.low is not None and side.high is not None:
            axis.vlines(place, by * side.low, by * side.high, color=colour, linewidth=1, alpha=0.6)
    labels = [f"{_limit(step, of) if place else 'any'}\n{step.side.units:,}" for place, step in enumerate(steps)]
    axis.set_xticks(range(len(steps)), labels, fontsize=7)
    axis.set_ylabel(fitting(one.metric, _TALL - 0.6, 9))
    axis.margins(x=0.08)
    axis.set_ylim(*at_least(one.metric, *axis.get_ylim()))
    tidy(axis, "y")


def _limit(step: Step, of: str) -> str:
    if not step.most:
        return "none"
    return f"{step.most:g}" if of == "longest" else f"{100 * step.most:.0f}"


def _told(one: SplitScore, steps: Sequence[Step]) -> str:
    return ", ".join(
        f"{number(one.metric, step.side.value)} at {step.most:.3g}" for step in steps if step.side.value is not None
    )


def _label(axis: "Axes", points: Sequence[tuple[float, float, str]], reach: float, inches: tuple[float, float]) -> None:
    """A name beside each point, where it covers the fewest others (about: letters are not measured)."""
    wide, high = inches
    across, up = wide * 72 * 0.88 / 108, high * 72 * 0.82 / (2 * reach)  # points of the page to one of the data
    taken: list[Box] = [(x * across - 3, y * up - 3, x * across + 3, y * up + 3) for x, y, _ in points]
    for x, y, name in sorted(points, key=lambda point: -abs(point[1])):
        boxes = [_box(x * across, y * up, side, above, len(name) * _LETTER) for side, above in _PLACES]
        costs = [sum(_shared(box, other) for other in taken) + _outside(box, across) for box in boxes]
        best = costs.index(min(costs))
        taken.append(boxes[best])
        side, above = _PLACES[best]
        axis.annotate(
            name,
            (x, y),
            xytext=(7 * side, above - (6 if side and abs(above) == 3 else 0)),
            textcoords="offset points",
            ha={0: "center", 1: "left", -1: "right"}[side],
            fontsize=8,
        )


def _box(x: float, y: float, side: int, above: float, width: float) -> Box:
    left = {0: x - width / 2, 1: x + 7, -1: x - 7 - width}[side]
    bottom = y + above - (6 if side and abs(above) == 3 else 0)
    return left, bottom, left + width, bottom + _LINE


def _shared(one: Box, other: Box) -> float:
    """The area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0


def _outside(box: Box, across: float) -> float:
    return 50 * (max(0.0, -4 * across - box[0]) + max(0.0, box[2] - 104 * across))
