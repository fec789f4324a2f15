"""Runs whose answers are known, compared."""

import json
import shutil
from dataclasses import replace

import pytest
from scipy import stats

import evalkit
from evalkit.comparison.numbers import DRAWN, EXACT, MCNEMAR, bare, verdict
from evalkit.comparison.page import json_text
from evalkit.comparison.record import as_json
from evalkit.errors import RunError, UsageError
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.sample_links import carried
from evalkit.runs.folder import RunFolder
from tests.comparison.planted import planted

OFFENSIVE = "toxicity/ethos"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A: the first 20 of 28 right. B: all but the first five. C: as A, at 2 shots and with a limit."""
    place = tmp_path_factory.mktemp("runs")
    return (
        planted(place / "a", range(20)),
        planted(place / "b", range(5, 28)),
        planted(place / "c", range(20), shots=2, limit=25),
    )


def only(comparison):
    (contrast,) = comparison.contrasts
    return contrast


def test_the_numbers_are_those_that_were_planted(runs):
    contrast = only(evalkit.compare(runs[0], runs[1]))
    (one,) = contrast.differences
    assert one.values == pytest.approx((20 / 28, 23 / 28))
    assert one.difference == pytest.approx(3 / 28)
    assert one.low < 3 / 28 < one.high
    assert one.test.name == MCNEMAR
    assert one.test.p == one.test.adjusted == pytest.approx(stats.binomtest(5, 13, 0.5).pvalue)
    changes = [-1] * 5 + [0] * 15 + [1] * 8
    assert one.detectable == pytest.approx((1.959964 + 0.841621) * stats.sem(changes), rel=1e-5)
    assert [flip.id for flip in one.flips[0]] == [str(place) for place in range(5)]
    assert [flip.id for flip in one.flips[1]] == [str(place) for place in range(20, 28)]
    assert one.verdict == "unsure"
    assert (one.n, one.groups, one.left_out, one.unlike) == (28, 28, (0, 0), ())
    assert contrast.signatures == contrast.surroundings == contrast.notes == ()
    assert contrast.only == ((), ())


def test_a_flip_says_what_both_said(runs):
    flip = only(evalkit.compare(runs[0], runs[1])).differences[0].flips[0][0]
    assert flip.first == flip.target
    assert flip.second not in ("", flip.target)
    assert flip.text


def test_a_great_difference_is_sure(runs, tmp_path):
    bad = planted(tmp_path / "bad", range(3))
    contrast = only(evalkit.compare(runs[0], bad))
    assert contrast.differences[0].verdict == "worse"
    assert contrast.differences[0].high < 0
    assert only(evalkit.compare(bad, runs[0])).differences[0].verdict == "better"


def test_a_run_against_itself(runs):
    (one,) = only(evalkit.compare(runs[0], runs[0])).differences
    assert (one.difference, one.low, one.high, one.detectable) == (0.0, None, None, None)
    assert one.test.p == 1
    assert one.flips == ((), ())
    assert one.why == "both are the same on every item"


def test_what_is_not_alike_is_shown_and_said(runs):
    contrast = only(evalkit.compare(runs[0], runs[2]))
    (one,) = contrast.differences
    assert one.unlike == ("shots",)
    assert (one.results[0].shots, one.results[1].shots) == (0, 2)
    assert (one.n, one.left_out) == (25, (3, 0))
    assert one.values == pytest.approx((20 / 25, 20 / 25))  # of the items that both have
    assert one.results[0].value == pytest.approx(20 / 28)  # the run's own
    said = {(change.name, change.first, change.second) for change in contrast.signatures}
    assert {("shots", "0", "2:random"), ("limit", "", "25")} < said
    assert {name for name, _, _ in said} == {"shots", "limit", "data"}  # and the split that shots are drawn from
    assert {change.name for change in contrast.surroundings} == {"arguments: shots", "arguments: limit"}
    assert any(note.startswith("items left out, as the other run lacks them") for note in contrast.notes)


@pytest.mark.parametrize(
    ("field", "unlike"),
    [("model", ()), ("dtype", ()), ("evalkit", ()), ("limit", ()), ("prompt", ("prompt",)), ("scorer", ("scorer",))],
)
def test_numbers_are_alike_whatever_the_model(runs, field, unlike):
    (one,) = RunFolder.open(runs[0]).read_results()
    other = replace(one, signature=f"{one.signature}|{field}:another")
    assert bare((one, other), True, "").unlike == unlike


def test_numbers_that_only_one_has_are_listed(runs, tmp_path):
    evalkit.evaluate(FakeModel(), ["superglue/copa", "superglue/cb"], data_dir="samples", output=tmp_path / "more")
    contrast = only(evalkit.compare(runs[0], tmp_path / "more"))
    assert contrast.only == ((), ("superglue/cb (gpt3, 0 shots): accuracy", "superglue/cb (gpt3, 0 shots): macro_f1"))
    assert len(contrast.differences) == 1


def test_no_number_in_common(runs, tmp_path):
    evalkit.evaluate(FakeModel(), "superglue/cb", data_dir="samples", output=tmp_path / "cb")
    contrast = only(evalkit.compare(runs[0], tmp_path / "cb"))
    assert contrast.differences == ()
    assert len(contrast.only[0]) == 1
    assert len(contrast.only[1]) == 2


def test_other_items_cannot_be_paired(runs, tmp_path):
    folder = tmp_path / "data" / "superglue" / "copa"
    folder.mkdir(parents=True)
    rows = [
        {"premise": f"p{n}", "choice1": f"a{n}", "choice2": f"b{n}", "question": "cause", "idx": 900 + n, "label": 0}
        for n in range(4)
    ]
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    evalkit.evaluate(FakeModel(), "superglue/copa", data_dir=tmp_path / "data", output=tmp_path / "other")
    (one,) = only(evalkit.compare(runs[0], tmp_path / "other")).differences
    assert one.why == "the runs have no items in common"
    assert (one.verdict, one.test, one.low) == ("untested", None, None)
    assert one.unlike == ("data",)


@pytest.fixture(scope="module")
def suites(tmp_path_factory):
    place = tmp_path_factory.mktemp("suites")
    for name, model in (
        ("a", FakeModel(window=4000)),
        ("b", FakeModel(window=4000, liked={" yes": True, " True": True})),
    ):
        evalkit.evaluate(model, ["superglue", OFFENSIVE], data_dir="samples", output=place / name)
    return place / "a", place / "b"


def test_holm_is_over_the_tasks_first_metrics(suites):
    contrast = only(evalkit.compare(*suites))
    firsts = [one for one in contrast.differences if one.is_first]
    assert contrast.tested == tuple(firsts)
    assert len(firsts) == 11
    assert all(one.test.adjusted >= one.test.p for one in firsts)
    assert min(one.test.adjusted for one in firsts) == pytest.approx(min(1, 11 * min(one.test.p for one in firsts)))
    assert all(one.test.adjusted is None for one in contrast.differences if not one.is_first)


def test_groups_are_permuted_whole(suites):
    tests = {
        (one.results[0].task, one.results[0].metric): one.test.name
        for one in only(evalkit.compare(*suites)).differences
    }
    assert tests["superglue/boolq", "accuracy"] in (MCNEMAR, EXACT)
    assert tests["superglue/multirc", "f1"] in (EXACT, DRAWN)
    assert tests["superglue/multirc", "exact_match"] in (EXACT, DRAWN)
    assert tests["superglue", "average"] == DRAWN


def test_the_average_is_the_mean_of_its_tasks(suites):
    contrast = only(evalkit.compare(*suites))
    average = contrast.differences[-1]
    assert average.results[0].metric == "average"
    assert average.values == pytest.approx([result.value for result in average.results])
    assert average.low < average.difference < average.high
    tasks: dict[str, list[float]] = {}
    for one in contrast.differences:
        if one.results[0].task not in ("superglue", "superglue/axb", "superglue/axg", OFFENSIVE):
            tasks.setdefault(one.results[0].task, []).append(one.difference)
    assert len(tasks) == 8
    assert average.difference == pytest.approx(sum(sum(own) / len(own) for own in tasks.values()) / 8)
    assert not average.is_first


def test_an_average_that_cannot_be_taken_apart(suites, tmp_path):
    for name, source in zip("ab", suites, strict=True):
        shutil.copytree(source, tmp_path / name)
        folder = RunFolder.open(tmp_path / name)
        kept = [one for one in folder.read_results() if one.task != "superglue/rte"]
        folder.write_results(kept)
    average = only(evalkit.compare(tmp_path / "a", tmp_path / "b")).differences[-1]
    assert average.why == "what it is the average of cannot be paired"
    assert average.verdict == "untested"


def test_units_flip_as_one(suites):
    found = {(one.results[0].task, one.results[0].metric): one for one in only(evalkit.compare(*suites)).differences}
    parity = found["superglue/axg", "parity"]
    assert parity.n * 2 == found["superglue/axg", "accuracy"].n
    assert any(parity.flips)
    assert all("; " in flip.first for way in parity.flips for flip in way)  # both sentences


def test_offensive_texts_are_not_in_the_json(suites):
    comparison = evalkit.compare(*suites)
    values = json.loads(json.dumps(as_json(comparison), allow_nan=False))
    of = {(one["task"], one["metric"]): one for one in values["contrasts"][0]["differences"]}
    told = of[OFFENSIVE, "accuracy"]["flips"]
    flips = told["right_to_wrong"] + told["wrong_to_right"]
    assert flips
    assert {flip["text"] + flip["target"] + flip["first"] + flip["second"] for flip in flips} == {""}
    assert of["superglue/boolq", "accuracy"]["flips"]["right_to_wrong"][0]["text"]
    assert values["format"] == 1
    assert values["baseline"]["label"] == "A"


def test_a_redacted_run_has_flips_without_texts(runs, tmp_path):
    secret = planted(tmp_path / "secret", range(5, 28), redact=True)
    (one,) = only(evalkit.compare(secret, secret.parent / "secret")).differences
    assert one.flips == ((), ())
    (one,) = only(evalkit.compare(planted(tmp_path / "other", range(20), redact=True), secret)).differences
    assert {(flip.text, flip.target) for flip in one.flips[0]} <= {("", "choice 1"), ("", "choice 2")}


def test_what_the_log_cannot_give_again_is_shown_bare(tmp_path):
    model = FakeModel(writes={"": "The cat sat on the roof of the house."})
    for name in "ab":
        evalkit.evaluate(
            model, "translation/wmt14_fr_en", limit=6, data_dir="samples", output=tmp_path / name, redact=name == "b"
        )
    contrast = only(evalkit.compare(tmp_path / "a", tmp_path / "b"))
    one = next(one for one in contrast.differences if one.results[0].metric == "chrf")
    assert one.values == tuple(result.value for result in one.results)
    assert one.why == "it cannot be counted anew from a log that keeps no text"


def test_a_number_that_is_infinite_is_null_in_the_json(runs, tmp_path):
    both = []
    for name, run in zip("ab", runs, strict=False):
        both.append(shutil.copytree(run, tmp_path / name))
        values = json.loads((both[-1] / "results.json").read_text())
        values["results"][0]["value"] = float("inf")  # as a perplexity can be
        (both[-1] / "results.json").write_text(json.dumps(values))
    told = json.loads(json_text(evalkit.compare(*both)))
    assert [one["value"] for one in told["contrasts"][0]["differences"][0]["results"]] == [None, None]


def test_a_run_without_samples_is_shown_bare(runs, tmp_path):
    """As an imported one is."""
    shutil.copytree(runs[1], tmp_path / "b")
    shutil.rmtree(tmp_path / "b" / "samples")
    (one,) = only(evalkit.compare(runs[0], tmp_path / "b")).differences
    assert one.difference == pytest.approx(3 / 28)
    assert one.why == "B has no samples of it (an imported run has none)"
    assert one.verdict == "untested"


def test_a_partial_run_is_said(runs, tmp_path):
    shutil.copytree(runs[1], tmp_path / "b")
    folder = RunFolder.open(tmp_path / "b")
    folder.write_manifest(replace(folder.read_manifest(), status="partial", skipped={"superglue/cb": "no data"}))
    notes = only(evalkit.compare(runs[0], tmp_path / "b")).notes
    assert "B is partial" in notes
    assert "B left out, and A did not: superglue/cb" in notes


def test_three_runs(runs):
    comparison = evalkit.compare(*runs)
    assert [run.label for run in comparison.runs] == ["A", "B", "C"]
    assert [contrast.run.path for contrast in comparison.contrasts] == [runs[1], runs[2]]


def test_the_same_runs_give_the_same_comparison(suites):
    assert as_json(evalkit.compare(*suites)) == as_json(evalkit.compare(*suites))


def test_too_few_and_none(runs, tmp_path):
    with pytest.raises(UsageError, match="one run given: compare takes from 2 to 26 run folders, the baseline first"):
        evalkit.compare(runs[0])
    with pytest.raises(RunError, match="no run here"):
        evalkit.compare(runs[0], tmp_path)


@pytest.mark.parametrize(
    ("metric", "values", "p", "expected"),
    [
        ("accuracy", (0.5, 0.6), 0.01, "better"),
        ("accuracy", (0.5, 0.6), 0.06, "unsure"),
        ("accuracy", (0.5, 0.6), None, "untested"),
        ("perplexity", (10.0, 12.0), 0.01, "worse"),
        ("stereotype_preference", (0.7, 0.45), 0.01, "better"),
        ("stereotype_preference", (0.6, 0.4), 0.01, "other"),
        ("gap_bias", (1.2, 0.9), 0.01, "better"),
        ("bias_ambiguous", (0.0, -0.2), 0.01, "worse"),
        ("average", (0.5, 0.4), 0.01, "worse"),
    ],
)
def test_the_verdict_knows_what_is_better(metric, values, p, expected):
    assert verdict(metric, values, p) == expected


def test_addresses_are_those_of_the_reports(runs):
    known = carried(build(runs[0]))
    flips = only(evalkit.compare(runs[0], runs[1])).differences[0].flips
    assert flips[0]
    assert all(flip.addresses[0] in known for way in flips for flip in way)
