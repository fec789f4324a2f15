"""Small panels side by side: how many of them and how wide in; axes that look alike out."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evalkit.metrics import METRICS
from evalkit.report.drawing import legible
from evalkit.report.summary import is_share

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes

PAGE = 11.0  # inches that a page has room for, at most
TITLE = 10.0  # points
_NARROW = 3.6  # inches
_PAPER = 8.0  # inches: wider is a page
_LEAST = 20.0  # points that a panel of shares spans: less would make much of little
_LETTER = 0.55  # of the size of letters, about: how wide one is


def least(width: float) -> float:
    """The inches below which no panel of curves is drawn: fewer on paper, so that three stand side by side."""
    return 2.15 if width > _PAPER else 1.8


def columns(count: int, width: float, narrowest: float) -> int:
    """How many panels, none narrower than `narrowest` inches, stand beside each other on so many inches."""
    return max(1, min(count, int(width / narrowest + 1e-6)))


def size(count: int, width: float, narrowest: float, height: float) -> tuple[float, float]:
    """Width and height in inches of a figure of `count` panels, each of them `height` high. A few panels are as wide as
    many would be, but no figure is so narrow that its legend does not fit.
    """
    most, own = columns(10**6, width, narrowest), columns(count, width, narrowest)
    return max(width / most * own, min(width, _NARROW)), height * math.ceil(count / own)


def grid(figure: Any, count: int, beside: int, **more: Any) -> "list[Axes]":
    """The axes of `count` panels, `beside` of them beside each other; the rest of the last row stays empty."""
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.06)
    axes: list[Axes] = figure.subplots(math.ceil(count / beside), beside, squeeze=False, **more).ravel().tolist()
    for axis in axes[count:]:
        axis.set_axis_off()
    return axes[:count]


def below(axes: "Sequence[Axes]", beside: int, text: str) -> None:
    """What is across, below the lowest panel of each column."""
    for axis in axes[-beside:]:
        axis.set_xlabel(text)


def tidy(axis: "Axes", lines: str) -> None:
    """Lines to read by along "x", "y" or "both", under everything else, and no frame above or at the right."""
    axis.grid(axis=lines, linewidth=0.6)  # type: ignore[arg-type]  # one of three words
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(length=3)


def fitting(name: str, inches: float, points: float = TITLE) -> str:
    """A name on one line, cut where it is wider than so many inches (about: letters are not measured)."""
    line = " ".join(legible(name).split())
    most = max(8, int(inches * 72 / (_LETTER * points)))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def ticks(axis: "Axes", places: Sequence[float], labels: Sequence[str], inches: float, points: float = 9.0) -> None:
    """Marks at ascending places of the x axis, which is so many inches wide; of labels that would meet, the later one
    is left out, and the last one never is.
    """
    low, high = axis.get_xlim()
    scale = inches * 72 / (high - low)
    halves = [_LETTER * points * len(label) / 2 for label in labels]
    kept: list[int] = []
    for place in (len(places) - 1, *range(len(places) - 1)):
        apart = (abs(places[place] - places[other]) * scale - halves[place] - halves[other] for other in kept)
        if all(room > 0.4 * points for room in apart):
            kept.append(place)
    axis.set_xticks(places, [label if place in kept else "" for place, label in enumerate(labels)], fontsize=points)


def times(metric: str) -> float:
    """What a number is drawn as multiples of: a share in percent, any other as it is."""
    return 100.0 if is_share(metric) else 1.0


def unit(metric: str) -> str:
    """A metric, and that it is in percent where it is."""
    return f"{metric}, %" if is_share(metric) else metric


def from_0_to_100(metric: str, lowest: float) -> tuple[float, float] | None:
    """The ends of an axis that all panels of shares have alike, below 0 where the lowest number is; None where the
    metric is no share.
    """
    if not is_share(metric):
        return None
    known = METRICS.get(metric)
    return (-102.0 if lowest < 0 or (known is not None and known.better == "zero") else -2.0), 102.0


def at_least(metric: str, low: float, high: float) -> tuple[float, float]:
    """The ends of an axis, apart by enough points where they are of shares."""
    short = _LEAST - (high - low)
    return (low - short / 2, high + short / 2) if is_share(metric) and short > 0 else (low, high)
