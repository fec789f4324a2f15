"""The table of scores, independent of where it is shown: one line per task and metric, one cell per shot count."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.metrics import METRICS
from evalkit.schema import Result, Work

_NOTES = {
    "fit": "on average the window had room for",
    "cut": "contexts cut to fit the window:",
    "tie": "samples with equal best scores, of which the first was taken:",
}

UNITS = "Shares in percent, perplexities and bits as they are; with 95 % intervals."
_FEW_PARTS = 8
_COLUMNS = 5  # of shots, at most
_NARROW = 0.05  # an interval narrower than this is told with a decimal

Cell = tuple[float, float | None, float | None]  # value, low, high


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `cells` by shot count."""

    task: str
    prompt: str
    seed: int
    subset: str
    metric: str
    scorer: str
    n: int
    cells: Mapping[int, Cell]

    @property
    def measure(self) -> str:
        """What is measured: the metric, and by which scorer where one has judged texts."""
        return measured_by(self.metric, self.scorer)


def measured_by(metric: str, scorer: str) -> str:
    """A metric, and the scorer that it is of where one has judged texts."""
    return f"{metric} ({scorer})" if scorer else metric


def lines(results: Sequence[Result]) -> tuple[list[Line], list[int]]:
    """The lines, averages last, and the shot counts that occur, ascending. A result without shots (which no seed
    changes) stands in the line of its first seed.
    """
    gathered: dict[tuple[str, str, int, str, str, str], dict[int, Result]] = {}
    for result in results:
        key = (result.task, result.prompt, result.seed, result.subset, result.metric, result.scorer)
        gathered.setdefault(key, {})[result.shots] = result
    rows = [
        Line(*key, next(iter(cells.values())).n, {shots: _cell(cells[shots]) for shots in cells})
        for key, cells in gathered.items()
    ]
    rows.sort(key=lambda row: row.metric == "average")
    return rows, sorted({result.shots for result in results})


def main_results(results: Sequence[Result]) -> list[Result]:
    """The results that one wants to see first: without the parts of a task, but for those of its first columns as long
    as these are few. A column with one part says nothing that the whole does not.
    """
    columns: dict[str, dict[str, set[str]]] = {}
    for result in results:
        if "=" in result.subset:
            columns.setdefault(result.task, {}).setdefault(column_of(result.subset), set()).add(result.subset)
    shown = {task: _few(parts) for task, parts in columns.items()}
    return [one for one in results if "=" not in one.subset or column_of(one.subset) in shown[one.task]]


def column_of(subset: str) -> str:
    """The column of a part: `gender` of `gender=female`."""
    return subset.partition("=")[0]


def _few(columns: Mapping[str, Collection[str]]) -> set[str]:
    """The first columns that have few parts together."""
    shown: set[str] = set()
    total = 0
    for column, parts in columns.items():
        total += len(parts)
        if total > _FEW_PARTS:
            break
        if len(parts) > 1:
            shown.add(column)
    return shown


def is_long(shots: Sequence[int]) -> bool:
    """Whether so many different numbers of shots had better stand in rows than side by side."""
    return len(shots) > _COLUMNS


def shots_text(count: float) -> str:
    """`1 shot`, `4 shots`."""
    return f"{count:g} shot" if count == 1 else f"{count:g} shots"


def number(metric: str, value: float) -> str:
    """A number as it is shown: a share in percent with one decimal, any other (a perplexity) as it is."""
    if is_share(metric):
        text = f"{100 * value:.1f}"
    else:
        text = f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 1000 else f"{value:.3g}"
    return _signed(text)


def short_names(tasks: Iterable[str]) -> dict[str, str]:
    """Each task's name without the folder, where all have the same one; a suite keeps its own."""
    names = list(tasks)
    folders = {name.rpartition("/")[0] for name in names if "/" in name}
    return {name: name.rpartition("/")[2] if len(folders) == 1 else name for name in names}


def interval(metric: str, low: float | None, high: float | None) -> str:
    """An interval as it is shown; empty where there is none."""
    if low is None or high is None:
        return ""
    if is_share(metric):
        digits = 0 if high - low >= _NARROW else 1
        return "–".join(_signed(f"{100 * end:.{digits}f}") for end in (low, high))
    return f"{number(metric, low)}–{number(metric, high)}"


def _signed(text: str) -> str:
    """A number with a minus sign instead of a hyphen, and with none before a zero."""
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def is_share(metric: str) -> bool:
    """Whether a metric is shown in percent."""
    return metric not in METRICS or METRICS[metric].percent


def has_bar(metric: str) -> bool:
    """Whether a bar from 0 to 1 shows a number of this metric."""
    if metric not in METRICS:
        return True
    known = METRICS[metric]
    return (known.percent or known.is_mean) and known.better != "zero"


def notes(results: Sequence[Result]) -> list[str]:
    """What has to be known beside the numbers, one note per task and prompt: shots that did not fit, contexts cut,
    equal best scores.
    """
    settings: dict[tuple[str, str, int, int], Result] = {}
    for result in results:  # what is noted is the same for all metrics of a setting
        if result.metric != "average" and not result.subset:
            settings.setdefault((result.task, result.prompt, result.seed, result.shots), result)
    gathered: dict[tuple[str, str, str], list[str]] = {}
    for (task, prompt, _, shots), one in settings.items():
        if one.effective_shots < shots:
            gathered.setdefault((task, prompt, "fit"), []).append(f"{one.effective_shots:.1f} of {shots_text(shots)}")
        if one.truncated:
            gathered.setdefault((task, prompt, "cut"), []).append(f"{one.truncated} at {shots_text(shots)}")
        if one.ties:
            gathered.setdefault((task, prompt, "tie"), []).append(f"{one.ties} at {shots_text(shots)}")
    return [
        f"{task} ({prompt}): {_NOTES[kind]} {', '.join(dict.fromkeys(said))}"
        for (task, prompt, kind), said in gathered.items()
    ]


def work_text(work: Work) -> str:
    """What scoring took: how much was answered before, how much was shared."""
    asked = f"{work.requests:,} requests of {work.tokens:,} tokens"
    if work.kept == work.requests:
        return f"{asked}, all answered before: nothing was computed"
    before = f", {work.kept:,} of them answered before" if work.kept else ""
    less = 1 - work.read / max(1, work.computed)
    shared = f"{100 * less:.0f} % less by sharing, " if less >= 0 else ""  # beams read more than what is kept of them
    waste = f"{100 * work.padding / max(1, work.read + work.padding):.1f} % padding"
    wrote = f", {work.written:,} of them written" if work.written else ""
    return f"{asked}{before}; {work.read:,} tokens read{wrote} ({shared}{waste})"


def _cell(result: Result) -> Cell:
    return result.value, result.low, result.high


class Asked(Protocol):
    """What says how a task was asked: a setting, a result, a key."""

    @property
    def task(self) -> str:
        """The task."""
        ...

    @property
    def prompt(self) -> str:
        """The prompt's name."""
        ...

    @property
    def shots(self) -> int:
        """How many shots."""
        ...

    @property
    def seed(self) -> int:
        """The seed of the shots."""
        ...


def setting_text(one: Asked) -> str:
    """`superglue/rte (gpt3, 0 shots)`, with the seed where it is not 0."""
    return f"{one.task} ({one.prompt}, {shots_text(one.shots)}{f', seed {one.seed}' if one.seed else ''})"
