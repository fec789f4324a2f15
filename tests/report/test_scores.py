"""The table of scores: every number in its place, beside what it has to be held against."""

from dataclasses import replace

import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.loaded import load
from evalkit.report.scores import table
from evalkit.report.summary import main_results
from evalkit.runs.diagnostics import BELOW_CHANCE, CONSTANT, MAJORITY, RANDOM, Baseline, Diagnosis, Flag
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result, Work


def result(task="s/a", shots=0, value=0.5, metric="accuracy", low=0.4, high=0.6, **more):
    values = {"prompt": "p", "seed": 0, "n": 50, "groups": 50, "effective_shots": shots, "truncated": 0, "ties": 0}
    return Result(
        **{**values, "task": task, "shots": shots, "metric": metric, "value": value, "low": low, "high": high}
        | {"signature": f"{task}|{shots}|{metric}"}
        | more
    )


@pytest.fixture
def loaded(tmp_path):
    """Makes a run of results."""
    from evalkit.report.loaded import Loaded

    def make(results, label="m", **more):
        manifest = Manifest(1, "complete", "evalkit run", {}, {}, [], {}, {}, {}, "2026-01-01", 1.0, Work())
        return Loaded(label, RunFolder(tmp_path), manifest, results, **more)

    return make


def test_runs_stand_next_to_each_other_number_by_number(loaded):
    first = [result(), result(shots=2), result("s/b"), result("s", metric="average")]
    second = [result("s/b", value=0.1), result(shots=2, value=0.7)]
    rows, shots = table([loaded(first, "one"), loaded(second, "other")], list)
    assert [(row.line.task, row.label, sorted(row.cells)) for row in rows] == [
        ("s/a", "one", [0, 2]),
        ("s/a", "other", [2]),
        ("s/b", "one", [0]),
        ("s/b", "other", [0]),
        ("s", "one", [0]),
    ]
    assert shots == [0, 2]
    assert rows[1].cells[2].result.value == 0.7


def test_baselines_and_flags_stand_at_their_own_number(loaded):
    flags = (Flag(BELOW_CHANCE, "accuracy", 0.2, 0.5), Flag(CONSTANT, answer='"yes"'))
    baselines = (Baseline(RANDOM, "accuracy", 0.5), Baseline(MAJORITY, "accuracy", 0.6, '"no"'))
    diagnoses = [
        Diagnosis("s/a", "p", 0, 0, baselines, flags, None),
        Diagnosis("s/a", "p", 2, 0, baselines, (), None),
    ]
    results = [result(), result(shots=2), result(metric="macro_f1"), result(subset="x=1"), result("s/b")]
    rows, _ = table([loaded(results, diagnoses=diagnoses)], list)
    accuracy, f1, part, other = rows
    assert (accuracy.random, accuracy.majority) == (0.5, 0.6)
    assert accuracy.cells[0].flags == ("below chance", 'always answers "yes"')
    assert accuracy.cells[2].flags == ()
    assert (f1.random, f1.cells[0].flags) == (None, ('always answers "yes"',))
    assert (part.random, part.cells[0].flags, other.random) == (None, (), None)


def test_a_paper_stands_below_the_number_that_it_has(loaded):
    one, two = result(), result(shots=2)
    figures = [{"model": "GPT-3 13B", "value": 66.2}, {"model": "GPT-3 175B", "value": 70.0}]
    beside = [{"result": {name: getattr(two, name) for name in two.__slots__}, "figures": figures, "split": "dev"}]
    (row,), _ = table([loaded([one, two], beside=beside)], list)
    assert row.cells[0].published == ()
    assert row.cells[2].published == (("GPT-3 13B", 66.2, "dev"), ("GPT-3 175B", 70.0, "dev"))


@pytest.mark.parametrize(
    ("metric", "low", "shown"),
    [("accuracy", 0.4, True), ("matthews", 0.1, True), ("matthews", -0.1, False), ("perplexity", 0.4, False)],
)
def test_a_bar_is_for_what_lies_between_0_and_1(loaded, metric, low, shown):
    (row,), _ = table([loaded([result(metric=metric, low=low)])], list)
    (far,), _ = table([loaded([result(metric="ter", value=0.9, high=1.2)])], list)
    assert not far.has_bar
    assert row.has_bar is shown


def test_a_run_with_contamination_has_its_split_in_the_cells(tmp_path, loaded):
    from evalkit.contamination.join import Contamination
    from evalkit.contamination.scores import Side, SplitScore

    clean, dirty, none = Side(3, 3, 0.6, 0.5, 0.7), Side(2, 2, 0.9, 0.8, 1.0), Side(0, 0, None, None, None)
    split = SplitScore(
        *("s/a", "p", 0, 0, "accuracy", "", "higher", 13, clean, clean, dirty, none),
        *(60.0, 0.0, 0.0, None, None, None, None, "", (), (), (), ""),
    )
    held = Contamination(**{**dict.fromkeys(Contamination.__slots__, ()), "scores": (split,), "manifest": {}})
    rows, _ = table([loaded([result(), result(shots=2)], contamination=held)], list)
    assert rows[0].cells[0].split is split
    assert rows[0].cells[2].split is None


def test_of_a_real_run_every_result_is_a_cell(tmp_path):
    model = FakeModel(window=10**6)
    evalkit.evaluate(model, "superglue/cb", shots=(0, 1), seeds=(0, 1), data_dir="samples", output=tmp_path / "run")
    (run,) = load([tmp_path / "run"])
    rows, _ = table([run], list)
    assert {cell.result for row in rows for cell in row.cells.values()} == set(run.results)
    shown, _ = table([run], main_results)
    assert all(row.random is not None for row in shown if row.line.metric == "accuracy")
    assert replace(run).label == run.label == "fake"
