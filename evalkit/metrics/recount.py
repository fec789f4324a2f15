"""A number of a run, counted anew: the result and the samples of its setting in, what its metric counts of them out."""

from collections.abc import Sequence
from dataclasses import replace

from evalkit.metrics import METRICS
from evalkit.metrics.base import Counts
from evalkit.schema import Result, Sample

EQUAL = 1e-9  # how far, in parts of it, a number counted anew may be from that of the run


def recounted(result: Result, samples: Sequence[Sample]) -> Counts | None:
    """What the result's metric, one of `METRICS`, counts of these samples; None where that gives another number, as of
    a log that keeps no text, or where there are none, as in an imported run.
    """
    metric, label = METRICS[result.metric], result.scorer
    if not samples:
        return None
    try:
        if label:
            samples = [replace(sample, scores={label: sample.scores[label]}) for sample in samples]
        counts = metric.count(samples)
    except (ValueError, KeyError):
        return None
    value = float(metric.value(counts.values.sum(axis=0)))
    same = value == result.value or abs(value - result.value) <= EQUAL * abs(result.value)
    return counts if same else None
