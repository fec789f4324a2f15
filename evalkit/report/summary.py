"""The table of scores, independent of where it is shown: one line per task and metric, one cell per shot count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.schema import Result

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
    """What has to be known beside the numbers: shots that did not fit, contexts cut, ties."""
    found = []
    for result in _first_metrics(results):
        where = f"{result.task} ({result.prompt}, {shots_text(result.shots)})"
        if result.effective_shots < result.shots:
            found.append(
                f"{where}: on average {result.effective_shots:.1f} of {shots_text(result.shots)} fitted the window"
            )
        if result.truncated:
            found.append(f"{where}: the context of {result.truncated} samples was cut to fit the window")
        if result.ties:
            found.append(f"{where}: {result.ties} samples had equal best choices; the first was taken")
    return found


def _cell(result: Result) -> Cell:
    return result.value, result.low, result.high


def _first_metrics(results: Sequence[Result]) -> list[Result]:
    """One result of each setting: what is noted is the same for all its metrics."""
    settings = {
        (result.task, result.prompt, result.shots, result.seed): result
        for result in reversed(results)
        if result.metric != "average"
    }
    return list(reversed(settings.values()))
