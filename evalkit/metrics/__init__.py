"""Metrics: judged samples in, one number out. A task file names them; `METRICS` has them all.

Every metric here is a function of sums over samples (of hits, of cells of a confusion matrix), so that resampling,
and later a baseline file, need only the sums. Adding a metric is one function and one line.
"""

from collections.abc import Mapping

from evalkit.metrics import classification, means
from evalkit.metrics.base import Metric

METRICS: Mapping[str, Metric] = {
    "accuracy": Metric("accuracy", means.accuracy, means.mean, is_mean=True),
    "exact_match": Metric("exact_match", means.unit_exact_match, means.mean, is_mean=True),
    "parity": Metric("parity", means.parity, means.mean, is_mean=True),
    "entity_f1": Metric("entity_f1", means.entity_f1, means.mean, is_mean=True),
    "entity_exact_match": Metric("entity_exact_match", means.entity_exact_match, means.mean, is_mean=True),
    "f1": Metric("f1", classification.confusion, classification.f1, is_mean=False),
    "macro_f1": Metric("macro_f1", classification.confusion, classification.macro_f1, is_mean=False),
    "matthews": Metric("matthews", classification.confusion, classification.matthews, is_mean=False),
}
