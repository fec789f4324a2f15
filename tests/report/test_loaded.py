"""Runs of one page: each has a name of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.errors import RunError, UsageError
from evalkit.report.loaded import labels, load
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Work

ONE = Manifest(
    *(1, "complete", "evalkit run", {}, {"name": "gpt2", "version": "a" * 40, "dtype": "float32"}),
    *([], {}, {}, {}, "2026-01-01", 1.0, Work()),
)


def other(**model):
    return replace(ONE, model={**ONE.model, **model})


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (other(name="gpt2-xl"), ["gpt2", "gpt2-xl"]),
        (other(version="b" * 40), [f"gpt2 at {'a' * 12}", f"gpt2 at {'b' * 12}"]),
        (other(dtype="bfloat16"), ["gpt2 in float32", "gpt2 in bfloat16"]),
        (ONE, ["gpt2 (first)", "gpt2 (second)"]),
    ],
)
def test_a_label_has_as_much_as_tells_runs_apart(second, told):
    folders = [RunFolder(Path("runs/first")), RunFolder(Path("runs/second"))]
    assert labels(folders, [ONE, second]) == told


def test_where_nothing_else_differs_they_are_counted():
    folders = [RunFolder(Path("a/run")), RunFolder(Path("b/run"))]
    assert labels(folders, [ONE, ONE]) == ["gpt2 (1)", "gpt2 (2)"]


def test_a_run_is_named_once(tmp_path):
    with pytest.raises(UsageError, match="named 2 times"):
        load([tmp_path, tmp_path / "." / "x" / ".."])


def test_no_run_is_an_error(tmp_path):
    with pytest.raises(RunError, match=r"no run here"):
        load([tmp_path])
