"""Calibration by hand and against scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from evalkit.statistics import calibration as statistics
from evalkit.statistics import wilson

THREE = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4], [0.2, 0.2, 0.6], [0.4, 0.4, 0.2]])
RIGHT = np.eye(3, dtype=bool)[[0, 2, 2, 1]]


@pytest.fixture(scope="module")
def answers():
    """500 items of three choices: probabilities, and right answers that they overstate."""
    generator = np.random.default_rng(0)
    probabilities = statistics.softmax(generator.normal(0, 1.5, (500, 3)))
    flat = 0.5 * probabilities + 0.5 / 3
    gold = np.array([generator.choice(3, p=row) for row in flat])
    return probabilities, np.eye(3, dtype=bool)[gold]


def test_top_takes_the_first_of_equals():
    confidence, hits = statistics.top(THREE, RIGHT)
    assert confidence.tolist() == [0.7, 0.5, 0.6, 0.4]
    assert hits.tolist() == [True, False, True, False]


def test_several_right_choices_all_count():
    right = np.array([[True, False, True]])
    assert statistics.top(THREE[:1], right)[1].tolist() == [True]
    assert statistics.brier(THREE[:1], right) == pytest.approx(0.2**2 + 0.2**2 + 0.4**2)


def test_brier_by_hand():
    rows = [0.3**2 + 0.2**2 + 0.1**2, 0.1**2 + 0.5**2 + 0.6**2, 0.2**2 + 0.2**2 + 0.4**2, 0.4**2 + 0.6**2 + 0.2**2]
    assert statistics.brier(THREE, RIGHT) == pytest.approx(sum(rows) / 4)


def test_brier_is_scikit_learns(answers):
    probabilities, right = answers
    theirs = brier_score_loss(right.argmax(axis=1), probabilities, labels=[0, 1, 2], scale_by_half=False)
    assert statistics.brier(probabilities, right) == pytest.approx(theirs)


def test_padding_with_choices_that_are_not_there_changes_nothing(answers):
    probabilities, right = answers
    padded = np.hstack([probabilities, np.zeros((500, 2))]), np.hstack([right, np.zeros((500, 2), dtype=bool)])
    assert statistics.brier(*padded) == pytest.approx(statistics.brier(probabilities, right))
    assert [one.tolist() for one in statistics.top(*padded)] == [
        one.tolist() for one in statistics.top(probabilities, right)
    ]
    assert statistics.softmax(np.array([[0.0, 0.0, -np.inf]])).tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_bins_are_scikit_learns(answers, strategy):
    confidence, hits = statistics.top(*answers)
    edges = statistics.equal_width(10) if strategy == "uniform" else statistics.equal_mass(confidence, 10)
    bins = statistics.reliability(confidence, hits, edges)
    accuracy, mean = calibration_curve(hits, confidence, n_bins=10, strategy=strategy)
    assert [one.accuracy for one in bins] == pytest.approx(accuracy)
    assert [one.confidence for one in bins] == pytest.approx(mean)
    assert sum(one.n for one in bins) == 500
    assert all((one.low, one.high) == wilson(one.accuracy, one.n) for one in bins)


def test_expected_error_by_hand():
    """Two bins: three items at 0.55 of which one is right, one at 0.9 that is right."""
    confidence, hits = np.array([0.55, 0.55, 0.55, 0.9]), np.array([True, False, False, True])
    bins = statistics.reliability(confidence, hits, statistics.equal_width(10))
    assert [(one.n, one.confidence) for one in bins] == [(3, pytest.approx(0.55)), (1, pytest.approx(0.9))]
    assert statistics.expected_error(bins) == pytest.approx(0.75 * (0.55 - 1 / 3) + 0.25 * 0.1)


def test_bins_of_equal_mass_keep_equals_together():
    confidence = np.array([0.5] * 30 + [0.7] * 5)
    bins = statistics.reliability(confidence, confidence > 0.6, statistics.equal_mass(confidence, 10))
    assert [(one.n, one.accuracy) for one in bins] == [(30, 0.0), (5, 1.0)]


def test_what_is_calibrated_has_nearly_no_error():
    generator = np.random.default_rng(1)
    confidence = generator.uniform(0.5, 1, 100_000)
    hits = generator.random(100_000) < confidence
    for edges in (statistics.equal_width(), statistics.equal_mass(confidence)):
        assert statistics.expected_error(statistics.reliability(confidence, hits, edges)) < 0.01


def test_selective_accuracy_by_hand():
    """By confidence: right, wrong, right, right. Risks 0, 1/2, 1/3, 1/4."""
    confidence, hits = np.array([0.6, 0.9, 0.5, 0.8]), np.array([True, True, True, False])
    accuracies = statistics.selective(confidence, hits)
    assert accuracies == pytest.approx([1, 1 / 2, 2 / 3, 3 / 4])
    assert statistics.aurc(accuracies) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


def test_confidence_that_knows_nothing_gives_the_error_rate():
    hits = np.array([True, False, False, True, False])
    assert statistics.selective(np.full(5, 0.5), hits) == pytest.approx([0.4] * 5)
    assert statistics.aurc(statistics.selective(np.full(5, 0.5), hits)) == pytest.approx(0.6)
