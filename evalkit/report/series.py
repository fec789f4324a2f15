"""Runs as figures have them: runs in; out, for each task, every run's numbers by shots, and what stands beside
them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from evalkit.report.loaded import Loaded
from evalkit.report.summary import is_share, measured_by, number
from evalkit.runs.diagnostics import MAJORITY, RANDOM, Diagnosis, Variation
from evalkit.schema import Result

_GUESSES = (RANDOM, MAJORITY)
_FRACTIONS = ("fraction", "score 0-1")  # units of papers; any other share is printed in percent
_SHOTS = {"": 0, "zero-shot": 0, "one-shot": 1}  # settings of papers that say it without a number


@dataclass(frozen=True, slots=True)
class Series:
    """One run: what it is called; how many parameters its model has, 0 where that is not known; its numbers; and what
    stands beside these, as its folder keeps it.
    """

    label: str
    parameters: int
    results: Sequence[Result]
    diagnoses: Sequence[Diagnosis] = ()
    variations: Sequence[Variation] = ()
    beside: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A number at so many shots: the mean over so many `seeds`, of which one gave the `least` and one the `most`; `low`
    and `high` bound its 95 % interval, None where there is none.
    """

    shots: int
    value: float
    low: float | None
    high: float | None
    seeds: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of one run under one prompt, by shots; `run` is its place among the runs, and `is_first` says that the
    prompt is the first one there.
    """

    run: int
    prompt: str
    is_first: bool
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A paper's number: of which model, at how many shots."""

    model: str
    shots: int
    value: float


@dataclass(frozen=True, slots=True)
class Panel:
    """One task with its first metric: every run's curves, what the baselines `guesses` have by their names, and what a
    paper has under the same protocol.
    """

    task: str
    metric: str
    scorer: str
    curves: tuple[Curve, ...]
    guesses: Mapping[str, float]
    marks: tuple[Mark, ...]

    @property
    def measure(self) -> str:
        """What is measured: the metric, and by which scorer where one has judged texts."""
        return measured_by(self.metric, self.scorer)


def series_of(run: Loaded) -> Series:
    """A run as figures have it."""
    parameters = int(run.manifest.model["parameters"] or 0)
    return Series(run.label, parameters, run.results, run.diagnoses, run.variations, run.beside)


def panels(series: Sequence[Series]) -> list[Panel]:
    """Every task of the runs in their order, averages last, with the first metric that a run has of it."""
    first: dict[str, tuple[str, str]] = {}
    gathered: dict[str, dict[tuple[int, str], list[Result]]] = {}
    for place, run in enumerate(series):
        for one in run.results:
            if not one.subset and first.setdefault(one.task, (one.metric, one.scorer)) == (one.metric, one.scorer):
                gathered.setdefault(one.task, {}).setdefault((place, one.prompt), []).append(one)
    tasks = sorted(gathered, key=lambda task: first[task][0] == "average")
    return [_panel(series, task, *first[task], gathered[task]) for task in tasks]


def under(panel: Panel, prompt: str, series: Sequence[Series]) -> Panel:
    """The panel of one prompt alone: its curves and its baselines, without a paper's numbers."""
    curves, guesses = tuple(curve for curve in panel.curves if curve.prompt == prompt), dict[str, float]()
    for curve in curves:
        for name, value in _guesses(series[curve.run].diagnoses, panel.task, prompt, panel.metric):
            guesses.setdefault(name, value)
    return replace(panel, curves=curves, guesses=guesses, marks=())


def told(metric: str, point: Point) -> str:
    """A point in words."""
    return f"{told_value(metric, point)} at {point.shots}"


def told_value(metric: str, point: Point) -> str:
    """A point in words, without its number of shots."""
    value = number(metric, point.value)
    if point.seeds == 1:
        return value
    return f"{value} ({number(metric, point.least)} to {number(metric, point.most)} over {point.seeds} seeds)"


def shots_of(panel: Panel) -> list[int]:
    """The numbers of shots that a panel has points at, ascending."""
    return sorted({point.shots for curve in panel.curves for point in curve.points})


def _panel(
    series: Sequence[Series], task: str, metric: str, scorer: str, gathered: Mapping[tuple[int, str], Sequence[Result]]
) -> Panel:
    curves, guesses, marks, seen = [], dict[str, float](), dict[Mark, None](), set[int]()
    for (place, prompt), results in gathered.items():
        run = series[place]
        is_first = place not in seen
        seen.add(place)
        curves.append(Curve(place, prompt, is_first, tuple(_points(results, run.variations))))
        if is_first:
            for name, value in _guesses(run.diagnoses, task, prompt, metric):
                guesses.setdefault(name, value)
            marks |= dict.fromkeys(_marks(run.beside, task, prompt, metric))
    curves.sort(key=lambda curve: curve.run)
    return Panel(task, metric, scorer, tuple(curves), guesses, tuple(marks))


def _points(results: Iterable[Result], variations: Sequence[Variation]) -> Iterator[Point]:
    by_shots: dict[int, list[Result]] = {}
    for one in results:
        by_shots.setdefault(one.shots, []).append(one)
    for shots, own in sorted(by_shots.items()):
        values = [one.value for one in own]
        low, high = (own[0].low, own[0].high) if len(own) == 1 else _interval(own, variations)
        yield Point(shots, fmean(values), low, high, len(own), min(values), max(values))


def _interval(own: Sequence[Result], variations: Sequence[Variation]) -> tuple[float | None, float | None]:
    """The interval of a mean over seeds, where the run has one of exactly these."""
    one = own[0]
    key = (one.task, one.shots, one.metric, one.scorer, (one.prompt,), {each.seed for each in own})
    for mean in variations:
        if (mean.task, mean.shots, mean.metric, mean.scorer, mean.prompts, set(mean.seeds)) == key:
            return mean.low, mean.high
    return None, None


def _guesses(diagnoses: Sequence[Diagnosis], task: str, prompt: str, metric: str) -> Iterator[tuple[str, float]]:
    for one in diagnoses:
        if (one.task, one.prompt) == (task, prompt):
            for name in _GUESSES:
                if (baseline := one.baseline(name, metric)) is not None:
                    yield name, baseline.value


def _marks(beside: Sequence[Mapping[str, Any]], task: str, prompt: str, metric: str) -> Iterator[Mark]:
    """A paper's numbers in our unit; those at a number of shots that the paper does not tell have no place."""
    for one in beside:
        result = one["result"]
        key = (result["task"], result["prompt"], result["metric"], result["subset"])
        if key != (task, prompt, metric, ""):
            continue
        is_other = any(flag["kind"] == "shots" for flag in one["flags"])
        for figure in one["figures"]:
            shots = figure["k_shot"]
            if shots is None:
                shots = _SHOTS.get(figure["setting"], None if is_other else result["shots"])
            if shots is not None:
                yield Mark(figure["model"], shots, _ours(metric, figure["value"], one["unit"]))


def _ours(metric: str, value: float, unit: str) -> float:
    return value / 100 if is_share(metric) and unit not in _FRACTIONS else value
