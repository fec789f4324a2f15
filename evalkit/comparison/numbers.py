"""One number of two runs, paired: what both counted of the same items in; the difference with its interval, its p-value
and the smallest difference that would have been found out.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from evalkit.comparison.record import BETTER, OTHER, SURE, UNSURE, UNTESTED, WORSE, Difference, Test
from evalkit.errors import RunError
from evalkit.metrics import better_of
from evalkit.metrics.base import Metric, turned
from evalkit.runs.outcomes import Outcomes
from evalkit.runs.pairs import Pair, pair
from evalkit.runs.signatures import unlike
from evalkit.schema import Result
from evalkit.statistics import (
    detectable,
    difference_interval,
    mcnemar_p,
    paired_standard_error,
    replicates,
    swap_p,
)

if TYPE_CHECKING:
    from evalkit.metrics.base import Floats

ROUNDING = 1e-9  # of a number: a standard error below it is none
_FREE = ("model", "dtype", "evalkit", "limit")  # fields of signatures in which like numbers may differ
MCNEMAR, EXACT, DRAWN = "McNemar, exact", "permutation, exact", "permutation"


def bare(results: tuple[Result, Result], is_first: bool, why: str) -> Difference:
    """Two numbers of which nothing more can be told than that they differ."""
    first, second = results[0].value, results[1].value
    return Difference(results, _unlike(results), is_first, (first, second), second - first, why=why)


def difference(first: Outcomes, second: Outcomes, is_first: bool) -> tuple[Difference, Pair | None]:
    """A number of two runs, and its items; without these where the runs have none in common."""
    results = first.result, second.result
    try:
        paired = pair(first, second)
    except RunError:
        return bare(results, is_first, "the runs have no items in common"), None
    sums, metric, seed = paired.sums(), first.metric, f"{first.key.task}|{first.key.metric}"
    values = float(metric.value(sums[0].sum(axis=0))), float(metric.value(sums[1].sum(axis=0)))
    if not all(map(math.isfinite, values)):
        return bare(results, is_first, "of the items that both have there is no such number"), None
    low, high = difference_interval(sums[1], sums[0], metric.value, seed)
    error = _standard_error(sums, metric, seed)
    told = Difference(
        results=results,
        unlike=_unlike(results),
        is_first=is_first,
        values=values,
        difference=values[1] - values[0],
        low=low,
        high=high,
        detectable=detectable(error) if error > ROUNDING * max(1.0, *map(abs, values)) else None,
        test=_test(paired, sums, metric, seed),
        n=len(paired.groups),
        groups=len(sums[0]),
        left_out=paired.left_out,
        why="" if (sums[0] != sums[1]).any() else "both are the same on every item",
    )
    return told, paired


def is_right_or_wrong(metric: Metric) -> bool:
    """Whether single items of a metric are right or wrong, or somewhere between."""
    return metric.is_mean and metric.better == "higher" and not metric.attribute


def verdict(metric: str, values: tuple[float, float], p: float | None) -> str:
    """Whether the second number is the better one, as far as a p-value tells: `better` or `worse`, `other` where both
    are as near to what is ideal, `unsure` where it may be chance, `untested` where there is no p-value.
    """
    if p is None:
        return UNTESTED
    if p >= SURE:
        return UNSURE
    first, second = (turned(better_of(metric), value) for value in values)
    return BETTER if second > first else WORSE if second < first else OTHER


def _unlike(results: tuple[Result, Result]) -> tuple[str, ...]:
    """The fields because of which two numbers are not alike."""
    return tuple(unlike(results[0].signature, results[1].signature, _FREE))


def _test(paired: Pair, sums: "tuple[Floats, Floats]", metric: Metric, seed: str) -> Test:
    if is_right_or_wrong(metric) and paired.is_by_item and len(sums[0]) == len(paired.ids) and _is_binary(paired):
        change = paired.second[:, 0] - paired.first[:, 0]
        return Test(mcnemar_p(int((change < 0).sum()), int((change > 0).sum())), MCNEMAR)
    p, is_exact = swap_p(*sums, metric.value, seed)
    return Test(p, EXACT if is_exact else DRAWN)


def _is_binary(paired: Pair) -> bool:
    """Whether McNemar's test can be had: no item is between right and wrong (else flipping signs says the same)."""
    return bool(((paired.first[:, 0] % 1 == 0) & (paired.second[:, 0] % 1 == 0)).all())


def _standard_error(sums: "tuple[Floats, Floats]", metric: Metric, seed: str) -> float:
    """Of a mean the cluster-robust one; of any other number that of the resamples."""
    import numpy as np  # heavy: loaded only when something is compared

    if metric.is_mean:
        return paired_standard_error(*sums)
    drawn = replicates(np.hstack(sums), less(metric.value, sums[0].shape[1]), seed)
    drawn = drawn[np.isfinite(drawn)]
    return float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0


def less(value: "Callable[[Floats], Floats]", width: int) -> "Callable[[Floats], Floats]":
    """The second number less the first, of sums that stand side by side; the first is of `width` columns."""
    import numpy as np

    def of(both: "Floats") -> "Floats":
        with np.errstate(divide="ignore", invalid="ignore"):
            return value(both[..., width:]) - value(both[..., :width])

    return of
