"""Standard errors and intervals. Sizes and numbers are from outside: EleutherAI's published results of bloom-560m
(lm-evaluation-harness 0.3, results/bloom/bloom-560m) and the data sets' own sizes.
"""

import math

import pytest
from scipy.stats import binomtest

from evalkit.interchange.uncertainty import interval_of, items_of, ones_stderr, stderr_of

PUBLISHED = [
    ("hellaswag", 0.31557458673571004, 0.004637944965914592, 10042),
    ("piqa", 0.6409140369967355, 0.011192949073844103, 1838),
    ("arc_easy", 0.4734848484848485, 0.010245347015573713, 2376),
    ("winogrande", 0.5280189423835833, 0.014030404213405784, 1267),
    ("openbookqa", 0.172, 0.01689386887634748, 500),
    ("copa", 0.61, 0.04902071300001975, 100),
    ("boolq", 0.5513761467889908, 0.008698767182005265, 3270),
    ("wsc273", 0.6666666666666666, 0.028583097523751506, 273),
]


@pytest.mark.parametrize(("value", "stderr", "size"), [row[1:] for row in PUBLISHED], ids=[row[0] for row in PUBLISHED])
def test_a_published_standard_error_tells_how_many_items_there_were(value: float, stderr: float, size: int) -> None:
    assert items_of(value, stderr) == size


@pytest.mark.parametrize(
    ("value", "stderr"),
    [
        pytest.param(0.314159, 0.0123, id="of no whole number of items"),
        pytest.param(0.0, 0.0, id="none right: any number of items"),
        pytest.param(4.26, 0.09, id="no share"),
    ],
)
def test_other_standard_errors_tell_no_number_of_items(value: float, stderr: float) -> None:
    assert items_of(value, stderr) is None


@pytest.mark.parametrize(("right", "n"), [(0, 50), (3, 50), (25, 50), (50, 50), (9999, 10000)])
def test_shares_get_the_interval_that_our_own_runs_have(right: int, n: int) -> None:
    low, high = interval_of(right / n, ones_stderr(right / n, n), n, is_share=True)
    wilson = binomtest(right, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=1e-12)


def test_other_numbers_get_196_standard_errors() -> None:
    low, high = interval_of(4.265, 0.0919, 5153, is_share=False)
    assert (low, high) == pytest.approx((4.265 - 1.95996 * 0.0919, 4.265 + 1.95996 * 0.0919), abs=1e-5)
    assert interval_of(0.02, 0.05, 40, is_share=True)[0] == 0
    assert interval_of(0.5, None, 40, is_share=True) == (None, None)


def test_a_standard_error_is_given_back() -> None:
    wilson = binomtest(30, 100).proportion_ci(method="wilson")
    assert stderr_of(0.3, wilson.low, wilson.high, 100, 100) == pytest.approx(math.sqrt(0.3 * 0.7 / 99))
    assert stderr_of(0.3, 0.2, 0.4, 100, 20) == pytest.approx(0.1 / 1.959964, abs=1e-6)
    assert stderr_of(0.3, None, None, 100, 100) is None
