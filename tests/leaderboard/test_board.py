"""Columns never mix what was asked differently; the latest run stands, others are history; steps down are marked."""

from itertools import pairwise

import pytest

from evalkit.leaderboard.board import make_board
from evalkit.leaderboard.gather import gather
from evalkit.leaderboard.history import changed
from tests.leaderboard.made_up import make_run, number


@pytest.fixture
def board(tmp_path):
    def make(*runs):
        for place, (numbers, *more) in enumerate(runs):
            make_run(tmp_path / f"run{place}", numbers, **(more[0] if more else {}))
        return make_board(gather([str(tmp_path)], {}).runs)

    return make


def names(board):
    return [(one.key.task, one.key.shots, one.key.metric) for one in board.columns]


def test_what_is_asked_alike_is_one_column(board):
    one = board(
        ([number(value=0.5)], {"model": "a", "version": "1", "evalkit": "0.1.0"}),
        ([number(value=0.9)], {"model": "b", "version": "2", "dtype": "bfloat16", "evalkit": "0.2.0"}),
    )
    assert len(one.columns) == 1
    assert [(model.name, model.cells[0].ranks) for model in one.models] == [("a", (2, 2)), ("b", (1, 1))]
    assert [model.rank for model in one.models] == [(2.0, 2.0), (1.0, 1.0)]


def test_other_signatures_are_other_columns_that_say_what_differs(board):
    one = board(
        ([number()], {"model": "a", "asked": "data:d@1"}),
        ([number()], {"model": "b", "asked": "data:d@2|limit:10"}),
        ([number("x/y")], {"model": "a", "day": 2}),
    )
    assert len(one.columns) == 3
    assert [column.differs for column in one.columns] == [("data:d@1",), ("data:d@2", "limit:10"), ()]
    assert all(cell.ranks == (1, 1) for model in one.models for cell in model.cells.values())
    assert all(model.rank is None for model in one.models)


def test_an_ending_in_the_middle_of_a_signature_is_taken_out(board):
    ending = "|model:a@v1|dtype:float32|evalkit:0.1.0"
    one = board(([number(signature=f"t@1{ending}|tok:13a")], {"model": "a"}))
    assert one.columns[0].key.signature == "t@1|tok:13a"
    run = one.models[0].runs[0]
    assert run.entry.signature(run.entry.numbers[0]) == f"t@1{ending}|tok:13a"


def test_imported_numbers_of_two_models_are_one_column(board):
    """Their signatures end with the other tool's version."""
    one = board(
        *(
            ([number(signature=f"lm_eval:copa@1|shots:0|model:{name}@v1|dtype:float32|lm_eval:0.4")], {"model": name})
            for name in "ab"
        )
    )
    assert [(column.key.signature, column.models) for column in one.columns] == [
        ("lm_eval:copa@1|shots:0|lm_eval:0.4", 2)
    ]
    assert [model.runs[0].entry.signature(model.cells[0].now.number) for model in one.models] == [
        f"lm_eval:copa@1|shots:0|model:{name}@v1|dtype:float32|lm_eval:0.4" for name in "ab"
    ]


def test_a_foreign_signature_stays_whole(board):
    one = board(([number(signature="by another harness")], {"model": "a"}))
    assert one.columns[0].key.signature == "by another harness"
    assert one.models[0].runs[0].entry.signature(one.models[0].cells[0].now.number) == "by another harness"


def test_each_dtype_of_a_model_is_a_row(board):
    one = board(([number()], {"dtype": "float32"}), ([number()], {"dtype": "bfloat16"}))
    assert [(model.name, model.dtype) for model in one.models] == [("m", "bfloat16"), ("m", "float32")]
    assert len({model.slug for model in one.models}) == 2


def test_names_that_differ_in_case_have_pages_that_differ_otherwise(board):
    one = board(([number()], {"model": "Model/../x"}), ([number()], {"model": "model/../x"}))
    slugs = [model.slug.lower() for model in one.models]
    assert len(set(slugs)) == 2
    assert not any("/" in slug or slug.startswith(".") for slug in slugs)


def test_columns_stand_in_order_averages_first_and_parts_stay_out(board):
    one = board(
        (
            [
                number("b/t", shots=8),
                number("b/t", shots=0, metric="macro_f1"),
                number("b/t", shots=0),
                number("b", metric="average"),
                number("b/t", subset="gender=female"),
                number("b/t", subset="easy"),
            ],
        )
    )
    assert [(*name, column.key.subset) for name, column in zip(names(one), one.columns, strict=True)] == [
        ("b", 0, "average", ""),
        ("b/t", 0, "accuracy", ""),
        ("b/t", 0, "macro_f1", ""),
        ("b/t", 0, "accuracy", "easy"),
        ("b/t", 8, "accuracy", ""),
    ]
    assert [column.is_main for column in one.columns] == [True, False, True, False, True]
    assert one.shared == [2, 4]


def test_the_latest_run_stands_and_the_others_are_its_history(board):
    one = board(
        ([number(value=0.7)], {"version": "new", "day": 9}),
        ([number(value=0.5)], {"version": "old", "day": 2}),
        ([number("other/task")], {"version": "newest", "day": 10}),
    )
    cell = one.models[0].cells[1]
    assert [point.run.entry.version for point in cell.points] == ["old", "new"]
    assert cell.now.number.value == 0.7


STEPS = [  # value, half the width; whether it is a regression after the one before
    (0.70, 0.04, False),
    (0.66, 0.04, False),  # overlaps
    (0.57, 0.04, True),  # its upper end is 0.61, the lower one before 0.62
    (0.57, 0.04, False),
    (0.80, 0.04, False),  # a step up
    (0.20, None, False),  # no interval, nothing is known
    (0.10, 0.01, False),
]


@pytest.mark.parametrize("metric", ["accuracy", "mean_toxicity"])
def test_a_step_down_to_an_interval_wholly_below_is_a_regression(board, metric):
    """Of a metric of which less is better, the same steps mirrored."""
    runs = [
        ([number(value=value if metric == "accuracy" else 1 - value, half=half, metric=metric)], {"day": day})
        for day, (value, half, _) in enumerate(STEPS, 1)
    ]
    points = board(*runs).models[0].cells[0].points
    assert [point.is_regression for point in points] == [is_one for *_, is_one in STEPS]


def test_what_changed_beside_the_number_is_said(board):
    points = (
        board(
            ([number()], {"version": "a", "evalkit": "0.1.0", "day": 1}),
            ([number()], {"version": "b", "evalkit": "0.1.0", "day": 2}),
            ([number()], {"version": "b", "evalkit": "0.2.0", "day": 3}),
            ([number()], {"version": "b", "evalkit": "0.2.0", "day": 4}),
        )
        .models[0]
        .cells[0]
        .points
    )
    steps = [changed(before, now) for before, now in pairwise(points)]
    assert steps == [["weights"], ["evalkit 0.1.0 to 0.2.0"], []]
