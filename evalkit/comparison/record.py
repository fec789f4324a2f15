"""What a comparison is: frozen records, and their JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalkit.finite import finite
from evalkit.report import notebook
from evalkit.report.contamination import p_text, points
from evalkit.report.grid import Column, Grid, cell
from evalkit.report.summary import measured_by, number
from evalkit.schema import Result

FORMAT = 1
SURE = 0.05  # p-values below it are taken for a difference

BETTER, WORSE, OTHER, UNSURE, UNTESTED = "better", "worse", "other", "unsure", "untested"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands in a comparison; `label` is A, B, C ..."""

    label: str
    path: Path
    model: str
    version: str
    dtype: str
    started: str
    status: str


@dataclass(frozen=True, slots=True)
class Change:
    """Something that the two runs have differently: a field of a signature, a package's version, an argument ...; empty
    where one has none. `where` names the numbers that it is of, as `task, shots`, for fields of signatures.
    """

    name: str
    first: str
    second: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flip:
    """An item that one model has right and the other wrong: the beginning of its text, what would be right, what both
    say; `addresses` are where the runs' reports show it, after the `#`.
    """

    id: str
    text: str
    target: str
    first: str
    second: str
    addresses: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Test:
    """How likely so large a difference is by chance: the p-value, the name of the test, and the p-value adjusted over
    the tasks' first metrics (None for another metric).
    """

    p: float
    name: str
    adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One number of two runs. `values` are over the items that both have, `difference` is the second less the first of
    them, `low` and `high` bound its 95 % interval, `detectable` is the smallest true difference that would have been
    found with probability .8; each None where it cannot be told, and `why` says why. `results` are the runs' own
    numbers. `unlike` names the fields of the signatures that keep the two from being alike. `left_out` counts the items
    that only one of the runs has. `is_first` says that it is of the task's first metric. `flips` are the items that
    went from right to wrong and those that went from wrong to right; None where items are not right or wrong.
    """

    results: tuple[Result, Result]
    unlike: tuple[str, ...]
    is_first: bool
    values: tuple[float, float]
    difference: float
    low: float | None = None
    high: float | None = None
    detectable: float | None = None
    test: Test | None = None
    n: int = 0
    groups: int = 0
    left_out: tuple[int, int] = (0, 0)
    flips: tuple[tuple[Flip, ...], tuple[Flip, ...]] | None = None
    is_offensive: bool = False
    why: str = ""
    verdict: str = UNTESTED


@dataclass(frozen=True, slots=True)
class Contrast:
    """One run against the first of all: what differs, every number of both, those that only one has, and notes.
    `signatures` are what differs in signatures besides the model; `surroundings` what differs in the manifests.
    """

    run: Run
    signatures: tuple[Change, ...]
    surroundings: tuple[Change, ...]
    differences: tuple[Difference, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]
    notes: tuple[str, ...]

    @property
    def tested(self) -> tuple[Difference, ...]:
        """The tasks' first metrics, over which p-values are adjusted."""
        return tuple(one for one in self.differences if one.test is not None and one.test.adjusted is not None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs compared with the first of them, the baseline."""

    baseline: Run
    contrasts: tuple[Contrast, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """All of them."""
        return (self.baseline, *(contrast.run for contrast in self.contrasts))

    def __repr__(self) -> str:
        told = ", ".join(f"{run.label} {run.model} ({run.path})" for run in self.runs)
        return f"<Comparison: {told}; {sum(len(one.differences) for one in self.contrasts):,} differences>"

    def _repr_html_(self) -> str:
        """What a notebook shows: of every contrast the table of differences, and notes."""
        runs = [f"{run.label}: {run.model} at {run.version}, {run.dtype} ({run.path})" for run in self.runs]
        parts = [notebook.items(runs)]
        for one in self.contrasts:
            title = f"{one.run.label} against {self.baseline.label}"
            parts.append(notebook.table(_grid(one, self.baseline), title))
            parts.append(notebook.items(one.notes))
        return notebook.whole(parts)


_COLUMNS = (
    Column("task", is_label=True),
    Column("prompt", is_label=True, above="prompt {}"),
    Column("shots", is_label=True, is_number=True, above="{} shots"),
    Column("seed", is_label=True, is_number=True, above="seed {}"),
    Column("metric", is_label=True),
    Column("n", is_number=True),
)


def _grid(contrast: Contrast, baseline: Run) -> Grid:
    """The differences of a contrast; the p-value is the adjusted one, in brackets where there is none."""
    titles = (baseline.label, contrast.run.label, f"{contrast.run.label} − {baseline.label}", "95 %", "p", "")
    rows = []
    for one in contrast.differences:
        first, metric = one.results[0], one.results[0].metric
        bounds = "" if one.low is None or one.high is None else f"{points(metric, one.low)}, {points(metric, one.high)}"
        p = "" if one.test is None else p_text(one.test.p)
        if one.test is not None and one.test.adjusted is not None:
            p = p_text(one.test.adjusted)
        elif p:
            p = f"({p})"
        texts = [
            *(first.task, first.prompt, str(first.shots), str(first.seed), measured_by(metric, first.scorer)),
            *(f"{one.n:,}" if one.n else "", *(number(metric, value) for value in one.values)),
            *(points(metric, one.difference), bounds, p, one.verdict),
        ]
        rows.append(tuple(map(cell, texts)))
    columns = (*_COLUMNS, *(Column(title, is_number=bool(title)) for title in titles))
    return Grid(columns, tuple(rows))


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it. Of offensive tasks, flips have no texts."""
    return {
        "format": FORMAT,
        "baseline": _run(comparison.baseline),
        "contrasts": [
            {
                **asdict(contrast),
                "run": _run(contrast.run),
                "differences": [_difference(one) for one in contrast.differences],
            }
            for contrast in comparison.contrasts
        ],
    }


def _run(run: Run) -> dict[str, Any]:
    return {**asdict(run), "path": str(run.path)}


def _difference(one: Difference) -> dict[str, Any]:
    first = one.results[0]
    of = {key: getattr(first, key) for key in ("task", "prompt", "shots", "seed", "metric", "scorer")}
    values = asdict(one)
    if one.flips is not None:
        texts: Mapping[str, str] = dict.fromkeys(("text", "target", "first", "second"), "") if one.is_offensive else {}
        values["flips"] = {
            way: [{**asdict(flip), **texts} for flip in flips]
            for way, flips in zip(("right_to_wrong", "wrong_to_right"), one.flips, strict=True)
        }
    return {**of, **finite(values)}
