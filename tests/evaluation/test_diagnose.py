"""Flags, calibration, and what numbers owe to seeds and prompts, from an evaluation with a model of known numbers."""

import math
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.diagnostics import flag_lines
from evalkit.runs.diagnostics import BELOW_CHANCE, CONSTANT, NO_BETTER, PRIOR, RANDOM
from evalkit.runs.folder import RunFolder
from tests.evaluation.shelf import Shelf

CLASSES = '[multiple_choice]\nchoices = ["no", "yes"]\ngold = "label"'
OWN = '[multiple_choice]\nchoices = "[right, wrong]"\ngold = "label"'
TEMPLATE = "{{ q }}{% cue %}?{% completion %} {{ choice }}"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def rows(labels):
    return [{"q": f"Item {place}", "label": label} for place, label in enumerate(labels)]


def diagnosis(results):
    (found,) = results.diagnostics
    return found


def test_constant_answers_are_told(shelf: Shelf) -> None:
    shelf.task(CLASSES, TEMPLATE, rows([0] * 6 + [1] * 6))
    found = diagnosis(shelf.run(FakeModel(liked={" yes": True})))
    assert [(flag.kind, flag.answer) for flag in found.flags] == [(CONSTANT, '"yes"')]
    assert flag_lines([found]) == ['s/a (plain): every answer is "yes": at 0 shots']


def test_answers_that_are_all_alike_and_right_are_no_flaw(shelf: Shelf) -> None:
    """Where the first choice is always the right one, always choosing it is what is asked for."""
    items = [{"q": f"Item {place}", "right": f"r{place}", "wrong": f"w{place}", "label": 0} for place in range(12)]
    shelf.task(OWN, TEMPLATE, items)
    found = diagnosis(shelf.run(FakeModel(liked={f" r{place}": True for place in range(12)})))
    assert found.flags == ()
    assert found.calibration.accuracy == 1


def test_below_chance_is_an_interval_below_chance(shelf: Shelf) -> None:
    items = [
        {"q": f"Item {place}", "right": f"r{place}", "wrong": f"w{place}", "label": place % 2} for place in range(40)
    ]
    shelf.task(OWN, TEMPLATE, items)
    liked = {f" {'w' if place % 2 == 0 else 'r'}{place}": True for place in range(40)}
    results = shelf.run(FakeModel(liked=liked))
    (flag,) = diagnosis(results).flags
    assert (flag.kind, flag.metric, flag.value, flag.against) == (BELOW_CHANCE, "accuracy", 0.0, 0.5)
    assert results.results[0].high < 0.5
    few = shelf.run(FakeModel(liked=liked), limit=3)
    assert few.results[0].high > 0.5
    assert diagnosis(few).flags == ()


def test_no_better_than_the_majority_is_told(shelf: Shelf) -> None:
    shelf.task(CLASSES, TEMPLATE, rows([0] * 5 + [1] * 15))
    found = diagnosis(shelf.run(FakeModel()))
    (flag,) = found.flags
    assert (flag.kind, flag.against, flag.answer) == (NO_BETTER, 0.75, '"yes"')
    assert flag.value <= 0.75


def test_priors_are_there_where_they_were_measured(shelf: Shelf) -> None:
    shelf.task(CLASSES, TEMPLATE, rows([0, 1] * 6))
    plain, normalised = (diagnosis(shelf.run(FakeModel(), normalisation=rule)) for rule in ("none", "unconditional"))
    assert plain.baseline(PRIOR, "accuracy") is None
    assert normalised.baseline(PRIOR, "accuracy").value == 0.5
    assert normalised.baseline(RANDOM, "accuracy").value == 0.5


def test_calibration_is_of_the_scores_that_rank(shelf: Shelf) -> None:
    shelf.task(CLASSES, TEMPLATE, rows([0, 1] * 20))
    results = shelf.run(FakeModel())
    (samples,) = results.samples.values()
    found = diagnosis(results).calibration
    weights = np.exp([list(sample.ranking) for sample in samples])
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    gold = [sample.query.example.targets[0] for sample in samples]
    assert found.brier == pytest.approx(2 * brier_score_loss(gold, probabilities[:, 1]))
    assert found.confidence == pytest.approx(probabilities.max(axis=1).mean())
    assert found.accuracy == pytest.approx(results.results[0].value)
    assert sum(one.n for one in found.bins) == found.n == 40
    assert found.selective[-1] == (1.0, pytest.approx(found.accuracy))
    assert math.isclose(found.selective[0][0], 2 / 40)


def test_what_is_written_or_unjudged_has_no_diagnosis() -> None:
    results = evalkit.evaluate(FakeModel(), ["bias/crows_pairs", "qa/gsm8k", "lm/ptb"], data_dir="samples", limit=3)
    assert results.results
    assert results.diagnostics == ()


def test_over_seeds_and_prompts(shelf: Shelf) -> None:
    run = shelf.folder / "run"
    results = evalkit.evaluate(
        FakeModel(window=10**6),
        "superglue/rte",
        shots=(0, 1),
        seeds=(0, 1, 2),
        prompts="all",
        data_dir="samples",
        output=run,
    )
    without, one = results.components
    assert (without.shots, len(without.prompts), without.seeds) == (0, 3, (0,))
    assert without.includes == ("sampling", "prompts")
    assert without.seed is without.both is None
    assert (one.shots, one.includes) == (1, ("sampling", "seeds", "prompts"))
    values = [result.value for result in results if result.shots == 1]
    assert len(values) == 9
    assert one.mean == pytest.approx(np.mean(values))
    n = one.n
    assert one.sampling == pytest.approx(np.mean([p * (1 - p) / (n - 1) for p in values]))
    assert one.low < one.mean < one.high
    read = RunFolder.open(run).read_diagnostics()
    assert read == (list(results.diagnostics), list(results.components))


def test_of_an_average_over_tasks(tmp_path: Path) -> None:
    model = FakeModel(window=10**6)
    results = evalkit.evaluate(model, "superglue", shots=1, seeds=(0, 1), data_dir="samples", limit=6)
    averages = [result for result in results if result.metric == "average"]
    (found,) = [one for one in results.components if one.metric == "average"]
    assert (found.task, found.seeds, found.includes) == ("superglue", (0, 1), ("sampling", "seeds"))
    assert found.mean == pytest.approx(np.mean([one.value for one in averages]))
    wide = np.mean([one.high - one.low for one in averages])
    assert 2 * 1.96 * found.sampling**0.5 == pytest.approx(wide, rel=0.25)  # theirs are of a bootstrap
    assert found.high - found.low > 0.7 * wide


def test_one_setting_has_no_components(shelf: Shelf) -> None:
    shelf.task(CLASSES, TEMPLATE, rows([0, 1] * 5))
    assert shelf.run(FakeModel()).components == ()


def test_prompts_that_ask_in_other_ways_are_not_put_together() -> None:
    """A cloze beside a ranking is another way to measure, not another wording."""
    results = evalkit.evaluate(
        FakeModel(window=10**6), "superglue/wic", protocol="gpt3", shots=0, data_dir="samples", limit=8
    )
    assert len({result.prompt for result in results}) > 1
    assert not [one for one in results.components if len(one.prompts) > 1]
