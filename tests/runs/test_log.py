"""The sample log gives every number again, in every answer kind, and with no text those that need none."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

import evalkit
from evalkit.library import SAMPLES, Library
from evalkit.metrics import METRICS
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder
from evalkit.runs.log import from_rows, setting_of
from evalkit.schema import Result, Sample, Setting
from evalkit.tasks.parse import find_tasks
from tests.tasks.sampled import has_data


def telling() -> Iterator[str]:
    """Tasks that have samples and, among them, every metric and every answer kind."""
    seen: set[str] = set()
    for task in find_tasks(Library.open(), [*Library.open().task_files()]):
        of = {*task.metrics, *task.answers, *(name for one in task.prompts.values() for name in one.metrics or ())}
        if has_data(task, SAMPLES) and not of <= seen:
            seen |= of
            yield task.name


def anew(result: Result, samples: list[Sample]) -> float:
    metric = METRICS[result.metric]
    if result.scorer:
        samples = [replace(one, scores={result.scorer: one.scores[result.scorer]}) for one in samples]
    return float(metric.value(metric.count(samples).values.sum(axis=0)))


def read(folder: RunFolder) -> dict[Setting, list[Sample]]:
    rows: dict[Setting, list[dict[str, object]]] = {}
    for row in folder.read_samples():
        rows.setdefault(setting_of(row), []).append(row)
    return {setting: from_rows(own) for setting, own in rows.items()}


def of(result: Result) -> Setting:
    return Setting(result.task, result.prompt, result.shots, result.seed)


@pytest.mark.parametrize("name", list(telling()))
def test_every_number_comes_from_the_log_again(name, tmp_path):
    model = FakeModel(window=600)
    evalkit.evaluate(
        model, name, prompts="all", limit=12, data_dir="samples", scorers="lexicon", output=tmp_path / "run"
    )
    folder = RunFolder.open(tmp_path / "run")
    samples = read(folder)
    results = [result for result in folder.read_results() if not result.subset]
    assert results
    for result in results:
        assert anew(result, samples[of(result)]) == pytest.approx(result.value, rel=1e-12, abs=1e-12), result.metric


def test_what_comes_back_is_what_was_written(tmp_path):
    run = tmp_path / "run"
    tasks = ["superglue/multirc", "superglue/record"]
    results = evalkit.evaluate(FakeModel(), tasks, shots=(0, 2), limit=5, data_dir="samples", output=run)
    back = read(RunFolder.open(run))
    assert set(back) == set(results.samples)
    for setting, samples in results.samples.items():
        for one, other in zip(samples, back[setting], strict=True):
            assert other.query.example == replace(one.query.example, row={})
            assert [shot[0].unit for shot in other.query.shots] == [shot[0].unit for shot in one.query.shots]
            assert (other.prediction, other.correct, other.ranking) == (one.prediction, one.correct, one.ranking)
            assert [(s.response.logprob, len(s.response.token_logprobs), s.bytes, s.chars) for s in other.scored] == [
                (s.response.logprob, len(s.response.token_logprobs), s.bytes, s.chars) for s in one.scored
            ]


def test_a_redacted_log_gives_what_needs_no_text(tmp_path):
    run = tmp_path / "run"
    evalkit.evaluate(FakeModel(), "superglue/copa", limit=8, data_dir="samples", output=run, redact=True)
    folder = RunFolder.open(run)
    (result,) = folder.read_results()
    assert anew(result, read(folder)[of(result)]) == result.value


def test_the_column_of_contamination_is_empty_where_nothing_is_known(tmp_path):
    evalkit.evaluate(FakeModel(), "superglue/copa", limit=3, data_dir="samples", output=tmp_path / "run")
    assert [row["contamination"] for row in RunFolder.open(tmp_path / "run").read_samples()] == [""] * 3
