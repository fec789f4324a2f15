"""What a run says in a sentence or two: a run in, words out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.report.loaded import Loaded
from evalkit.report.summary import interval, measured_by, number, short_names, shots_text
from evalkit.runs.diagnostics import BELOW_CHANCE, CONSTANT, RANDOM, Diagnosis, by_setting
from evalkit.schema import Result, Setting

_NAMED = 6  # tasks or suites, at most, that are named one by one


def verdict(run: Loaded) -> str:
    """The suites' averages or the one task's number, and how much of it is more than guessing."""
    averages = [one for one in run.results if one.metric == "average"]
    suites = list(dict.fromkeys(one.task for one in averages))
    told = [_average(suite, [one for one in averages if one.task == suite]) for suite in suites[:_NAMED]]
    if len(suites) > _NAMED:
        told.append(f"And {len(suites) - _NAMED:,} more suites.")
    mains = _mains(run.results)
    if not averages and mains:
        told = [_single(mains) if len({one.task for one in mains}) == 1 else _several(mains)]
    guessed = _against_guessing(run.diagnoses, mains)
    return " ".join([*told, *guessed]) or "There is no number in this run."


def extent(run: Loaded) -> str:
    """What was run: how many tasks and requests, in how long."""
    manifest = run.manifest
    asked = _count(len({one["task"] for one in manifest.tasks}), "task")
    if imported := manifest.arguments.get("imported"):
        return f"{asked}, imported: measured by {_programs(imported)}, without samples."
    seeds = len({one.seed for one in run.results})
    most = max(
        Counter(task for task, _ in {(one["task"], one["prompt"]) for one in manifest.tasks}).values(), default=1
    )
    settings = [f"up to {most} prompts of each"] * (most > 1) + [f"{seeds} seeds"] * (seeds > 1)
    shots = sorted({one.shots for one in run.results})
    counts = f"at {', '.join(map(str, shots))} shot{'s' if shots != [1] else ''}"
    work = f"{_count(manifest.work.requests, 'request')} in {manifest.seconds:,.0f} seconds"
    return f"{', '.join([asked, counts, *settings])}: {work}."


def _average(suite: str, averages: Sequence[Result]) -> str:
    alike = [one for one in averages if (one.prompt, one.seed) == (averages[0].prompt, averages[0].seed)]
    best = max(alike, key=lambda one: one.value)
    several = f", its highest of {len(alike)} numbers of shots" if len(alike) > 1 else ""
    return f"{suite} averages {_bounded(best)} at {shots_text(best.shots)}{several}."


def _single(mains: Sequence[Result]) -> str:
    points = ", ".join(f"{_bounded(one)} at {shots_text(one.shots)}" for one in mains)
    return f"{mains[0].task}, {measured_by(mains[0].metric, mains[0].scorer)}: {points}."


def _bounded(one: Result) -> str:
    """A number, with its interval where it has one."""
    bounds = interval(one.metric, one.low, one.high)
    return f"{number(one.metric, one.value)} ({bounds})" if bounds else number(one.metric, one.value)


def _several(mains: Sequence[Result]) -> str:
    """Each task at its most shots, as long as they are few; else how many they are."""
    last = _last(mains)
    if len(last) > _NAMED:
        return f"{len(last):,} tasks were measured."
    names = short_names(one.task for one in last)
    told = [
        f"{names[one.task]} {number(one.metric, one.value)} ({measured_by(one.metric, one.scorer)})" for one in last
    ]
    return f"At the most shots: {', '.join(told)}."


def _against_guessing(diagnoses: Sequence[Diagnosis], mains: Sequence[Result]) -> list[str]:
    """Of how many tasks' first numbers, each at its highest number of shots, the whole interval is above guessing."""
    settings = by_setting(diagnoses)
    last = _last(mains)
    above, below, constant, total = 0, 0, 0, 0
    for one in last:
        own = settings.get(Setting(one.task, one.prompt, one.shots, one.seed))
        guess = own.baseline(RANDOM, one.metric) if own is not None else None
        if own is None or guess is None:
            continue
        total += 1
        above += one.low is not None and one.low > guess.value
        below += any(flag.kind == BELOW_CHANCE and flag.metric == one.metric for flag in own.flags)
        constant += any(flag.kind == CONSTANT for flag in own.flags)
    if not total:
        return []
    more = [f"{below} below it for sure"] * bool(below) + [
        f"{constant} answered with one and the same answer throughout"
    ] * bool(constant)
    known = "" if total == len(last) else " that guessing has a score for"
    told = f"Above guessing for sure: {above} of {_count(total, 'task')}{known}, each at its most shots"
    return [f"{told}; {', '.join(more)}." if more else f"{told}."]


def _last(mains: Sequence[Result]) -> list[Result]:
    """Each task's number at its most shots."""
    return list({one.task: one for one in sorted(mains, key=lambda one: one.shots)}.values())


def _mains(results: Sequence[Result]) -> list[Result]:
    """Of every task the first metric under its first prompt and seed, at each number of shots."""
    first: dict[str, Result] = {}
    found = []
    for one in results:
        if one.metric == "average" or one.subset:
            continue
        best = first.setdefault(one.task, one)
        alike = (one.prompt, one.metric, one.scorer) == (best.prompt, best.metric, best.scorer)
        if alike and one.seed == best.seed:
            found.append(one)
    return found


def _programs(imported: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({one["format"] for one in imported}))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
