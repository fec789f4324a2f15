"""The table of scores, independent of where it is shown: one line per task and metric, one cell per shot count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.schema import Result, Work

_NOTES = {
    "fit": "on average the window had room for",
    "cut": "contexts cut to fit the window:",
    "tie": "samples with equal best scores, of which the first was taken:",
}

Cell = tuple[float, float | None, float | None]  # value, low, high


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `cells` by shot count."""

    task: str
    prompt: str
    seed: int
    metric: str
    n: int
    cells: Mapping[int, Cell]


def lines(results: Sequence[Result]) -> tuple[list[Line], list[int]]:
    """The lines, averages last, and the shot counts that occur, ascending. A result without shots (which no seed
    changes) stands in the line of its first seed.
    """
    gathered: dict[tuple[str, str, int, str], dict[int, Result]] = {}
    for result in results:
        gathered.setdefault((result.task, result.prompt, result.seed, result.metric), {})[result.shots] = result
    rows = [
        Line(task, prompt, seed, metric, next(iter(cells.values())).n, {shots: _cell(cells[shots]) for shots in cells})
        for (task, prompt, seed, metric), cells in gathered.items()
    ]
    rows.sort(key=lambda row: row.metric == "average")
    return rows, sorted({result.shots for result in results})


def shots_text(count: float) -> str:
    """`1 shot`, `4 shots`."""
    return f"{count:g} shot" if count == 1 else f"{count:g} shots"


def percent(value: float) -> str:
    """A score as it is shown: in percent, with one decimal."""
    return f"{100 * value:.1f}".replace("-", "−")


def short_names(tasks: Iterable[str]) -> dict[str, str]:
    """Each task's name without the folder, where all have the same one; a suite keeps its own."""
    names = list(tasks)
    folders = {name.rpartition("/")[0] for name in names if "/" in name}
    return {name: name.rpartition("/")[2] if len(folders) == 1 else name for name in names}


def interval(low: float | None, high: float | None) -> str:
    """An interval as it is shown; empty where there is none."""
    return "" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f}".replace("-", "−")


def notes(results: Sequence[Result]) -> list[str]:
    """What has to be known beside the numbers, one note per task and prompt: shots that did not fit, contexts cut,
    equal best scores.
    """
    settings: dict[tuple[str, str, int, int], Result] = {}
    for result in results:  # what is noted is the same for all metrics of a setting
        if result.metric != "average":
            settings.setdefault((result.task, result.prompt, result.seed, result.shots), result)
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for (task, prompt, _, shots), one in settings.items():
        if one.effective_shots < shots:
            gathered.setdefault((task, prompt, "fit"), []).append(f"{one.effective_shots:.1f} of {shots_text(shots)}")
        if one.truncated:
            gathered.setdefault((task, prompt, "cut"), []).append(f"{one.truncated} at {shots_text(shots)}")
        if one.ties:
            gathered.setdefault((task, prompt, "tie"), []).append(f"{one.ties} at {shots_text(shots)}")
    return [f"{task} ({prompt}): {_NOTES[kind]} {', '.join(said)}" for (task, prompt, kind), said in gathered.items()]


def work_text(work: Work) -> str:
    """What scoring took: how much was answered before, how much was shared."""
    asked = f"{work.requests:,} requests of {work.tokens:,} tokens"
    if work.kept == work.requests:
        return f"{asked}, all answered before: nothing was computed"
    before = f", {work.kept:,} of them answered before" if work.kept else ""
    shared = f"{100 * (1 - work.read / work.computed):.0f} % less by sharing"
    waste = f"{100 * work.padding / (work.read + work.padding):.1f} % padding"
    return f"{asked}{before}; {work.read:,} tokens read ({shared}, {waste})"


def _cell(result: Result) -> Cell:
    return result.value, result.low, result.high
