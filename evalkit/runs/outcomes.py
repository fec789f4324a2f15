"""A run's numbers as what they are made of: for each, what its metric counted of every item, so that two runs can be
paired item by item.

In: a run folder. Out: `Outcomes`, one for each number that the log gives again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from evalkit.metrics import METRICS
from evalkit.metrics.base import Counts, Metric, by_unit
from evalkit.metrics.recount import recounted
from evalkit.runs.folder import RunFolder
from evalkit.runs.log import from_rows, setting_of
from evalkit.schema import Result, Sample, Setting

if TYPE_CHECKING:
    from evalkit.metrics.base import Floats


class Key(NamedTuple):
    """What a number is of, whatever the model."""

    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    scorer: str = ""

    @classmethod
    def of(cls, result: Result) -> "Key":
        """The key of a run's number."""
        return cls(result.task, result.prompt, result.shots, result.seed, result.metric, result.scorer)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """One number and what it was counted from: `values` [n, d] are the rows of its metric, `groups` [n] the groups that
    the items belong to, and `ids` [n] names the items, so that those of another run can be found; it is empty where the
    rows are of something else than examples or units. `result` has the number, its interval and its signature.
    """

    key: Key
    ids: tuple[str, ...]
    groups: tuple[str, ...]
    values: "Floats"
    result: Result

    @property
    def metric(self) -> Metric:
        """The metric."""
        return METRICS[self.key.metric]


def outcomes(folder: RunFolder) -> tuple[list[Outcomes], list[str]]:
    """The outcomes of a run, in the order of its results, and notes on the numbers that its log does not give again (a
    redacted log has no text, an average is of other numbers). Numbers of parts of a task are left out.

    Raises:
        RunError: the run is damaged or unfinished.
    """
    rows: dict[Setting, list[Mapping[str, Any]]] = {}
    for row in folder.read_samples():
        rows.setdefault(setting_of(row), []).append(row)
    samples = {setting: from_rows(own) for setting, own in rows.items()}
    found: list[Outcomes] = []
    notes: list[str] = []
    for result in folder.read_results():
        if result.subset or result.metric not in METRICS:
            continue
        own = samples.get(Setting(result.task, result.prompt, result.shots, result.seed), [])
        counted = recounted(result, own)
        if counted is None:
            notes.append(f"{result.task}: {result.metric} cannot be counted anew from the log, which keeps no text")
        else:
            found.append(Outcomes(Key.of(result), _ids(own, counted), counted.groups, counted.values, result))
    return found, notes


def _ids(samples: Sequence[Sample], counts: Counts) -> tuple[str, ...]:
    """Names of a metric's rows: those of the samples or of the units, whichever they are as many as."""
    examples = tuple(sample.query.example.id for sample in samples)
    if len(examples) == len(counts.groups) and len(set(examples)) == len(examples):
        return examples
    units = tuple(by_unit(samples))
    return units if len(units) == len(counts.groups) else ()
