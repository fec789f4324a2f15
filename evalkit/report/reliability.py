"""Reliability diagrams: diagnoses in, one drawing out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.report.drawing import Drawing, Palette
from evalkit.report.panels import PAGE, below, columns, fitting, grid, size, tidy
from evalkit.report.summary import short_names, shots_text
from evalkit.runs.diagnostics import Calibration, Diagnosis

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 16  # panels on a page
_PANEL, _TALL = 2.75, 2.9  # inches


def reliability_drawing(diagnoses: Sequence[Diagnosis], width: float = PAGE, most: int | None = None) -> Drawing | None:
    """Accuracy against confidence, a panel for each of the first `most` tasks under its first prompt and seed at its
    highest number of shots; None where there is nothing to show. `width` is in inches.
    """
    shown = [(one, one.calibration) for one in _main(diagnoses) if one.calibration is not None][:most]
    if not shown:
        return None
    told = "; ".join(f"{one.task} {_told(calibration)}" for one, calibration in shown)
    names = short_names(one.task for one, _ in shown)

    def draw(figure: "Figure", palette: Palette) -> None:
        beside = columns(len(shown), width, _PANEL)
        axes = grid(figure, len(shown), beside)
        for axis, (one, calibration) in zip(axes, shown, strict=True):
            _draw(axis, calibration, palette)
            axis.set_title(fitting(f"{names[one.task]}, {shots_text(one.shots)}", _PANEL), fontsize=10)
        below(axes, beside, "confidence, in percent")
        for axis in axes[::beside]:
            axis.set_ylabel("accuracy, in percent")

    words = f"Accuracy by confidence, in percent. {told}"
    return Drawing(size(len(shown), width, _PANEL, _TALL), words, draw)


def _main(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    chosen: dict[str, Diagnosis] = {}
    for one in diagnoses:
        best = chosen.setdefault(one.task, one)
        if one.prompt == best.prompt and one.shots > best.shots:
            chosen[one.task] = one
    return list(chosen.values())


def _draw(axis: "Axes", calibration: Calibration, palette: Palette) -> None:
    axis.plot([0, 100], [0, 100], color=palette.soft, linewidth=0.8)
    for one in calibration.bins:
        axis.vlines(100 * one.confidence, 100 * one.low, 100 * one.high, color=palette.accent, linewidth=1.2, alpha=0.6)
        size = 3 + 6 * (one.n / calibration.n) ** 0.5  # the dot's area is as its share of the samples
        axis.plot(100 * one.confidence, 100 * one.accuracy, "o", color=palette.accent, markersize=size)
    axis.set_xlim(-3, 103)
    axis.set_ylim(-3, 103)
    axis.set_xticks(range(0, 101, 25))
    axis.set_yticks(range(0, 101, 25))
    axis.set_aspect("equal")
    tidy(axis, "both")


def _told(calibration: Calibration) -> str:
    return ", ".join(f"{100 * one.accuracy:.0f} at {100 * one.confidence:.0f} (n {one.n})" for one in calibration.bins)
