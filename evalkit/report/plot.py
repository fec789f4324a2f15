"""One figure for a paper: run folders and what is wanted of them in; one drawing out, or why there is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import UsageError
from evalkit.report.contamination import main_scores
from evalkit.report.curves import curves_drawing, relative_drawing
from evalkit.report.drawing import Drawing, Palette
from evalkit.report.figures import shots_drawing
from evalkit.report.loaded import load
from evalkit.report.parts import parts_drawings
from evalkit.report.reliability import reliability_drawing
from evalkit.report.series import Series, panels, series_of, shots_of
from evalkit.report.sizes import parameters_drawing
from evalkit.report.strips import spread_drawing
from evalkit.report.summary import shots_text
from evalkit.runs.folder import RunFolder

if TYPE_CHECKING:  # heavy: loaded only when something is drawn
    from matplotlib.figure import Figure

Drawn = Callable[[Sequence[Series], float], Drawing]


def plotted(figure: str, runs: Sequence[Path], tasks: Sequence[str] = (), width: float = 6.5) -> Drawing:
    """One of `FIGURES` of a run, or of several where it is over runs.

    Args:
        figure: which one.
        runs: folders of finished runs.
        tasks: names of tasks, or of folders of tasks; none for all there are.
        width: in inches; a figure that needs less takes less.

    Raises:
        UsageError: the runs do not have what the figure shows, or not these tasks.
        RunError: there is no run, or it is damaged or unfinished.
    """
    if figure not in _OVER_RUNS and len(runs) > 1:
        raise UsageError(f"--figure {figure} is of one run, and {len(runs)} are given. Plot them one by one")
    if figure == "contamination":
        return _contamination(runs[0], tasks, width)
    every = [series_of(run) for run in load(runs)]
    series = [_only(run, tasks) for run in every]
    if not any(run.results for run in series):
        raise _unknown(runs, tasks, {one.task for run in every for one in run.results})
    return FIGURES[figure](series, width)


def _shots(series: Sequence[Series], width: float) -> Drawing:
    if (drawing := shots_drawing(series, width)) is None:
        counts = sorted({count for panel in panels(series) for count in shots_of(panel)})
        raise UsageError(
            f"--figure shots needs a task at two numbers of shots or more, and each was asked at one "
            f"({', '.join(map(shots_text, counts))}). Run with --shots 0,1,32, for one"
        )
    return drawing


def _parameters(series: Sequence[Series], width: float) -> Drawing:
    if (drawing := parameters_drawing(series, width)) is None:
        sizes = ", ".join(f"{run.label} {f'{run.parameters:,}' if run.parameters else 'not known'}" for run in series)
        raise UsageError(
            "--figure parameters needs runs of models of two sizes or more with a task at the same number of shots; "
            f"parameters here: {sizes}"
        )
    return drawing


def _spread(series: Sequence[Series], width: float) -> Drawing:
    if (drawing := spread_drawing(series[0], width)) is None:
        raise UsageError(
            "--figure spread needs several prompts or several seeds, and this run has one of each for a task. Run with "
            "--seeds 0,1,2 or --prompts all (0 shots are the same under every seed)"
        )
    return drawing


def _reliability(series: Sequence[Series], width: float) -> Drawing:
    if (drawing := reliability_drawing(series[0].diagnoses, width)) is None:
        raise UsageError(
            "--figure reliability needs the probabilities of choices, and this run keeps none: its tasks choose "
            "nothing, or it was imported, or an older evalkit wrote it"
        )
    return drawing


def _parts(series: Sequence[Series], width: float) -> Drawing:
    drawings = parts_drawings(series[0].results, width=width)
    if not drawings:
        raise UsageError("--figure parts needs a task that is broken down, and no task of this run has several parts")
    return _stacked(drawings)


def _contamination(run: Path, tasks: Sequence[str], width: float) -> Drawing:
    joined = RunFolder.open(run).read_contamination()
    if joined is None:
        raise UsageError(
            f"--figure contamination needs a run that was held against a corpus, and {run} was not. "
            f"See `evalkit decontaminate`, then `evalkit report {run} --contamination OVERLAPS`"
        )
    scores = main_scores([one for one in joined.scores if _is_of(one.task, tasks)])
    if not scores:
        raise _unknown([run], tasks, {one.task for one in joined.scores})
    drawings = [relative_drawing(scores, width), *(curves_drawing(scores, of, width) for of in ("longest", "share"))]
    there = [one for one in drawings if one is not None]
    if not there:
        raise UsageError("--figure contamination: nothing of these tasks was found in the corpus, so there is no curve")
    return _stacked(there)


FIGURES: Mapping[str, Drawn] = {
    "shots": _shots,
    "parameters": _parameters,
    "spread": _spread,
    "reliability": _reliability,
    "parts": _parts,
}
NAMES = (*FIGURES, "contamination")  # which alone is of more than a run's own numbers
_OVER_RUNS = ("shots", "parameters")


def _only(run: Series, tasks: Sequence[str]) -> Series:
    """What a run has of some tasks."""
    return replace(
        run,
        results=[one for one in run.results if _is_of(one.task, tasks)],
        diagnoses=[one for one in run.diagnoses if _is_of(one.task, tasks)],
        variations=[one for one in run.variations if _is_of(one.task, tasks)],
    )


def _is_of(task: str, tasks: Sequence[str]) -> bool:
    return not tasks or any(task == name or task.startswith(f"{name}/") for name in tasks)


def _unknown(runs: Sequence[Path], tasks: Sequence[str], there: set[str]) -> UsageError:
    where = ", ".join(map(str, runs))
    if not there:
        return UsageError(f"{where}: no numbers to draw")
    return UsageError(f"{where}: no task {', '.join(tasks)}; there are {', '.join(sorted(there))}")


def _stacked(drawings: Sequence[Drawing]) -> Drawing:
    """Drawings one below the other."""
    if len(drawings) == 1:
        return drawings[0]
    heights = [one.size[1] for one in drawings]

    def draw(figure: "Figure", palette: Palette) -> None:
        parts: Any = figure.subfigures(len(drawings), 1, height_ratios=heights)
        for part, one in zip(parts, drawings, strict=True):
            one.draw(part, palette)

    return Drawing((max(one.size[0] for one in drawings), sum(heights)), " ".join(one.words for one in drawings), draw)
