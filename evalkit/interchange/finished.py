"""A run as every format needs it: its folder in, its manifest, results and what is known of its data sets out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError, InterchangeError, UsageError
from evalkit.library import Library
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result
from evalkit.tasks.parse import find_tasks

Samples = Callable[[], Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class HubData:
    """The data set of a task on the hub. `revision` is told only where the rows were read from there."""

    path: str
    name: str
    split: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run. `data` has what is known of the tasks' data sets, `samples` reads the sample log."""

    manifest: Manifest
    results: tuple[Result, ...]
    data: Mapping[str, HubData]
    samples: Samples

    def entry(self, result: Result) -> Mapping[str, Any]:
        """What the manifest says of the task and prompt of a result; nothing of a suite."""
        for one in self.manifest.tasks:
            if (one["task"], one["prompt"]) == (result.task, result.prompt):
                return one
        return {}

    @property
    def started(self) -> datetime:
        """When the run began."""
        return datetime.fromisoformat(self.manifest.started)


@dataclass(frozen=True, slots=True)
class Exported:
    """A run in another format: file name (a path with `/`) to content, and what had to be left out, one line each."""

    files: Mapping[str, str | bytes]
    left_out: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The results that are to be exported: of these shots, prompts and seeds alone, where any are given."""

    shots: tuple[int, ...] = ()
    prompts: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    def has(self, result: Result) -> bool:
        """Whether a result is wanted; one without shots is of every seed."""
        return (
            (not self.shots or result.shots in self.shots)
            and (not self.prompts or result.prompt in self.prompts)
            and (not self.seeds or result.seed in self.seeds or not result.shots)
        )


def finished(path: Path, wanted: Wanted) -> Finished:
    """The run in a folder.

    Raises:
        RunError: there is none, or it has no results.
        InterchangeError: it is not done, or has nothing of what is wanted.
    """
    folder = RunFolder.open(path)
    manifest, every = folder.read_manifest(), folder.read_results()
    if manifest.status not in ("complete", "partial"):
        raise InterchangeError(f"{path}: this run is {manifest.status}. Let it finish: the same command goes on")
    results = tuple(result for result in every if wanted.has(result))
    if not results:
        there = "; ".join(
            f"{name} {', '.join(map(str, sorted({getattr(result, key) for result in every})))}"
            for name, key in (("shots", "shots"), ("prompts", "prompt"), ("seeds", "seed"))
        )
        raise InterchangeError(f"{path}: no results of these shots, prompts and seeds. It has: {there}")
    return Finished(manifest, results, _data(manifest), folder.read_samples)


def _data(manifest: Manifest) -> dict[str, HubData]:
    """The data sets of the tasks that the library has as they were run."""
    known: dict[str, HubData] = {}
    try:
        library = Library.open(manifest.arguments.get("library") or ())
    except UsageError:  # the user's folder is not there any more
        library = Library.open()
    for one in manifest.tasks:
        try:
            task = find_tasks(library, [one["task"]])[0]
        except EvalkitError:  # a file pointed at, or a task of another version
            continue
        if task.digest == one["digest"] and task.data.path:
            is_hub = f"{one['data']}".startswith(f"{task.data.path}@")
            known[task.name] = HubData(
                task.data.path, task.data.name, one["split"], task.data.revision if is_hub else None
            )
    return known
