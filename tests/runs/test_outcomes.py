"""What a run's numbers are made of, counted anew from its log."""

import pytest

import evalkit
from evalkit.errors import RunError
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder
from evalkit.runs.outcomes import Key, outcomes

TASKS = ["superglue/multirc", "superglue/axg", "bias/crows_pairs", "qa/triviaqa", "toxicity/real_toxicity_prompts"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "run"
    evalkit.evaluate(
        FakeModel(window=600), TASKS, shots=(0, 2), limit=12, data_dir="samples", scorers="lexicon", output=path
    )
    return RunFolder.open(path)


def test_every_number_of_a_whole_task_is_there_again(run):
    found, notes = outcomes(run)
    whole = [result for result in run.read_results() if not result.subset and result.metric != "average"]
    assert [one.result for one in found] == whole
    assert notes == []
    for one in found:
        assert float(one.metric.value(one.values.sum(axis=0))) == pytest.approx(one.result.value, rel=1e-9)
        assert len(one.values) == len(one.groups) == one.result.n
        assert len(set(one.groups)) == one.result.groups
    assert {one.key.scorer for one in found if one.key.task == "toxicity/real_toxicity_prompts"} != {""}


def test_items_are_examples_or_units(run):
    found = {(one.key.task, one.key.metric): one for one in outcomes(run)[0] if one.key.shots == 0}
    examples = found["superglue/multirc", "f1"]
    questions = found["superglue/multirc", "exact_match"]
    assert len(examples.ids) == len(set(examples.ids)) == examples.result.n
    assert len(questions.ids) == len(set(questions.ids)) == questions.result.n < examples.result.n
    assert set(questions.groups) == set(examples.groups)  # the passages
    assert found["superglue/axg", "parity"].result.n * 2 == found["superglue/axg", "accuracy"].result.n


def test_the_key_says_what_a_number_is_of(run):
    keys = [one.key for one in outcomes(run)[0]]
    assert len(set(keys)) == len(keys)
    assert Key("superglue/multirc", "gpt3", 2, 0, "exact_match") in keys


def test_parts_of_a_task_are_left_out(run):
    assert any(result.subset for result in run.read_results())
    assert not any(one.result.subset for one in outcomes(run)[0])


def test_what_a_redacted_log_does_not_give_again_is_said(tmp_path):
    model = FakeModel(writes={"": "The cat sat on the roof of the house."})
    tasks = ["superglue/copa", "translation/wmt14_fr_en"]
    evalkit.evaluate(model, tasks, limit=8, data_dir="samples", output=tmp_path / "run", redact=True)
    folder = RunFolder.open(tmp_path / "run")
    found, notes = outcomes(folder)
    lost = [one.metric for one in folder.read_results() if one.task == "translation/wmt14_fr_en" and one.value]
    assert "chrf" in lost
    assert {one.key.metric for one in found} >= {"accuracy"}
    assert not {one.key.metric for one in found} & set(lost)
    for metric in lost:
        assert f"translation/wmt14_fr_en: {metric} cannot be counted anew from the log, which keeps no text" in notes


def test_a_run_that_has_not_finished(tmp_path):
    evalkit.evaluate(FakeModel(), "superglue/copa", data_dir="samples", output=tmp_path / "run")
    (tmp_path / "run" / "results.json").unlink()
    with pytest.raises(RunError, match=r"no results\.json; the run has not finished"):
        outcomes(RunFolder.open(tmp_path / "run"))
