"""Rows to examples: every row is read and checked before a model is asked anything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evalkit.data.rows import Rows
from evalkit.errors import DataError
from evalkit.schema import Example
from evalkit.tasks.definition import Task
from evalkit.tasks.examples import read_examples
from evalkit.tasks.parse import parse_task

TASK = """\
description = "A task."
source = "https://example.org"
metrics = ["accuracy"]
{keys}

[dataset]
path = "org/data"
name = "config"
revision = "abc"
evaluation = "validation"
{data}

[multiple_choice]
choices = ["no", "yes"]
gold = "label"
"""


def task(folder: Path, keys: str = "", data: str = "") -> Task:
    path = folder / "t.toml"
    path.write_text(TASK.format(keys=keys, data=data), encoding="utf-8")
    return parse_task("suite/task", path)


def examples(of: Task, *rows: Mapping[str, Any]) -> list[Example]:
    return read_examples(of, of.answers["multiple_choice"], Rows(rows, "rows.jsonl", "rows@0"))


def yes(row: dict[str, Any], id_: str, unit: str, group: str) -> Example:
    return Example(id_, row, ("no", "yes"), (1,), unit, group)


ROWS: list[tuple[str, list[dict[str, Any]], list[tuple[str, str, str]]]] = [
    # keys; rows; id, unit and group of each
    ("", [{}, {}], [("1", "1", "1"), ("2", "2", "2")]),
    ("id = 'idx'", [{"idx": 7}, {"idx": "a"}], [("7", "7", "7"), ("a", "a", "a")]),
    ("id = 'idx'\nunit = 'idx // 2'", [{"idx": 6}, {"idx": 7}], [("6", "3", "3"), ("7", "3", "3")]),
    ("id = 'idx'\ngroup = 'text'", [{"idx": 6, "text": "x"}, {"idx": 7, "text": "x"}],
     [("6", "6", "x"), ("7", "7", "x")]),
    ("id = 'i.a'\nunit = 'i.b'\ngroup = 'i.c'", [{"i": {"a": 1, "b": 2, "c": 3}}], [("1", "2", "3")]),
    ("unit = 'q'", [{"q": 5}, {"q": 5}], [("1", "5", "5"), ("2", "5", "5")]),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "rows", "expected"), ROWS)
def test_rows_become_examples(
    tmp_path: Path, keys: str, rows: list[dict[str, Any]], expected: list[tuple[str, str, str]]
) -> None:
    labelled = [{**row, "label": 1} for row in rows]
    found = examples(task(tmp_path, keys), *labelled)
    assert found == [yes(row, *key) for row, key in zip(labelled, expected, strict=True)]


WRONG: list[tuple[str, list[dict[str, Any]], str]] = [
    ("", [], "rows.jsonl: the split is empty; suite/task needs at least one row"),
    ("id = 'idx'", [{"idx": 1, "label": 0}, {"idx": 2, "label": 0}, {"idx": 1, "label": 1}],
     "rows.jsonl, row 3: the id '1' is that of row 1 too"),
    ("id = 'idx'", [{"idx": 1, "label": 0}, {"idx": "1", "label": 0}],
     "rows.jsonl, row 2: the id '1' is that of row 1 too"),
    ("id = 'idx'", [{"idx": 1, "label": 0}, {"label": 0}],
     "rows.jsonl, row 2: cannot work out id = 'idx': no field 'idx'. The row's fields: label"),
    ("id = 'idx'", [{"idx": None, "label": 0}],
     "rows.jsonl, row 1: cannot work out id = 'idx': the value is null. The row's fields: idx, label"),
    ("unit = 'idx // 2'", [{"idx": "a", "label": 0}], "rows.jsonl, row 1: cannot work out unit = 'idx // 2': "),
    ("group = 'passage'", [{"label": 0}],
     "rows.jsonl, row 1: cannot work out group = 'passage': no field 'passage'. The row's fields: label"),
    ("", [{"label": 0}, {"label": -1}],
     "rows.jsonl, row 2: label = -1 is out of range: 0 to 1 (-1 marks a row without a label, as test splits have)"),
    ("", [{"label": 0}, {"label": "0"}], "rows.jsonl, row 2: label has to be a number from 0 to 1, and is '0'"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "rows", "message"), WRONG, ids=[case[2] for case in WRONG])
def test_a_wrong_row_stops_with_its_place(tmp_path: Path, keys: str, rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(DataError) as caught:
        examples(task(tmp_path, keys), *rows)
    assert str(caught.value).startswith(message)


def test_columns_are_renamed_before_anything_is_read(tmp_path: Path) -> None:
    of = task(tmp_path, "id = 'number'", 'rename = { idx = "number", gold = "label", absent = "other" }')
    (found,) = examples(of, {"idx": 4, "gold": 1, "text": "x"})
    assert found == yes({"number": 4, "label": 1, "text": "x"}, "4", "4", "4")


def test_a_column_that_was_renamed_is_gone(tmp_path: Path) -> None:
    of = task(tmp_path, "id = 'idx'", 'rename = { idx = "number" }')
    with pytest.raises(DataError, match=r"no field 'idx'. The row's fields: number, label"):
        examples(of, {"idx": 4, "label": 1})


def test_the_rows_are_left_as_they_were(tmp_path: Path) -> None:
    row = {"idx": 4, "label": 1}
    examples(task(tmp_path, "id = 'number'", 'rename = { idx = "number" }'), row)
    assert row == {"idx": 4, "label": 1}
