"""Fits as a user asks for them: the published refit, families of runs, forecasts, and what is refused."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import evalkit
from evalkit.errors import DataError, RunError, UsageError
from evalkit.scaling.family import measure_of
from evalkit.scaling.fit import Asked, conclude, fit_scaling
from evalkit.scaling.points import ERROR
from evalkit.scaling.record import json_text
from evalkit.schema import Result
from tests.scaling.conftest import COPA, RTE, SIZES, chinchilla, points

EPOCH = {"parameters": "N_params", "tokens": "D_tokens", "compute": "train_flop"}
RESULT = Result("t", "p", 0, 0, "accuracy", 0.7, 0.6, 0.8, 9, 9, 0, 0, 0, "t|model:a")


def grid(count=60, seed=1, noise=0.005):
    random = np.random.default_rng(seed)
    n, d = np.exp(random.uniform(18, 24, count)), np.exp(random.uniform(21, 26, count))
    return points(n, chinchilla(n, d) * np.exp(random.normal(0, noise, count)), d)


def line(sizes=SIZES, alpha=0.08, **more):
    return points(sizes, 20 * np.array(sizes) ** -alpha * (1 + 0.01 * np.cos(np.arange(len(sizes)))), **more)


@pytest.mark.shared
def test_the_published_refit(shared) -> None:
    """Besiroglu et al. 2024, 240 points: E, alpha and beta within .01, A within 5 %, B within 10 %."""
    path = shared / "published" / "15_scaling_points_epoch.csv"
    found = fit_scaling(
        points=path,
        law="chinchilla",
        columns=EPOCH,
        drop=("outlier_dropped", "yes"),
        at=[(70e9, 1.4e12)],
        budgets=[5.76e23],
        bootstrap=200,
    )
    assert (len(found.points), found.dropped) == (240, 5)
    own = {name: number.value for name, number in found.constants.items()}
    assert own["E"] == pytest.approx(1.8172, abs=0.01)
    assert own["alpha"] == pytest.approx(0.3478, abs=0.01)
    assert own["beta"] == pytest.approx(0.3658, abs=0.01)
    assert own["A"] == pytest.approx(482, rel=0.05)
    assert own["B"] == pytest.approx(2085, rel=0.10)
    assert found.objective < 0.0010183  # theirs is .00101864
    assert found.constants["E"].stderr == pytest.approx(0.03, abs=0.01)  # theirs: .03, 125, 1293, .02, .02
    assert found.constants["A"].stderr == pytest.approx(124.58, rel=0.3)
    assert found.constants["alpha"].stderr == pytest.approx(0.02, abs=0.01)
    assert found.frontier is not None
    assert found.frontier.a.value == pytest.approx(0.512, abs=0.01)
    (budget,) = found.frontier.budgets
    assert budget.ratio.value == pytest.approx(18.4, abs=1.5)
    assert budget.advised["Hoffmann"] == pytest.approx(92.6, abs=0.1)


@pytest.mark.shared
def test_with_the_outliers_it_is_another_law(shared) -> None:
    path = shared / "published" / "15_scaling_points_epoch.csv"
    found = fit_scaling(points=path, law="chinchilla", columns=EPOCH, bootstrap=0)
    assert found.constants["beta"].value == pytest.approx(0.4519, abs=0.01)
    assert found.constants["E"].low is None
    assert found.objective == pytest.approx(0.00182601, rel=1e-3)


def test_a_family_of_runs(family) -> None:
    runs = family()
    found = fit_scaling(*runs, task=COPA, at=[70e9], bootstrap=50)
    assert found.constants["alpha"].value == pytest.approx(0.1, abs=1e-6)
    assert found.measure.unit == "1 − accuracy"
    assert [one.name for one in found.points] == [f"org/m{place}" for place in range(6)]
    assert [one.parameters for one in found.points] == list(SIZES)
    first = found.points[0]
    assert (first.value, first.low, first.high) == (pytest.approx(0.5), pytest.approx(0.47), pytest.approx(0.52))
    (forecast,) = found.forecasts
    assert forecast.loss.value == pytest.approx(0.5 * 1000**-0.1)
    assert forecast.times == pytest.approx(70 / 6.9)
    assert any("chance not removed" in note for note in found.notes)
    assert found.papers == ()
    assert evalkit.fit_scaling is fit_scaling


def test_tasks_have_to_be_told_apart(family) -> None:
    runs = family()
    with pytest.raises(UsageError, match=f"share several tasks; say which: {COPA}, accuracy, 1 shot, {RTE}"):
        fit_scaling(*runs)
    with pytest.raises(UsageError, match=f"--task superglue/cb: no run has it. They have {COPA}, {RTE}"):
        fit_scaling(*runs, task="superglue/cb")
    with pytest.raises(UsageError, match=r"no run has a loss or an error with metric f1, 7 shots\. They have"):
        fit_scaling(*runs, metric="f1", shots=7)
    assert fit_scaling(*runs, task=RTE, shots=0, bootstrap=0).measure.name == f"{RTE}, accuracy, 0 shots"


def test_tokens_are_given_by_the_model_or_for_all(family, tmp_path) -> None:
    runs = family(sizes=(7e7, 1e8, 2e8, 4e8, 8e8, 2e9, 4e9))
    tokens = {f"m{place}": 1e10 * (1 + place % 3) for place in range(6)} | {"org/m6": 4e10}
    found = fit_scaling(*runs, task=COPA, law="chinchilla", tokens=tokens, bootstrap=0)
    assert [one.tokens for one in found.points] == [1e10, 2e10, 3e10, 1e10, 2e10, 3e10, 4e10]
    assert found.points[0].compute == 6 * 7e7 * 1e10
    with pytest.raises(
        UsageError, match="the points have 1 different number of training tokens; to tell the term of D"
    ):
        fit_scaling(*runs, task=COPA, law="chinchilla", tokens=3e11)
    with pytest.raises(
        UsageError, match=r"run0: the training tokens of org/m0 are not known \(nor of 6 more\). Give --tok"
    ):
        fit_scaling(*runs, task=COPA, law="chinchilla")
    with pytest.raises(UsageError, match="sizes are given of m7; the runs are of org/m0, org/m1"):
        fit_scaling(*runs, task=COPA, tokens={"m7": 1})
    sizes = tmp_path / "sizes.csv"
    sizes.write_text("model,tokens,parameters\n" + "".join(f"m{place},{place + 1}e10,\n" for place in range(9)))
    found = fit_scaling(*runs, task=COPA, against="compute", points=sizes, parameters={"m0": 6e7}, bootstrap=0)
    assert (found.points[0].parameters, found.points[0].compute, found.points[6].tokens) == (6e7, 3.6e18, 7e10)
    sizes.write_text("model,tokens,parameters\n" + "".join(f" m{place} ,{place + 1}e10,9e9\n" for place in range(9)))
    found = fit_scaling(*runs, task=COPA, against="compute", points=sizes, parameters={"m0": 6e7}, bootstrap=0)
    assert (found.points[0].parameters, found.points[0].compute) == (6e7, 3.6e18)
    assert {one.parameters for one in found.points[1:]} == {9e9}


def test_runs_that_were_not_asked_alike_are_noted(family) -> None:
    runs = family()
    content = json.loads((runs[0] / "results.json").read_text())
    for one in content["results"]:
        one["signature"] = one["signature"].replace("prompt:", "prompt:other-")
        one |= {"value": 1.0} if one["task"] == RTE else {}
    (runs[0] / "results.json").write_text(json.dumps(content))
    (runs[1] / "results.json").write_text(
        json.dumps({"format": 5, "results": [one for one in content["results"] if one["task"] == RTE]})
    )
    notes = fit_scaling(*runs, task=COPA, bootstrap=0).notes
    assert any("were not asked alike" in note for note in notes)
    assert f"{COPA}, accuracy, 1 shot: no number in the run of org/m1" in notes
    notes = fit_scaling(*runs, task=RTE, bootstrap=0).notes
    assert "org/m0 was left out: 1 − accuracy is 0, and a power law never is" in notes


@pytest.mark.parametrize(
    ("metric", "value", "kind", "unit"),
    [
        ("accuracy", 0.7, "error", "1 − accuracy"),
        ("average", 0.7, "error", "1 − average"),
        ("token_perplexity", math.e, "loss", "nats per token of the model's own"),
        ("bits_per_byte", 1.2, "bits_per_byte", "bits per byte"),
        ("ter", 0.4, "error", "ter"),
        ("toxicity_probability", 0.4, "error", "toxicity_probability"),
    ],
)
def test_what_a_metric_is_as_a_loss(metric, value, kind, unit) -> None:
    found = measure_of(replace(RESULT, metric=metric, value=value))
    assert found is not None
    assert (found[0].kind, found[0].unit, found[0].is_nats) == (kind, unit, False)


@pytest.mark.parametrize(
    "metric", ["stereotype_preference", "mean_sentiment", "bias_ambiguous", "matthews", "brier_score"]
)
def test_what_is_no_loss(metric) -> None:
    assert measure_of(replace(RESULT, metric=metric)) is None


@pytest.mark.parametrize(
    ("metric", "is_share"), [("accuracy", True), ("toxicity_probability", True), ("ter", False), ("average", False)]
)
def test_only_of_a_mean_of_shares_is_it_known_that_it_ends_at_1(metric, is_share) -> None:
    found = measure_of(replace(RESULT, metric=metric))
    assert found is not None
    assert found[0].is_share is is_share
    own = line(kind=ERROR)
    fit = conclude(replace(own, measure=replace(own.measure, is_share=is_share)), Asked(at=[(1.0,)], bootstrap=0))
    assert any("is an error above 1" in note for note in fit.notes) is is_share


def rewritten(runs, change):
    """The runs with other results: `change` makes one, or several, of one."""
    for run in runs:
        content = json.loads((run / "results.json").read_text())
        content["results"] = [new for one in content["results"] for new in change(one)]
        (run / "results.json").write_text(json.dumps(content))
    return runs


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("brier_score", "known by name alone, not which of its numbers are good"),
        ("matthews", "between -1 and 1, so no share"),
        ("bias_ambiguous", "neither a loss nor a share of what is right or wrong"),
    ],
)
def test_what_is_no_loss_is_left_out_and_it_is_said_why(family, metric, why) -> None:
    runs = rewritten(family(), lambda one: [one | {"metric": metric} if one["task"] == RTE else one])
    found = fit_scaling(*runs, bootstrap=0)
    assert found.measure.name == f"{COPA}, accuracy, 1 shot"
    assert f"left out, as it is {why}: {RTE} {metric}" in found.notes
    with pytest.raises(UsageError, match=f"with metric {metric}; left out, as it is {why}: {RTE} {metric}. They have"):
        fit_scaling(*runs, metric=metric)


def test_that_one_seed_counts_is_noted(family) -> None:
    said = f"{COPA}, accuracy, 1 shot: of seed 0 alone; the runs have seeds 0, 7"
    runs = family()
    assert said not in fit_scaling(*runs, task=COPA, bootstrap=0).notes
    rewritten(runs, lambda one: [one, one | {"seed": 7}])
    assert said in fit_scaling(*runs, task=COPA, bootstrap=0).notes


def test_runs_are_alike_whose_data_differ_in_name_alone(family) -> None:
    runs = family()

    def more(one):
        return [one | {"signature": one["signature"].replace("|data:", "|data:more+")}]

    assert all("|data:" in one["signature"] for one in json.loads((runs[0] / "results.json").read_text())["results"])
    rewritten(runs[:2], more)
    assert not any("were not asked alike" in note for note in fit_scaling(*runs, task=COPA, bootstrap=0).notes)


@pytest.mark.parametrize(("law", "count"), [("power", 3), ("irreducible", 4), ("chinchilla", 6)])
def test_too_few_points_are_refused(law, count) -> None:
    own = grid(count)
    assert conclude(own, Asked(law, bootstrap=0)).law == law
    few = replace(own, points=[*own.points[: count - 1], own.points[0]])  # one twice
    with pytest.raises(UsageError, match=f"{count} points with {count - 1} different .* constants and needs {count}"):
        conclude(few, Asked(law))


def test_forecasts_far_away_and_narrow_ranges_are_noted() -> None:
    found = conclude(line(), Asked(at=[(70e9,), (1e9,), (1e6,)], bootstrap=500))
    far, within, below = found.forecasts
    assert (far.times, within.times, below.times) == (pytest.approx(70 / 6.9), 1, pytest.approx(70))
    assert sum("times outside of the points" in note for note in found.notes) == 2
    assert far.loss.low < far.loss.value < far.loss.high
    assert far.low < far.loss.low
    assert far.high > far.loss.high
    assert far.loss.high - far.loss.low > within.loss.high - within.loss.low
    narrow = conclude(line((1e9, 2e9, 3e9, 4e9)), Asked(bootstrap=0))
    assert "the parameters span a factor of 4, less than a decade: an exponent can hardly be told" in narrow.notes
    assert any(note.startswith("4 points are few") for note in narrow.notes)


def test_what_rises_or_has_no_constant_is_noted() -> None:
    rising = conclude(line(alpha=-0.1), Asked(bootstrap=0))
    assert "made up: by this fit it rises with parameters: this is no scaling law" in rising.notes
    assert rising.constants["Nc"].value == math.inf
    bare = conclude(points(SIZES, 20 * np.array(SIZES) ** -0.08), Asked("irreducible", bootstrap=0))
    assert any(note.startswith("made up: E is 0") for note in bare.notes)


def test_of_error_papers_say_nothing_and_an_error_above_1_is_noted() -> None:
    found = conclude(line(kind=ERROR), Asked(at=[(1.0,)], bootstrap=0))
    assert found.papers == ()
    assert any("is an error above 1" in note for note in found.notes)
    assert conclude(line(), Asked(bootstrap=0)).papers[0].label == "Kaplan"


def test_the_frontier_is_where_the_loss_is_smallest() -> None:
    found = conclude(grid(), Asked("chinchilla", at=[(1e10, 2e11)], budgets=[1.2e22], bootstrap=60))
    assert found.frontier is not None
    (budget,) = found.frontier.budgets
    assert budget.parameters.value * budget.tokens.value * 6 == pytest.approx(1.2e22)
    (forecast,) = found.forecasts
    assert forecast.compute == pytest.approx(1.2e22)
    assert forecast.loss.value >= budget.loss.value
    assert budget.ratio.low <= budget.ratio.value <= budget.ratio.high
    assert list(budget.advised) == ["Hoffmann", "Hoffmann, exact", "Besiroglu"]
    a, b = found.frontier.a, found.frontier.b
    assert a.value + b.value == pytest.approx(1)
    (size, best), *_ = found.frontier.best
    assert best.low <= best.value <= best.high
    assert found.curve[0][0] == size


def test_json_has_no_number_that_is_none() -> None:
    flat = points(SIZES, [2.0] * len(SIZES))
    told = json.loads(json_text([conclude(flat, Asked(bootstrap=5))]))
    assert told["format"] == 1
    assert told["fits"][0]["constants"]["alpha"]["value"] == pytest.approx(0, abs=1e-6)
    assert len(told["fits"][0]["points"]) == len(SIZES)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "nothing to fit: give run folders of several models, or --points FILE.csv"),
        ({"law": "cubic"}, "no law 'cubic'; there are power, irreducible, chinchilla"),
        ({"against": "width"}, "no size 'width'; there are parameters, tokens, compute"),
        ({"law": "chinchilla", "against": "compute"}, "leave --against out"),
        ({"budgets": [1e21]}, "told by --law chinchilla alone"),
        ({"law": "chinchilla", "at": [7e10]}, "at parameters and tokens, such as 70B:1.4T"),
        ({"at": [(7e10, 1e12)]}, "--at: power forecasts at parameters alone, such as 70B"),
        ({"at": [-1.0]}, "are positive numbers"),
        ({"points": "p.csv", "task": COPA}, "are asked of runs; --points has its own"),
    ],
)
def test_what_does_not_fit_together_is_refused(settings, message) -> None:
    with pytest.raises(UsageError, match=message):
        fit_scaling(**settings)


def test_runs_have_to_be_there_and_enough(family, tmp_path) -> None:
    with pytest.raises(RunError, match="no run here"):
        fit_scaling(tmp_path / "none")
    runs = family(sizes=(1e8, 1e9))
    with pytest.raises(
        UsageError, match=r"too few points: the law needs 3 models .* Runs that have it: superglue/copa 2"
    ):
        fit_scaling(*runs)
    with pytest.raises(UsageError, match="--drop leaves out lines of --points"):
        fit_scaling(*runs, drop=("a", "b"))
    with pytest.raises(UsageError, match="--columns names columns of --points, and there is none"):
        fit_scaling(*runs, columns={"loss": "nll"})
    (tmp_path / "p.csv").write_text("model,loss\n")
    with pytest.raises(DataError, match="Beside runs"):
        fit_scaling(*runs, points=tmp_path / "p.csv")
