"""Metrics that are a mean over items: samples, questions or pairs."""

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from evalkit.metrics.base import Counts, Floats, by_unit
from evalkit.schema import Sample


def mean(sums: Floats) -> Floats:
    """The mean from the sum of items and their number; shape [..., 2] to [...]."""
    values: Floats = sums[..., 0] / sums[..., 1]
    return values


def accuracy(samples: Sequence[Sample]) -> Counts:
    """The share of samples answered right."""
    return _of_samples(samples, lambda sample: float(sample.correct))


def unit_exact_match(samples: Sequence[Sample]) -> Counts:
    """The share of units of which every sample is right: MultiRC's questions (Khashabi et al. 2018)."""
    return _of_units(samples, lambda unit: float(all(sample.correct for sample in unit)))


def parity(samples: Sequence[Sample]) -> Counts:
    """The share of units whose samples all get one prediction: AX-g's gender parity score (Wang et al. 2019)."""
    return _of_units(samples, lambda unit: float(len({sample.prediction for sample in unit}) == 1))


def entity_exact_match(samples: Sequence[Sample]) -> Counts:
    """Whether the predicted choice's text is one of the right ones, normalised: ReCoRD's EM (Zhang et al. 2018)."""
    return _of_samples(samples, lambda sample: _best(sample, lambda a, b: float(normalised(a) == normalised(b))))


def entity_f1(samples: Sequence[Sample]) -> Counts:
    """The predicted choice's word overlap with the best of the right ones: ReCoRD's F1 (Zhang et al. 2018)."""
    return _of_samples(samples, lambda sample: _best(sample, word_f1))


def normalised(text: str) -> str:
    """SQuAD's normal form: lower case, no punctuation, no articles, single spaces (Rajpurkar et al. 2016)."""
    bare = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", bare).split())


def word_f1(prediction: str, target: str) -> float:
    """F1 over the words of two texts in SQuAD's normal form, words counted as often as they occur."""
    ours, theirs = normalised(prediction).split(), normalised(target).split()
    shared = (Counter(ours) & Counter(theirs)).total()
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def _best(sample: Sample, score: Callable[[str, str], float]) -> float:
    example = sample.query.example
    if sample.prediction is None:
        return 0.0
    predicted = example.choices[sample.prediction]
    return max(score(predicted, example.choices[target]) for target in example.targets)


def _of_samples(samples: Sequence[Sample], score: Callable[[Sample], float]) -> Counts:
    return _counts([(score(sample), sample.query.example.group) for sample in samples])


def _of_units(samples: Sequence[Sample], score: Callable[[Sequence[Sample]], float]) -> Counts:
    return _counts([(score(unit), unit[0].query.example.group) for unit in by_unit(samples).values()])


def _counts(items: Sequence[tuple[float, str]]) -> Counts:
    import numpy as np  # heavy: loaded only when something is measured

    return Counts(np.array([[value, 1.0] for value, _ in items]), tuple(group for _, group in items))
