"""What the page says first: nothing that the numbers do not say."""

import pytest

from evalkit.report.loaded import Loaded
from evalkit.report.verdict import extent, verdict
from evalkit.runs.diagnostics import BELOW_CHANCE, CONSTANT, RANDOM, Baseline, Diagnosis, Flag
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Work
from tests.report.test_scores import result


def run(tmp_path, results, diagnoses=(), arguments=None, asked=(("s/a", "p"),)):
    tasks = [{"task": task, "prompt": prompt} for task, prompt in asked]
    work = Work(requests=1234)
    manifest = Manifest(1, "complete", "evalkit run", arguments or {}, {}, tasks, {}, {}, {}, "2026-01-01", 9.6, work)
    return Loaded("m", RunFolder(tmp_path), manifest, results, diagnoses=diagnoses)


def guessed(task, shots=0, seed=0, flags=()):
    return Diagnosis(task, "p", shots, seed, (Baseline(RANDOM, "accuracy", 0.5),), flags, None)


def test_a_suite_is_its_highest_average_and_how_many_that_is_the_highest_of(tmp_path):
    averages = [
        result("s", shots, value, "average", value - 0.05, value + 0.05) for shots, value in ((0, 0.5), (2, 0.6))
    ]
    averages.append(result("s", 2, 0.9, "average", 0.8, 1.0, seed=1))  # the luck of another seed is no verdict
    assert verdict(run(tmp_path, averages)) == "s averages 60.0 (55–65) at 2 shots, its highest of 2 numbers of shots."


def test_of_many_suites_the_first_are_named(tmp_path):
    averages = [result(f"s{place}", metric="average") for place in range(9)]
    assert verdict(run(tmp_path, averages)).endswith("s5 averages 50.0 (40–60) at 0 shots. And 3 more suites.")


def test_one_task_is_all_its_numbers_of_shots(tmp_path):
    assert verdict(run(tmp_path, [result(), result(shots=1, value=0.55), result(metric="macro_f1")])) == (
        "s/a, accuracy: 50.0 (40–60) at 0 shots, 55.0 (40–60) at 1 shot."
    )


def test_a_number_without_an_interval_has_no_brackets(tmp_path):
    assert verdict(run(tmp_path, [result(low=None, high=None)])) == "s/a, accuracy: 50.0 at 0 shots."


def test_a_few_tasks_are_named_and_many_are_counted(tmp_path):
    few = [result("s/a"), result("s/b", value=0.7)]
    assert verdict(run(tmp_path, few)) == "At the most shots: a 50.0 (accuracy), b 70.0 (accuracy)."
    assert verdict(run(tmp_path, [result(f"s/{place}") for place in range(9)])) == "9 tasks were measured."
    assert verdict(run(tmp_path, [])) == "There is no number in this run."


def test_what_is_above_guessing_is_so_with_its_whole_interval(tmp_path):
    results = [result("s/a", low=0.51), result("s/b", low=0.5), result("s/c", low=0.3), result("s/d", low=0.9)]
    flags = (Flag(BELOW_CHANCE, "accuracy", 0.2, 0.5), Flag(CONSTANT, answer="yes"))
    diagnoses = [guessed("s/a"), guessed("s/b"), guessed("s/c", flags=flags)]  # of d nobody knows what guessing gives
    assert verdict(run(tmp_path, results, diagnoses)).endswith(
        "Above guessing for sure: 1 of 3 tasks that guessing has a score for, each at its most shots; 1 below it for "
        "sure, 1 answered with one and the same answer throughout."
    )
    assert verdict(run(tmp_path, results[:2], diagnoses)).endswith(
        "Above guessing for sure: 1 of 2 tasks, each at its most shots."
    )


@pytest.mark.parametrize(
    ("asked", "results", "told"),
    [
        ((("s/a", "p"),), [result()], "1 task, at 0 shots: 1,234 requests in 10 seconds."),
        ((("s/a", "p"),), [result(shots=1)], "1 task, at 1 shot: 1,234 requests in 10 seconds."),
        (
            (("s/a", "p"), ("s/a", "q"), ("s/b", "p")),
            [result(), result(seed=1, shots=2)],
            "2 tasks, at 0, 2 shots, up to 2 prompts of each, 2 seeds: 1,234 requests in 10 seconds.",
        ),
    ],
)
def test_the_extent(tmp_path, asked, results, told):
    assert extent(run(tmp_path, results, asked=asked)) == told


def test_an_imported_run_was_not_measured_here(tmp_path):
    arguments = {"imported": [{"format": "lm-eval"}]}
    assert extent(run(tmp_path, [result()], arguments=arguments)) == (
        "1 task, imported: measured by lm-eval, without samples."
    )
