"""Score against shots: what is drawn of runs, and the same in words."""

import re

import pytest

from evalkit.report.drawing import on_page, on_paper
from evalkit.report.figures import caption, legend_rows, shots_drawing
from evalkit.report.series import Mark, Point, panels
from tests.report.made_up import HOSTILE, beside, diagnosis, over_shots, result, series, variation


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def words(*runs, **more) -> str:
    drawing = shots_drawing(runs, **more)
    assert drawing is not None
    return drawing.words.removeprefix("Score by number of shots, shares in percent. ")


def test_every_point_is_told() -> None:
    one = series(*over_shots({4: 0.25, 0: 0.5}), *over_shots({0: 12.5, 2: 1.5}, task="s/b", metric="perplexity"))
    assert words(one) == "s/a accuracy: 50.0 at 0, 25.0 at 4; s/b perplexity: 12.5 at 0, 1.500 at 2"


def test_the_first_metric_is_drawn_and_parts_are_not() -> None:
    more = [result(metric="f1"), result(subset="kind=x"), result(scorer="s@1")]
    one = series(*over_shots({0: 0.1, 1: 0.2}), *more, *over_shots({0: 0.3, 1: 0.4}, task="s", metric="average"))
    assert words(one) == "s/a accuracy: 10.0 at 0, 20.0 at 1; s average: 30.0 at 0, 40.0 at 1"


def test_averages_come_last_and_other_tasks_in_their_order() -> None:
    found = panels([series(result("s", metric="average"), result("s/b"), result("s/a"))])
    assert [panel.task for panel in found] == ["s/b", "s/a", "s"]


def test_seeds_are_a_mean_with_the_lowest_and_the_highest() -> None:
    values = (0.4, 0.5, 0.6)
    own = [result(shots=2, seed=seed, value=value) for seed, value in enumerate(values)]
    one = series(result(), *own, variations=[variation(shots=1), variation(values=values)])
    assert words(one) == "s/a accuracy: 50.0 at 0, 50.0 (40.0 to 60.0 over 3 seeds) at 2"
    (curve,) = panels([one])[0].curves
    assert curve.points[0] == Point(0, 0.5, 0.4, 0.6, 1, 0.5, 0.5)
    assert curve.points[1] == Point(2, 0.5, pytest.approx(0.2), pytest.approx(0.8), 3, 0.4, 0.6)
    assert "the band reaches from the lowest seed" in caption([one])
    assert "lowest to highest seed" in texts(on_page(shots_drawing([one])))


@pytest.mark.parametrize("other", [{"prompts": ("plain", "odd")}, {"seeds": (0, 1)}, {"shots": 1}, {"metric": "f1"}])
def test_an_interval_of_other_seeds_or_prompts_is_not_taken(other) -> None:
    own = [result(shots=2, seed=seed) for seed in range(3)]
    (curve,) = panels([series(*own, variations=[variation(**other)])])[0].curves
    assert (curve.points[0].low, curve.points[0].high) == (None, None)


def test_the_first_prompt_is_the_line_and_the_others_are_thin() -> None:
    one = series(*over_shots({0: 0.1, 1: 0.2}), *over_shots({0: 0.3, 1: 0.4}, prompt="odd"))
    assert words(one) == "s/a accuracy: 10.0 at 0, 20.0 at 1 | prompt odd 30.0 at 0, 40.0 at 1"
    assert "thin lines are the other prompts" in caption([one])
    assert "other prompts" in texts(on_page(shots_drawing([one])))


def test_prompts_are_named_where_runs_differ_in_their_first() -> None:
    runs = [series(*over_shots({0: 0.1, 1: 0.2}, prompt=prompt), label=prompt[0]) for prompt in ("plain", "odd")]
    assert words(*runs) == "s/a accuracy: p prompt plain 10.0 at 0, 20.0 at 1 | o prompt odd 10.0 at 0, 20.0 at 1"


def test_several_runs_have_colours_and_a_legend() -> None:
    runs = [series(*over_shots({0: 0.1, 1: place / 10}), label=f"model {place}") for place in range(3)]
    assert words(*runs) == (
        "s/a accuracy: model 0 10.0 at 0, 0.0 at 1 | model 1 10.0 at 0, 10.0 at 1 | model 2 10.0 at 0, 20.0 at 1"
    )
    page = on_page(shots_drawing(runs))
    assert {"model 0", "model 1", "model 2"} <= set(texts(page))
    assert {f"var(--series-{place})" for place in (1, 2, 3)} <= set(re.findall(r"var\(--series-\d\)", page))


def test_baselines_are_told_and_named() -> None:
    one = series(*over_shots({0: 0.1, 1: 0.2}), diagnoses=[diagnosis(random=0.25, majority=0.5, longest=0.3)])
    assert words(one) == "s/a accuracy: 10.0 at 0, 20.0 at 1 | guessing 25.0 | majority 50.0"
    assert {"guessing", "majority"} <= set(texts(on_page(shots_drawing([one]))))
    other = series(*over_shots({0: 0.1, 1: 0.2}), diagnoses=[diagnosis("s/b", random=0.25)])
    assert "guessing" not in words(other)


@pytest.mark.parametrize(
    ("theirs", "mark"),
    [
        (beside(0, 60.0, setting="zero-shot"), Mark("Paper 1B", 0, 0.6)),
        (beside(8, 0.7, unit="fraction"), Mark("Paper 1B", 8, 0.7)),
        (beside(8, 70.0, k_shot=32, flags=["shots"]), Mark("Paper 1B", 32, 0.7)),
        (beside(8, 70.0, setting="one-shot", flags=["shots", "split"]), Mark("Paper 1B", 1, 0.7)),
        (beside(8, 70.0, flags=["shots"]), None),
        (beside(8, 70.0, task="s/b"), None),
    ],
    ids=["zero-shot", "a fraction", "another number", "another setting", "a number that is not told", "another task"],
)
def test_a_papers_numbers_stand_where_they_were_measured(theirs, mark) -> None:
    one = series(*over_shots({0: 0.1, 8: 0.2}), beside=[theirs, theirs])
    assert panels([one])[0].marks == ((mark,) if mark else ())


def test_a_papers_numbers_are_hollow_marks() -> None:
    one = series(*over_shots({0: 0.1, 8: 0.2}), beside=[beside(8, 70.0)])
    assert words(one).endswith("| Paper 1B 70.0 at 8")
    assert "Paper 1B" in texts(on_page(shots_drawing([one])))
    assert "Hollow marks are a paper's: Paper 1B." in caption([one])


def test_one_number_of_shots_is_no_figure() -> None:
    one = series(result(), result("s/b"), *over_shots({0: 0.5, 1: 0.5}, task="s/c"))
    assert words(one) == "s/c accuracy: 50.0 at 0, 50.0 at 1"
    assert shots_drawing([series(result(), result("s/b", shots=1))]) is None
    assert shots_drawing([series()]) is None


def test_what_a_page_has_no_room_for_is_told_in_words() -> None:
    one = series(*(each for place in range(26) for each in over_shots({0: 0.5, 1: 0.5}, task=f"s/t{place}")))
    told = words(one, most=24)
    assert told.count(" accuracy: ") == 26
    assert told.partition(". Not drawn: ")[2].startswith("s/t24 accuracy: ")
    page = on_page(shots_drawing([one], most=24))
    assert "t23" in texts(page)
    assert "t24" not in texts(page)
    assert "The first 24 of 26 tasks are drawn" in caption([one])
    assert "t25" in texts(on_page(shots_drawing([one])))


def test_shares_have_one_axis_and_signed_ones_another() -> None:
    page = on_page(shots_drawing([series(*over_shots({0: 0.41, 1: 0.43}))]))
    assert {"0", "25", "50", "75", "100"} <= set(texts(page))
    signed = on_page(shots_drawing([series(*over_shots({0: -0.41, 1: 0.43}, metric="matthews"))]))
    assert {"−100", "100"} <= set(texts(signed))


def test_the_page_has_no_style_and_the_same_letters_twice() -> None:
    one = series(*over_shots({0: 0.1, 1: 0.2}), diagnoses=[diagnosis(random=0.25)], beside=[beside(1, 70.0)])
    page = on_page(shots_drawing([one]))
    assert "style" not in page
    assert "#0102" not in page
    assert page == on_page(shots_drawing([one]))


def test_hostile_names_are_text() -> None:
    own = over_shots({0: 0.1, 1: 0.2}, task=HOSTILE, metric=HOSTILE)
    runs = [series(*own, label=HOSTILE), series(*own, label="m", beside=[])]
    page = on_page(shots_drawing(runs))
    assert "<script" not in page
    assert page.count("</svg>") == 1
    assert any("alert(1)" in text for text in texts(page))
    for form in ("svg", "pdf", "png"):
        assert on_paper(shots_drawing(runs), form)


def test_rows_of_a_legend() -> None:
    assert [legend_rows(names, 6.5) for names in ([], ["a"], ["a"] * 20, ["x" * 200] * 3)] == [0, 1, 3, 3]
