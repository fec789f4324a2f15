"""Expressions of task files over a row."""

from typing import Any

import pytest

from evalkit.errors import DataError, TaskError
from evalkit.prompts import sandbox
from evalkit.prompts.expression import Expression

VALUES: list[tuple[str, dict[str, Any], Any]] = [
    ("label", {"label": 1}, 1),
    ("label", {"label": "1"}, "1"),
    ("label", {"label": False}, False),
    ("label", {"label": 0}, 0),
    ("label", {"label": ""}, ""),
    ("[choice1, choice2]", {"choice1": "a", "choice2": "b"}, ["a", "b"]),
    ("idx.query", {"idx": {"passage": 3, "query": 5}}, 5),
    ("idx // 2", {"idx": 7}, 3),
    ("[idx.paragraph, idx.question] | join('-')", {"idx": {"paragraph": 3, "question": 5}}, "3-5"),
    ("{0: false, 1: true}[label]", {"label": 1}, True),
    ("label == 1", {"label": 0}, False),
    ("answers", {"answers": ["a", "b"]}, ["a", "b"]),
    ("names | map('upper') | list", {"names": ["a"]}, ["A"]),
    ("text", {"text": "{{ 7 * 7 }}"}, "{{ 7 * 7 }}"),
    ("label", {"label": 1, "self": 2, "context": 3, "loop": 4}, 1),  # names that Jinja uses itself
]


@pytest.mark.parametrize(("source", "row", "expected"), VALUES)
def test_an_expression_has_a_value(source: str, row: dict[str, Any], expected: Any) -> None:
    value = Expression.parse(source, "gold", "task.toml").evaluate(row, "rows.jsonl, row 1")
    assert value == expected
    assert type(value) is type(expected)


MISFITS: list[tuple[str, dict[str, Any], str]] = [
    ("label", {"lable": 1}, "no field 'label'"),
    ("idx.query", {"idx": {"passage": 3}}, "no field 'query'"),
    ("idx.query", {"idx": 3}, "no field 'query'"),
    ("idx.query", {"index": {}}, "'idx' is undefined"),
    ("[choice1, choice2]", {"choice1": "a"}, "no field 'choice2'"),
    ("label", {"label": None}, "the value is null"),
    ("[idx.a, idx.b] | join('-')", {"idx": {"a": 1, "b": None}}, "null"),
    ("[idx.a, idx.b] | join('-')", {"idx": {"a": 1}}, "no attribute 'b'"),
    ("idx // 2", {"idx": "7"}, "unsupported operand"),
    ("{0: false, 1: true}[label]", {"label": -1}, "no field -1"),
    ("{0: false, 1: true}[label]", {"label": None}, "no field None"),
    ("label.__class__", {"label": 1}, "__class__"),
    ("label * 10 ** 9", {"label": "a"}, "builds a text of more than"),
    ("names.append('x')", {"names": []}, "is unsafe"),
]


@pytest.mark.parametrize(("source", "row", "reason"), MISFITS)
def test_a_row_that_does_not_fit_is_an_error_with_its_place(source: str, row: dict[str, Any], reason: str) -> None:
    expression = Expression.parse(source, "gold", "task.toml")
    with pytest.raises(DataError) as caught:
        expression.evaluate(row, "rows.jsonl, row 7")
    message = str(caught.value)
    assert message.startswith(f"rows.jsonl, row 7: cannot work out gold = {source!r}: ")
    assert reason in message
    assert message.endswith(f"The row's fields: {', '.join(row)}")


@pytest.mark.parametrize(
    "source", ["", "(", "a b", "label +", "label | nofilter", "{% if a %}", "(" * 5000 + ")" * 5000]
)
def test_what_is_no_expression_names_file_and_key(source: str) -> None:
    with pytest.raises(TaskError) as caught:
        Expression.parse(source, "group", "tasks/a.toml")
    assert str(caught.value).startswith(f"tasks/a.toml: group = {source!r} is no Jinja expression: ")


def test_an_expression_cannot_run_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.2)
    slow = "range(99999) | map('string') | map('replace', '1', '2') | list | length + " * 20 + "1"
    with pytest.raises(DataError, match=r"ran for more than 0\.2 seconds"):
        Expression.parse(slow, "gold", "task.toml").evaluate({}, "rows.jsonl, row 1")
