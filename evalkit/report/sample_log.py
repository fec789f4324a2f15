"""The sample logs of a report's runs, without their texts: runs in, tasks and prompts with their examples out, and what
each sample is found by.

An example of a task and prompt is the same one in every setting and every run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.contamination.overlaps import CLEAN, DIRTY, UNSCORED
from evalkit.report.loaded import Loaded
from evalkit.schema import Setting

# What a sample is found by, as bits of one number; a sample that is not judged is neither right nor wrong.
_NAMES = ("right", "wrong", "tied", "truncated", "flipped", CLEAN, DIRTY, UNSCORED)
FLAGS: Mapping[str, int] = {name: 1 << place for place, name in enumerate(_NAMES)}

Key = tuple[str, str, str]  # task, prompt, data

_KEYS = ("task", "prompt", "shots", "seed")
_LIGHT = (*_KEYS, "normalisation", "id", "breakdown", "correct", "tied", "truncated", "contamination")


@dataclass(frozen=True, slots=True)
class Asked:
    """One setting of one run: in which row of its file each example stands, by the example's place in its section, and
    the flags of each example.
    """

    run: int
    setting: Setting
    normalisation: str
    file: Path
    rows: Mapping[int, int]
    flags: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Section:
    """A task and prompt, over all runs: `told` is what a manifest says of it, `examples` are their ids in the order of
    the data, `parts` what numbers are broken down by, `column=value`, of each example.
    """

    told: Mapping[str, Any]
    examples: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    asked: tuple[Asked, ...]


def sections(runs: Sequence[Loaded]) -> list[Section]:
    """The tasks and prompts of all runs, settings in order of run, shots and seed.

    Raises:
        RunError: a log is damaged.
    """
    told = {_key(one): one for run in reversed(runs) for one in reversed(run.manifest.tasks)}  # the first run's
    logs: dict[Key, list[tuple[int, Path, dict[str, list[Any]]]]] = {}
    for place, run in enumerate(runs):
        keys = {(one["task"], one["prompt"]): _key(one) for one in run.manifest.tasks}
        for file in run.folder.sample_files():
            log = run.folder.read_sample_table(file, _LIGHT).to_pydict()
            if log["id"]:
                logs.setdefault(keys[log["task"][0], log["prompt"][0]], []).append((place, file, log))
    return [_section(told[key], logs[key], runs) for key in reversed(told) if key in logs]


def _key(told: Mapping[str, Any]) -> Key:
    """Ids mean the same examples where the data that are scored are the same."""
    return told["task"], told["prompt"], told["data"].partition("+")[0]


def _section(
    told: Mapping[str, Any], logs: Sequence[tuple[int, Path, dict[str, list[Any]]]], runs: Sequence[Loaded]
) -> Section:
    ordered = sorted(logs, key=lambda one: (one[0], one[2]["shots"][0], one[2]["seed"][0]))
    parts: dict[str, tuple[str, ...]] = {}
    for _, _, log in ordered:
        for name, own in zip(log["id"], log["breakdown"], strict=True):
            parts.setdefault(name, tuple(own))
    places = {name: place for place, name in enumerate(parts)}
    flipped = _flipped(ordered) if told["judged"] else set()
    asked = [
        Asked(
            run,
            Setting(*(log[key][0] for key in _KEYS)),
            log["normalisation"][0],
            file,
            {places[name]: row for row, name in enumerate(log["id"])},
            {places[name]: flags for name, flags in _flags(told, log, runs[run], flipped)},
        )
        for run, file, log in ordered
    ]
    return Section(told, tuple(parts), tuple(parts.values()), tuple(asked))


def _flipped(logs: Sequence[tuple[int, Path, dict[str, list[Any]]]]) -> set[str]:
    """The examples that are right here and wrong there."""
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for _, _, log in logs:
        for name, correct in zip(log["id"], log["correct"], strict=True):
            seen[correct].add(name)
    return seen[True] & seen[False]


def _flags(told: Mapping[str, Any], log: dict[str, list[Any]], run: Loaded, flipped: set[str]) -> list[tuple[str, int]]:
    """The flags of each id. What the run was held against since is known better than what the log says."""
    known = run.contamination
    statuses = log["contamination"] if known is None else [known.status(told["task"], name) for name in log["id"]]
    columns = (log[key] for key in ("id", "correct", "tied", "truncated"))
    return [
        (
            name,
            (told["judged"] and FLAGS["right" if correct else "wrong"])
            | (tied and FLAGS["tied"])
            | (truncated > 0 and FLAGS["truncated"])
            | (name in flipped and FLAGS["flipped"])
            | FLAGS.get(status, 0),
        )
        for name, correct, tied, truncated, status in zip(*columns, statuses, strict=True)
    ]
