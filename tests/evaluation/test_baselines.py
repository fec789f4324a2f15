"""What would be scored without a model, by hand and against scikit-learn's dummy classifiers."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef

from evalkit.evaluation import baselines
from evalkit.runs.diagnostics import LONGEST, MAJORITY, PRIOR, RANDOM
from evalkit.schema import Example, Query, Response, Sample, Scored, TextRequest


def sample(choices, targets, prediction=0, unit="", completions=(), priors=()):
    """A sample that was answered by ranking its choices; every one is a unit of its own where none is named."""
    texts = completions or choices
    scored = tuple(
        Scored(TextRequest("", (), "", "", f" {text}"), Response((-1.0,), False), priors[place] if priors else None)
        for place, text in enumerate(texts)
    )
    example = Example("x", {}, tuple(choices), tuple(targets), unit or str(id(scored)), "g")
    return Sample(Query(example, ()), scored, prediction, False, 0, 0, ranking=(-1.0,) * len(choices))


def value(found, name, metric):
    (one,) = [one for one in found if (one.name, one.metric) == (name, metric)]
    return one.value


@pytest.fixture(scope="module")
def gold():
    return np.random.default_rng(0).choice(3, 200, p=[0.2, 0.5, 0.3])


METRICS = ["accuracy", "macro_f1", "matthews"]


def test_majority_is_scikit_learns(gold):
    found = baselines.of_examples([sample(["a", "bb", "c"], [target]) for target in gold], METRICS)
    rows = np.zeros((200, 1))
    dummy = DummyClassifier(strategy="most_frequent").fit(rows, gold).predict(rows)
    assert value(found, MAJORITY, "accuracy") == pytest.approx(accuracy_score(gold, dummy))
    assert value(found, MAJORITY, "macro_f1") == pytest.approx(f1_score(gold, dummy, average="macro"))
    assert value(found, MAJORITY, "matthews") == pytest.approx(matthews_corrcoef(gold, dummy))
    assert {one.answer for one in found if one.name == MAJORITY} == {"bb"}
    assert value(found, LONGEST, "accuracy") == pytest.approx(np.mean(gold == 1))


def test_random_is_the_mean_of_scikit_learns(gold):
    found = baselines.of_examples([sample(["a", "bb", "c"], [target]) for target in gold], METRICS)
    rows = np.zeros((200, 1))
    drawn = [
        DummyClassifier(strategy="uniform", random_state=seed).fit(rows, gold).predict(rows) for seed in range(300)
    ]
    scores = [(accuracy_score, {}), (f1_score, {"average": "macro"}), (matthews_corrcoef, {})]
    for metric, (score, options) in zip(METRICS, scores, strict=True):
        assert value(found, RANDOM, metric) == pytest.approx(
            np.mean([score(gold, one, **options) for one in drawn]), abs=0.01
        )


def test_items_with_choices_of_their_own():
    """By hand: a third and a half; the longest is right in the first; there is no class to be the majority."""
    samples = [sample(["x", "yyy", "z"], [1]), sample(["pp", "q"], [1])]
    found = baselines.of_examples(samples, ["accuracy"])
    assert value(found, RANDOM, "accuracy") == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert value(found, LONGEST, "accuracy") == 0.5
    assert {one.name for one in found} == {RANDOM, LONGEST}


def test_letters_are_classes():
    samples = [sample([f"x{place}", f"y{place}"], [place > 0], completions=["A", "B"]) for place in range(4)]
    (majority,) = [one for one in baselines.of_examples(samples, ["accuracy"]) if one.name == MAJORITY]
    assert (majority.value, majority.answer) == (0.75, "B")


def test_units_are_right_as_a_whole():
    """A unit of two and one of one, of two choices each: a quarter and a half."""
    samples = [sample(["no", "yes"], [0], unit=unit) for unit in ("a", "a", "b")]
    found = baselines.of_examples(samples, ["exact_match"])
    assert value(found, RANDOM, "exact_match") == pytest.approx((1 / 4 + 1 / 2) / 2)


def test_several_right_choices():
    found = baselines.of_examples([sample(["x", "y", "z", "w"], [0, 3]), sample(["p", "q"], [0])], ["accuracy"])
    assert value(found, RANDOM, "accuracy") == 0.5


def test_entities_count_by_their_words():
    """Guessing among "New York", "York" and "Rome" where "New York" is right: F1 of 1, 2/3 and 0."""
    found = baselines.of_examples([sample(["New York", "York", "Rome"], [0])], ["entity_f1"])
    assert value(found, RANDOM, "entity_f1") == pytest.approx((1 + 2 / 3) / 3)


def test_prior_takes_the_likeliest_whatever_is_asked():
    samples = [
        sample(["x", "y"], [0], priors=[-1.0, -2.0]),
        sample(["x", "y"], [0], priors=[-3.0, -2.0]),
        sample(["x", "y"], [1], priors=[-3.0, -2.0]),
        sample(["x", "y"], [1], priors=[-2.0, -2.0]),
    ]
    assert value(baselines.of_priors(samples, ["accuracy"]), PRIOR, "accuracy") == 0.5
    assert baselines.of_priors([sample(["x", "y"], [0])], ["accuracy"]) == []


def test_what_is_not_chosen_has_no_baselines():
    assert baselines.is_chosen([sample(["x", "y"], [0])])
    assert not baselines.is_chosen([])
    assert not baselines.is_chosen([sample(["x", "y"], [])])
    assert not baselines.is_chosen([sample(["x"], [0])])
    assert not baselines.is_chosen([sample(["x", "y"], [0], completions=["x"])])
