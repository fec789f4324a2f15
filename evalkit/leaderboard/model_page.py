"""A model's own page: its row of the board in, and everything that the page shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.leaderboard import said
from evalkit.leaderboard.board import Cell, Column, Model
from evalkit.leaderboard.history import Point, changed
from evalkit.leaderboard.links import from_below
from evalkit.leaderboard.overview import step
from evalkit.leaderboard.sketch import sketch
from evalkit.report.summary import has_bar, interval, number

_SHOWN = 50  # points of a history in a table; the others are in the downloads


def made_of(model: Model, columns: Sequence[Column], links: Mapping[str, str]) -> list[Any]:
    """All that the page depends on, which is quickly told: a page is made only where this has changed. Ranks are not on
    the page, for they change with every run of any model.
    """
    runs = [(run.entry.digest, links[run.place.key]) for run in model.runs]
    return [runs, [(columns[place].id, columns[place].differs) for place in model.cells], said.has_seeds(columns)]


def model_page(model: Model, columns: Sequence[Column], links: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the page shows."""
    below = {run.place.key: from_below(links[run.place.key]) for run in model.runs}
    has_seeds = said.has_seeds(columns)
    latest = model.runs[-1].entry
    rows = [
        {**_named(columns[place], has_seeds), **_current(columns[place], cell, below)}
        for place, cell in model.cells.items()
    ]
    histories = [
        {**_named(columns[place], has_seeds), **_past(columns[place], cell, below)}
        for place, cell in model.cells.items()
        if len(cell.points) > 1
    ]
    fallen = [
        step(columns[place], before, now, below, has_seeds) | {"started": now.run.entry.started}
        for place, cell in model.cells.items()
        for before, now in zip(cell.points, cell.points[1:], strict=False)
        if now.is_regression
    ]
    return {
        "name": said.clip(model.name),
        "facts": [
            ("dtype", said.clip(model.dtype)),
            ("latest version", said.version(model.runs[-1])),
            ("parameters", f"{latest.parameters:,}" if latest.parameters else "not known"),
            ("runs", f"{len(model.runs):,}, {said.day(model.runs[0])} to {said.day(model.runs[-1])}"),
            ("versions of evalkit", ", ".join(sorted({said.clip(run.entry.evalkit) for run in model.runs}))),
        ],
        "rows": rows,
        "histories": histories,
        "regressions": sorted(fallen, key=lambda one: str(one["started"]), reverse=True),
    }


def _named(column: Column, has_seeds: bool) -> dict[str, Any]:
    return {
        "task": said.task(column),
        "setting": said.setting(column, has_seeds),
        "measure": said.measure(column),
        "signature": column.key.signature,
        "differs": [said.clip(part) for part in column.differs],
    }


def _current(column: Column, cell: Cell, links: Mapping[str, str]) -> dict[str, Any]:
    one = cell.now.number
    bounds = None if one.low is None or one.high is None else (said.at(one.low), said.at(one.high))
    return {
        **_point(column, cell.now, links),
        "n": one.n,
        "bar": {"at": said.at(one.value), "bounds": bounds} if has_bar(column.key.metric) else None,
    }


def _past(column: Column, cell: Cell, links: Mapping[str, str]) -> dict[str, Any]:
    shown = cell.points[-_SHOWN:]
    before = (None, *cell.points)[-len(shown) - 1 :]
    points = [
        {**_point(column, now, links), "changed": ", ".join(changed(old, now)) if old else ""}
        for old, now in zip(before, shown, strict=False)
    ]
    return {
        "points": points[::-1],
        "total": len(cell.points),
        "count": len(shown),
        "sketch": sketch([(point.number.value, point.number.low, point.number.high) for point in shown]),
        "fallen": sum(point.is_regression for point in cell.points),
    }


def _point(column: Column, point: Point, links: Mapping[str, str]) -> dict[str, Any]:
    one, metric = point.number, column.key.metric
    return {
        "value": number(metric, one.value),
        "range": interval(metric, one.low, one.high),
        "version": said.version(point.run),
        "day": said.day(point.run),
        "time": point.run.entry.started[11:16],
        "link": links[point.run.place.key],
        "is_regression": point.is_regression,
    }
