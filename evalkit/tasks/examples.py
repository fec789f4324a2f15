"""Rows in, examples out: every row is read and checked before a model is asked anything."""

from collections.abc import Mapping
from typing import Any

from evalkit.answers.base import AnswerKind
from evalkit.data.rows import Rows
from evalkit.errors import DataError
from evalkit.prompts.expression import Expression
from evalkit.schema import Example
from evalkit.tasks.definition import Task


def read_examples(task: Task, kind: AnswerKind, rows: Rows) -> list[Example]:
    """The examples of a split, in its order.

    Raises:
        DataError: the split is empty, a row lacks a field or holds one out of range, or two rows have one id.
    """
    if not rows.rows:
        raise DataError(f"{rows.where}: the split is empty; {task.name} needs at least one row")
    examples = []
    places: dict[str, int] = {}
    for number, row in enumerate(rows.rows, start=1):
        where = f"{rows.where}, row {number}"
        example = _read(task, kind, row, number, where)
        if example.id in places:
            raise DataError(f"{where}: the id {example.id!r} is that of row {places[example.id]} too")
        places[example.id] = number
        examples.append(example)
    return examples


def _read(task: Task, kind: AnswerKind, row: Mapping[str, Any], number: int, where: str) -> Example:
    renamed = {task.data.rename.get(column, column): value for column, value in row.items()}
    answer = kind.read(renamed, where)
    id_ = _key(task.id, renamed, where) if task.id else str(number)
    unit = _key(task.unit, renamed, where) if task.unit else id_
    group = _key(task.group, renamed, where) if task.group else unit
    return Example(id_, renamed, answer.choices, answer.targets, unit, group)


def _key(expression: Expression, row: Mapping[str, Any], where: str) -> str:
    return str(expression.evaluate(row, where))
