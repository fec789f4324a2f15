"""The public Python API: a model and the names of tasks in, `Results` out, and a run folder where one is asked for."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evalkit.data.source import Source
from evalkit.errors import UsageError
from evalkit.evaluation.measure import Measured, average
from evalkit.evaluation.prepare import Options, Prepared, prepare, read_curated
from evalkit.evaluation.walk import Listener, Outcome, Silent, walk
from evalkit.library import Library
from evalkit.models.base import Identity, Model
from evalkit.models.load import load_model
from evalkit.runs import manifest
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result, Sample, Setting
from evalkit.tasks.parse import find_suites

if TYPE_CHECKING:
    import pandas

T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class Results:
    """What an evaluation gave. `skipped` names the tasks whose data could not be had, with the reason; `samples`
    holds every sample by setting; `path` is the run folder, if one was written.
    """

    results: tuple[Result, ...]
    samples: Mapping[Setting, tuple[Sample, ...]]
    skipped: Mapping[str, str]
    path: Path | None

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def to_pandas(self) -> "pandas.DataFrame":
        """One row per number, one column per field of `Result`."""
        import pandas

        return pandas.DataFrame([asdict(result) for result in self.results])


def evaluate(
    model: str | Model,
    tasks: str | Sequence[str],
    *,
    shots: int | Sequence[int] = 0,
    seeds: int | Sequence[int] = 0,
    prompts: str | Sequence[str] = "default",
    shot_mode: str | None = None,
    shot_ids: str | Path | Mapping[str, Sequence[str]] | None = None,
    normalisation: str | None = None,
    limit: int | None = None,
    data_dir: str | Path | None = None,
    library: Sequence[str | Path] = (),
    output: str | Path | None = None,
    overwrite: bool = False,
    listener: Listener | None = None,
    command: Sequence[str] | None = None,
    **model_options: Any,
) -> Results:
    """Measure a model on tasks.

    Args:
        model: `demo`, a local folder, a hub id, or an object with the `Model` protocol.
        tasks: names of tasks or of folders of tasks.
        shots: numbers of in-context examples, each run by itself.
        seeds: seeds of the draw of shots, each run by itself (0 shots run once).
        prompts: names of prompts, `default` or `all`.
        shot_mode: `random`, `fixed`, `balanced` or `curated`; None is what the prompt's settings say.
        shot_ids: for `curated`: the ids of each task's shots, or a TOML file with them.
        normalisation: how choices are ranked: one of `schema.NORMALISATIONS`; None is what the task says.
        limit: the first so many units (for most tasks: examples) of each task.
        data_dir: a folder of `<task>/<split>.jsonl|parquet`, or `samples`; None is the Hugging Face hub.
        library: folders with more `tasks/` and `prompts/`, looked into first.
        output: where to write the run folder; None writes none.
        overwrite: replace an older run there.
        listener: is told of progress.
        command: the words of the command line, for the manifest; None describes this call.
        model_options: `revision`, `dtype`, `device`, `batch_size`, `trust_remote_code`, where `model` is a name.

    Raises:
        EvalkitError: bad input of any kind; each kind has its class in `evalkit.errors`.
    """
    started, began = manifest.now(), time.perf_counter()
    names = _several(tasks)
    options = Options(
        shots=_several(shots),
        seeds=_several(seeds),
        prompts=_several(prompts),
        mode=shot_mode,
        normalisation=normalisation,
        limit=limit,
        curated=_curated(shot_ids),
    )
    shelf = Library.open(library)
    prepared, skipped = prepare(shelf, names, Source.open(data_dir), options)
    if output is not None:
        RunFolder.check(Path(output), overwrite)
    if isinstance(model, str):
        model = load_model(model, **model_options)
    elif model_options:
        raise UsageError(f"{', '.join(model_options)}: only for a model given by its name")
    folder = RunFolder.create(Path(output), overwrite) if output is not None else None
    arguments = {**asdict(options), "tasks": names, "data_dir": str(data_dir or ""), "library": [*map(str, library)]}
    written = _manifest(model.identity, prepared, skipped, arguments, command, started)
    outcomes = _collect(model, prepared, options, listener or Silent(), folder, written)
    measured = [outcome.measured for outcome in outcomes]
    results = [result for one in measured for result in one.results]
    results += _averages(shelf, names, measured, model.identity)
    if folder is not None:
        folder.write_results(results)
        folder.write_manifest(_finished(written, "partial" if skipped else "complete", began, outcomes))
    samples = {outcome.measured.setting: outcome.samples for outcome in outcomes}
    return Results(tuple(results), samples, skipped, folder.path if folder else None)


def _collect(
    model: Model,
    prepared: Sequence[Prepared],
    options: Options,
    listener: Listener,
    folder: RunFolder | None,
    written: Manifest,
) -> list[Outcome]:
    """Walk, and keep each setting's samples on disk as soon as it is done."""
    if folder is None:
        return list(walk(model, prepared, options, listener))
    folder.write_manifest(written)
    outcomes = []
    normalisations = {(one.task.name, one.prompt.name): one.normalisation for one in prepared}
    try:
        for outcome in walk(model, prepared, options, listener):
            setting = outcome.measured.setting
            folder.write_samples(setting, normalisations[setting.task, setting.prompt], outcome.samples)
            outcomes.append(outcome)
    except BaseException:
        folder.write_results([result for outcome in outcomes for result in outcome.measured.results])
        folder.write_manifest(replace(written, status="failed"))
        raise
    return outcomes


def _averages(shelf: Library, names: Sequence[str], measured: Sequence[Measured], model: Identity) -> list[Result]:
    suites = [suite for suite in find_suites(shelf, names) if suite.average]
    return [result for suite in suites for result in average(suite, measured, model)]


def _manifest(
    model: Identity,
    prepared: Sequence[Prepared],
    skipped: Mapping[str, str],
    arguments: Mapping[str, Any],
    command: Sequence[str] | None,
    started: str,
) -> Manifest:
    tasks = [
        {
            "task": one.task.name,
            "description": one.task.description,
            "digest": one.task.digest,
            "prompt": one.prompt.name,
            "prompt_digest": one.prompt.digest,
            "data": one.data,
            "examples": len(one.examples),
            "normalisation": one.normalisation,
            "shot_mode": one.mode,
            "chance": sum(map(one.kind.chance, one.examples)) / len(one.examples),
        }
        for one in prepared
    ]
    return Manifest(
        format=manifest.FORMAT,
        status="running",
        command=manifest.command_line(command) if command else f"evalkit.evaluate(...) in {Path(sys.argv[0]).name}",
        arguments=arguments,
        model=asdict(model),
        tasks=tasks,
        skipped=skipped,
        versions=manifest.versions(),
        machine=manifest.machine(),
        started=started,
        seconds=0.0,
        requests=0,
        tokens=0,
    )


def _finished(written: Manifest, status: str, began: float, outcomes: Sequence[Outcome]) -> Manifest:
    return replace(
        written,
        status=status,
        seconds=round(time.perf_counter() - began, 3),
        requests=sum(outcome.requests for outcome in outcomes),
        tokens=sum(outcome.tokens for outcome in outcomes),
    )


def _several(value: T | Sequence[T]) -> tuple[T, ...]:
    return (value,) if isinstance(value, (str, int)) else tuple(value)


def _curated(shot_ids: str | Path | Mapping[str, Sequence[str]] | None) -> Mapping[str, tuple[str, ...]] | None:
    if shot_ids is None:
        return None
    if isinstance(shot_ids, (str, Path)):
        return read_curated(Path(shot_ids))
    return {task: tuple(ids) for task, ids in shot_ids.items()}
