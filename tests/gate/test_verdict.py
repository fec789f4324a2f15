"""The gate over whole runs: a repeat passes, a loss of known size fails, and what was asked otherwise is refused."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evalkit.errors import RunError, UsageError
from evalkit.gate.baseline import Baseline, load, of_run, write
from evalkit.gate.lines import Terms
from evalkit.gate.verdict import gate
from evalkit.runs.outcomes import Outcomes
from evalkit.statistics import INCONCLUSIVE, PASS, REGRESSION
from tests.gate.conftest import Doctor, Right, losing

COPA, RTE = "superglue/copa", "superglue/rte"


@pytest.fixture
def base(doctored: Doctor, seven_of_ten: Right) -> Baseline:
    return of_run(doctored("baseline", seven_of_ten))


def test_a_repeat_passes(base: Baseline, doctored: Doctor, seven_of_ten: Right, tmp_path: Path) -> None:
    again = of_run(doctored("again", seven_of_ten))
    write(base, tmp_path / "baseline.json")
    for baseline in (base, load(tmp_path / "baseline.json")):
        found = gate(baseline, again, Terms())
        assert found.verdict == PASS
        assert [(line.verdict, line.change, line.low, line.moved) for line in found.all_lines] == [(PASS, 0, 0, 0)] * 3
        assert not found.notes


def test_a_loss_of_five_points_is_a_regression(base: Baseline, doctored: Doctor, seven_of_ten: Right) -> None:
    """37 lost and 12 gained of 500."""
    worse = of_run(doctored("worse", losing(seven_of_ten, 37, 12, COPA)))
    found = gate(base, worse, Terms())
    assert found.verdict == REGRESSION
    lines = {line.key.task: line for line in found.all_lines}
    assert lines[COPA].verdict == REGRESSION
    assert lines[COPA].change == pytest.approx(-0.05)
    assert (lines[COPA].better, lines[COPA].worse, lines[COPA].moved) == (12, 37, 49)
    assert lines[RTE].verdict == PASS
    assert lines["overall"].change == pytest.approx(-0.025)
    assert lines["overall"].baseline == pytest.approx((lines[COPA].baseline + lines[RTE].baseline) / 2)


def test_a_small_change_is_inconclusive_and_says_the_n(base: Baseline, doctored: Doctor, seven_of_ten: Right) -> None:
    found = gate(base, of_run(doctored("other", losing(seven_of_ten, 20, 18, COPA))), Terms())
    (copa, rte, overall) = found.all_lines
    assert found.verdict == INCONCLUSIVE
    assert (copa.verdict, rte.verdict) == (INCONCLUSIVE, PASS)
    assert copa.needed is not None
    assert 6000 < copa.needed < 7500  # 8.56 * 38 / 500 / 0.01 ** 2
    assert overall.low is not None
    assert overall.low > -0.02


def test_a_larger_drop_may_be_allowed(base: Baseline, doctored: Doctor, seven_of_ten: Right) -> None:
    other = of_run(doctored("other", losing(seven_of_ten, 20, 18, COPA)))
    assert gate(base, other, Terms(max_drop=0.03)).verdict == PASS
    found = gate(base, other, Terms(max_drop=0.017, overall_alone=True))
    assert [line.verdict for line in found.all_lines] == [INCONCLUSIVE, PASS, PASS]
    assert found.verdict == PASS


def test_a_gain_passes(base: Baseline, doctored: Doctor, seven_of_ten: Right) -> None:
    assert gate(base, of_run(doctored("better", losing(seven_of_ten, 5, 40, COPA, RTE))), Terms()).verdict == PASS


def test_a_missing_task_is_refused_unless_allowed(base: Baseline, doctored: Doctor, seven_of_ten: Right) -> None:
    less = replace(base, outcomes=tuple(one for one in base.outcomes if one.key.task != RTE))
    with pytest.raises(RunError, match=f"not in the candidate: {RTE}"):
        gate(base, less, Terms())
    found = gate(base, less, Terms(), allow_different=True)
    assert (found.verdict, len(found.lines), found.overall) == (PASS, 1, None)
    assert found.notes == (f"not in the candidate: {RTE}",)


def test_a_task_of_the_candidate_alone_is_said(base: Baseline) -> None:
    less = replace(base, outcomes=base.outcomes[:1], first=frozenset([base.outcomes[0].key]))
    assert gate(less, base, Terms()).notes == (f"only in the candidate, and not judged: {RTE} (gpt3, 0 shots)",)


@pytest.mark.parametrize(
    ("part", "other", "message"),
    [
        ("prompt:gpt3@", "prompt:gpt3@ffff", "prompt is gpt3@[0-9a-f]{4} in the baseline, and gpt3@ffff"),
        ("data:", "data:elsewhere", "data is data.* in the baseline, and elsewhere.* in the candidate"),
        ("seed:0", "seed:0|limit:10", "limit is not there in the baseline, and 10 in the candidate"),
        (COPA, COPA + "x", "task is"),
    ],
)
def test_what_was_asked_otherwise_is_refused(base: Baseline, part: str, other: str, message: str) -> None:
    copa = base.outcomes[0]
    end = copa.result.signature.index(part) + len(part)
    if part.endswith("@"):
        end += 4
    signature = copa.result.signature[: copa.result.signature.index(part)] + other + copa.result.signature[end:]
    asked = replace(copa, result=replace(copa.result, signature=signature))
    candidate = replace(base, outcomes=(asked, *base.outcomes[1:]))
    with pytest.raises(RunError, match=f"not asked the same(.|\n)*{COPA}: {message}(.|\n)*--allow-different"):
        gate(base, candidate, Terms())
    assert gate(base, candidate, Terms(), allow_different=True).notes


def test_another_model_dtype_or_version_is_what_a_gate_is_for(base: Baseline) -> None:
    copa = base.outcomes[0]
    head = copa.result.signature.partition("|model:")[0]
    result = replace(copa.result, signature=f"{head}|model:other@1|dtype:bf16|evalkit:9.9")
    assert (
        gate(base, replace(base, outcomes=(replace(copa, result=result), *base.outcomes[1:])), Terms()).verdict == PASS
    )


def test_a_candidate_that_was_asked_with_shots_too_is_gated_without(base: Baseline) -> None:
    """Earlier runs at 0 and 1 shots named the split that shots are from at 0 shots as well."""

    def with_shots(one: Outcomes) -> Outcomes:
        signature = re.sub(r"data:([^|]*)", r"data:\1+data/train@0123", one.result.signature)
        assert signature != one.result.signature
        return replace(one, result=replace(one.result, signature=signature))

    more = replace(base, outcomes=tuple(map(with_shots, base.outcomes)))
    for baseline, candidate in ((base, more), (more, base)):
        found = gate(baseline, candidate, Terms())
        assert (found.verdict, found.notes) == (PASS, ())


def test_items_that_one_lacks_are_refused(base: Baseline) -> None:
    copa = base.outcomes[0]
    fewer = replace(copa, ids=copa.ids[:-3], groups=copa.groups[:-3], values=copa.values[:-3])
    candidate = replace(base, outcomes=(fewer, *base.outcomes[1:]))
    with pytest.raises(RunError, match="3 items only in the baseline, 0 only in the candidate"):
        gate(base, candidate, Terms())
    assert gate(base, candidate, Terms(), allow_different=True).lines[0].n == 497


def test_a_metric_that_the_baseline_has_not_is_wrong_usage(base: Baseline) -> None:
    with pytest.raises(UsageError, match=r"--metric bleu: the baseline has no such number\. It has: accuracy"):
        gate(base, base, Terms(metric="bleu"))


def test_a_log_that_was_changed_by_hand_is_no_number(original: Path, base: Baseline, tmp_path: Path) -> None:
    path = tmp_path / "changed"
    shutil.copytree(original, path)
    text = (path / "results.json").read_text()
    (path / "results.json").write_text(text.replace('"value": 0.', '"value": 0.9', 1))
    changed = of_run(path)
    assert len(changed.outcomes) == 1
    with pytest.raises(RunError, match="not in the candidate"):
        gate(base, changed, Terms())
