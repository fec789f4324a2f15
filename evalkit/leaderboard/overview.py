"""The first page: a board in, and what the page's script makes its table of; the latest regressions."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from evalkit.leaderboard import said
from evalkit.leaderboard.board import AVERAGE, Board, Cell, Column, Model
from evalkit.leaderboard.history import Point, changed
from evalkit.metrics.base import IDEALS
from evalkit.report.summary import has_bar, interval, number, short_names

_LATEST = 30  # regressions


def overview(board: Board, links: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the page shows."""
    runs = sorted({cell.now.run.place.key for model in board.models for cell in model.cells.values()})
    places = {key: place for place, key in enumerate(runs)}
    has_seeds = said.has_seeds(board.columns)
    bars = [has_bar(column.key.metric) for column in board.columns]
    labels = short_names(column.key.task for column in board.columns)
    data = {
        "columns": [_column(column, labels[column.key.task], has_seeds) for column in board.columns],
        "shared": len(board.shared),
        "models": [_model(model, board.columns, bars, places) for model in board.models],
        "runs": [links[key] for key in runs],
    }
    fallen, count = _regressions(board, links, has_seeds)
    return {
        "data": for_script(data),
        "models": len(board.models),
        "columns": len(board.columns),
        "runs": sum(len(model.runs) for model in board.models),
        "latest": max((said.day(model.runs[-1]) for model in board.models), default=""),
        "suites": sorted({said.suite(column) for column in board.columns}),
        "shots": sorted({column.key.shots for column in board.columns}),
        "metrics": sorted({column.key.metric for column in board.columns}),
        "shared": len(board.shared),
        "regressions": fallen,
        "fallen": count,
    }


def for_script(data: Any) -> str:
    """JSON that may stand in a page: no text in it can end the element that it stands in."""
    text = msgspec.json.encode(data).decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _column(column: Column, label: str, has_seeds: bool) -> dict[str, Any]:
    return {
        "label": said.task(column, label),
        "task": said.task(column),
        "suite": said.suite(column),
        "setting": said.setting(column, has_seeds),
        "measure": said.measure(column),
        "metric": column.key.metric,
        "shots": column.key.shots,
        "differs": [said.clip(part) for part in column.differs],
        "signature": column.key.signature,
        "better": column.better,
        "ideal": IDEALS.get(column.better),
        "bar": has_bar(column.key.metric),
        "main": column.is_main or column.key.metric == AVERAGE,
        "models": column.models,
    }


def _model(model: Model, columns: Sequence[Column], bars: Sequence[bool], places: Mapping[str, int]) -> dict[str, Any]:
    latest = model.runs[-1]
    return {
        "name": said.clip(model.name),
        "dtype": said.clip(model.dtype),
        "page": f"models/{model.slug}.html",
        "version": said.version(latest),
        "size": said.size(latest.entry.parameters),
        "day": said.day(latest),
        "runs": len(model.runs),
        "rank": said.ranks(*model.rank) if model.rank else "",
        "order": sum(model.rank) if model.rank else None,
        "cells": [
            _cell(place, columns[place].key.metric, bars[place], cell, places) for place, cell in model.cells.items()
        ],
    }


def _cell(place: int, metric: str, is_bar: bool, cell: Cell, places: Mapping[str, int]) -> list[Any]:
    """In the order in which the script takes it apart."""
    one = cell.now.number
    bounds = () if one.low is None or one.high is None or not is_bar else (said.at(one.low), said.at(one.high))
    return [
        *(place, float(f"{one.value:.6g}"), number(metric, one.value), interval(metric, one.low, one.high), one.n),
        *(*cell.ranks, places[cell.now.run.place.key], int(cell.now.is_regression)),
        *bounds,
    ]


def _regressions(board: Board, links: Mapping[str, str], has_seeds: bool) -> tuple[list[dict[str, Any]], int]:
    """The latest, newest first, and how many there are."""
    found = [
        (now.run.entry.started, model, board.columns[place], before, now)
        for model in board.models
        for place, cell in model.cells.items()
        for before, now in zip(cell.points, cell.points[1:], strict=False)
        if now.is_regression
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    latest = found[:_LATEST]
    steps = [step(column, before, now, links, has_seeds) | _row(model) for _, model, column, before, now in latest]
    return steps, len(found)


def _row(model: Model) -> dict[str, str]:
    return {"model": said.clip(model.name), "dtype": said.clip(model.dtype), "page": f"models/{model.slug}.html"}


def step(column: Column, before: Point, now: Point, links: Mapping[str, str], has_seeds: bool) -> dict[str, Any]:
    """One step down, in words and links."""
    ends = {
        name: {
            "value": number(column.key.metric, point.number.value),
            "range": interval(column.key.metric, point.number.low, point.number.high),
            "version": said.version(point.run),
            "day": said.day(point.run),
            "link": links[point.run.place.key],
        }
        for name, point in (("before", before), ("now", now))
    }
    told = {"task": said.task(column), "setting": said.setting(column, has_seeds), "measure": said.measure(column)}
    return {**told, **ends, "changed": ", ".join(changed(before, now)) or "neither weights nor evalkit"}
