"""Tables that fit: what they become when there is room, little room, and none."""

from evalkit.cli.forecast import _COLUMNS as FORECAST
from evalkit.report.grid import Column, Grid, cell, fitted, settled, text_of, whole
from evalkit.report.plain import one_line, shortened, width

COLUMNS = (
    Column("task", is_label=True, least=6),
    Column("prompt", is_label=True, above="prompt {}"),
    Column("metric", is_label=True, least=4),
    Column("n", is_number=True),
    Column("note"),
)


def grid(*rows: str, strong: frozenset[int] = frozenset()) -> Grid:
    return Grid(COLUMNS, tuple(tuple(map(cell, row.split("/"))) for row in rows), strong)


TWO = grid("arithmetic/p/accuracy/10/", "arithmetic/p/f1/5/", "reading/p/accuracy/7/")


def texts(grids: list[Grid], most: int) -> tuple[str, list[str]]:
    above, lines = fitted(grids, most)
    return above, [text_of(line) for line in lines]


def test_a_pipe_has_every_row_whole() -> None:
    assert [text_of(line) for line in whole(TWO)] == [
        "task        prompt  metric     n  note",
        "arithmetic  p       accuracy  10",
        "arithmetic  p       f1         5",
        "reading     p       accuracy   7",
    ]


def test_what_is_equal_stands_above_and_labels_are_not_repeated() -> None:
    assert texts([TWO], 80) == (
        "prompt p",
        [
            "task        metric     n",
            "────────────────────────",
            "arithmetic  accuracy  10",
            "            f1         5",
            "reading     accuracy   7",
        ],
    )


def test_where_it_is_too_wide_tasks_stand_in_lines_of_their_own() -> None:
    assert texts([TWO], 21)[1] == [
        "  metric     n",
        "──────────────",
        "arithmetic",
        "  accuracy  10",
        "  f1         5",
        "reading",
        "  accuracy   7",
    ]


def test_a_gap_of_one_is_taken_before_more_lines_are() -> None:
    assert texts([TWO], 22)[1][2] == "arithmetic accuracy 10"


def test_of_grids_the_one_with_fewest_lines_is_taken_and_of_these_the_first() -> None:
    tall = Grid(COLUMNS[3:4], (*((cell(str(place)),) for place in range(9)),))
    less = grid("a/p/m/10/", "b/p/m/5/", "c/p/m/7/")
    assert texts([tall, TWO], 80)[0] == "prompt p"
    assert texts([TWO, less], 80)[1][2].startswith("arithmetic")
    assert texts([TWO, tall], 4)[1][-1] == "8"


def test_only_at_last_are_names_shortened_and_keep_their_ends() -> None:
    assert texts([grid("x/p/one_long_metric/1/", "x/q/another_long_metric/2/")], 14)[1] == [
        "  metric     n",
        "──────────────",
        "x, p",
        "  …ng_metric 1",
        "x, q",
        "  …ng_metric 2",
    ]


def test_on_a_narrow_terminal_no_number_is_cut() -> None:
    """The forecast's table, which does not fit: its rows are as wide as they are, its headings are shortened."""
    asked = ("superglue/a_task_with_quite_a_long_name", "a_prompt_with_a_long_name", "32", "0")
    numbers = ("1,000", "0", "250,000", "123,456", "50 %", "12 min", "1.3 GB")
    for last in ("together", "superglue/rte"):
        rows = (asked + numbers, (last, "", "", "", *numbers))
        _, lines = texts([Grid(FORECAST, tuple(tuple(map(cell, row)) for row in rows), frozenset({1}))], 50)
        told = [line.split() for line in lines]
        assert told[0] == ["requests", "answered", "tokens", "to", "read", "shared", "time", "memory"]
        assert [" ".join(line) for line in told if "1,000" in line] == 2 * [" ".join(numbers)]
        assert set(lines[1]) == {"─"}
        (heading,) = [line for line in lines if line.startswith("…")]
        assert width(heading) == 50
        assert heading.endswith("32 shots, seed 0")


def test_a_row_that_stands_out() -> None:
    _, lines = fitted([grid("a/p/m/1/", "b/p/m/2/", strong=frozenset({1}))], 80)
    assert {style for _, style in lines[-1]} == {"bold"}
    assert {style for _, style in lines[-2]} == {""}


def test_of_one_row_its_task_and_metric_stay() -> None:
    kept, above = settled(grid("a/p/m/1/"))
    assert [column.title for column in kept.columns] == ["task", "metric", "n"]
    assert above == "prompt p"


def test_names_of_strangers_do_no_harm() -> None:
    assert text_of(cell("a\x1b[31m\nb\x07")) == "a\ufffd[31m b\ufffd"
    assert one_line("a\r\n b") == "a b"


def test_width_and_shortening() -> None:
    assert [width(text) for text in ("ab", "−1", "日本", "e\u0301")] == [2, 2, 4, 1]
    assert shortened("abcdef", 4) == "…def"
    assert shortened("abcdef", 4, keep_end=False) == "abc…"
    assert shortened("日本語", 4) == "…語"
    assert shortened("abc", 3) == "abc"
    assert shortened("abc", 0) == ""
