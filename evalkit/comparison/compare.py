"""Compares runs with the first of them: run folders in, a `Comparison` out. Also the public Python API."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from evalkit.comparison.averages import average
from evalkit.comparison.flips import Log, flips, log_of
from evalkit.comparison.manifests import changes
from evalkit.comparison.matching import match
from evalkit.comparison.numbers import bare, difference, is_right_or_wrong, verdict
from evalkit.comparison.record import Change, Comparison, Contrast, Difference, Run
from evalkit.comparison.words import several
from evalkit.errors import UsageError
from evalkit.metrics.base import Metric
from evalkit.report.summary import measured_by, setting_text
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.runs.outcomes import Outcomes, outcomes
from evalkit.runs.pairs import Pair
from evalkit.runs.signatures import differing
from evalkit.schema import Result, Setting
from evalkit.statistics import holm

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_AVERAGE = "average"
_EXPECTED = ("model",)  # the field of signatures because of which two runs are compared

_Measured = tuple[Difference, tuple[Pair, Metric] | None]


class _Read(NamedTuple):
    """All that is read of a run. `results` are of whole tasks and of suites; `parts` counts the others."""

    run: Run
    manifest: Manifest
    results: list[Result]
    parts: int
    outcomes: Mapping[Result, Outcomes]
    log: Log


def compare(baseline: str | Path, *others: str | Path) -> Comparison:
    """Compare runs with the first of them, item by item.

    Args:
        baseline, others: run folders, as `evalkit run` writes them; at least one other.

    Raises:
        UsageError: there is no other run, or more than there are letters.
        RunError: a folder has no run, or it is damaged or unfinished.
    """
    if not 1 <= len(others) < len(_LETTERS):
        found = "one run" if not others else f"{1 + len(others)} runs"
        raise UsageError(f"{found} given: compare takes from 2 to {len(_LETTERS)} run folders, the baseline first")
    first = _read(Path(baseline), _LETTERS[0])
    letters = _LETTERS[1 : 1 + len(others)]
    contrasts = tuple(_contrast(first, _read(Path(path), label)) for path, label in zip(others, letters, strict=True))
    return Comparison(first.run, contrasts)


def _read(path: Path, label: str) -> _Read:
    folder = RunFolder.open(path)
    manifest, results = folder.read_manifest(), folder.read_results()
    found, _ = outcomes(folder)  # what cannot be counted anew is told number by number
    model = manifest.model
    run = Run(label, path, model["name"], model["version"], model["dtype"], manifest.started, manifest.status)
    whole = [result for result in results if not result.subset]
    counted = {one.result: one for one in found}
    return _Read(run, manifest, whole, len(results) - len(whole), counted, log_of(folder.read_samples()))


def _contrast(first: _Read, second: _Read) -> Contrast:
    pairs, *lone = match(first.results, second.results)
    measured = [_measure(first, second, pair) for pair in pairs if pair[0].metric != _AVERAGE]
    tasks = [(one, *items) for one, items in measured if items is not None]
    told = _adjusted([one for one, _ in measured])
    told += [_judged(average(pair, tasks)) for pair in pairs if pair[0].metric == _AVERAGE]
    return Contrast(
        second.run,
        _signature_changes([one.results for one in told if one.results[0].metric != _AVERAGE or one.why]),
        changes(first.manifest, second.manifest),
        tuple(told),
        (tuple(map(_name_of, lone[0])), tuple(map(_name_of, lone[1]))),
        tuple(_notes(first, second, told)),
    )


def _measure(first: _Read, second: _Read, results: tuple[Result, Result]) -> _Measured:
    """A number of both runs, its items if they can be paired, and what it was counted from."""
    is_first = _is_first(results[0], first.results)
    one, other = first.outcomes.get(results[0]), second.outcomes.get(results[1])
    if one is None or other is None:
        return bare(results, is_first, _why(first, second, results)), None
    told, paired = difference(one, other, is_first)
    offensive = any(
        asked["offensive"]
        for run in (first, second)
        for asked in run.manifest.tasks
        if asked["task"] == results[0].task
    )
    if paired is not None and paired.is_by_item and is_right_or_wrong(one.metric) and "data" not in told.unlike:
        told = replace(told, flips=flips(paired, results, (first.log, second.log)))
    return replace(told, is_offensive=offensive), (paired, one.metric) if paired is not None else None


def _why(first: _Read, second: _Read, results: tuple[Result, Result]) -> str:
    """Why a number cannot be paired though both runs have it."""
    for run, one in zip((first, second), results, strict=True):
        if Setting(one.task, one.prompt, one.shots, one.seed) not in run.log:
            return f"{run.run.label} has no samples of it (an imported run has none)"
    return "it cannot be counted anew from a log that keeps no text"


def _is_first(result: Result, results: Sequence[Result]) -> bool:
    """Whether a number is the first one of its task in this setting."""
    setting = (result.task, result.prompt, result.shots, result.seed)
    return next(one for one in results if (one.task, one.prompt, one.shots, one.seed) == setting) == result


def _adjusted(told: Sequence[Difference]) -> list[Difference]:
    """With p-values of tasks' first metrics adjusted for how many there are, and with verdicts."""
    places = [place for place, one in enumerate(told) if one.is_first and one.test is not None]
    adjusted = dict(
        zip(places, holm([one.test.p for one in told if one.is_first and one.test is not None]), strict=True)
    )
    return [
        _judged(replace(one, test=replace(one.test, adjusted=adjusted.get(place))) if one.test is not None else one)
        for place, one in enumerate(told)
    ]


def _judged(one: Difference) -> Difference:
    p = None if one.test is None else one.test.p if one.test.adjusted is None else one.test.adjusted
    return replace(one, verdict=verdict(one.results[0].metric, one.values, p))


def _signature_changes(pairs: Sequence[tuple[Result, Result]]) -> tuple[Change, ...]:
    """What differs in signatures besides the model, each difference once, with the numbers that it is of."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for pair in pairs:
        for field, (one, other) in differing(pair[0].signature, pair[1].signature, _EXPECTED).items():
            found.setdefault((field, one, other), []).append(setting_text(pair[0]))
    return tuple(Change(*key, tuple(dict.fromkeys(where))) for key, where in found.items())


def _name_of(result: Result) -> str:
    """What a number is of."""
    return f"{setting_text(result)}: {measured_by(result.metric, result.scorer)}"


def _notes(first: _Read, second: _Read, told: Sequence[Difference]) -> Iterator[str]:
    """What has to be known beside the numbers."""
    for run, other in ((first, second), (second, first)):
        if run.run.status != "complete":
            yield f"{run.run.label} is {run.run.status}"
        if alone := [name for name in run.manifest.skipped if name not in other.manifest.skipped]:
            yield f"{run.run.label} left out, and {other.run.label} did not: {several(alone)}"
    if first.parts or second.parts:
        yield (
            f"numbers of parts of tasks are not compared: {first.run.label} has {first.parts:,}, "
            f"{second.run.label} {second.parts:,}"
        )
    found: dict[str, dict[str, None]] = {}
    for one in told:
        for what, sides in _surprises(one):
            told_of = f"{setting_text(one.results[0])}: {sides[0]} and {sides[1]}"
            found.setdefault(what, {})[told_of] = None
    for what, where in found.items():
        yield f"{what}, {first.run.label} and {second.run.label}: {several(list(where), '; ')}"


def _surprises(one: Difference) -> Iterator[tuple[str, tuple[str, str]]]:
    """What two signatures may share and two models still did not: shots that fit, contexts that were cut; and items
    that only one run has.
    """
    if one.results[0].metric == _AVERAGE:
        return
    shots, cut = ([getattr(side, key) for side in one.results] for key in ("effective_shots", "truncated"))
    if any(side.effective_shots < side.shots for side in one.results) and f"{shots[0]:.1f}" != f"{shots[1]:.1f}":
        yield "shots that fit the window, on average", (f"{shots[0]:.1f}", f"{shots[1]:.1f}")
    if cut[0] != cut[1]:
        yield "contexts cut to fit the window", (str(cut[0]), str(cut[1]))
    if any(one.left_out):
        yield "items left out, as the other run lacks them", (f"{one.left_out[0]:,}", f"{one.left_out[1]:,}")
