"""The public Python API: a model and the names of tasks in, `Results` out, and a run folder where one is asked for."""

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.contamination import join
from evalkit.contamination.join import Contamination
from evalkit.contamination.overlaps import Overlaps
from evalkit.engine.launch import launched
from evalkit.evaluation.across import averages, over_settings
from evalkit.evaluation.diagnose import Judged, diagnose
from evalkit.evaluation.opening import Opened, opened
from evalkit.evaluation.walk import Listener, Outcome, Silent, walk
from evalkit.models.base import Model
from evalkit.models.memory import device_memory, forget_peaks, memory
from evalkit.report import listing
from evalkit.report.beside import Comparison, beside
from evalkit.report.grid import text_of, whole
from evalkit.report.notebook import results_html
from evalkit.runs import manifest
from evalkit.runs.diagnostics import Diagnosis, Variation
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest, Usage
from evalkit.schema import Result, Sample, Setting, Work

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Results:
    """What an evaluation gave. `skipped` names the tasks whose data could not be had, with the reason; `samples`
    holds every sample by setting; `work` is what scoring took; `path` is the run folder, if one was written; `beside`
    are the numbers that the protocol has a paper's figures for, each with these; `contamination` has the numbers split,
    where overlaps with a corpus were given; `diagnostics` has baselines, flags and calibration by setting, `components`
    the variance of numbers over several seeds or prompts.
    """

    results: tuple[Result, ...]
    samples: Mapping[Setting, tuple[Sample, ...]]
    skipped: Mapping[str, str]
    work: Work
    path: Path | None
    beside: tuple[Comparison, ...] = ()
    contamination: Contamination | None = None
    diagnostics: tuple[Diagnosis, ...] = ()
    components: tuple[Variation, ...] = ()

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __repr__(self) -> str:
        tasks = len({setting.task for setting in self.samples}) or len({result.task for result in self.results})
        told = f"{len(self.results):,} numbers of {tasks:,} task{'s' if tasks != 1 else ''}"
        left = f", {len(self.skipped):,} left out" if self.skipped else ""
        return f"<Results: {told}{left}{f', in {self.path}' if self.path is not None else ''}>"

    def __str__(self) -> str:
        """The table of scores in plain text, one row for each task and metric."""
        grids = listing.scores(self.results, self.diagnostics, short=False)
        return "\n".join([repr(self), *map(text_of, whole(grids[0]))] if grids else [repr(self)])

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return results_html(self.results, self.diagnostics, self.components, self.skipped)

    def to_pandas(self) -> "pandas.DataFrame":
        """One row per number, one column per field of `Result`."""
        import pandas

        return pandas.DataFrame([asdict(result) for result in self.results])


def evaluate(
    model: str | Model,
    tasks: str | Sequence[str] = (),
    *,
    protocol: str | None = None,
    shots: int | Sequence[int] | None = None,
    seeds: int | Sequence[int] = 0,
    prompts: str | Sequence[str] | None = None,
    shot_mode: str | None = None,
    shot_ids: str | Path | Mapping[str, Sequence[str]] | None = None,
    normalisation: str | None = None,
    decoding: str | Mapping[str, Any] | None = None,
    stride: int | None = None,
    split: str | None = None,
    limit: int | None = None,
    data_dir: str | Path | None = None,
    library: Sequence[str | Path] = (),
    scorers: str | Sequence[str] = (),
    contamination: str | Path | Overlaps | None = None,
    output: str | Path | None = None,
    overwrite: bool = False,
    redact: bool = False,
    listener: Listener | None = None,
    command: Sequence[str] | None = None,
    **model_options: Any,
) -> Results:
    """Measure a model on tasks.

    Args:
        model: `demo`, a local folder, a hub id, or an object with the `Model` protocol.
        tasks: names of tasks or of folders of tasks, paths of BIG-bench's `task.json` files or of texts (`.txt`).
        protocol: a paper's way of asking (`gpt3`): its prompts, shots, scoring and decoding, for the tasks named or
            all of its own.
        shots: numbers of in-context examples, each run by itself; None is what the protocol says, or else 0.
        seeds: seeds of the draw of shots, each run by itself (0 shots run once).
        prompts: names of prompts, `default` or `all`; None is what the protocol says, or else `default`.
        shot_mode: `random`, `fixed`, `balanced` or `curated`; None is what the prompt's settings say.
        shot_ids: for `curated`: the ids of each task's shots, or a TOML file with them.
        normalisation: how choices are ranked: one of `schema.NORMALISATIONS`; None is what the task says.
        decoding: how texts are written: fields of `schema.Decoding`, or the words of `--decoding`.
        stride: tokens by which windows over long documents advance; None is half a window.
        split: the split to score; None is what the protocol says, or else the task.
        limit: the first so many units (for most tasks: examples) of each task.
        data_dir: a folder of `<task>/<split>.jsonl|parquet`, or `samples`; None is the Hugging Face hub.
        library: folders with more `tasks/` and `prompts/`, looked into first.
        scorers: what judges texts that the model writes, as `evalkit scorer list` has them: `lexicon`,
            `toxicity=classifier:FOLDER`; without one, each attribute's default.
        contamination: what `evalkit decontaminate` found of these tasks in a corpus: every number is then told of the
            clean, the dirty and the unscored examples too.
        output: where to write the run folder; None writes none.
        overwrite: replace an older run there.
        redact: leave all text out of the sample log.
        listener: is told of progress.
        command: the words of the command line, for the manifest; None describes this call.
        model_options: `revision`, `dtype`, `device`, `batch_tokens`, `cache`, `trust_remote_code`, where `model` is
            a name.

    Raises:
        EvalkitError: bad input of any kind; each kind has its class in `evalkit.errors`.
    """
    started, began = manifest.now(), time.perf_counter()
    forget_peaks()
    if output is not None:
        RunFolder.check(Path(output), overwrite)
    overlaps = join.opened(contamination) if contamination is not None else None
    run = opened(
        model,
        tasks,
        protocol=protocol,
        shots=shots,
        seeds=seeds,
        prompts=prompts,
        shot_mode=shot_mode,
        shot_ids=shot_ids,
        normalisation=normalisation,
        decoding=decoding,
        stride=stride,
        split=split,
        limit=limit,
        data_dir=data_dir,
        library=library,
        scorers=scorers,
        **model_options,
    )
    if overlaps is not None:
        join.check(overlaps, _tasks(run))
    before = run.model.work
    folder = RunFolder.create(Path(output), overwrite) if output is not None else None
    written = replace(_manifest(run, command, started, overlaps), redacted=redact)
    outcomes = _collect(run, listener or Silent(), folder, written, overlaps)
    work = run.model.work - before
    measured = [outcome.measured for outcome in outcomes]
    results = [result for one in measured for result in one.results]
    results += averages(run, measured)
    comparisons = _beside(run, results)
    samples = {outcome.measured.setting: outcome.samples for outcome in outcomes}
    diagnosed = diagnose([Judged(one.measured.setting, one.samples, one.measured.results) for one in outcomes])
    varied = over_settings(run, measured)
    if folder is not None:
        folder.write_results(results, [asdict(comparison) for comparison in comparisons], diagnosed, varied)
    joined = join.join(overlaps, _tasks(run), samples, results, redact) if overlaps is not None else None
    if folder is not None:
        if joined is not None:
            folder.write_contamination(joined)
        status = "partial" if run.skipped else "complete"
        folder.write_manifest(_finished(replace(written, tasks=_tasks(run)), status, began, work, _usage(outcomes)))
    path = folder.path if folder else None
    beside_them = (comparisons, joined, tuple(diagnosed), tuple(varied))
    return Results(tuple(results), samples, run.skipped, work, path, *beside_them)


def _collect(
    run: Opened, listener: Listener, folder: RunFolder | None, written: Manifest, overlaps: Overlaps | None
) -> list[Outcome]:
    """Walk, and keep each setting's samples on disk as soon as it is done."""
    walking = walk(run.model, run.prepared, run.options, listener)
    if folder is None:
        return list(walking)
    folder.write_manifest(written)
    outcomes = []
    normalisations = {(one.task.name, one.prompt.name): one.normalisation for one in run.prepared}
    try:
        for outcome in walking:
            setting = outcome.measured.setting
            known = join.statuses(overlaps, setting.task, outcome.samples) if overlaps is not None else None
            normalisation = normalisations[setting.task, setting.prompt]
            folder.write_samples(setting, normalisation, outcome.samples, written.redacted, known)
            outcomes.append(outcome)
    except BaseException:
        folder.write_results([result for outcome in outcomes for result in outcome.measured.results])
        folder.write_manifest(replace(written, status="failed"))
        raise
    return outcomes


def _beside(run: Opened, results: Sequence[Result]) -> tuple[Comparison, ...]:
    if run.protocol is None:
        return ()
    splits = {one.task.name: one.split for one in run.prepared}
    chance = {(one.task.name, one.prompt.name, "accuracy"): one.chance for one in run.prepared}
    return beside(results, max(1, run.model.identity.parameters), run.protocol, splits, chance)


def _tasks(run: Opened) -> list[dict[str, Any]]:
    """What the manifest says of each task and prompt; a scorer that drifts has its whole label once it has judged."""
    return [
        {
            "task": one.task.name,
            "description": one.task.description,
            "digest": one.task.digest,
            "prompt": one.prompt.name,
            "prompt_digest": one.prompt.digest,
            "data": one.data,
            "examples": len(one.examples),
            "answer": one.settings.answer,
            "split": one.split,
            "normalisation": one.normalisation,
            "decoding": asdict(one.decoding) if one.decoding is not None else None,
            "shot_mode": one.mode,
            "chance": one.chance,
            "judged": one.kind.judged,
            "offensive": one.task.offensive,
            "breakdown": list(one.task.breakdown),
            "scorers": [
                {"attribute": scorer.attribute, "label": scorer.label, "drifts": scorer.drifts}
                for scorer in one.scorers
            ],
        }
        for one in run.prepared
    ]


def _manifest(run: Opened, command: Sequence[str] | None, started: str, overlaps: Overlaps | None) -> Manifest:
    return Manifest(
        format=manifest.FORMAT,
        status="running",
        command=manifest.command_line(command) if command else f"evalkit.evaluate(...) in {Path(sys.argv[0]).name}",
        arguments={**run.arguments, "contamination": str(overlaps.path) if overlaps is not None else ""},
        model=asdict(run.model.identity),
        tasks=_tasks(run),
        skipped=run.skipped,
        versions=manifest.versions(),
        machine=manifest.machine(),
        started=started,
        seconds=0.0,
        work=Work(),
    )


def _usage(outcomes: Sequence[Outcome]) -> Usage:
    text_bytes = sum(outcome.text_bytes for outcome in outcomes)
    text_tokens = sum(outcome.text_tokens for outcome in outcomes)
    return Usage(memory(), device_memory(), text_bytes, text_tokens, launched()[0])


def _finished(written: Manifest, status: str, began: float, work: Work, usage: Usage) -> Manifest:
    return replace(written, status=status, seconds=round(time.perf_counter() - began, 3), work=work, usage=usage)
