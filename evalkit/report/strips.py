"""Spread over prompts and seeds: runs' numbers in; out one drawing, a strip per task."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from evalkit.report.drawing import Drawing, Palette
from evalkit.report.panels import PAGE, TITLE, at_least, columns, fitting, grid, tidy, times, unit
from evalkit.report.series import Series
from evalkit.report.summary import measured_by, number, short_names, shots_text
from evalkit.runs.diagnostics import Variation

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 24  # strips on a page
_PANEL = 2.9  # inches
_HEAD, _ROW = 0.8, 0.24
_NAME = 0.95  # inches of a prompt's name
_MEAN = "mean"


@dataclass(frozen=True, slots=True)
class _Strip:
    """A mean over prompts and seeds, and the numbers that it is of: by prompt, those of its seeds."""

    mean: Variation
    rows: Mapping[str, tuple[float, ...]]


def spread_drawing(run: Series, width: float = PAGE, most: int | None = None) -> Drawing | None:
    """A strip for each of the first `most` tasks with its first metric at its highest number of shots: a row for each
    prompt with a dot for each seed, and below them the mean with its interval; the other tasks in words alone. None
    where there are neither several prompts nor several seeds. `width` is in inches.
    """
    found = _strips(run)
    shown = found[:most]
    if not shown:
        return None
    names = short_names(strip.mean.task for strip in shown)
    beside = columns(len(shown), width, _PANEL)
    wide = width / columns(10**6, width, _PANEL)
    heights = [
        _HEAD + _ROW * max(len(strip.rows) + 1 for strip in shown[begin : begin + beside])
        for begin in range(0, len(shown), beside)
    ]

    def draw(figure: "Figure", palette: Palette) -> None:
        axes = grid(figure, len(shown), beside, height_ratios=heights)
        for axis, strip in zip(axes, shown, strict=True):
            _draw(axis, strip, palette)
            title = f"{names[strip.mean.task]}, {shots_text(strip.mean.shots)}"
            axis.set_title(fitting(title, wide - 0.2), fontsize=TITLE)

    said = [_told(strip) for strip in found]
    more = f". Not drawn: {'; '.join(said[len(shown) :])}" if said[len(shown) :] else ""
    words = f"Spread over prompts and seeds, shares in percent. {'; '.join(said[: len(shown)])}{more}"
    return Drawing((wide * beside, math.fsum(heights)), words, draw)


def _strips(run: Series) -> list[_Strip]:
    """Of each task's first metric, the means over whatever set of prompts at the highest number of shots."""
    first = dict[str, tuple[str, str]]()
    for result in run.results:
        first.setdefault(result.task, (result.metric, result.scorer))
    chosen: dict[tuple[str, tuple[str, ...]], Variation] = {}
    for mean in run.variations:
        if first.get(mean.task) == (mean.metric, mean.scorer):
            best = chosen.setdefault((mean.task, mean.prompts), mean)
            if mean.shots > best.shots:
                chosen[mean.task, mean.prompts] = mean
    strips = [_Strip(mean, _rows(mean, run)) for mean in chosen.values()]
    return [strip for strip in strips if strip.rows]


def _rows(mean: Variation, run: Series) -> dict[str, tuple[float, ...]]:
    key = (mean.task, mean.shots, mean.metric, mean.scorer, "")
    own = [
        one
        for one in run.results
        if (one.task, one.shots, one.metric, one.scorer, one.subset) == key and one.seed in mean.seeds
    ]
    rows = {prompt: tuple(one.value for one in own if one.prompt == prompt) for prompt in mean.prompts}
    return {prompt: values for prompt, values in rows.items() if values}


def _draw(axis: "Axes", strip: _Strip, palette: Palette) -> None:
    mean, by, last = strip.mean, times(strip.mean.metric), len(strip.rows)
    for place, values in enumerate(strip.rows.values()):
        drawn = [by * value for value in values]
        axis.hlines(place, min(drawn), max(drawn), color=palette.accent, linewidth=1, alpha=0.4)
        dots: dict[str, Any] = {
            "color": palette.accent,
            "markerfacecolor": "none",
            "markersize": 5,
            "markeredgewidth": 1,
        }
        axis.plot(drawn, [place] * len(drawn), "o", **dots)
        if len(drawn) > 1:
            axis.plot(fmean(drawn), place, "|", color=palette.accent, markersize=11, markeredgewidth=1.6)
    axis.hlines(last, by * mean.low, by * mean.high, color=palette.ink, linewidth=1.2, alpha=0.7)
    axis.plot(by * mean.mean, last, "D", color=palette.ink, markersize=4.5)
    axis.set_yticks(range(last + 1), [*(fitting(name, _NAME, 9) for name in strip.rows), _MEAN])
    axis.set_ylim(last + 0.5, -0.5)
    axis.set_xlim(*at_least(mean.metric, *axis.get_xlim()))
    axis.locator_params(axis="x", nbins=6, steps=[1, 2, 5, 10])
    axis.set_xlabel(fitting(unit(mean.metric), _PANEL - _NAME, 9))
    tidy(axis, "x")


def _told(strip: _Strip) -> str:
    mean = strip.mean
    rows = [f"{prompt} {', '.join(number(mean.metric, value) for value in own)}" for prompt, own in strip.rows.items()]
    ends = f"{number(mean.metric, mean.low)} to {number(mean.metric, mean.high)}"
    what = f"{mean.task} {measured_by(mean.metric, mean.scorer)} at {shots_text(mean.shots)}"
    return f"{what}: {' | '.join(rows)} | mean {number(mean.metric, mean.mean)} ({ends})"
