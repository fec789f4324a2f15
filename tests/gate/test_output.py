"""What a gate writes: Markdown that shows, XML that parses, JSON that says all."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from evalkit.gate.baseline import Baseline, of_run
from evalkit.gate.lines import Gate, Terms
from evalkit.gate.output import as_json, headline, junit, markdown, meanings, rounded, save, sentence, signed
from evalkit.gate.verdict import gate
from tests.gate.conftest import Doctor, Right, losing


@pytest.fixture
def failed(doctored: Doctor, seven_of_ten: Right) -> Gate:
    """A regression (37 lost and 12 gained of 500), one line that is inconclusive (6 and 6), and the overall one."""
    worse = losing(losing(seven_of_ten, 37, 12, "superglue/copa"), 6, 6, "superglue/rte")
    return gate(of_run(doctored("before", seven_of_ten)), of_run(doctored("after", worse)), Terms())


def test_markdown_has_a_row_for_every_line(failed: Gate) -> None:
    text = markdown(failed)
    assert text.startswith("## evalkit gate: regression\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 3
    assert len({row.count("|") for row in rows}) == 1
    assert "| **regression** | superglue/copa (gpt3, 0 shots) | accuracy | 500 |" in text
    assert headline(failed).startswith("regression: 0 of 3 pass, 2 regressions, 1 inconclusive; after (")


def test_names_cannot_break_markdown_or_xml(failed: Gate) -> None:
    odd = "a|b<script>\x00\nc"
    line = replace(failed.lines[0], key=failed.lines[0].key._replace(task=odd))
    found = replace(failed, lines=(line,), notes=(odd,), candidate=replace(failed.candidate, name=odd))
    text = markdown(found)
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "a\\|b" in text
    (case, *_) = ElementTree.fromstring(junit(found)).iter("testcase")
    assert case.attrib["classname"] == "a|b<script>?\nc"


def test_junit_fails_regressions_and_skips_what_is_inconclusive(failed: Gate) -> None:
    root = ElementTree.fromstring(junit(failed))
    assert {name: root.attrib[name] for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "3",
        "failures": "2",
        "skipped": "1",
        "errors": "0",
    }
    kinds = {case.attrib["classname"]: [child.tag for child in case] for case in root.iter("testcase")}
    assert kinds == {"superglue/copa": ["failure"], "superglue/rte": ["skipped"], "overall": ["failure"]}


def test_json_says_all(failed: Gate) -> None:
    content = json.loads(as_json(failed))
    assert (content["verdict"], content["exit_code"], content["format"]) == ("regression", 3, 1)
    assert content["terms"] == {"max_drop": 0.01, "alpha": 0.05, "metric": "", "overall_alone": False}
    assert [line["task"] for line in content["lines"]] == ["superglue/copa", "superglue/rte"]
    assert content["lines"][0]["change"] == pytest.approx(failed.lines[0].change)
    assert content["overall"]["metric"] == ""


def test_what_is_unknown_is_said(failed: Gate) -> None:
    line = replace(failed.lines[0], low=None, high=None)
    assert "at worst unknown" in sentence(line)
    assert json.loads(as_json(replace(failed, lines=(line,))))["lines"][0]["low"] is None


def test_only_the_verdicts_that_occur_are_explained(failed: Gate, doctored: Doctor, seven_of_ten: Right) -> None:
    assert [text.partition(":")[0] for text in meanings(failed)] == ["regression", "inconclusive", "overall"]
    same = of_run(doctored("same", seven_of_ten))
    assert [text.partition(":")[0] for text in meanings(gate(same, same, Terms()))] == ["pass", "overall"]


def test_numbers_as_they_are_shown(failed: Gate) -> None:
    line = failed.lines[0]
    assert [signed(line, value) for value in (0.0, -0.00001, 0.0289, -0.0461)] == ["0.00", "0.00", "+2.89", "−4.61"]
    assert signed(replace(line, relative=True), 0.013) == "+1.30 %"
    assert [rounded(n) for n in (None, 7, 999, 1000, 4849, 48_954, 999_900, 1_234_567)] == [
        *("", "7", "999", "1.0k", "4.8k", "49k", "1.0M", "1.2M")
    ]


def test_a_file_can_be_appended_to(tmp_path: Path) -> None:
    save(tmp_path / "deep" / "summary.md", "one\n", append=True)
    save(tmp_path / "deep" / "summary.md", "two\n", append=True)
    assert (tmp_path / "deep" / "summary.md").read_text() == "one\ntwo\n"


def test_other_kinds_of_numbers() -> None:
    """A perplexity changes by parts of itself, less being better; a share with an ideal by how near it comes."""
    import numpy as np

    from evalkit.gate.measure import measure
    from evalkit.runs.outcomes import Key
    from evalkit.runs.pairs import Pair

    names = tuple(str(place) for place in range(300))

    def pair(metric: str, first: np.ndarray, second: np.ndarray) -> Pair:
        return Pair(Key("t", "p", 0, 0, metric), names, names, first, second, (0, 0))

    losses = np.random.default_rng(0).normal(3, 0.3, size=300)
    ones = np.ones(300)
    one = measure(pair("perplexity", np.stack([-losses, ones], 1), np.stack([-losses - 0.02, ones], 1)), 0.01)
    assert one.relative
    assert one.change.value == pytest.approx(-np.expm1(0.02))
    chosen = np.array([1.0] * 180 + [0.0] * 120)
    fewer = np.array([1.0] * 150 + [0.0] * 150)
    two = measure(pair("stereotype_preference", np.stack([chosen, ones], 1), np.stack([fewer, ones], 1)), 0.01)
    assert two.change.value == pytest.approx(0.1)
    assert (two.moved, two.better, two.worse) == (30, None, None)


def test_settings_of_one_task_are_added_up_item_by_item(failed: Gate) -> None:
    """Twice the same setting knows no more than once; two tasks of the same changes do."""
    from evalkit.gate.measure import measure, overall
    from evalkit.runs.pairs import pair

    one, other = failed.baseline.outcomes[0], failed.candidate.outcomes[0]
    once = measure(pair(one, other), 0.01)
    shots = replace(once, key=once.key._replace(shots=1))
    task = replace(once, key=once.key._replace(task="other"))
    same, apart = overall([once, shots]), overall([once, task])
    assert same is not None
    assert apart is not None
    assert same.change.error == pytest.approx(once.change.error)
    assert same.change.p == pytest.approx(once.change.p)
    assert apart.change.error == pytest.approx(once.change.error / 2**0.5)
    assert overall([once]) is None


def test_a_baseline_is_named_with_its_model(failed: Gate) -> None:
    named: Baseline = failed.baseline
    assert f"{named.name} ({named.model['name']}, {named.model['dtype']})" in headline(failed)
