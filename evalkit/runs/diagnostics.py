"""What stands beside a run's numbers so that they can be judged: frozen records, and their way out of JSON.

A `Diagnosis` is of one setting: what would be scored without a model, what that says of the number, and how far the
model's own probabilities can be believed. A `Variation` is of one number over several seeds or prompts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.schema import Result, Setting
from evalkit.statistics.calibration import Bin

RANDOM, MAJORITY, LONGEST, PRIOR = "random", "majority", "longest", "prior"
BELOW_CHANCE, NO_BETTER, CONSTANT = "below chance", "no better than majority", "constant answers"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a metric would be if choices were guessed (`random`), if the class that is right most often were always
    given (`majority`; where there are classes), the longest choice (`longest`), or the likeliest one after the bare cue
    (`prior`). `answer` is what the majority's answer is, empty for the others.
    """

    name: str
    metric: str
    value: float
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What has to be known of a number: `below chance` where its whole interval is below guessing, `no better than
    majority` where it is not above always giving one answer; or, of no metric, `constant answers` where all are the
    same. `value` is the number, `against` the baseline's; `answer` the one that is meant.
    """

    kind: str
    metric: str = ""
    value: float | None = None
    against: float | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Of `n` samples, with probabilities made of the scores that rank the choices: mean confidence and accuracy, the
    expected calibration error in bins of equal width and of equal mass, the Brier score, the area under the
    risk-coverage curve, the bins of equal width, and the accuracy at each coverage (pairs of the two).
    """

    n: int
    confidence: float
    accuracy: float
    ece: float
    ece_equal_mass: float
    brier: float
    aurc: float
    bins: tuple[Bin, ...]
    selective: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One setting; `calibration` is None where nothing is chosen."""

    task: str
    prompt: str
    shots: int
    seed: int
    baselines: tuple[Baseline, ...]
    flags: tuple[Flag, ...]
    calibration: Calibration | None

    def baseline(self, name: str, metric: str) -> Baseline | None:
        """One of the baselines, if it is there."""
        return next((one for one in self.baselines if (one.name, one.metric) == (name, metric)), None)

    def is_of(self, result: Result) -> bool:
        """Whether a result is of this setting, and of all its samples."""
        own = (self.task, self.prompt, self.shots, self.seed, "")
        return own == (result.task, result.prompt, result.shots, result.seed, result.subset)


@dataclass(frozen=True, slots=True)
class Variation:
    """A number over every one of `prompts` and `seeds`: their mean, with an interval of what it `includes`, and the
    variance of a single one of them in parts, None for those that so few cannot show (`both`: what a seed does under
    one prompt and not under another; within the other part where there is one prompt or one seed). What seeds and
    prompts do to single examples, but not to all of them, is within `sampling`.
    """

    task: str
    shots: int
    metric: str
    scorer: str
    prompts: tuple[str, ...]
    seeds: tuple[int, ...]
    n: int
    mean: float
    low: float
    high: float
    includes: tuple[str, ...]
    sampling: float
    seed: float | None
    prompt: float | None
    both: float | None


def by_setting(diagnoses: Iterable[Diagnosis]) -> dict[Setting, Diagnosis]:
    """Diagnoses by what they are of."""
    return {Setting(one.task, one.prompt, one.shots, one.seed): one for one in diagnoses}


def diagnosis_from_json(values: Mapping[str, Any]) -> Diagnosis:
    """A diagnosis from its JSON.

    Raises:
        KeyError, TypeError: a field is missing or unknown.
    """
    return Diagnosis(
        **{
            **values,
            "baselines": tuple(Baseline(**one) for one in values["baselines"]),
            "flags": tuple(Flag(**one) for one in values["flags"]),
            "calibration": _calibration(values["calibration"]) if values["calibration"] is not None else None,
        }
    )


def variation_from_json(values: Mapping[str, Any]) -> Variation:
    """A variation from its JSON; raises as `diagnosis_from_json` does."""
    return Variation(**{**values, **{key: tuple(values[key]) for key in ("prompts", "seeds", "includes")}})


def _calibration(values: Mapping[str, Any]) -> Calibration:
    return Calibration(
        **{
            **values,
            "bins": tuple(Bin(**one) for one in values["bins"]),
            "selective": tuple((coverage, accuracy) for coverage, accuracy in values["selective"]),
        }
    )
