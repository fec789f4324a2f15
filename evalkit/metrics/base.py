"""What a metric is: sums to collect, and a function of the sums."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.schema import Sample

if TYPE_CHECKING:  # numpy is heavy, and task files need only the metrics' names
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
else:
    Floats = Any


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
    """

    name: str
    count: Callable[[Sequence[Sample]], Counts]
    value: Callable[[Floats], Floats]
    is_mean: bool


def by_unit(samples: Sequence[Sample]) -> Mapping[str, list[Sample]]:
    """The samples of each unit, in the order in which the units first appear."""
    units: dict[str, list[Sample]] = {}
    for sample in samples:
        units.setdefault(sample.query.example.unit, []).append(sample)
    return units
