"""Intervals, tests and what they are made of. Pure functions over arrays; each names its source."""

from evalkit.statistics.intervals import (
    LEVEL,
    REPLICATES,
    bootstrap_interval,
    difference_interval,
    group_sums,
    mean_interval,
    paired_sums,
    percentile_interval,
    permutation_p,
    replicates,
    wilson,
)

__all__ = [
    "LEVEL",
    "REPLICATES",
    "bootstrap_interval",
    "difference_interval",
    "group_sums",
    "mean_interval",
    "paired_sums",
    "percentile_interval",
    "permutation_p",
    "replicates",
    "wilson",
]
