"""Measured settings to what their numbers owe to seeds and prompts: one `Variation` for each task, shot count and
metric that was measured under several seeds or prompts, and for each average over tasks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.evaluation.measure import Measured, stacked
from evalkit.metrics import METRICS
from evalkit.runs.diagnostics import Variation
from evalkit.statistics.components import components, components_interval, jackknife_covariance
from evalkit.tasks.definition import Suite


@dataclass(frozen=True, slots=True)
class _Grid:
    """Numbers of the same groups under every one of some prompts and seeds: `values` and the covariance of their
    sampling errors, prompt by prompt.
    """

    values: Any  # numpy is heavy: shape [P * S]
    covariance: Any  # [P * S, P * S]
    groups: int


def variations(measured: Sequence[Measured], alike: Mapping[tuple[str, str], str]) -> list[Variation]:
    """The variation of every metric of every task and shot count, where there is more than one setting.

    Args:
        alike: of a task and a prompt, what it has to share with another prompt to be one of the same kind.
    """
    gathered: dict[tuple[str, int, str], list[Measured]] = {}
    for one in measured:
        setting = one.setting
        gathered.setdefault((setting.task, setting.shots, alike[setting.task, setting.prompt]), []).append(one)
    found = []
    for (task, shots, _), own in gathered.items():
        cells = _cells(own)
        for metric in own[0].sums if cells else ():
            grid = _counted(cells, metric)
            if grid is not None:
                n = next(one.n for one in own[0].results if one.metric == metric and not one.subset)
                found.append(_variation((task, shots, metric), own, grid, n, METRICS[metric].is_mean))
    return found


def average_variations(
    suite: Suite, measured: Sequence[Measured], alike: Mapping[tuple[str, str], str]
) -> list[Variation]:
    """The same for a suite's average, for every shot count at which all its tasks were measured under the same prompts
    and seeds, each task's prompts of one kind.
    """
    found = []
    for shots in dict.fromkeys(one.setting.shots for one in measured):
        tasks = [
            [one for one in measured if (one.setting.task, one.setting.shots) == (task, shots)]
            for task in suite.average
        ]
        grids = [_stacked(_cells(own)) for own in tasks]
        there = [grid for grid in grids if grid is not None]
        kinds = [len({alike[one.setting.task, one.setting.prompt] for one in own}) for own in tasks]
        if len(there) < len(tasks) or len({_names(own) for own in tasks}) > 1 or max(kinds) > 1:
            continue
        grid = _Grid(
            sum(one.values for one in there) / len(there),
            sum(one.covariance for one in there) / len(there) ** 2,
            sum(one.groups - 1 for one in there) + 1,
        )
        n = sum(own[0].results[0].n for own in tasks)
        found.append(_variation((suite.name, shots, "average"), tasks[0], grid, n, False))
    return found


def _cells(own: Sequence[Measured]) -> list[Measured]:
    """One for each prompt and seed, prompt by prompt; none where that is a single one, or some are missing."""
    prompts, seeds = _names(own)
    by_place = {(one.setting.prompt, one.setting.seed): one for one in own}
    if len(by_place) == 1 or len(by_place) < len(prompts) * len(seeds):
        return []
    return [by_place[prompt, seed] for prompt in prompts for seed in seeds]


def _names(own: Sequence[Measured]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    prompts = tuple(dict.fromkeys(one.setting.prompt for one in own))
    return prompts, tuple(dict.fromkeys(one.setting.seed for one in own))


def _counted(cells: Sequence[Measured], metric: str) -> _Grid | None:
    """One metric in every cell; None where one lacks it, or it is of other groups there."""
    if len({one.groups.get(metric) for one in cells}) > 1 or len({one.sums[metric].shape for one in cells}) > 1:
        return None
    return _grid([one.sums[metric] for one in cells], METRICS[metric].value)


def _stacked(cells: Sequence[Measured]) -> _Grid | None:
    """The mean of a task's metrics in every cell."""
    if not cells or len({tuple(one.groups.items()) for one in cells}) > 1:
        return None
    counted = [stacked(one) for one in cells]
    return _grid([sums for sums, _ in counted], counted[0][1])


def _grid(sums: Sequence[Any], value: Any) -> _Grid | None:
    import numpy as np  # heavy: loaded only when something is measured

    groups = len(sums[0])
    if groups < 2:
        return None
    values = np.array([float(value(one.sum(axis=0))) for one in sums])
    covariance = jackknife_covariance(np.stack(sums), value)
    return _Grid(values, covariance, groups) if np.isfinite(values).all() and np.isfinite(covariance).all() else None


def _variation(of: tuple[str, int, str], own: Sequence[Measured], grid: _Grid, n: int, is_mean: bool) -> Variation:
    prompts, seeds = _names(own)
    found = components(grid.values.reshape(len(prompts), len(seeds)), grid.covariance, grid.groups)
    low, high = components_interval(found, is_mean, grid.groups)
    task, shots, metric = of
    return Variation(
        task=task,
        shots=shots,
        metric=metric,
        scorer="",
        prompts=prompts,
        seeds=seeds,
        n=n,
        mean=found.mean,
        low=low,
        high=high,
        includes=("sampling", *["seeds"] * (len(seeds) > 1), *["prompts"] * (len(prompts) > 1)),
        sampling=found.sampling,
        seed=found.seed,
        prompt=found.prompt,
        both=found.both,
    )
