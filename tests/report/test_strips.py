"""Spread over prompts and seeds."""

from evalkit.report.drawing import on_page
from evalkit.report.strips import spread_drawing
from tests.report.made_up import result, series, variation
from tests.report.test_figures import texts

VALUES = {("plain", 0): 0.4, ("plain", 1): 0.5, ("odd", 0): 0.6, ("odd", 1): 0.7}


def run(**more):
    own = [result(shots=2, prompt=prompt, seed=seed, value=value) for (prompt, seed), value in VALUES.items()]
    both = variation(values=tuple(VALUES.values()), prompts=("plain", "odd"))
    return series(*own, result(shots=2, metric="f1"), variations=[both], **more)


def test_every_seed_of_every_prompt_is_told_with_the_mean() -> None:
    drawing = spread_drawing(run())
    assert drawing is not None
    assert drawing.words == (
        "Spread over prompts and seeds, shares in percent. s/a accuracy at 2 shots: plain 40.0, 50.0 | "
        "odd 60.0, 70.0 | mean 55.0 (25.0 to 85.0)"
    )
    page = on_page(drawing)
    assert {"plain", "odd", "mean", "a, 2 shots"} <= set(texts(page))
    assert "style" not in page


def test_the_most_shots_of_the_first_metric_are_shown() -> None:
    settings = [(shots, seed) for shots in (1, 2) for seed in (0, 1, 2)]
    own = [result(shots=shots, seed=seed, metric=metric) for shots, seed in settings for metric in ("accuracy", "f1")]
    means = [variation(shots=1), variation(shots=2), variation(shots=2, metric="f1")]
    drawing = spread_drawing(series(*own, variations=means))
    assert drawing is not None
    assert drawing.words.count("mean") == 1
    assert "at 2 shots" in drawing.words


def test_prompts_that_are_measured_otherwise_have_strips_of_their_own() -> None:
    own = [result(shots=2, prompt=prompt, seed=seed) for prompt in ("plain", "odd") for seed in (0, 1, 2)]
    drawing = spread_drawing(series(*own, variations=[variation(), variation(prompts=("odd",))]))
    assert drawing is not None
    assert drawing.words.count("mean 50.0") == 2


def test_without_several_there_is_none() -> None:
    assert spread_drawing(series(result())) is None
    assert spread_drawing(series(variations=[variation()])) is None


def test_what_a_page_has_no_room_for_is_told_in_words() -> None:
    own = [result(f"s/t{place}", shots=2, seed=seed) for place in range(3) for seed in range(3)]
    one = series(*own, variations=[variation(f"s/t{place}") for place in range(3)])
    drawing = spread_drawing(one, most=2)
    assert drawing is not None
    assert ". Not drawn: s/t2 accuracy at 2 shots: plain 50.0, 50.0, 50.0" in drawing.words
    assert "t2, 2 shots" not in texts(on_page(drawing))
