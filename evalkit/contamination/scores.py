"""What a score becomes beside a scan of a corpus: frozen records, and their way out of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLAIM = 2.0  # |Z| that Llama 2 asks for on each of its four subsets


@dataclass(frozen=True, slots=True)
class Side:
    """A metric on some of a task's examples: so many `units` (examples that are judged together), `n` items of the
    metric among them, its number and 95 % interval. The number is None where there is nothing that the metric is of.
    """

    units: int
    n: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Subset:
    """One of Llama 2's four subsets (Touvron et al. 2023, appendix A.6): `share` is the mean share of an example's
    words that lie in extended matches, `z` is (value - all) / (sigma / sqrt(n)): None but for means.
    """

    name: str
    side: Side
    share: float
    z: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """What is left where no more than `most` is allowed: of the longest match in words, or of a share."""

    most: float
    side: Side


@dataclass(frozen=True, slots=True)
class SplitScore:
    """One metric of one setting, split. `better` is the metric's; `ngram` the N of the scan, of the task.

    `clean_percent` is the share of all units that are clean; `relative` the clean score less that of all, in percent of
    that of all (Brown et al. 2020, table C.1); `epg`, the estimated performance gain, the score of all less the clean
    one, in the metric's unit, with its interval, and `z` what it is of its standard error, where the metric is a mean
    (Singh et al. 2024: EPG / (sigma / sqrt(n_clean)), which takes items for independent). These are None where nothing
    dirty or nothing clean has a number. `p` is of no difference between clean and dirty, by permutation; `why` says why
    there is none. `longest` and `share` are the curves.
    """

    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    scorer: str
    better: str
    ngram: int
    all: Side
    clean: Side
    dirty: Side
    unscored: Side
    clean_percent: float
    relative: float | None
    epg: float | None
    epg_low: float | None
    epg_high: float | None
    z: float | None
    p: float | None
    why: str
    subsets: tuple[Subset, ...]
    longest: tuple[Step, ...]
    share: tuple[Step, ...]
    signature: str

    @property
    def claim(self) -> bool:
        """Whether |Z| > 2 on all four of Llama 2's subsets, which a claim needs."""
        return len(self.subsets) > 0 and all(one.z is not None and abs(one.z) > CLAIM for one in self.subsets)


def from_json(values: Mapping[str, Any]) -> SplitScore:
    """The score from its JSON.

    Raises:
        KeyError, TypeError: a field is missing or unknown.
    """
    sides = {key: Side(**values[key]) for key in ("all", "clean", "dirty", "unscored")}
    subsets = tuple(Subset(**{**one, "side": Side(**one["side"])}) for one in values["subsets"])
    curves = {key: tuple(Step(one["most"], Side(**one["side"])) for one in values[key]) for key in ("longest", "share")}
    return SplitScore(**{**values, **sides, **curves, "subsets": subsets})
