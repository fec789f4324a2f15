"""The table of scores and its notes."""

import pytest

from evalkit.report.summary import has_bar, interval, lines, main_results, notes, number, setting_text, short_names
from evalkit.runs.outcomes import Key
from evalkit.schema import Result, Setting


def result(task="a/x", shots=0, seed=0, metric="accuracy", **more):
    values = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10, "groups": 10, "effective_shots": float(shots)}
    values |= {"truncated": 0, "ties": 0, "signature": "s", **more}
    return Result(task=task, prompt="gpt3", shots=shots, seed=seed, metric=metric, **values)


def test_averages_come_last_and_shots_ascend():
    rows, shots = lines([result(metric="average", task="a"), result(shots=4), result(shots=0), result(task="a/y")])
    assert [(row.task, row.metric) for row in rows] == [("a/x", "accuracy"), ("a/y", "accuracy"), ("a", "average")]
    assert shots == [0, 4]
    assert rows[0].cells == {0: (0.5, 0.4, 0.6), 4: (0.5, 0.4, 0.6)}


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.333, 0.667, "33–67"), (-0.35, 0.52, "−35–52"), (None, None, ""), (0.008, 0.012, "0.8–1.2")],
)
def test_interval(low, high, shown):
    assert interval("accuracy", low, high) == shown


def test_shares_are_in_percent_and_have_a_minus_sign():
    assert (number("accuracy", 0.4567), number("matthews", -0.02)) == ("45.7", "−2.0")


@pytest.mark.parametrize(
    ("value", "shown"), [(1.23456, "1.235"), (37.5012, "37.5"), (812345.6, "8.12e+05"), (-0.5, "−0.500")]
)
def test_other_numbers_stand_as_they_are(value, shown):
    assert number("word_perplexity", value) == shown


def test_no_minus_stands_before_a_zero():
    assert [number("accuracy", value) for value in (-0.0001, -0.0, -0.0006)] == ["0.0", "0.0", "−0.1"]
    assert number("word_perplexity", -0.0001) == "0.000"
    assert interval("accuracy", -0.004, 0.12) == "0–12"


def test_intervals_of_other_numbers_have_their_digits():
    assert interval("word_perplexity", 35.25, 40.1) == "35.2–40.1"


def test_single_subsets_stand_apart_where_there_are_many():
    groups = [result(), result(subset="STEM")]
    few = [result(subset=f"subject={number}") for number in range(8)]
    assert main_results([*groups, *few]) == [*groups, *few]
    assert main_results([*groups, *few, result(subset="subject=8")]) == groups
    assert main_results([*groups, few[0]]) == groups


def test_a_setting_in_words():
    assert setting_text(result(shots=1)) == "a/x (gpt3, 1 shot)"
    assert setting_text(Setting("a/x", "gpt3", 4, 2)) == "a/x (gpt3, 4 shots, seed 2)"
    assert setting_text(Key.of(result(seed=3))) == "a/x (gpt3, 0 shots, seed 3)"


@pytest.mark.parametrize(
    ("metric", "is_there"),
    [
        ("accuracy", True),
        ("mean_toxicity", True),
        ("average", True),
        ("stereotype_score", True),
        ("bias_ambiguous", False),
        ("gap_bias", False),
        ("perplexity", False),
    ],
)
def test_a_bar_is_for_shares_and_means(metric, is_there):
    assert has_bar(metric) == is_there


def test_names_lose_a_folder_that_all_share():
    assert short_names(["s/a", "s/b", "s"]) == {"s/a": "a", "s/b": "b", "s": "s"}
    assert short_names(["s/a", "t/a"]) == {"s/a": "s/a", "t/a": "t/a"}


def test_notes_gather_what_has_to_be_known():
    said = notes(
        [
            result(shots=4, effective_shots=1.25),
            result(shots=4, effective_shots=1.25, metric="f1"),
            result(shots=8, effective_shots=1.5, truncated=3, ties=2),
            result(metric="average", ties=5),
            result(shots=1),
        ]
    )
    assert said == [
        "a/x (gpt3): on average the window had room for 1.2 of 4 shots, 1.5 of 8 shots",
        "a/x (gpt3): contexts cut to fit the window: 3 at 8 shots",
        "a/x (gpt3): samples with equal best scores, of which the first was taken: 2 at 8 shots",
    ]
