"""A metric on parts of a setting's samples: places in, counts out, each part counted once."""

from collections.abc import Sequence

from evalkit import statistics
from evalkit.contamination.scores import Side
from evalkit.metrics.base import Counts, Floats, Metric
from evalkit.metrics.means import mean
from evalkit.schema import Sample


class Counter:
    """Counts a metric on parts. Parts of a mean over samples are rows of its counts; any other metric counts anew."""

    def __init__(self, metric: Metric, samples: Sequence[Sample]) -> None:
        self.metric, self._samples = metric, samples
        self._kept: dict[tuple[int, ...], Counts | None] = {}
        everything = tuple(range(len(samples)))
        self.whole = self._kept[everything] = _count(metric, samples)
        groups = tuple(sample.query.example.group for sample in samples)
        self._by_row = self.is_mean and self.whole is not None and self.whole.groups == groups

    @property
    def is_mean(self) -> bool:
        """Whether the number is a mean of items, on whatever scale."""
        return self.metric.value is mean

    def part(self, places: Sequence[int]) -> Counts | None:
        """The counts of the samples at these places; None where there is nothing that the metric is of."""
        key = tuple(sorted(places))
        if key not in self._kept:
            self._kept[key] = self._part(key)
        return self._kept[key]

    def side(self, units: int, places: Sequence[int], seed: str, bounds: bool = True) -> Side:
        """The number of a part that has so many units; with its interval if `bounds` is true."""
        counts = self.part(places)
        if counts is None:
            return Side(units, 0, None, None, None)
        sums = statistics.group_sums(counts.values, counts.groups)
        value = self.value(counts)
        low: float | None = None
        high: float | None = None
        if value is not None and self.metric.is_mean:
            low, high = statistics.mean_interval(sums)
        elif value is not None and bounds:
            low, high = statistics.bootstrap_interval(sums, self.metric.value, seed)
        return Side(units, len(counts.groups), value, low, high)

    def value(self, counts: Counts) -> float | None:
        """The number of some counts; None where it is not finite."""
        import numpy as np  # heavy: loaded only when something is measured

        number = float(self.metric.value(counts.values.sum(axis=0)))
        return number if np.isfinite(number) else None

    def items(self, counts: Counts | None) -> Floats | None:
        """The single items of a mean; None where the metric is none."""
        return counts.values[:, 0] if self.is_mean and counts is not None else None

    def _part(self, places: tuple[int, ...]) -> Counts | None:
        if not places:
            return None
        part = [self._samples[place] for place in places]
        if self._by_row and self.whole is not None:
            return Counts(self.whole.values[list(places)], tuple(self.whole.groups[place] for place in places))
        return _count(self.metric, part)


def _count(metric: Metric, samples: Sequence[Sample]) -> Counts | None:
    if not samples or (metric.fits is not None and not metric.fits(samples)):
        return None
    try:
        counts = metric.count(samples)
    except ValueError:  # NothingThereError is one
        return None
    return counts if len(counts.groups) else None
