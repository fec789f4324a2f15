"""What a metric is: sums to collect, and a function of the sums."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from evalkit.schema import Sample

if TYPE_CHECKING:  # numpy is heavy, and task files need only the metrics' names
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    Floats = Any

Numbers = TypeVar("Numbers", float, Floats)

IDEALS = {"half": 0.5, "zero": 0.0, "one": 1.0}  # where a metric's best is no end of its scale


class NothingThereError(ValueError):
    """Among these samples there is nothing that the metric is of."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a metric counts: one row of `values` (float64, shape [n, d]) for each of its n items, and the group that
    each item belongs to.
    """

    values: Floats
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """`count` turns samples into counts; `value` turns their sums (shape [..., d]) into numbers (shape [...]).

    `is_mean` says that the number is the mean of items between 0 and 1 (`values` then holds the item and a 1).
    `signature` gives the text that stands in a result's signature, where a library or its options decide the number.
    `better` says which numbers are the good ones: "higher", "lower", or those near what is ideal (one of `IDEALS`);
    `percent`, whether the number is a share, shown times 100 (a perplexity is not). `attribute` is what scorers
    have to say of the texts before the metric can count ("toxicity", "sentiment", "regard", "hurt"), empty where it
    needs none: its samples have the scores of one scorer. `fits` says of a part of the samples whether it holds what
    the metric is of, so that it has a number there (None: always).

    `count` raises `NothingThereError` where the samples lack what the metric compares, as a few of a task's may, and
    ValueError where they are not what the metric is of.
    """

    name: str
    count: Callable[[Sequence[Sample]], Counts]
    value: Callable[[Floats], Floats]
    is_mean: bool
    signature: Callable[[], str] | None = None
    better: str = "higher"
    percent: bool = True
    attribute: str = ""
    fits: Callable[[Sequence[Sample]], bool] | None = None


def turned(better: str, values: Numbers) -> Numbers:
    """Numbers turned so that more is better, as `Metric.better` says what is: of those with an ideal, how far they are
    from it, as a negative.
    """
    if better in IDEALS:
        return -abs(values - IDEALS[better])
    return -values if better == "lower" else values


def by_unit(samples: Sequence[Sample]) -> Mapping[str, list[Sample]]:
    """The samples of each unit, in the order in which the units first appear."""
    units: dict[str, list[Sample]] = {}
    for sample in samples:
        units.setdefault(sample.query.example.unit, []).append(sample)
    return units


def rows(items: Sequence[Sequence[float]], groups: Sequence[str]) -> Counts:
    """The counts of items that are there as plain numbers."""
    import numpy as np  # heavy: loaded only when something is measured

    return Counts(np.array(items, dtype=np.float64), tuple(groups))


def ratio(over: Floats, under: Floats) -> Floats:
    """`over / under`, and 0 where `under` is 0."""
    import numpy as np

    values: Floats = np.divide(over, under, out=np.zeros(np.shape(over)), where=np.asarray(under) > 0)
    return values


def groups_of(samples: Sequence[Sample]) -> list[str]:
    """The group of each sample."""
    return [sample.query.example.group for sample in samples]


def marks(sample: Sample) -> tuple[float, ...]:
    """What one scorer says of each text that was written, in order; at least one number.

    Raises:
        ValueError: nothing was written, or there are not the scores of exactly one scorer, one for each text.
    """
    example = sample.query.example
    if not sample.texts:
        raise ValueError(f"it is of texts that a model wrote, and for example {example.id} it wrote none")
    if len(sample.scores) != 1:
        found = ", ".join(sample.scores) or "none"
        raise ValueError(f"it is of the scores of one scorer, and example {example.id} has those of {found}")
    (scores,) = sample.scores.values()
    if len(scores) != len(sample.texts):
        raise ValueError(f"example {example.id} has {len(sample.texts)} texts, and {len(scores)} scores of them")
    return scores


def references(sample: Sample) -> tuple[str, ...]:
    """The texts that count as right answers to a sample that was answered by writing.

    Raises:
        ValueError: nothing was written, or there are no references.
    """
    example = sample.query.example
    if not sample.generated:
        raise ValueError("it judges what the model writes, and here the model chooses or scores")
    if not example.choices:
        raise ValueError(f'example {example.id} has no references (one without an answer has "" as its reference)')
    return example.choices
