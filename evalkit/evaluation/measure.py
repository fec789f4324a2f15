"""Judged samples to results: every metric of a task with its interval, and the average of a suite."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from evalkit import statistics
from evalkit.errors import TaskError
from evalkit.evaluation.prepare import Prepared
from evalkit.evaluation.signature import average_signature
from evalkit.metrics import METRICS
from evalkit.metrics.base import Counts, Metric, NothingThereError
from evalkit.models.base import Identity
from evalkit.schema import Result, Sample, Setting
from evalkit.tasks.definition import Suite, Task

_log = logging.getLogger("evalkit")


@dataclass(frozen=True, slots=True)
class Measured:
    """A setting's results and, for averages over tasks and for what several settings have in common, what each metric
    counted (sums by group, shape [G, d]) and of which groups; what scorers judge has no part in these.
    """

    setting: Setting
    results: tuple[Result, ...]
    sums: Mapping[str, Any]
    groups: Mapping[str, tuple[str, ...]]


def measure(prepared: Prepared, setting: Setting, samples: Sequence[Sample], signature: str) -> Measured:
    """Every metric of one setting: of all samples, of each group of subsets, and of each subset; those that judge texts
    once by every scorer. A metric that compares what is not there has no number.

    Raises:
        TaskError: a metric does not fit the task's examples.
    """
    results: list[Result] = []
    sums: dict[str, Any] = {}
    groups: dict[str, tuple[str, ...]] = {}
    wanted = [(name, label) for name in prepared.metrics for label in _labels(prepared, METRICS[name])]
    seen = {label: _as_seen_by(label, samples) for _, label in wanted}
    for subset, places in _parts(prepared.task, samples).items():
        for name, label in wanted:
            part = [seen[label][place] for place in places]
            fits = METRICS[name].fits
            if subset and fits is not None and not fits(part):
                continue
            try:
                counts = METRICS[name].count(part)
            except NothingThereError as error:
                if not subset:
                    _log.warning("%s: %s is not measured: %s", setting.task, name, error)
                continue
            except ValueError as error:
                raise TaskError(f"{setting.task}: the metric {name} does not fit: {error}") from None
            summed = statistics.group_sums(counts.values, counts.groups)
            results.append(_result(setting, name, counts, summed, part, signature, _Of(subset, label)))
            if not subset and not label:
                sums[name], groups[name] = summed, tuple(dict.fromkeys(counts.groups))
    return Measured(setting, tuple(results), sums, groups)


class _Of(NamedTuple):
    """What a number is of: a part of the samples, as a scorer sees them."""

    subset: str
    scorer: str


def _labels(prepared: Prepared, metric: Metric) -> list[str]:
    """The labels of the scorers that a metric is measured by; one that is empty where it needs none."""
    if not metric.attribute:
        return [""]
    return [scorer.label for scorer in prepared.scorers if scorer.attribute == metric.attribute]


def _as_seen_by(label: str, samples: Sequence[Sample]) -> Sequence[Sample]:
    return [replace(sample, scores={label: sample.scores[label]}) for sample in samples] if label else samples


def _parts(task: Task, samples: Sequence[Sample]) -> Mapping[str, Sequence[int]]:
    """The places of the samples that numbers are of: all, groups of subsets, and each subset as `subject=law`."""
    parts: dict[str, list[int]] = {"": list(range(len(samples)))}
    each: dict[str, list[int]] = {}
    for column in task.breakdown:
        of = {value: group for group, values in task.breakdown_groups.get(column, {}).items() for value in values}
        inner: dict[str, list[int]] = {}
        for place, sample in enumerate(samples):
            values = sample.query.example.breakdown[column]
            for group in dict.fromkeys(of[value] for value in values if value in of):
                parts.setdefault(group, []).append(place)
            for value in values:
                inner.setdefault(f"{column}={value}", []).append(place)
        each.update(sorted(inner.items()))
    return {**parts, **each}


def average(suite: Suite, measured: Sequence[Measured], model: Identity) -> list[Result]:
    """The suite's score for every prompt, shot count and seed in which all its tasks are there: the mean over tasks,
    each the mean of its metrics (Wang et al. 2019). The interval resamples the groups of every task.
    """
    settings: dict[tuple[str, int, int], dict[str, Measured]] = {}
    for one in measured:
        key = (one.setting.prompt, one.setting.shots, one.setting.seed)
        settings.setdefault(key, {})[one.setting.task] = one
    results = []
    for (prompt, shots, seed), tasks in settings.items():
        if all(task in tasks for task in suite.average):
            chosen = [tasks[task] for task in suite.average]
            results.append(_average(Setting(suite.name, prompt, shots, seed), chosen, model))
    return results


def _result(
    setting: Setting,
    name: str,
    counts: Counts,
    sums: Any,
    samples: Sequence[Sample],
    signature: str,
    of: _Of,
) -> Result:
    metric = METRICS[name]
    own = [metric.signature()] if metric.signature is not None else []
    by = [f"scorer:{of.scorer}"] if of.scorer else []
    low: float | None
    high: float | None
    if metric.is_mean:
        low, high = statistics.mean_interval(sums)
    else:
        low, high = statistics.bootstrap_interval(
            sums, metric.value, f"{setting.task}|{name}|{of.subset}" if of.subset else f"{setting.task}|{name}"
        )
    return Result(
        task=setting.task,
        prompt=setting.prompt,
        shots=setting.shots,
        seed=setting.seed,
        metric=name,
        value=float(metric.value(sums.sum(axis=0))),
        low=low,
        high=high,
        n=len(counts.groups),
        groups=len(sums),
        effective_shots=sum(sample.effective_shots for sample in samples) / len(samples),
        truncated=sum(sample.truncated > 0 for sample in samples),
        ties=sum(sample.tied for sample in samples),
        signature="|".join([signature, *own, *by]),
        subset=of.subset,
        scorer=of.scorer,
    )


def _average(setting: Setting, tasks: Sequence[Measured], model: Identity) -> Result:
    import numpy as np  # heavy: loaded only when something is measured

    low, high = statistics.percentile_interval(np.mean([_replicates(task) for task in tasks], axis=0))
    whole = [[result for result in task.results if not result.subset] for task in tasks]
    firsts = [results[0] for results in whole]
    return Result(
        task=setting.task,
        prompt=setting.prompt,
        shots=setting.shots,
        seed=setting.seed,
        metric="average",
        value=float(np.mean([np.mean([result.value for result in results]) for results in whole])),
        low=low,
        high=high,
        n=sum(first.n for first in firsts),
        groups=sum(first.groups for first in firsts),
        effective_shots=sum(first.effective_shots for first in firsts) / len(firsts),
        truncated=sum(first.truncated for first in firsts),
        ties=sum(first.ties for first in firsts),
        signature=average_signature(setting, [first.signature for first in firsts], model),
    )


def stacked(task: Measured) -> tuple[Any, Callable[[Any], Any]]:
    """What all metrics of a task counted side by side, shape [G, D], and what gives their mean: [..., D] to [...]."""
    import numpy as np

    edges = np.cumsum([0, *(sums.shape[1] for sums in task.sums.values())])

    def value(sums: Any) -> Any:
        spans = zip(task.sums, edges[:-1], edges[1:], strict=True)
        return np.mean([METRICS[name].value(sums[..., start:end]) for name, start, end in spans], axis=0)

    return np.hstack(list(task.sums.values())), value


def _replicates(task: Measured) -> Any:
    """The mean of a task's metrics on resamples of its groups, the metrics on the same resamples."""
    sums, value = stacked(task)
    return statistics.replicates(sums, value, task.setting.task)
