"""The table of scores of one run or several: runs in, lines out, each with what stands beside its numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.contamination.scores import SplitScore
from evalkit.report.diagnostics import said_of
from evalkit.report.loaded import Loaded
from evalkit.report.summary import Line, has_bar, lines
from evalkit.runs.diagnostics import MAJORITY, RANDOM, Diagnosis, by_setting
from evalkit.schema import Result, Setting

Key = tuple[str, str, int, int, str, str, str]  # task, prompt, shots, seed, subset, metric, scorer


@dataclass(frozen=True, slots=True)
class Cell:
    """One number: its interval, what guessing and the majority's answer score, what is said against it, its value on
    clean examples, and the figures of a paper (the model, its value in the paper's unit, and the split).
    """

    result: Result
    random: float | None
    majority: float | None
    flags: tuple[str, ...]
    split: SplitScore | None
    published: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: of which run, what it is of, and a cell for each number of shots that it has."""

    label: str
    line: Line
    cells: Mapping[int, Cell]
    has_bar: bool

    @property
    def random(self) -> float | None:
        """What guessing scores, where it is the same for all numbers of shots."""
        return _one({cell.random for cell in self.cells.values()})

    @property
    def majority(self) -> float | None:
        """What the majority's answer scores, where it is the same for all numbers of shots."""
        return _one({cell.majority for cell in self.cells.values()})


def table(runs: Sequence[Loaded], of: Callable[[Sequence[Result]], Sequence[Result]]) -> tuple[list[Row], list[int]]:
    """The lines of all runs, those of the same number next to each other and averages last, and the numbers of shots
    that occur; `of` chooses the results of each run that are shown.
    """
    gathered: dict[tuple[object, ...], list[Row]] = {}
    counts: set[int] = set()
    for run in runs:
        shown = of(run.results)
        own, shots = lines(shown)
        counts.update(shots)
        cells = _cells(run, shown)
        for line in own:
            key = (line.task, line.prompt, line.seed, line.subset, line.metric, line.scorer)
            gathered.setdefault(key, []).append(_row(run.label, line, cells))
    rows = [row for own_rows in gathered.values() for row in own_rows]
    return sorted(rows, key=lambda row: row.line.metric == "average"), sorted(counts)


def _row(label: str, line: Line, cells: Mapping[Key, Cell]) -> Row:
    own = {
        shots: cells[line.task, line.prompt, shots, line.seed, line.subset, line.metric, line.scorer]
        for shots in line.cells
    }
    ends = [end for cell in line.cells.values() for end in cell if end is not None]
    is_within = min(ends) >= 0 and max(ends) <= 1  # a correlation may be below, an edit rate above
    return Row(label, line, own, has_bar(line.metric) and is_within)


def _cells(run: Loaded, results: Sequence[Result]) -> dict[Key, Cell]:
    settings = by_setting(run.diagnoses)
    splits: dict[Key, SplitScore] = {}
    for score in run.contamination.scores if run.contamination is not None else ():
        splits[score.task, score.prompt, score.shots, score.seed, "", score.metric, score.scorer] = score
    published: dict[Key, list[tuple[str, float, str]]] = {}
    for one in run.beside:
        figures = [(figure["model"], figure["value"], one["split"]) for figure in one["figures"]]
        published.setdefault(_key(Result(**one["result"])), []).extend(figures)
    return {
        _key(one): _cell(
            one,
            settings.get(Setting(one.task, one.prompt, one.shots, one.seed)) if not one.subset else None,
            splits.get(_key(one)),
            published.get(_key(one), ()),
        )
        for one in results
    }


def _cell(
    result: Result,
    diagnosis: Diagnosis | None,
    split: SplitScore | None,
    published: Sequence[tuple[str, float, str]],
) -> Cell:
    baselines = [diagnosis.baseline(name, result.metric) if diagnosis else None for name in (RANDOM, MAJORITY)]
    random, majority = (one.value if one is not None else None for one in baselines)
    flags = said_of(result.metric, diagnosis.flags) if diagnosis else ()
    return Cell(result, random, majority, flags, split, tuple(published))


def _key(result: Result) -> Key:
    of = (result.task, result.prompt, result.shots, result.seed)
    return (*of, result.subset, result.metric, result.scorer)


def _one(values: set[float | None]) -> float | None:
    return next(iter(values)) if len(values) == 1 else None
