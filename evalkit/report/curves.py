"""Figures of contamination: split scores in, SVG out, in the colours of the page it stands on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.contamination.scores import SplitScore, Step
from evalkit.report.drawing import ACCENT, INK, drawn
from evalkit.report.summary import is_share, number, short_names

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes

_COLUMNS, _MOST = 4, 16
_WIDE, _HIGH = 9.0, 4.6  # inches
_LEAST = 20.0  # points that a panel of shares spans: less would make much of little
_LETTER, _LINE = 4.6, 10.0  # points that a letter and a line of a label take, about
_PLACES = ((0, 7), (0, -14), (1, 3), (-1, 3), (1, 12), (-1, 12), (1, -12), (-1, -12), (0, 18), (0, -25))

Box = tuple[float, float, float, float]  # left, bottom, right, top


def relative_figure(scores: Sequence[SplitScore]) -> str:
    """Figure 4.2 of Brown et al. 2020: how much of each task is clean, and what its clean score is above that of all;
    empty where no task has both.
    """
    points = [(one, one.relative) for one in scores if one.relative is not None]
    if not points:
        return ""
    names = short_names(one.task for one in scores)
    told = ", ".join(f"{one.task} {one.clean_percent:.0f} % clean, {change:+.1f} %" for one, change in points)
    words = f"Change of the score on clean examples against how much is clean: {told}"
    with drawn((_WIDE, _HIGH), words) as (figure, take):
        axis = figure.subplots()
        axis.axhline(0, color=INK, linewidth=0.8, alpha=0.7)
        axis.plot([one.clean_percent for one, _ in points], [change for _, change in points], "o", color=ACCENT)
        reach = 1.3 * max(1.0, *(abs(change) for _, change in points))
        axis.set_xlim(-4, 104)
        axis.set_ylim(-reach, reach)
        axis.set_xlabel("percentage of the data set that is clean")
        axis.set_ylabel("change on clean against all, in %")
        axis.grid(linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
        _label(axis, [(one.clean_percent, change, names[one.task]) for one, change in points], reach)
        return take()


def curves_figure(scores: Sequence[SplitScore], of: str) -> str:
    """The score of what is left as the longest match ("longest") or the share of words in matches ("share") that is
    allowed shrinks, a panel per task; empty where nothing was found.
    """
    curves = [(one, one.longest if of == "longest" else one.share) for one in scores]
    curves = [(one, steps) for one, steps in curves if len(steps) > 1][:_MOST]
    if not curves:
        return ""
    what = "longest match, in words" if of == "longest" else "share of words in matches, in %"
    told = "; ".join(f"{one.task} {one.metric}: {_told(one, steps)}" for one, steps in curves)
    height = math.ceil(len(curves) / _COLUMNS)
    with drawn((11, 2.5 * height), f"Score of what is left, by the {what} that is allowed. {told}") as (figure, take):
        axes = figure.subplots(height, _COLUMNS, squeeze=False).ravel()
        names = short_names(one.task for one, _ in curves)
        for axis, (one, steps) in zip(axes, curves, strict=False):
            _draw(axis, one, steps, of)
            axis.set_title(names[one.task], fontsize=10)
        for axis in axes[len(curves) :]:
            axis.set_axis_off()
        figure.supxlabel(f"{what}, at most (below: units left)", fontsize=9)
        return take()


def _draw(axis: "Axes", one: SplitScore, steps: Sequence[Step], of: str) -> None:
    times = 100 if is_share(one.metric) else 1
    there = [(place, step.side) for place, step in enumerate(steps) if step.side.value is not None]
    axis.plot([p for p, _ in there], [times * (side.value or 0) for _, side in there], "o-", color=ACCENT, markersize=4)
    for place, side in there:
        if side.low is not None and side.high is not None:
            axis.vlines(place, times * side.low, times * side.high, color=ACCENT, linewidth=1, alpha=0.6)
    labels = [f"{_limit(step, of) if place else 'any'}\n{step.side.units:,}" for place, step in enumerate(steps)]
    axis.set_xticks(range(len(steps)), labels, fontsize=7)
    axis.set_ylabel(one.metric)
    axis.margins(x=0.08)
    low, high = axis.get_ylim()
    if times > 1 and high - low < _LEAST:
        axis.set_ylim((low + high - _LEAST) / 2, (low + high + _LEAST) / 2)
    axis.grid(axis="y", linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)


def _limit(step: Step, of: str) -> str:
    if not step.most:
        return "none"
    return f"{step.most:g}" if of == "longest" else f"{100 * step.most:.0f}"


def _told(one: SplitScore, steps: Sequence[Step]) -> str:
    return ", ".join(
        f"{number(one.metric, step.side.value)} at {step.most:.3g}" for step in steps if step.side.value is not None
    )


def _label(axis: "Axes", points: Sequence[tuple[float, float, str]], reach: float) -> None:
    """A name beside each point, where it covers the fewest others (about: letters are not measured)."""
    across, up = _WIDE * 72 * 0.88 / 108, _HIGH * 72 * 0.82 / (2 * reach)  # points of the page to one of the data
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
