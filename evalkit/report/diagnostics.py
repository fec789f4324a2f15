"""Baselines, flags, calibration, and the parts of variance, on the page and on a terminal: records in; rows and words
out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.report.drawing import on_page
from evalkit.report.reliability import MOST, reliability_drawing
from evalkit.report.series import Series
from evalkit.report.strips import MOST as MOST_STRIPS
from evalkit.report.strips import spread_drawing
from evalkit.report.summary import number, shots_text
from evalkit.runs.diagnostics import (
    BELOW_CHANCE,
    CONSTANT,
    LONGEST,
    MAJORITY,
    PRIOR,
    RANDOM,
    Baseline,
    Calibration,
    Diagnosis,
    Flag,
    Variation,
    by_setting,
)
from evalkit.schema import Result, Setting

BASELINES = (RANDOM, MAJORITY, LONGEST, PRIOR)
_HALF = 0.5  # the coverage at which selective accuracy is told
_INCLUDED = {"sampling": "examples"}  # what the others are called is what they are


@dataclass(frozen=True, slots=True)
class Beside:
    """One number beside its baselines (None where there is no such), and what is said of it."""

    result: Result
    baselines: tuple[Baseline | None, ...]
    said: tuple[str, ...]


def panel(
    results: Sequence[Result], diagnoses: Sequence[Diagnosis], variations: Sequence[Variation]
) -> dict[str, Any] | None:
    """Everything that the page's sections show; None where there is nothing."""
    if not diagnoses and not variations:
        return None
    rows = beside_baselines(results, diagnoses)
    calibrations = [one for one in diagnoses if one.calibration is not None]
    reliability = reliability_drawing(calibrations, most=MOST)
    strips = spread_drawing(Series("", 0, results, diagnoses, variations), most=MOST_STRIPS)
    return {
        "rows": rows,
        "columns": [name for place, name in enumerate(BASELINES) if any(row.baselines[place] for row in rows)],
        "places": [place for place, _ in enumerate(BASELINES) if any(row.baselines[place] for row in rows)],
        "lines": flag_lines(diagnoses),
        "calibrations": calibrations,
        "figure": on_page(reliability) if reliability else None,
        "figures": MOST,
        "half": half,
        "variations": variations,
        "strips": on_page(strips) if strips else None,
        "grid": grid,
        "part": part,
        "includes": includes,
        "several": {key: len({getattr(one, key) for one in diagnoses}) > 1 for key in ("prompt", "shots", "seed")},
    }


def beside_baselines(results: Sequence[Result], diagnoses: Sequence[Diagnosis]) -> list[Beside]:
    """Every number that has baselines, in the order of the results."""
    settings = by_setting(diagnoses)
    rows = []
    for result in results:
        own = settings.get(Setting(result.task, result.prompt, result.shots, result.seed))
        if own is None or result.subset or own.baseline(RANDOM, result.metric) is None:
            continue
        said = said_of(result.metric, own.flags)
        rows.append(Beside(result, tuple(own.baseline(name, result.metric) for name in BASELINES), said))
    return rows


def said_of(metric: str, flags: Sequence[Flag]) -> tuple[str, ...]:
    """What flags say of a number of this metric, in a few words each."""
    return tuple(_said(flag) for flag in flags if flag.metric in ("", metric))


def flag_lines(diagnoses: Sequence[Diagnosis]) -> list[str]:
    """One line for each flag of a task, prompt and metric, with the settings under which it stands."""
    seeds: dict[tuple[str, str, int], list[int]] = {}
    gathered: dict[tuple[str, str, str, str, str], dict[int, list[tuple[int, Flag]]]] = {}
    for one in diagnoses:
        seeds.setdefault((one.task, one.prompt, one.shots), []).append(one.seed)
        for flag in one.flags:
            key = (one.task, one.prompt, flag.kind, flag.metric, flag.answer)
            gathered.setdefault(key, {}).setdefault(one.shots, []).append((one.seed, flag))
    lines = []
    for (task, prompt, *_), of in gathered.items():
        at = "; ".join(_at(shots, own, len(own) < len(seeds[task, prompt, shots])) for shots, own in of.items())
        lines.append(f"{task} ({prompt}): {_meant(next(iter(of.values()))[0][1])}: {at}")
    return lines


def grid(one: Variation) -> str:
    """How many prompts and seeds a number is over, if more than one."""
    counts = (("prompt", len(one.prompts)), ("seed", len(one.seeds)))
    return " × ".join(f"{count} {name}s" for name, count in counts if count > 1)


def part(metric: str, variance: float | None) -> str:
    """A part of the variance as a standard deviation, in the metric's unit; a dash where it cannot be told."""
    return "–" if variance is None else number(metric, variance**0.5)


def includes(one: Variation) -> str:
    """What the interval of a mean includes, in words."""
    return ", ".join(_INCLUDED.get(name, name) for name in one.includes)


def half(calibration: Calibration) -> float:
    """The accuracy on the half of the samples that the model is surest of."""
    return min(calibration.selective, key=lambda one: abs(one[0] - _HALF))[1]


def _said(flag: Flag) -> str:
    if flag.kind == CONSTANT:
        return f"always answers {flag.answer}"
    return flag.kind if flag.kind == BELOW_CHANCE else f"no better than always {flag.answer}"


def _meant(flag: Flag) -> str:
    if flag.kind == CONSTANT:
        return f"every answer is {flag.answer}"
    against = number(flag.metric, flag.against or 0.0)
    if flag.kind == BELOW_CHANCE:
        return f"{flag.metric} is below guessing, {against}"
    return f"{flag.metric} is no better than always {flag.answer}, {against}"


def _at(shots: int, own: Sequence[tuple[int, Flag]], is_part: bool) -> str:
    """Where a flag stands: the numbers, at how many shots, under which seeds if it is not all."""
    values = sorted({flag.value for _, flag in own if flag.value is not None})
    ends = dict.fromkeys(number(own[0][1].metric, value) for value in (values[:1] + values[-1:]))
    told = f"{'–'.join(ends)} at {shots_text(shots)}" if values else f"at {shots_text(shots)}"
    seeds = ", ".join(str(seed) for seed, _ in own)
    return f"{told} (seed{'s' if len(own) > 1 else ''} {seeds})" if is_part else told
