"""Numbers on the clean and the dirty: by hand, from GPT-3's table C.1, and of models that have and have not seen."""

import random
from collections.abc import Sequence

import pytest

from evalkit import statistics
from evalkit.contamination.overlaps import Overlap
from evalkit.contamination.scores import SplitScore
from evalkit.contamination.split import Numbers, relative, split, units
from evalkit.schema import Example, Query, Sample, Setting
from tests.contamination.fabricated import N, overlap

GENDERS = ("feminine", "masculine")
SETTING = Setting("s/a", "plain", 0, 0)


def sample(name: str, right: bool, unit: str = "", group: str = "", gold: int = 0, **more: object) -> Sample:
    choices = ("a", "b")
    example = Example(name, {}, choices, (gold,), unit or name, group or unit or name, **more)  # type: ignore[arg-type]
    return Sample(Query(example, ()), (), gold if right else 1 - gold, False, 0, 0)


def found(*statuses: bool | None, share: float = 0.9) -> dict[str, Overlap]:
    return {str(place): overlap("s/a", str(place), dirty, share=share) for place, dirty in enumerate(statuses)}


def one(samples: Sequence[Sample], known: dict[str, Overlap], metric: str = "accuracy") -> SplitScore:
    (score,) = split(SETTING, samples, [Numbers(metric, "", "signature")], known, N)
    return score


@pytest.mark.parametrize(
    ("task", "whole", "clean", "printed"),
    [  # Brown et al. 2020, table C.1: all score, clean score, relative difference in %
        ("SQuADv2", 69.8, 68.4, -2),
        ("Symbol Insertion", 66.9, 67.1, 0),
        ("CoQA", 86.0, 87.1, 1),
        ("ReCoRD", 89.5, 88.2, -1),
        ("Winograd", 88.6, 86.2, -3),
        ("BoolQ", 76.0, 76.3, 0),
        ("MultiRC", 74.2, 75.3, 1),
        ("WSC", 76.9, 79.0, 3),
        ("PIQA", 82.3, 79.3, -4),
        ("RACE-m", 58.5, 60.4, 3),
        ("En-De 16", 30.9, 29.9, -3),
        ("ANLI R1", 36.8, 35.9, -3),
        ("CB", 80.4, 78.8, -2),
    ],
)
def test_the_relative_difference_is_that_of_table_c1(task: str, whole: float, clean: float, printed: float) -> None:
    assert relative(clean, whole) == pytest.approx(printed, abs=0.56), task  # scores are printed to one digit


def test_by_hand() -> None:
    """Four clean (one right), three dirty (all right), one unscored (wrong)."""
    samples = [sample(str(place), place in (0, 4, 5, 6)) for place in range(8)]
    score = one(samples, found(False, False, False, False, True, True, True, None))
    sides = {name: getattr(score, name) for name in ("all", "clean", "dirty", "unscored")}
    assert {name: (side.units, side.n, side.value) for name, side in sides.items()} == {
        "all": (8, 8, 0.5),
        "clean": (4, 4, 0.25),
        "dirty": (3, 3, 1.0),
        "unscored": (1, 1, 0.0),
    }
    assert (score.clean.low, score.clean.high) == pytest.approx(statistics.wilson(0.25, 4))
    assert (score.clean_percent, score.epg, score.relative) == (50.0, 0.25, -50.0)
    assert score.z == pytest.approx(0.25 / (0.5 / 4**0.5))  # sigma of 0, 0, 0, 0, 1, 1, 1, 1 is a half
    assert score.epg_low is not None
    assert score.epg_high is not None
    assert score.epg_low < 0.25 < score.epg_high
    assert score.p == pytest.approx(5 / 35, abs=0.03)  # of 35 ways to choose three dirty: 4 have all right, 1 none
    assert (score.ngram, score.signature, score.better) == (N, "signature", "higher")


def test_a_unit_is_dirty_if_one_of_it_is_and_unscored_only_if_all_are() -> None:
    samples = [sample(str(place), True, unit=f"u{place // 2}") for place in range(10)]
    known = found(False, True, None, None, None, False, False, False)
    del known["7"]
    assert [unit.status for unit in units(samples, known)] == ["dirty", "unscored", "clean", "", ""]
    known["7"] = overlap("s/a", "7", True)
    del known["6"]
    assert [unit.status for unit in units(samples, known)][3] == "dirty"


def test_what_the_scan_does_not_know_has_no_part() -> None:
    samples = [sample(str(place), place < 2) for place in range(6)]
    score = one(samples, found(False, True, False, True))
    assert (score.all.units, score.all.value, score.clean.value, score.dirty.value) == (4, 0.5, 0.5, 0.5)
    assert one(samples, {}).all.value is None


@pytest.mark.parametrize(
    ("statuses", "sides", "why"),
    [
        ((False,) * 4, (0.5, 0.5, None, None), "nothing is dirty"),
        ((True,) * 4, (0.5, None, 0.5, None), "nothing is clean"),
        ((None,) * 4, (0.5, None, None, 0.5), "nothing is clean"),
        ((False, False, None, None), (0.5, 1.0, None, 0.0), "nothing is dirty"),
    ],
)
def test_an_empty_side_has_no_number(
    statuses: tuple[bool | None, ...], sides: tuple[float | None, ...], why: str
) -> None:
    score = one([sample(str(place), place < 2) for place in range(4)], found(*statuses))
    assert tuple(side.value for side in (score.all, score.clean, score.dirty, score.unscored)) == sides
    assert (score.p, score.why) == (None, why)
    assert score.epg == (0.0 if statuses == (False,) * 4 else None)  # of unscored ones nothing is gained


def test_a_side_that_the_metric_is_not_of_has_no_number() -> None:
    """F1 where nothing is positive, and a ratio of two genders where one is missing."""
    samples = [sample(str(place), True, gold=int(place < 2)) for place in range(4)]
    score = one(samples, found(False, True, True, False), "f1")
    assert (score.clean.value, score.dirty.value) == (1.0, 1.0)
    score = one(samples, found(True, True, False, False), "f1")
    assert (score.clean.value, score.clean.units, score.dirty.value) == (None, 2, 1.0)
    assert (score.epg, score.p, score.why) == (None, None, "of the clean ones it has no number")
    people = [
        sample(str(place), True, roles=("A", "B"), breakdown={"gender": (GENDERS[place % 2],)}) for place in range(4)
    ]
    score = one(people, found(True, True, True, False), "gap_bias")
    assert (score.all.value, score.dirty.value, score.clean.value) == (1.0, 1.0, None)


def test_a_metric_whose_columns_depend_on_the_part_has_no_p() -> None:
    samples = [
        Sample(Query(Example(str(place), {}, choices, (0,), str(place), str(place)), ()), (), place % 2, False, 0, 0)
        for place, choices in enumerate((("a", "b"), ("a", "b"), ("c", "d"), ("c", "d")))
    ]
    score = one(samples, found(True, True, False, False), "choice_macro_f1")
    assert score.dirty.value == score.clean.value == pytest.approx(1 / 3)
    assert (score.p, score.why) == (None, "its counts of parts cannot be put together")
    assert score.epg_low is None or score.epg_low <= 0 <= score.epg_high  # type: ignore[operator]


def test_items_that_are_units_are_counted_as_such() -> None:
    samples = [sample(str(place), place != 3, unit=f"u{place // 2}") for place in range(6)]
    score = one(samples, found(True, False, False, False, False, False), "exact_match")
    assert (score.dirty.n, score.dirty.value, score.clean.n, score.clean.value) == (1, 1.0, 2, 0.5)


def simulated(dirty: float, clean: float, seed: int) -> SplitScore:
    generator = random.Random(seed)
    rates = [dirty] * 300 + [clean] * 300
    samples = [sample(str(place), generator.random() < rate) for place, rate in enumerate(rates)]
    return one(samples, found(*[True] * 300, *[False] * 300))


def test_a_model_that_has_seen_half_is_found_out_and_one_that_has_not_is_not() -> None:
    """The rates of a small model trained with 300 of 600 items among its texts, and of its control."""
    for seed in range(3):
        seen, control = simulated(0.55, 0.24, seed), simulated(0.275, 0.275, seed)
        assert seen.p is not None
        assert seen.p < 0.001
        assert seen.epg == pytest.approx(0.155, abs=0.04)
        assert seen.z is not None
        assert seen.z > 2
        assert seen.claim
        assert control.p is not None
        assert control.p > 0.1
        assert not control.claim


def test_the_same_is_split_the_same() -> None:
    assert simulated(0.5, 0.3, 1) == simulated(0.5, 0.3, 1)


def test_llama_2s_subsets() -> None:
    shares = (0.0, 0.19, 0.2, 0.79, 0.8, 1.0)
    known = {str(at): overlap("s/a", str(at), share > 0, share=share) for at, share in enumerate(shares)}
    known["6"] = overlap("s/a", "6", None)
    score = one([sample(str(place), place > 2) for place in range(7)], known)
    assert {one.name: (one.side.units, one.side.value) for one in score.subsets} == {
        "clean": (2, 0.0),
        "not clean": (4, 0.75),
        "not dirty": (4, 0.25),
        "dirty": (2, 1.0),
    }
    zs = [one.z for one in score.subsets]
    assert zs == pytest.approx([-(2**0.5), 1.0, -1.0, 2**0.5])  # the mean and sigma of the six are a half
    assert not score.claim
    assert one([sample("0", True)], found(False)).subsets == ()


def test_the_curve_tightens_to_what_is_clean() -> None:
    lengths = (0, 14, 25, 60)
    known = {str(at): overlap("s/a", str(at), length > 0, longest=length) for at, length in enumerate(lengths)}
    known["4"] = overlap("s/a", "4", None)
    score = one([sample(str(place), place > 1) for place in range(5)], known)
    assert [(step.most, step.side.units, step.side.value) for step in score.longest] == [
        (60, 4, 0.5),
        (50, 3, pytest.approx(1 / 3)),
        (30, 3, pytest.approx(1 / 3)),
        (20, 2, 0.0),
        (16, 2, 0.0),
        (13, 1, 0.0),
        (0, 1, 0.0),
    ]
    assert [step.most for step in score.share][:2] == [0.9, 0.8]
    assert one([sample("0", True)], found(False)).longest == ()


def test_lower_is_better_is_told() -> None:
    assert one([sample("0", True)], found(False), "perplexity").better == "lower"
