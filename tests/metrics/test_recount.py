"""Numbers of a run counted anew."""

from dataclasses import replace

import pytest

from evalkit.metrics.recount import recounted
from evalkit.schema import Result


def stated(value, metric="accuracy", scorer=""):
    return Result("task", "prompt", 0, 0, metric, value, None, None, 4, 4, 0.0, 0, 0, "task@1", scorer=scorer)


@pytest.mark.parametrize(
    ("value", "is_again"), [(0.75, True), (0.75 + 1e-10, True), (0.75 + 1e-8, False), (0.5, False), (0.0, False)]
)
def test_a_number_is_what_its_samples_give_or_nothing(build, value, is_again):
    found = recounted(stated(value), build([(1, 1), (0, 0), (1, 0), (0, 0)]))
    assert (found is not None) == is_again
    if found is not None:
        assert found.values[:, 0].tolist() == [1, 1, 0, 1]


def test_of_no_samples_there_is_no_number():
    assert recounted(stated(0.0), ()) is None


def test_texts_that_are_gone_give_no_number(write):
    (sample,) = write([("Paris", ["Paris"])])
    assert recounted(stated(1.0, "answer_exact_match"), [sample]) is not None
    assert recounted(stated(1.0, "answer_exact_match"), [replace(sample, generated=())]) is None


def test_the_scores_are_those_of_the_results_scorer(mark):
    samples = [
        replace(sample, scores={**sample.scores, "other": tuple(0.0 for _ in sample.generated)})
        for sample in mark([0.25, 0.75], [0.5])
    ]
    assert recounted(stated(0.5, "mean_toxicity", "words"), samples) is not None
    assert recounted(stated(0.5, "mean_toxicity", "other"), samples) is None
    assert recounted(stated(0.5, "mean_toxicity", "third"), samples) is None
