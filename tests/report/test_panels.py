"""Small panels side by side."""

import pytest
from matplotlib.figure import Figure

from evalkit.report.panels import at_least, columns, fitting, from_0_to_100, grid, size, ticks


def test_panels_fill_rows_of_the_width() -> None:
    assert [columns(count, 11, 2.75) for count in (1, 3, 4, 5, 100)] == [1, 3, 4, 4, 4]
    assert columns(5, 1, 2.75) == 1
    assert size(9, 11, 2.75, 2.0) == (11, 6)
    assert size(2, 11, 2.75, 2.0) == (5.5, 2)
    assert [size(1, width, 2.75, 2.0) for width in (11, 3)] == [(3.6, 2), (3, 2)]


def test_the_rest_of_the_last_row_is_empty() -> None:
    figure = Figure(layout="constrained")
    assert len(grid(figure, 5, 3)) == 5
    assert [axis.axison for axis in figure.axes] == [True] * 5 + [False]


def test_names_are_on_one_line_that_fits() -> None:
    assert fitting("a\nb\0c  d", 2) == "a b c d"
    assert fitting("x" * 100, 2, 10) == "x" * 25 + "…"
    assert fitting("short", 0) == "short"


@pytest.mark.parametrize(
    ("places", "seen"),
    [
        ((0, 1, 2), ["0", "1", "2"]),
        ((0, 0.01, 2), ["0", "", "2"]),
        ((0, 1.99, 2), ["0", "", "2"]),
        ((0, 0.001, 0.002), ["", "", "0.002"]),
    ],
)
def test_labels_that_would_meet_are_left_out(places, seen) -> None:
    axis = Figure().subplots()
    axis.set_xlim(0, 2)
    ticks(axis, places, [f"{place:g}" for place in places], 2)
    assert [label.get_text() for label in axis.get_xticklabels()] == seen
    assert list(axis.get_xticks()) == list(places)


def test_shares_span_enough() -> None:
    assert at_least("accuracy", 40, 44) == (32, 52)
    assert at_least("accuracy", 10, 90) == (10, 90)
    assert at_least("perplexity", 40, 44) == (40, 44)


def test_shares_have_one_axis() -> None:
    assert from_0_to_100("accuracy", 0.3) == (-2, 102)
    assert from_0_to_100("matthews", -0.3) == (-102, 102)
    assert from_0_to_100("perplexity", 0.3) is None
