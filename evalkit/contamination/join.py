"""A run and the overlaps of its tasks in, `Contamination` out: every number split, and what was found of its examples.

Each sample is clean, dirty or unscored by its example; one that the overlaps do not know is none of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.contamination import scores as split_scores
from evalkit.contamination.overlaps import CLEAN, DIRTY, Match, Overlap, Overlaps
from evalkit.contamination.scores import SplitScore
from evalkit.contamination.split import Numbers, split
from evalkit.errors import ContaminationError
from evalkit.metrics import METRICS
from evalkit.metrics.recount import recounted
from evalkit.schema import Result, Sample, Setting

PER_EXAMPLE, IN_ALL = 3, 200  # matches that a run keeps
LONG, AROUND = 600, 160  # characters of a match's text, and of what stands around it


@dataclass(frozen=True, slots=True)
class Contamination:
    """What a run keeps of overlaps: their `manifest`; the numbers, split; of each task of theirs the `marked` examples
    of the run, which are not clean (`dirty`, `unscored`, or empty where the overlaps do not know them); some matches of
    the dirty ones; and notes on what has no number, with the reason.
    """

    manifest: Mapping[str, Any]
    scores: tuple[SplitScore, ...]
    marked: Mapping[str, Mapping[str, str]]
    matches: tuple[Match, ...]
    notes: tuple[str, ...]

    def status(self, task: str, example: str) -> str:
        """`clean`, `dirty`, `unscored`, or empty where nothing is known."""
        return self.marked[task].get(example, CLEAN) if task in self.marked else ""


def opened(overlaps: str | Path | Overlaps) -> Overlaps:
    """The overlaps, read if only their path is given.

    Raises:
        ContaminationError: they cannot be read.
    """
    return overlaps if isinstance(overlaps, Overlaps) else Overlaps.read(Path(overlaps))


def check(overlaps: Overlaps, tasks: Sequence[Mapping[str, Any]]) -> None:
    """See whether the overlaps are of the data that a run's tasks (as its manifest has them) are of.

    Raises:
        ContaminationError: they are of another version of a task's data, or of another split.
    """
    versions = {one["name"]: str(one["data"]) for one in overlaps.manifest["tasks"]}
    for one in tasks:
        theirs = versions.get(one["task"], one["data"])
        if one["data"] != theirs and not one["data"].startswith(f"{theirs}+"):
            raise ContaminationError(
                f"{overlaps.path}: {one['task']} was looked for as it is in {theirs}, and the run is of {one['data']}; "
                "run `evalkit decontaminate` on the same data and split"
            )


def statuses(overlaps: Overlaps, task: str, samples: Sequence[Sample]) -> dict[str, str]:
    """The status of each example that the overlaps know."""
    ids = (sample.query.example.id for sample in samples)
    return {one: overlaps.examples[task, one].status for one in ids if (task, one) in overlaps.examples}


def join(
    overlaps: Overlaps,
    tasks: Sequence[Mapping[str, Any]],
    samples: Mapping[Setting, Sequence[Sample]],
    results: Sequence[Result],
    redacted: bool = False,
    anew: bool = False,
) -> Contamination:
    """Split a run's numbers; a task that the overlaps do not know is left out, with a note. Without texts if `redacted`
    is true. If `anew` is true, the samples come from a log, and a number that they do not give again (a redacted log
    has no text) is left out too.

    Raises:
        ContaminationError: `check` refuses.
    """
    check(overlaps, tasks)
    sizes = {one["name"]: int(one["n"]) for one in overlaps.manifest["tasks"]}
    scores: list[SplitScore] = []
    marked: dict[str, dict[str, str]] = {}
    notes: dict[str, None] = {}
    found: dict[str, dict[str, Overlap]] = {}
    for (task, name), one in overlaps.examples.items():
        found.setdefault(task, {})[name] = one
    for setting, own in samples.items():
        task = setting.task
        if task not in sizes:
            notes[f"{task}: not among the tasks of these overlaps, so nothing is known of it"] = None
            continue
        there = found.get(task, {})
        known = {sample.query.example.id: there.get(sample.query.example.id) for sample in own}
        marks = {name: one.status if one is not None else "" for name, one in known.items()}
        marked.setdefault(task, {}).update({name: mark for name, mark in marks.items() if mark != CLEAN})
        if strange := sum(one is None for one in known.values()):
            notes[f"{task}: {strange:,} of {len(known):,} examples are not in these overlaps and have no part here"] = (
                None
            )
        numbers, lost = _numbers(setting, own, results, str(overlaps.manifest["signature"]), anew)
        notes.update(dict.fromkeys(lost))
        scores.extend(split(setting, own, numbers, there, sizes[task]))
    matches = tuple(_clipped(match, redacted) for match in _chosen(overlaps, marked))
    return Contamination(overlaps.manifest, tuple(scores), marked, matches, tuple(notes))


def as_json(contamination: Contamination) -> dict[str, Any]:
    """As JSON has it."""
    return asdict(contamination)


def from_json(values: Mapping[str, Any]) -> Contamination:
    """From its JSON.

    Raises:
        KeyError, TypeError: a field is missing or unknown.
    """
    scores = tuple(map(split_scores.from_json, values["scores"]))
    matches = tuple(Match(**one) for one in values["matches"])
    return Contamination(**{**values, "scores": scores, "matches": matches, "notes": tuple(values["notes"])})


def _numbers(
    setting: Setting, samples: Sequence[Sample], results: Sequence[Result], signature: str, anew: bool
) -> tuple[list[Numbers], list[str]]:
    """The setting's own numbers that its samples give again, and what is said of the others."""
    numbers, lost = [], []
    for result in results:
        of = Setting(result.task, result.prompt, result.shots, result.seed)
        if of == setting and not result.subset and result.metric in METRICS:
            if not anew or recounted(result, samples) is not None:
                numbers.append(Numbers(result.metric, result.scorer, f"{result.signature}|{signature}"))
            else:
                lost.append(
                    f"{setting.task}: {result.metric} cannot be counted anew from this log, which keeps no text; give "
                    "--contamination to `evalkit run`"
                )
    return numbers, lost


def _chosen(overlaps: Overlaps, marked: Mapping[str, Mapping[str, str]]) -> list[Match]:
    """The longest matches of the dirty examples: one of each, then a second, as long as there is room."""
    found = [
        (place, -match.extended, match)
        for task, marks in marked.items()
        for name, mark in marks.items()
        if mark == DIRTY
        for place, match in enumerate(_longest(overlaps.matches.get((task, name), ())))
    ]
    chosen = sorted(found, key=lambda one: one[:2])[:IN_ALL]
    return [match for _, _, match in sorted(chosen, key=lambda one: (one[2].task, one[1], one[2].id))]


def _longest(matches: Sequence[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: -match.extended)[:PER_EXAMPLE]


def _clipped(match: Match, redacted: bool) -> Match:
    if redacted:
        return replace(match, before="", text="", after="")
    text = match.text if len(match.text) <= LONG else f"{match.text[:LONG]} …"
    return replace(match, before=match.before[-AROUND:], text=text, after=match.after[:AROUND])
