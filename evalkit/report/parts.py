"""A task's parts side by side: results in, one drawing for each column that they are broken down by."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evalkit.metrics import METRICS
from evalkit.report.drawing import Drawing, Palette
from evalkit.report.panels import TITLE, fitting, tidy, times
from evalkit.report.spread import part_of
from evalkit.report.summary import column_of, measured_by, number, shots_text
from evalkit.schema import Result

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_PARTS = 30
MOST = 24  # figures on a page
_WIDTH, _HEAD, _ROW = 5.4, 0.85, 0.23  # inches
_LONG = 1.9  # inches of a part's name

Key = tuple[str, str, int, str]  # task, prompt, seed, scorer


def parts_drawings(results: Sequence[Result], most: int | None = None, width: float = _WIDTH) -> list[Drawing]:
    """The first metric of every task, at its highest number of shots: a dot with its interval for each part, and a line
    where all parts together stand. Columns of many parts are left to the table, and so is what comes after the
    first `most`. `width` is in inches, and no more than is needed is taken.
    """
    drawings: list[Drawing] = []
    for key, own in _by_setting(results).items():
        columns: dict[str, list[Result]] = {}
        for one in own:
            if "=" in one.subset:
                columns.setdefault(column_of(one.subset), []).append(one)
        whole = next(one for one in own if not one.subset)
        for column, parts in columns.items():
            if 1 < len(parts) <= _MOST_PARTS:
                drawings.append(_drawing(key, column, whole, parts, min(width, _WIDTH)))
    return drawings[:most]


def _by_setting(results: Sequence[Result]) -> Mapping[Key, list[Result]]:
    """The numbers of each task's first metric, at its highest number of shots."""
    shots: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], str] = {}
    for one in results:
        task = (one.task, one.prompt)
        shots[task] = max(one.shots, shots.get(task, 0))
        first.setdefault(task, one.metric)
    found: dict[Key, list[Result]] = {}
    for one in results:
        task = (one.task, one.prompt)
        if one.metric == first[task] and one.shots == shots[task]:
            found.setdefault((*task, one.seed, one.scorer), []).append(one)
    return found


def _drawing(key: Key, column: str, whole: Result, parts: Sequence[Result], width: float) -> Drawing:
    task, prompt, _, scorer = key
    what = measured_by(whole.metric, scorer)
    told = ", ".join(f"{part_of(one)} {number(one.metric, one.value)}" for one in parts)
    words = f"{task}, {prompt}, {shots_text(whole.shots)}: {what} by {column}: {told}"

    def draw(figure: "Figure", palette: Palette) -> None:
        axis = figure.subplots()
        _draw(axis, whole, parts, palette)
        figure.suptitle(fitting(f"{task} by {column}", width - 0.2), fontsize=TITLE, x=0.02, ha="left")
        at = f" at {shots_text(whole.shots)}" if whole.shots else ""
        axis.set_xlabel(fitting(f"{what}{at}; all: {number(whole.metric, whole.value)}", width - 0.4, 9))

    return Drawing((width, _HEAD + _ROW * len(parts)), words, draw)


def _draw(axis: "Axes", whole: Result, parts: Sequence[Result], palette: Palette) -> None:
    by = times(whole.metric)
    axis.axvline(by * whole.value, color=palette.soft, linewidth=0.8)
    for place, one in enumerate(parts):
        if one.low is not None and one.high is not None:
            axis.hlines(place, by * one.low, by * one.high, color=palette.accent, linewidth=1.2, alpha=0.6)
        axis.plot(by * one.value, place, "o", color=palette.accent, markersize=4)
    names = [f"{fitting(part_of(one), _LONG, 9)} ({one.n:,})" for one in parts]
    axis.set_yticks(range(len(parts)), names)
    axis.set_ylim(len(parts) - 0.4, -0.6)
    if METRICS[whole.metric].is_mean and METRICS[whole.metric].better != "zero":
        axis.set_xlim(-0.02 * by, 1.02 * by)
    tidy(axis, "x")
