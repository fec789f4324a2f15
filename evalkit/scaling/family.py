"""Points from run folders: the runs of a family of models in, points of every task that they share out."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from evalkit.errors import UsageError
from evalkit.metrics import METRICS
from evalkit.runs.folder import RunFolder
from evalkit.runs.signatures import unlike
from evalkit.scaling.points import BITS, ERROR, LOSS, Measure, Point, Points, Sizes, completed
from evalkit.schema import Result

AVERAGE = "average"
_PERPLEXITIES = {
    "perplexity": "nats per target",
    "token_perplexity": "nats per token of the model's own",
    "word_perplexity": "nats per word",
    "byte_perplexity": "nats per byte",
}
_SIGNED = ("matthews",)  # between -1 and 1: what is lacking to 1 is no share
_OF_MODEL = ("model", "dtype", "evalkit")  # what two models' signatures may differ in


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which numbers: of these tasks (all if empty), by this metric, prompt and number of shots, if given."""

    tasks: tuple[str, ...] = ()
    metric: str = ""
    prompt: str = ""
    shots: int | None = None


class _Key(NamedTuple):
    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    scorer: str


class _Run(NamedTuple):
    path: Path
    model: str
    sizes: Sizes
    results: Mapping[_Key, Result]


def read_family(
    paths: Sequence[Path], wanted: Wanted, listed: Mapping[str, Sizes], given: Mapping[str, Sizes], least: int
) -> list[Points]:
    """The points of every task that at least `least` of the runs have a number of: by the first metric that has a loss
    or an error, at the most shots, by the first prompt and seed, unless others are wanted.

    Args:
        listed: parameters, tokens and operations by the model's name or the last part of it, above what the runs say;
            of other models too.
        given: the same for these models, or by "" for all of them, above both.

    Raises:
        RunError: a folder has no run, or it is damaged or unfinished.
        UsageError: there is no number that is wanted, or sizes are given of a model that no run is of.
    """
    runs = [_read(path, (listed, given)) for path in paths]
    known = {name for run in runs for name in _names(run.model)}
    if unknown := [name for name in given if name and name not in known]:
        raise UsageError(
            f"sizes are given of {', '.join(unknown)}; the runs are of {', '.join(run.model for run in runs)}"
        )
    chosen = list(_chosen(runs, wanted))
    found = [key for key in chosen if sum(key in run.results for run in runs) >= least]
    if not found:
        raise UsageError(_nothing(runs, wanted, chosen, least))
    left_out = list(_left_out(runs, wanted, chosen))
    return [_points(runs, key, left_out) for key in found]


def measure_of(result: Result) -> tuple[Measure, bool] | None:
    """What a result is as a loss or an error, and whether it is so by being taken from 1; None of one that is neither:
    with an ideal in the middle, better when higher and no share, or known by its name alone.
    """
    metric = METRICS.get(result.metric)
    shots = f"{result.shots} shot{'' if result.shots == 1 else 's'}"
    name = f"{result.task}, {result.metric}{f' ({result.scorer})' if result.scorer else ''}, {shots}"
    if result.metric in _PERPLEXITIES:
        return Measure(LOSS, _PERPLEXITIES[result.metric], name), False
    if result.metric == "bits_per_byte":
        return Measure(BITS, "bits per byte", name), False
    if result.metric == AVERAGE:
        return Measure(ERROR, f"1 − {AVERAGE}", name), True
    if metric is None or not metric.percent or metric.better not in ("higher", "lower") or result.metric in _SIGNED:
        return None
    is_turned = metric.better == "higher"
    unit = f"1 − {result.metric}" if is_turned else result.metric
    return Measure(ERROR, unit, name, is_share=metric.is_mean), is_turned


def why_none(metric: str) -> str:
    """Why a metric is neither a loss nor an error, where `measure_of` gives none."""
    if metric not in METRICS:
        return "known by name alone, not which of its numbers are good"
    if metric in _SIGNED:
        return "between -1 and 1, so no share"
    return "neither a loss nor a share of what is right or wrong"


def _read(path: Path, above: Sequence[Mapping[str, Sizes]]) -> _Run:
    folder = RunFolder.open(path)
    model = folder.read_manifest().model
    own: Sizes = (float(model["parameters"]) or None, None, None)
    for given in above:
        for name in ("", *reversed(_names(model["name"]))):
            own = _over(given.get(name, (None, None, None)), own)
    results = {}
    for one in folder.read_results():
        if not one.subset:
            results[_Key(one.task, one.prompt, one.shots, one.seed, one.metric, one.scorer)] = one
    return _Run(path, model["name"], completed(*own), results)


def _over(new: Sizes, old: Sizes) -> Sizes:
    """The new sizes, where there are any, and else the old ones."""
    first, second, third = (old[place] if one is None else one for place, one in enumerate(new))
    return first, second, third


def _names(model: str) -> tuple[str, ...]:
    """What a model may be called: its whole name, and the last part of it."""
    last = model.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return (model, last) if last and last != model else (model,)


def _chosen(runs: Sequence[_Run], wanted: Wanted) -> Iterator[_Key]:
    """Of each task, the number that most runs have; of those, the first metric and prompt at the most shots."""
    every = dict.fromkeys(key for run in runs for key in run.results)
    places = {key: place for place, key in enumerate(every)}
    if unknown := [name for name in wanted.tasks if name not in {key.task for key in every}]:
        raise UsageError(f"--task {','.join(unknown)}: no run has it. They have {_listed(key.task for key in every)}")
    by_task: dict[str, list[_Key]] = {}
    for key in every:
        if (
            (not wanted.tasks or key.task in wanted.tasks)
            and (not wanted.metric or key.metric == wanted.metric)
            and (not wanted.prompt or key.prompt == wanted.prompt)
            and (wanted.shots is None or key.shots == wanted.shots)
            and measure_of(next(run.results[key] for run in runs if key in run.results)) is not None
        ):
            by_task.setdefault(key.task, []).append(key)
    for keys in by_task.values():
        metrics, prompts = ({getattr(key, of): 0 for key in keys} for of in ("metric", "prompt"))
        order = [{name: place for place, name in enumerate(found)} for found in (metrics, prompts)]
        yield min(
            keys,
            key=lambda key: (
                -sum(key in run.results for run in runs),
                order[0][key.metric],
                order[1][key.prompt],
                -key.shots,
                places[key],
            ),
        )


def _left_out(runs: Sequence[_Run], wanted: Wanted, chosen: Sequence[_Key]) -> Iterator[str]:
    """Which tasks' metrics no law is fitted to because of what they are, and why."""
    told = {key.task for key in chosen}
    by_reason: dict[str, dict[str, None]] = {}
    for run in runs:
        for key, result in run.results.items():
            is_wanted = (not wanted.tasks or key.task in wanted.tasks) and wanted.metric in ("", key.metric)
            if is_wanted and key.task not in told and measure_of(result) is None:
                by_reason.setdefault(why_none(key.metric), {})[f"{key.task} {key.metric}"] = None
    for reason, names in by_reason.items():
        yield f"left out, as it is {reason}: {_listed(iter(names))}"


def _points(runs: Sequence[_Run], key: _Key, left_out: Sequence[str]) -> Points:
    own = [run for run in runs if key in run.results]
    found = measure_of(own[0].results[key])
    assert found is not None, "only such keys are chosen"
    measure, is_turned = found
    points, notes = [], list(left_out)
    for run in own:
        value, low, high = _told(run.results[key], is_turned)
        if not 0 < value < math.inf:
            notes.append(f"{run.model} was left out: {measure.unit} is {value:g}, and a power law never is")
            continue
        points.append(Point(run.model, *run.sizes, value, low, high, str(run.path)))
    if lacking := [run.model for run in runs if key not in run.results]:
        notes.append(f"{measure.name}: no number in the run of {', '.join(lacking)}")
    seeds = sorted({other.seed for run in runs for other in run.results if other._replace(seed=key.seed) == key})
    if len(seeds) > 1:
        notes.append(f"{measure.name}: of seed {key.seed} alone; the runs have seeds {', '.join(map(str, seeds))}")
    signatures = dict.fromkeys(run.results[key].signature for run in own)
    if any(unlike(*both, _OF_MODEL) for both in itertools.combinations(signatures, 2)):
        notes.append(
            f"{measure.name}: the runs were not asked alike; `evalkit compare` says in what their signatures differ"
        )
    points.sort(key=lambda point: point.parameters or math.inf)
    return Points(measure, points, notes=notes)


def _told(result: Result, is_turned: bool) -> tuple[float, float | None, float | None]:
    """The loss or error that a result is, with its interval."""
    bounds = (result.low, result.high)
    if result.metric in _PERPLEXITIES:
        low, high = (None if end is None or not end > 0 else math.log(end) for end in bounds)
        return (math.log(result.value) if result.value > 0 else math.nan), low, high
    if is_turned:
        low, high = (None if end is None else max(0.0, 1 - end) for end in reversed(bounds))
        return 1 - result.value, low, high
    return result.value, *bounds


def _nothing(runs: Sequence[_Run], wanted: Wanted, chosen: Sequence[_Key], least: int) -> str:
    if chosen:
        said = ", ".join(f"{key.task} {sum(key in run.results for run in runs)}" for key in chosen[:8])
        return f"too few points: the law needs {least} models with the same number. Runs that have it: {said}"
    asked = [f"metric {wanted.metric}"] * bool(wanted.metric) + [f"prompt {wanted.prompt}"] * bool(wanted.prompt)
    asked += [f"{wanted.shots} shots"] * (wanted.shots is not None)
    have = _listed(f"{key.task} {key.metric} ({key.prompt}, {key.shots} shots)" for run in runs for key in run.results)
    why = "".join(f"; {told}" for told in _left_out(runs, wanted, chosen))
    return f"no run has a loss or an error{' with ' if asked else ''}{', '.join(asked)}{why}. They have {have}"


def _listed(names: Iterator[str]) -> str:
    """Names once each, no more than a dozen."""
    found = list(dict.fromkeys(names))
    return ", ".join(found[:12]) + (f" and {len(found) - 12} more" if len(found) > 12 else "") if found else "none"
