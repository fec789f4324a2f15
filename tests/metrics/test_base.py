"""What one scorer says of the texts that were written; what of a metric is better."""

from dataclasses import replace

import numpy as np
import pytest

from evalkit.metrics import METRICS, better_of
from evalkit.metrics.base import IDEALS, marks, turned
from evalkit.schema import Generated, Generation


def test_marks_are_one_scorers_numbers_in_the_order_of_the_texts(mark):
    (sample,) = mark([0.2, 0.0, 1.0])
    assert marks(sample) == (0.2, 0.0, 1.0)


def test_every_beam_has_a_mark(mark):
    (sample,) = mark([0.5, 0.25])
    written = (Generated(sample.generated[0].request, Generation("a", 1, -1.0, "stop", ("b",))),)
    assert marks(replace(sample, generated=written)) == (0.5, 0.25)


def test_marks_that_do_not_fit_are_refused(mark):
    (sample,) = mark([0.2, 0.4])
    with pytest.raises(ValueError, match="example 0 it wrote none"):
        marks(replace(sample, generated=()))
    with pytest.raises(ValueError, match="one scorer, and example 0 has those of none"):
        marks(replace(sample, scores={}))
    with pytest.raises(ValueError, match="has those of words, other"):
        marks(replace(sample, scores={"words": (0.2, 0.4), "other": (0.1, 0.1)}))
    with pytest.raises(ValueError, match="has 2 texts, and 1 scores"):
        marks(replace(sample, scores={"words": (0.2,)}))


def test_a_metric_says_what_is_better():
    names = ["accuracy", "perplexity", "stereotype_score", "average", "of a plug-in"]
    assert [better_of(name) for name in names] == ["higher", "lower", "half", "higher", "higher"]
    assert {metric.better for metric in METRICS.values()} == {"higher", "lower", *IDEALS}


@pytest.mark.parametrize(
    ("better", "value", "found"),
    [
        ("higher", 0.2, 0.2),
        ("lower", 8.0, -8.0),
        ("half", 0.75, -0.25),
        ("half", 0.25, -0.25),
        ("zero", -0.2, -0.2),
        ("one", 1.25, -0.25),
    ],
)
def test_numbers_are_turned_so_that_more_is_better(better, value, found):
    assert turned(better, value) == found
    assert turned(better, np.array([value, value])).tolist() == [found, found]
