"""The board: runs in; models, columns and what stands where they cross out.

A column is what was asked: numbers whose signatures are equal but for model, dtype and evalkit's version. Everything
else that differs (the prompt's text, the shots, the data, a limit) makes another column. A model is a name and a dtype;
in a column it has the number of its latest run, and the earlier ones are its history.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from evalkit.leaderboard.entry import Number
from evalkit.leaderboard.gather import Run
from evalkit.leaderboard.history import Point, history
from evalkit.leaderboard.ranks import goodness, rank_ranges
from evalkit.metrics import METRICS, better_of

AVERAGE = "average"
_ORDER = {name: place for place, name in enumerate((AVERAGE, *METRICS))}


class Asked(NamedTuple):
    """What a number is of, whatever the model."""

    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    subset: str
    scorer: str
    signature: str


@dataclass(frozen=True, slots=True)
class Column:
    """`differs` holds the parts of the signature that other columns of the same name have otherwise; `is_main` says
    that this is the first metric of its task in a run; `models` counts those that have a number.
    """

    key: Asked
    id: str
    better: str
    is_main: bool
    models: int
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A model's points in a column, oldest first, and the ranks that its latest leaves open."""

    points: tuple[Point, ...]
    ranks: tuple[int, int]

    @property
    def now(self) -> Point:
        """The latest."""
        return self.points[-1]


@dataclass(frozen=True, slots=True)
class Model:
    """One row: `runs` oldest first; `cells` by the number of the column; `rank` the means of the best and of the worst
    ranks over the columns that all models have, None where there are no such columns.
    """

    name: str
    dtype: str
    slug: str
    runs: tuple[Run, ...]
    cells: Mapping[int, Cell]
    rank: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Board:
    """Models by name, columns in the order in which they are shown; `shared` has those that `Model.rank` is of."""

    models: Sequence[Model]
    columns: Sequence[Column]
    shared: Sequence[int]


def make_board(runs: Sequence[Run]) -> Board:
    """The board of runs that are given oldest first. Numbers of parts of a task (`gender=female`) stay in the runs'
    own reports.
    """
    found, main = _sorted_in(runs)
    keys = sorted(found, key=_order)
    differing = _differing(keys)
    columns = [
        Column(key, _digest("\0".join(map(str, key))), better_of(key.metric), key in main, len(found[key]), parts)
        for key, parts in zip(keys, differing, strict=True)
    ]
    cells: dict[tuple[str, str], dict[int, Cell]] = {}
    for place, column in enumerate(columns):
        rows = {who: history(column.better, numbers) for who, numbers in found[column.key].items()}
        latest = [points[-1].number for points in rows.values()]
        ranks = rank_ranges([goodness(column.better, number.low, number.high) for number in latest])
        for (who, points), open_ranks in zip(rows.items(), ranks, strict=True):
            cells.setdefault(who, {})[place] = Cell(points, open_ranks)
    shared = [
        place
        for place, column in enumerate(columns)
        if column.models == len(cells) and column.is_main and column.key.metric != AVERAGE
    ]
    own: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        own.setdefault((run.entry.model, run.entry.dtype), []).append(run)
    models = [
        Model(name, dtype, _slug(name, dtype), tuple(own[name, dtype]), row, _mean_rank(row, shared))
        for (name, dtype), row in sorted(cells.items())
    ]
    return Board(models, columns, shared)


def _sorted_in(
    runs: Sequence[Run],
) -> tuple[dict[Asked, dict[tuple[str, str], list[tuple[Run, Number]]]], set[Asked]]:
    """The numbers by what was asked and of whom, oldest first; and what is the first of its task in a run."""
    found: dict[Asked, dict[tuple[str, str], list[tuple[Run, Number]]]] = {}
    main: set[Asked] = set()
    for run in runs:
        who, seen = (run.entry.model, run.entry.dtype), set()
        for number in run.entry.numbers:
            if "=" in number.subset:
                continue
            key = Asked(*number[:8])
            found.setdefault(key, {}).setdefault(who, []).append((run, number))
            if key[:4] not in seen:
                seen.add(key[:4])
                main.add(key)
    return found, main


def _order(key: Asked) -> tuple[object, ...]:
    is_average = key.metric == AVERAGE
    metric = _ORDER.get(key.metric, len(_ORDER))
    return not is_average, key.task, key.prompt, key.shots, key.seed, key.subset, metric, key.scorer, key.signature


def _differing(keys: Sequence[Asked]) -> list[tuple[str, ...]]:
    """For each column the parts of its signature that those of the same name do not all have."""
    alike: dict[tuple[object, ...], list[frozenset[str]]] = {}
    for key in keys:
        alike.setdefault(key[:-1], []).append(frozenset(key.signature.split("|")))
    shared = {name: frozenset.intersection(*parts) for name, parts in alike.items()}
    return [tuple(part for part in key.signature.split("|") if part not in shared[key[:-1]]) for key in keys]


def _mean_rank(row: Mapping[int, Cell], shared: Sequence[int]) -> tuple[float, float] | None:
    if not shared:
        return None
    best, worst = zip(*(row[place].ranks for place in shared), strict=True)
    return sum(best) / len(shared), sum(worst) / len(shared)


def _slug(name: str, dtype: str) -> str:
    """A file's name for a model: what can be read of its own, and a digest that tells it from all others."""
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:60].strip("-.")
    return f"{readable or 'model'}-{_digest(chr(0).join((name, dtype)))}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
