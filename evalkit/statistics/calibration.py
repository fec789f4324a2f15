"""How far choice probabilities can be believed: probabilities [n, k] and right answers in; ECE, Brier score,
reliability bins and selective accuracy out. Pure functions over arrays.

Where items have different numbers of choices, the missing ones have probability 0 and are not right.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.statistics.intervals import wilson

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The `n` items of one bin: their mean confidence, and their accuracy with Wilson's interval."""

    n: int
    confidence: float
    accuracy: float
    low: float
    high: float


def softmax(scores: "Floats") -> "Floats":
    """Probabilities from scores in nats, over the last axis; -inf gives 0. Shape [n, k] to [n, k]."""
    import numpy as np

    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    probabilities: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return probabilities


def top(probabilities: "Floats", right: "Bools") -> tuple["Floats", "Bools"]:
    """Of each item, the probability of its likeliest choice (the first of equals) and whether that is a right one.
    Shapes [n, k] to [n].
    """
    import numpy as np

    places = probabilities.argmax(axis=1)
    rows = np.arange(len(places))
    return probabilities[rows, places], right[rows, places]


def brier(probabilities: "Floats", right: "Bools") -> float:
    """The Brier score over all choices: the mean of the summed squared distances to 1 for the right choice and 0 for
    the others (Brier 1950), 0 to 2. Several right choices share the 1 equally.
    """
    wanted = right / right.sum(axis=1, keepdims=True)
    return float(((probabilities - wanted) ** 2).sum(axis=1).mean())


def equal_width(bins: int = BINS) -> "Floats":
    """The inner edges of bins of equal width between 0 and 1. An item on an edge belongs to the bin below."""
    import numpy as np

    return np.linspace(0, 1, bins + 1)[1:-1]


def equal_mass(confidence: "Floats", bins: int = BINS) -> "Floats":
    """The inner edges of bins of about equally many items (Nguyen and O'Connor 2015): quantiles. Items of
    equal confidence stay together, so there may be fewer bins.
    """
    import numpy as np

    return np.quantile(confidence, np.linspace(0, 1, bins + 1))[1:-1]


def reliability(confidence: "Floats", hits: "Bools", edges: "Floats") -> list[Bin]:
    """The bins that hold items, by ascending confidence (DeGroot and Fienberg 1983).

    Args:
        confidence, hits: shape [n], as `top` has them.
        edges: the inner ones, from `equal_width` or `equal_mass`.
    """
    import numpy as np

    places = np.searchsorted(edges, confidence)
    bins = []
    for place in np.unique(places):
        own = places == place
        accuracy = float(hits[own].mean())
        bins.append(Bin(int(own.sum()), float(confidence[own].mean()), accuracy, *wilson(accuracy, int(own.sum()))))
    return bins


def expected_error(bins: list[Bin]) -> float:
    """The expected calibration error: over bins, the mean distance of accuracy from confidence, weighted by items
    (Naeini et al. 2015; Guo et al. 2017, equation 3). It is above 0 by chance alone, the more so the fewer items.
    """
    return sum(one.n * abs(one.accuracy - one.confidence) for one in bins) / sum(one.n for one in bins)


def selective(confidence: "Floats", hits: "Bools") -> "Floats":
    """The accuracy on the 1, 2, ..., n items of highest confidence: one less the risk at coverage i / n (Geifman and
    El-Yaniv 2017). Among items of equal confidence it is the expectation over their orders. Shape [n].
    """
    import numpy as np

    kinds, inverse = np.unique(-confidence, return_inverse=True)
    shared = np.bincount(inverse, weights=hits) / np.bincount(inverse)
    expected = shared[np.sort(inverse)] if len(kinds) else hits.astype(np.float64)
    accuracies: Floats = np.cumsum(expected) / np.arange(1, len(expected) + 1)
    return accuracies


def aurc(accuracies: "Floats") -> float:
    """The area under the risk-coverage curve: the mean risk over all coverages (Geifman, Uziel and El-Yaniv 2019,
    section 2); lower is better, and confidence that knows nothing gives the plain error rate.
    """
    return float(1 - accuracies.mean())
