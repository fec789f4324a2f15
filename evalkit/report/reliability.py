"""Reliability diagrams: diagnoses in, one SVG out, in the colours of the page it stands on."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.report.drawing import ACCENT, INK, drawn
from evalkit.report.summary import short_names, shots_text
from evalkit.runs.diagnostics import Calibration, Diagnosis

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes

MOST = 16
_COLUMNS = 4


def reliability_figure(diagnoses: Sequence[Diagnosis]) -> str:
    """Accuracy against confidence, a panel per task under its first prompt and seed at its highest number of shots;
    empty where there is nothing to show.
    """
    shown = [(one, one.calibration) for one in _main(diagnoses) if one.calibration is not None][:MOST]
    if not shown:
        return ""
    told = "; ".join(f"{one.task} {_told(calibration)}" for one, calibration in shown)
    columns = min(_COLUMNS, max(2, len(shown)))
    height = math.ceil(len(shown) / columns)
    with drawn((2.75 * columns, 2.9 * height), f"Accuracy by confidence, in percent. {told}") as (figure, take):
        axes = figure.subplots(height, columns, squeeze=False).ravel()
        names = short_names(one.task for one, _ in shown)
        for axis, (one, calibration) in zip(axes, shown, strict=False):
            _draw(axis, calibration)
            axis.set_title(f"{names[one.task]}, {shots_text(one.shots)}", fontsize=10)
        for axis in axes[len(shown) :]:
            axis.set_axis_off()
        figure.supxlabel("confidence, in percent", fontsize=9)
        figure.supylabel("accuracy, in percent", fontsize=9)
        return take()


def _main(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    chosen: dict[str, Diagnosis] = {}
    for one in diagnoses:
        best = chosen.setdefault(one.task, one)
        if one.prompt == best.prompt and one.shots > best.shots:
            chosen[one.task] = one
    return list(chosen.values())


def _draw(axis: "Axes", calibration: Calibration) -> None:
    axis.plot([0, 100], [0, 100], color=INK, linewidth=0.8, alpha=0.5)
    for one in calibration.bins:
        axis.vlines(100 * one.confidence, 100 * one.low, 100 * one.high, color=ACCENT, linewidth=1.2, alpha=0.6)
        size = 3 + 6 * (one.n / calibration.n) ** 0.5  # the dot's area is as its share of the samples
        axis.plot(100 * one.confidence, 100 * one.accuracy, "o", color=ACCENT, markersize=size)
    axis.set_xlim(-3, 103)
    axis.set_ylim(-3, 103)
    axis.set_xticks(range(0, 101, 25))
    axis.set_yticks(range(0, 101, 25))
    axis.grid(linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)


def _told(calibration: Calibration) -> str:
    return ", ".join(f"{100 * one.accuracy:.0f} at {100 * one.confidence:.0f} (n {one.n})" for one in calibration.bins)
