"""Score against parameters."""

from evalkit.report.drawing import on_page
from evalkit.report.sizes import parameters_drawing
from tests.report.made_up import diagnosis, over_shots, result, series
from tests.report.test_figures import texts


def family(*sizes: int):
    return [
        series(*over_shots({0: 0.1 * place, 4: 0.2 * place}), label=f"m{place}", parameters=size)
        for place, size in enumerate(sizes)
    ]


def test_every_point_is_told() -> None:
    drawing = parameters_drawing(family(1_300_000_000, 125_000_000))
    assert drawing is not None
    assert drawing.words == (
        "Score by the model's parameters, shares in percent. s/a accuracy: 0 shots: 10.0 of 125M, 0.0 of 1.3B | "
        "4 shots: 20.0 of 125M, 0.0 of 1.3B"
    )
    page = on_page(drawing)
    assert {"0 shots", "4 shots", "125M", "1.3B", "parameters"} <= set(texts(page))
    assert "style" not in page


def test_what_has_one_size_is_no_line() -> None:
    assert parameters_drawing(family(1000)) is None
    assert parameters_drawing(family(1000, 1000)) is None
    assert parameters_drawing(family(1000, 0)) is None  # imported: not known
    apart = [series(result(), parameters=1000), series(result(shots=1), parameters=2000)]
    assert parameters_drawing(apart) is None


def test_seeds_and_baselines_are_told() -> None:
    seeds = [result(shots=1, seed=seed, value=0.4 + 0.2 * seed) for seed in range(2)]
    runs = [series(*seeds, parameters=10**size, diagnoses=[diagnosis(random=0.25)]) for size in (3, 6)]
    drawing = parameters_drawing(runs)
    assert drawing is not None
    assert drawing.words.endswith(
        "s/a accuracy: 1 shot: 50.0 (40.0 to 60.0 over 2 seeds) of 1K, 50.0 (40.0 to 60.0 over 2 seeds) of 1M | "
        "guessing 25.0"
    )
    assert "guessing" in texts(on_page(drawing))


def test_the_sizes_have_their_unit() -> None:
    drawing = parameters_drawing(family(999_700_000, 260_000))
    assert drawing is not None
    assert drawing.words.endswith("20.0 of 260K, 0.0 of 1B")


def test_a_line_is_of_one_prompt() -> None:
    prompts = ("own", "plain", "plain", "odd")
    runs = [
        series(result(prompt=prompt, value=place / 10), label=f"m{place}", parameters=1000 * 10**place)
        for place, prompt in enumerate(prompts)
    ]
    drawing = parameters_drawing(runs)
    assert drawing is not None
    assert drawing.words.endswith(
        "s/a accuracy: 0 shots: 10.0 of 10K, 20.0 of 100K | prompt plain alone, without m0 (own), m3 (odd)"
    )
    assert "1M" not in texts(on_page(drawing))
    assert parameters_drawing([runs[0], *runs[2:]]) is None


def test_a_prompt_that_is_not_a_runs_first_is_named_and_has_its_own_baselines() -> None:
    first = series(result(prompt="own"), result(value=0.1), diagnoses=[diagnosis(random=0.25)])
    drawing = parameters_drawing([first, series(result(), parameters=10**6)])
    assert drawing is not None
    assert drawing.words.endswith("0 shots: 10.0 of 1K, 50.0 of 1M | guessing 25.0 | prompt plain alone")
