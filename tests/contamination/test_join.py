"""A run and overlaps: what is said where they do not fit, what is kept of them, and that it comes back as it was."""

import json
from dataclasses import replace

import pytest

import evalkit
from evalkit.contamination import join
from evalkit.contamination.overlaps import Overlaps
from evalkit.errors import ContaminationError
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder
from tests.contamination.fabricated import fabricate, kept, match, overlap, task

SUITE = ["superglue/copa", "superglue/multirc"]


def run(overlaps, tasks=SUITE, **options):
    return evalkit.evaluate(FakeModel(), tasks, data_dir="samples", contamination=overlaps, **options)


def test_every_number_of_every_setting_is_split(tmp_path):
    results = run(fabricate(tmp_path / "overlaps", SUITE, lambda place: place < 9), shots=(0, 2))
    joined = results.contamination
    assert joined is not None
    ours = {(one.task, one.shots, one.metric): one for one in joined.scores}
    assert set(ours) == {(one.task, one.shots, one.metric) for one in results if one.metric != "average"}
    for result in results:
        score = ours[result.task, result.shots, result.metric]
        assert (score.all.value, score.all.low, score.all.high) == (result.value, result.low, result.high)
        assert score.signature == f"{result.signature}|overlaps:gpt3@1a2b"
        assert 0 < score.dirty.units < score.all.units
    assert joined.notes == ()


def test_a_task_that_was_not_looked_for_has_a_note_and_no_numbers(tmp_path):
    joined = run(fabricate(tmp_path / "overlaps", SUITE[:1])).contamination
    assert joined is not None
    assert {one.task for one in joined.scores} == {"superglue/copa"}
    assert [note.partition(":")[0] for note in joined.notes] == ["superglue/multirc"]
    assert (joined.status("superglue/copa", "1"), joined.status("superglue/multirc", "1")) == ("clean", "")


def test_other_data_are_refused_before_anything_is_scored(tmp_path):
    overlaps = Overlaps.read(fabricate(tmp_path / "overlaps", SUITE[:1]))
    theirs = {**overlaps.manifest["tasks"][0], "data": "hub:super_glue@abc"}
    other = replace(overlaps, manifest={**overlaps.manifest, "tasks": [theirs]})
    model = FakeModel()
    with pytest.raises(ContaminationError, match=r"superglue/copa .* hub:super_glue@abc, and the run is of .*samples"):
        evalkit.evaluate(model, SUITE[:1], data_dir="samples", contamination=other, output=tmp_path / "run")
    assert model.requests == []
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("ours", "theirs", "fit"),
    [("a", "a", True), ("a+b", "a", True), ("a+b+c", "a+b", True), ("ab", "a", False), ("a", "a+b", False)],
)
def test_shots_do_not_make_it_other_data(ours, theirs, fit):
    overlaps = kept([task("t", theirs)], [])
    tasks = [{"task": "t", "data": ours}, {"task": "another", "data": "x"}]
    if fit:
        join.check(overlaps, tasks)
    else:
        with pytest.raises(ContaminationError):
            join.check(overlaps, tasks)


def test_examples_that_were_not_looked_for_are_told(tmp_path):
    overlaps = Overlaps.read(fabricate(tmp_path / "overlaps", SUITE[:1]))
    fewer = {key: one for key, one in overlaps.examples.items() if int(key[1]) < 10}
    joined = run(replace(overlaps, examples=fewer), SUITE[:1], output=tmp_path / "run").contamination
    assert joined is not None
    assert joined.scores[0].all.units == 10
    assert joined.notes == ("superglue/copa: 18 of 28 examples are not in these overlaps and have no part here",)
    assert {joined.status("superglue/copa", str(place)) for place in range(10, 28)} == {""}
    rows = RunFolder.open(tmp_path / "run").read_samples()
    assert [row["contamination"] for row in rows] == ["dirty" if place % 3 == 0 else "clean" for place in range(10)] + [
        ""
    ] * 18


def test_what_is_kept_comes_back(tmp_path):
    overlaps = fabricate(tmp_path / "overlaps", SUITE, lambda place: (True, False, None)[place % 3])
    joined = run(overlaps, output=tmp_path / "run").contamination
    assert joined is not None
    assert RunFolder.open(tmp_path / "run").read_contamination() == joined
    assert set(joined.marked["superglue/copa"].values()) == {"dirty", "unscored"}
    values = json.loads((tmp_path / "run" / "contamination.json").read_text())
    assert values["manifest"]["signature"] == "overlaps:gpt3@1a2b"
    manifest = RunFolder.open(tmp_path / "run").read_manifest()
    assert manifest.arguments["contamination"] == str(overlaps)
    rows = RunFolder.open(tmp_path / "run").read_samples()
    assert all(row["contamination"] == joined.status(row["task"], row["id"]) for row in rows)
    run(None, output=tmp_path / "run", overwrite=True)
    assert RunFolder.open(tmp_path / "run").read_contamination() is None


def test_a_redacted_run_keeps_no_text_of_matches(tmp_path):
    joined = run(fabricate(tmp_path / "overlaps", SUITE), redact=True).contamination
    assert joined is not None
    assert joined.matches
    assert {(one.before, one.text, one.after) for one in joined.matches} == {("", "", "")}
    assert {one.source for one in joined.matches} == {"corpus/books-07.jsonl.zst"}


def test_few_matches_are_kept_and_one_of_each_example_first():
    results = run(None, SUITE[:1])
    ((setting, samples),) = results.samples.items()
    ids = [sample.query.example.id for sample in samples]
    examples = [overlap(setting.task, name, True) for name in ids]
    long = [match(setting.task, name, "word " * 1000, 13 + place) for name in ids for place in range(20)]
    overlaps = kept([task(setting.task)], examples, long)
    tasks = [{"task": setting.task, "data": "data"}]
    joined = join.join(overlaps, tasks, results.samples, results.results)
    assert len(joined.matches) == 3 * len(ids)
    assert {one.length for one in joined.matches} == {30, 31, 32}
    assert all(len(one.text) <= join.LONG + 2 and one.text.endswith(" …") for one in joined.matches)
    few = join.join(overlaps, tasks, results.samples, results.results)
    assert few == joined


def test_no_more_than_two_hundred_matches_are_kept():
    results = run(None, SUITE[1:])
    ((setting, samples),) = results.samples.items()
    ids = [sample.query.example.id for sample in samples]
    examples = [overlap(setting.task, name, True) for name in ids]
    found = [match(setting.task, name, "text", 13 + place) for name in ids for place in range(3)]
    tasks = [{"task": setting.task, "data": "data"}]
    joined = join.join(kept([task(setting.task)], examples, found), tasks, results.samples, results.results)
    assert len(joined.matches) == join.IN_ALL < len(found)
    assert {one.id for one in joined.matches} == set(ids)
