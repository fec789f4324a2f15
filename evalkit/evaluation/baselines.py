"""What a task's metrics would be without a model: samples in, one `Baseline` for each way of answering and metric out.

Only metrics of which choice was given have baselines, and only where choices are scored and some of them right.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from evalkit.metrics import METRICS
from evalkit.metrics.base import Metric, by_unit
from evalkit.runs.diagnostics import LONGEST, MAJORITY, PRIOR, RANDOM, Baseline
from evalkit.schema import Sample

_OF_SAMPLES = (
    "accuracy",
    "f1",
    "macro_f1",
    "matthews",
    "choice_macro_f1",
    "entity_f1",
    "entity_exact_match",
)
_OF_UNITS = ("exact_match",)
OF_CHOICES = (*_OF_SAMPLES, *_OF_UNITS)


def is_chosen(samples: Sequence[Sample]) -> bool:
    """Whether every sample was answered by ranking two choices or more, some of them right."""
    return bool(samples) and all(
        sample.query.example.targets
        and len(sample.query.example.choices) > 1
        and len(sample.scored) == len(sample.ranking) == len(sample.query.example.choices)
        for sample in samples
    )


def of_examples(samples: Sequence[Sample], metrics: Sequence[str]) -> list[Baseline]:
    """The baselines that are the same for every shot count, seed and model: random, longest and, where there are
    classes, majority.

    Args:
        samples: for which `is_chosen` holds; of a setting, all of them.
        metrics: those of `OF_CHOICES` that the task has.
    """
    names = classes(samples)
    majority = _majority(samples) if names else None
    longest = [_first_best([len(choice) for choice in sample.query.example.choices]) for sample in samples]
    found = []
    for name in metrics:
        metric = METRICS[name]
        found.append(Baseline(RANDOM, name, _random(metric, samples)))
        if majority is not None:
            found.append(Baseline(MAJORITY, name, _value(metric, samples, [majority] * len(samples)), names[majority]))
        found.append(Baseline(LONGEST, name, _value(metric, samples, longest)))
    return found


def of_priors(samples: Sequence[Sample], metrics: Sequence[str]) -> list[Baseline]:
    """The choice that is likeliest after the bare cue, whatever is asked; none where that was not measured."""
    if not all(one.unconditional is not None for sample in samples for one in sample.scored):
        return []
    likeliest = [_first_best([one.unconditional or 0.0 for one in sample.scored]) for sample in samples]
    return [Baseline(PRIOR, name, _value(METRICS[name], samples, likeliest)) for name in metrics]


def classes(samples: Sequence[Sample]) -> tuple[str, ...]:
    """What all samples choose among: the task's choices, or else the completions (letters, mostly) that stand for them.
    Empty where each item has its own: which of these is called the first then says nothing.
    """
    choices = {sample.query.example.choices for sample in samples}
    written = {tuple(one.request.completion.strip() for one in sample.scored) for sample in samples}
    for names in (choices, written):
        if len(samples) > 1 and len(names) == 1:
            (only,) = names
            return only if len(set(only)) == len(only) else ()
    return ()


def _majority(samples: Sequence[Sample]) -> int:
    """The class that is right most often; the first of equals."""
    right = Counter(place for sample in samples for place in set(sample.query.example.targets))
    return _first_best([right[place] for place in range(len(samples[0].query.example.choices))])


def _value(metric: Metric, samples: Sequence[Sample], predictions: Sequence[int]) -> float:
    given = [replace(sample, prediction=place) for sample, place in zip(samples, predictions, strict=True)]
    return float(metric.value(metric.count(given).values.sum(axis=0)))


def _random(metric: Metric, samples: Sequence[Sample]) -> float:
    """The metric of what guessing is expected to count: its expectation for a mean, and nearly that for a ratio."""
    if metric.name in _OF_UNITS:
        units = by_unit(samples).values()
        return sum(math.prod(_chance(sample) for sample in unit) for unit in units) / len(units)
    import numpy as np  # heavy: loaded only when something is measured

    sizes = np.array([len(sample.query.example.choices) for sample in samples])
    total = 0.0
    for place in range(int(sizes.max())):  # an item with fewer choices weighs nothing
        given = [replace(one, prediction=place if place < len(one.query.example.choices) else 0) for one in samples]
        total = total + ((place < sizes) / sizes) @ metric.count(given).values
    return float(metric.value(np.asarray(total)))


def _chance(sample: Sample) -> float:
    return len(sample.query.example.targets) / len(sample.query.example.choices)


def _first_best(values: Sequence[float]) -> int:
    return values.index(max(values))
