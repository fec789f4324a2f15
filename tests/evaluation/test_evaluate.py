"""The whole walk with a model of known log-probabilities."""

import json
import math
from dataclasses import replace

import pytest

import evalkit
from evalkit.errors import DataNotFoundError, ModelError, RunError, UsageError
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder
from evalkit.schema import Response


def by_key(results):
    return {(r.task, r.metric, r.shots, r.seed): r for r in results}


def test_superglue_gives_every_metric_and_the_average():
    results = evalkit.evaluate(FakeModel(window=10**6), "superglue", shots=(0, 1), data_dir="samples")
    found = by_key(results)
    metrics = {(task, metric) for task, metric, _, _ in found}
    assert metrics == {
        ("superglue/axb", "matthews"),
        ("superglue/axg", "parity"),
        ("superglue/axg", "accuracy"),
        ("superglue/boolq", "accuracy"),
        ("superglue/cb", "accuracy"),
        ("superglue/cb", "macro_f1"),
        ("superglue/copa", "accuracy"),
        ("superglue/multirc", "exact_match"),
        ("superglue/multirc", "f1"),
        ("superglue/record", "entity_f1"),
        ("superglue/record", "entity_exact_match"),
        ("superglue/rte", "accuracy"),
        ("superglue/wic", "accuracy"),
        ("superglue/wsc", "accuracy"),
        ("superglue", "average"),
    }
    for shots in (0, 1):

        def mean(task, *metrics, shots=shots):
            return sum(found[f"superglue/{task}", metric, shots, 0].value for metric in metrics) / len(metrics)

        eight = [
            mean("boolq", "accuracy"),
            mean("cb", "accuracy", "macro_f1"),
            mean("copa", "accuracy"),
            mean("multirc", "exact_match", "f1"),
            mean("record", "entity_f1", "entity_exact_match"),
            mean("rte", "accuracy"),
            mean("wic", "accuracy"),
            mean("wsc", "accuracy"),
        ]
        average = found["superglue", "average", shots, 0]
        assert average.value == pytest.approx(sum(eight) / 8)
        assert average.low < average.value < average.high


def test_average_needs_all_its_tasks():
    results = evalkit.evaluate(FakeModel(), ["superglue/rte", "superglue/cb"], data_dir="samples")
    assert "average" not in {result.metric for result in results}


def test_superglue_average_recomputes_gpt3s_own():
    """Brown et al. 2020, table H.1, 175B few-shot: the rule of the average on the paper's own numbers."""
    from evalkit.library import Library
    from evalkit.tasks.parse import find_suites

    printed = {  # CB accuracy and F1, MultiRC accuracy and F1a, ReCoRD accuracy and F1
        "boolq": [77.5], "cb": [82.1, 57.2], "copa": [92.0], "multirc": [32.5, 74.8],
        "record": [89.0, 90.1], "rte": [72.9], "wic": [55.3], "wsc": [75.0],
    }  # fmt: skip
    suite = find_suites(Library.open(), ["superglue"])[0]
    tasks = [printed[task.rpartition("/")[2]] for task in suite.average]
    assert sum(sum(values) / len(values) for values in tasks) / len(tasks) == pytest.approx(73.2, abs=0.06)


def test_liked_completions_win():
    model = FakeModel(window=10**6, liked={" True": True})
    results = evalkit.evaluate(model, "superglue/rte", data_dir="samples")
    assert by_key(results)["superglue/rte", "accuracy", 0, 0].value == 0.5  # half of the samples are entailed
    samples = next(iter(results.samples.values()))
    assert {sample.prediction for sample in samples} == {0}


def test_to_pandas_has_a_row_per_number():
    frame = evalkit.evaluate(FakeModel(), "superglue/cb", shots=(0, 2), data_dir="samples").to_pandas()
    assert list(frame["metric"]) == ["accuracy", "macro_f1"] * 2
    assert list(frame["shots"]) == [0, 0, 2, 2]
    assert frame["signature"].str.contains("superglue/cb@").all()


def test_a_signature_says_what_it_takes_to_repeat_the_number():
    results = evalkit.evaluate(FakeModel(), "superglue/copa", shots=2, seeds=3, limit=5, data_dir="samples")
    parts = results.results[0].signature.split("|")
    names = [part.partition(":")[0] for part in parts[1:]]
    assert names == ["prompt", "shots", "seed", "norm", "data", "limit", "model", "dtype", "evalkit"]
    assert parts[2:5] == ["shots:2:random", "seed:3", "norm:token"]
    assert parts[5].startswith("data:samples/superglue/copa/validation@")
    assert "+samples/superglue/copa/train@" in parts[5]


def test_a_number_at_0_shots_has_the_same_signature_whatever_is_asked_with_it():
    asked = {"data_dir": "samples", "limit": 5}
    alone = evalkit.evaluate(FakeModel(), "superglue/copa", shots=0, **asked)
    with_shots = evalkit.evaluate(FakeModel(), "superglue/copa", shots=(0, 2), **asked)
    assert alone.results[0].signature == with_shots.results[0].signature
    assert "/train@" not in alone.results[0].signature


def test_the_signature_of_an_average_tells_what_it_is_the_average_of():
    def sign(**more):
        results = evalkit.evaluate(FakeModel(window=10**6), "superglue", data_dir="samples", limit=2, **more)
        return next(result.signature for result in results if result.metric == "average")

    first = sign()
    assert first.startswith("superglue|average of 8 tasks@")
    assert first == sign()
    assert first != sign(normalisation="byte")


def test_the_signature_of_curated_shots_tells_which_they_are():
    def sign(*ids):
        chosen = {"superglue/rte": ids}
        results = evalkit.evaluate(
            FakeModel(), "superglue/rte", shots=1, shot_mode="curated", shot_ids=chosen, data_dir="samples"
        )
        return results.results[0].signature

    assert "|shots:1:curated@" in sign("5")
    assert sign("5") == sign("5", "3") != sign("3")


def test_limit_and_order_change_no_shots():
    whole = evalkit.evaluate(FakeModel(), "superglue/boolq", shots=3, data_dir="samples")
    part = evalkit.evaluate(FakeModel(), "superglue/boolq", shots=3, limit=4, data_dir="samples")
    first = {sample.query.example.id: sample.query.shots for sample in next(iter(whole.samples.values()))}
    for sample in next(iter(part.samples.values())):
        assert sample.query.shots == first[sample.query.example.id]


def test_limit_keeps_units_whole():
    results = evalkit.evaluate(FakeModel(), ["superglue/axg", "superglue/multirc"], limit=3, data_dir="samples")
    found = by_key(results)
    assert found["superglue/axg", "parity", 0, 0].n == 3
    assert found["superglue/axg", "accuracy", 0, 0].n == 6
    assert found["superglue/multirc", "exact_match", 0, 0].n == 3


def test_seeds_run_zero_shots_once():
    results = evalkit.evaluate(FakeModel(), "superglue/rte", shots=(0, 1), seeds=(0, 1), data_dir="samples")
    assert [(result.shots, result.seed) for result in results] == [(0, 0), (1, 0), (1, 1)]


def test_all_prompts_run():
    results = evalkit.evaluate(FakeModel(), "superglue/rte", prompts="all", data_dir="samples")
    assert [result.prompt for result in results] == ["gpt3", "follows", "reporter"]


def test_unconditional_scores_subtract_the_bare_cue():
    model = FakeModel(window=10**6)
    results = evalkit.evaluate(model, "superglue/boolq", normalisation="unconditional", limit=2, data_dir="samples")
    sample = next(iter(results.samples.values()))[0]
    no = sample.scored[0]
    bare = model.score(model.encode([("answer:", " no")]), lambda *_: None)[0]
    assert no.unconditional == bare.logprob
    assert no.score("unconditional") == no.response.logprob - bare.logprob


class _Broken(FakeModel):
    def score(self, requests, progress):
        return [Response((math.nan,), False) for _ in requests]


def test_a_number_that_is_none_stops_the_run_and_names_the_sample():
    with pytest.raises(ModelError, match=r"superglue/rte, example \d+ .*no finite log-probability"):
        evalkit.evaluate(_Broken(), "superglue/rte", data_dir="samples")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shots": (0, 0)}, "none twice"),
        ({"shots": -1}, "less than 0"),
        ({"shots": ()}, "at least one"),
        ({"limit": 0}, "less than 1"),
        ({"shot_mode": "best"}, "not one of random"),
        ({"shot_mode": "curated"}, "go together"),
        ({"normalisation": "word"}, "not one of none"),
        ({"prompts": "gpt4"}, "no prompt 'gpt4'; there is gpt3"),
        ({"shots": 99}, "99 shots asked for, but .* has 12"),
        ({"dtype": "float32"}, "only for a model given by its name"),
    ],
)
def test_wrong_arguments_say_what_is_wrong(arguments, message):
    with pytest.raises(UsageError, match=message):
        evalkit.evaluate(FakeModel(), "superglue/rte", data_dir="samples", **arguments)


def test_curated_shots(tmp_path):
    chosen = {"superglue/rte": ["5", "3"]}
    results = evalkit.evaluate(
        FakeModel(), "superglue/rte", shots=2, shot_mode="curated", shot_ids=chosen, data_dir="samples"
    )
    for sample in next(iter(results.samples.values())):
        assert [shot[0].id for shot in sample.query.shots] == ["5", "3"]
    file = tmp_path / "shots.toml"
    file.write_text('"superglue/rte" = ["5", "3"]\n')
    again = evalkit.evaluate(
        FakeModel(), "superglue/rte", shots=2, shot_mode="curated", shot_ids=file, data_dir="samples"
    )
    assert again.results == results.results


def test_missing_tasks_are_set_aside_with_the_reason(tmp_path):
    (tmp_path / "superglue" / "rte").mkdir(parents=True)
    row = {"premise": "It rains.", "hypothesis": "It is wet.", "idx": 0, "label": 0}
    (tmp_path / "superglue/rte/validation.jsonl").write_text(json.dumps(row) + "\n")
    results = evalkit.evaluate(FakeModel(), "superglue", data_dir=tmp_path, output=tmp_path / "run")
    assert {result.task for result in results} == {"superglue/rte"}
    assert len(results.skipped) == 9
    assert "no data for superglue/boolq" in results.skipped["superglue/boolq"]
    assert RunFolder.open(tmp_path / "run").read_manifest().status == "partial"
    with pytest.raises(DataNotFoundError, match="no data for superglue/boolq"):
        evalkit.evaluate(FakeModel(), "superglue/boolq", data_dir=tmp_path)


class _Late(FakeModel):
    """Answers one call, and fails in the next."""

    def score(self, requests, progress):
        if self.requests:
            raise ModelError("no more")
        return super().score(requests, progress)


def test_a_run_that_fails_keeps_the_settings_of_the_tasks_that_were_finished(tmp_path):
    tasks = ["superglue/rte", "superglue/cb"]
    with pytest.raises(ModelError, match="no more"):
        evalkit.evaluate(_Late(), tasks, shots=(0, 1), data_dir="samples", output=tmp_path / "run")
    folder = RunFolder.open(tmp_path / "run")
    assert folder.read_manifest().status == "failed"
    assert [(result.task, result.shots) for result in folder.read_results()] == [
        ("superglue/rte", 0),
        ("superglue/rte", 1),
    ]
    assert len(folder.read_samples()) == 2 * 28


def test_all_settings_of_a_task_and_prompt_are_scored_in_one_call():
    calls = []

    class Counted(FakeModel):
        def score(self, requests, progress):
            calls.append(len(requests))
            return super().score(requests, progress)

    results = evalkit.evaluate(
        Counted(window=10**6),
        "superglue/wsc",
        prompts=("gpt3", "pronoun", "replace"),
        shots=(0, 1),
        seeds=(0, 1),
        limit=2,
        data_dir="samples",
    )
    assert {(result.shots, result.seed) for result in results} == {(0, 0), (1, 0), (1, 1)}
    assert calls == [3 * 2 * 1, 3 * 2 * 2, 3 * 2 * 2]  # by prompt: settings, examples, completions of each
    assert results.work.requests == sum(calls)


class _Heard:
    """A listener that writes down what it is told."""

    def __init__(self):
        self.told = []

    def start(self, settings, requests):
        self.told.append(("start", settings))

    def enter(self, task, prompt):
        self.told.append(("enter", task, prompt))

    def advance(self, requests, tokens):
        self.told.append(("advance", requests))

    def mark(self, scorer, texts, total):
        self.told.append(("mark", scorer, texts, total))

    def leave(self, measured):
        self.told.append(("leave", measured.setting.shots))


def test_a_listener_hears_of_tasks_batches_and_settings_in_their_order():
    heard = _Heard()
    evalkit.evaluate(
        FakeModel(), ["superglue/rte", "superglue/cb"], shots=(0, 1), limit=2, data_dir="samples", listener=heard
    )
    assert heard.told == [
        ("start", 4),
        ("enter", "superglue/rte", "gpt3"),
        ("advance", 2 * 2 * 2),
        ("leave", 0),
        ("leave", 1),
        ("enter", "superglue/cb", "gpt3"),
        ("advance", 2 * 2 * 3),
        ("leave", 0),
        ("leave", 1),
    ]


def test_a_model_that_cannot_be_loaded_leaves_no_folder_behind(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelError):
        evalkit.evaluate(str(tmp_path / "model"), "superglue/rte", data_dir="samples", output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_output_that_exists_is_not_overwritten(tmp_path):
    def run(**more):
        return evalkit.evaluate(FakeModel(), "superglue/rte", data_dir="samples", output=tmp_path / "run", **more)

    first = run()
    with pytest.raises(RunError, match="--overwrite"):
        run()
    again = run(overwrite=True)
    assert [replace(result) for result in again] == list(first)
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match="exists already"):
        evalkit.evaluate(FakeModel(), "superglue/rte", data_dir="samples", output=other, overwrite=True)
    assert (other / "thesis.txt").read_text() == "mine"
