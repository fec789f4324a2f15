"""A run's tables before they are drawn: results and what stands beside them in, grids out.

They are drawn on a terminal (`cli.console`), in a notebook (`notebook`) and in Markdown (`markdown`).
"""

from collections.abc import Iterator, Mapping, Sequence

from evalkit.report.diagnostics import part
from evalkit.report.grid import EMPTY, Cell, Column, Grid, cell
from evalkit.report.plain import width
from evalkit.report.spread import Spread, part_of
from evalkit.report.summary import (
    Line,
    interval,
    is_long,
    lines,
    main_results,
    measured_by,
    number,
    short_names,
    shots_text,
)
from evalkit.runs.diagnostics import (
    BELOW_CHANCE,
    CONSTANT,
    MAJORITY,
    NO_BETTER,
    RANDOM,
    Baseline,
    Diagnosis,
    Variation,
)
from evalkit.schema import Result

MARKS: Mapping[str, tuple[str, str]] = {  # a flag's sign, and what it means
    CONSTANT: ("!", "every answer is the same"),
    BELOW_CHANCE: ("↓", "below guessing"),
    NO_BETTER: ("≤", "no better than always giving one answer"),
}
_LEAST = 12  # places that a name keeps
_TASK = Column("task", is_label=True, least=_LEAST)
_PROMPT = Column("prompt", is_label=True, above="prompt {}", least=_LEAST)
_SEED = Column("seed", is_label=True, above="seed {}", heading="seed {}")
_METRIC = Column("metric", is_label=True, least=_LEAST)
_SHOTS = Column("shots", is_label=True, is_number=True, above="{} shots", heading="{} shots")
_BASELINES = (RANDOM, MAJORITY)

At = tuple[str, str, int, int]


def scores(results: Sequence[Result], diagnoses: Sequence[Diagnosis], short: bool) -> list[Grid]:
    """The table of scores, in several shapes, those that say most first; the first has every column. Tasks have short
    names, and metrics do without their scorer where they have one alone (see `judged`), if `short` is true.
    """
    rows, shots = lines(main_results(results))
    if not rows:
        return []
    by = {(one.task, one.prompt, one.shots, one.seed): one for one in diagnoses}
    labels, of = _labels(rows, short)
    known = [[_baseline(row, name, by) for name in _BASELINES] for row in rows]
    strong = [row.metric == "average" for row in rows]
    tall = _tall(labels, of, rows, by, strong)
    if is_long(shots):
        return [tall]
    cells = _scores(rows, by)
    grids = []
    for most in (2, 1, 0):
        columns = [
            *labels,
            Column("n", is_number=True),
            *(Column(shots_text(count)) for count in shots),
            *(Column(name, is_number=True) for name in _BASELINES[:most]),
        ]
        body = [
            (*of[place], cell(f"{row.n:,}"), *(cells[place].get(count, EMPTY) for count in shots), *known[place][:most])
            for place, row in enumerate(rows)
        ]
        grids.append(_grid(columns, body, strong))
    return [*grids, tall]


def legend(results: Sequence[Result], diagnoses: Sequence[Diagnosis]) -> str:
    """What the signs beside numbers mean, of those that occur; empty where none does."""
    settings = {(one.task, one.prompt, one.shots, one.seed) for one in results}
    kinds = {
        flag.kind for one in diagnoses for flag in one.flags if (one.task, one.prompt, one.shots, one.seed) in settings
    }
    return "; ".join(f"{sign} {meaning}" for kind, (sign, meaning) in MARKS.items() if kind in kinds)


def judged(results: Sequence[Result]) -> str:
    """Which scorers judged the metrics that have one each, where names of metrics are short; empty where none did."""
    metrics: dict[str, list[str]] = {}
    for metric, scorers in _judges(results).items():
        if len(scorers) == 1:
            metrics.setdefault(scorers[0], []).append(metric)
    return "; ".join(f"{scorer}: {', '.join(names)}" for scorer, names in metrics.items())


def spread(apart: Sequence[Spread], short: bool) -> Grid:
    """Where the parts of a task lie apart, with the first metric of each: the others are in the report."""
    names = _names([one.low.task for one in apart], short)
    columns = (
        *(_TASK, _PROMPT, _SEED, _SHOTS),
        Column("by", is_label=True, least=_LEAST),
        _METRIC,
        *(Column(name, least=_LEAST, keep_end=False) for name in ("lowest", "highest")),
        *(Column("spread", is_number=True), Column("smallest n", least=_LEAST, keep_end=False)),
    )
    first: dict[tuple[str, str], tuple[str, str]] = {}
    rows = []
    for one in apart:
        low = one.low
        own = (low.metric, low.scorer)
        if first.setdefault((low.task, low.prompt), own) != own:
            continue
        ends = [f"{number(end.metric, end.value)} {part_of(end)}" for end in (one.low, one.high)]
        if not one.width:
            ends = [f"all {number(low.metric, low.value)}", ""]
        texts = [
            *(names[low.task], low.prompt, str(low.seed), str(low.shots), f"{one.column} ({one.parts})"),
            *(measured_by(low.metric, low.scorer), *ends, number(low.metric, one.width)),
            f"{one.fewest.n:,} {part_of(one.fewest)}",
        ]
        rows.append(tuple(map(cell, texts)))
    return Grid(columns, tuple(rows))


def components(varied: Sequence[Variation], short: bool) -> Grid:
    """What numbers owe to seeds and prompts."""
    names = _names([one.task for one in varied], short)
    columns = (
        *(_TASK, _SHOTS, _METRIC, Column("over", is_label=True, above="over {}", heading="over {}"), Column("mean")),
        *(Column(name, is_number=True) for name in ("examples", "seeds", "prompts", "both")),
    )
    means = _aligned([(one.metric, (one.mean, one.low, one.high), "") for one in varied])
    rows = [
        (
            *(cell(names[one.task]), cell(str(one.shots)), cell(measured_by(one.metric, one.scorer))),
            cell("×".join(str(len(several)) for several in (one.prompts, one.seeds))),
            mean,
            *(cell(part(one.metric, variance)) for variance in (one.sampling, one.seed, one.prompt, one.both)),
        )
        for one, mean in zip(varied, means, strict=True)
    ]
    return Grid(columns, tuple(rows))


def mark(diagnosis: Diagnosis | None, metric: str) -> str:
    """The sign of what has to be known of a number, of the first of `MARKS` if there are several."""
    kinds = {one.kind for one in diagnosis.flags if one.metric in ("", metric)} if diagnosis is not None else set()
    return next((sign for kind, (sign, _) in MARKS.items() if kind in kinds), "")


def _labels(rows: Sequence[Line], short: bool) -> tuple[list[Column], list[tuple[Cell, ...]]]:
    """The columns that say what a number is of, and their cells."""
    names = _names([row.task for row in rows], short)
    alone = _judges(rows) if short else {}
    columns = [_TASK, _PROMPT, _SEED, Column("part", is_label=True, least=_LEAST), _METRIC]
    cells = []
    for row in rows:
        metric = row.metric if len(alone.get(row.metric, "")) == 1 else row.measure
        cells.append(tuple(map(cell, (names[row.task], row.prompt, str(row.seed), row.subset, metric))))
    return columns, cells


def _judges(rows: Sequence[Line | Result]) -> dict[str, list[str]]:
    """The scorers of each metric that has any."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        if row.scorer:
            found.setdefault(row.metric, {})[row.scorer] = None
    return {metric: list(scorers) for metric, scorers in found.items()}


def _tall(
    labels: Sequence[Column],
    of: Sequence[tuple[Cell, ...]],
    rows: Sequence[Line],
    by: Mapping[At, Diagnosis],
    strong: Sequence[bool],
) -> Grid:
    """One row for every number of shots."""
    cells = _scores(rows, by)
    body = []
    stands = []
    for place, row in enumerate(rows):
        for count in row.cells:
            body.append((*of[place], cell(f"{row.n:,}"), cell(str(count)), cells[place][count]))
            stands.append(strong[place])
    columns = [*labels, Column("n", is_number=True), Column("shots", is_number=True), Column("score")]
    return _grid(columns, body, stands)


def _scores(rows: Sequence[Line], by: Mapping[At, Diagnosis]) -> list[dict[int, Cell]]:
    """Every number of every row with its marks and interval, aligned with the others."""
    keys = [(place, count) for place, row in enumerate(rows) for count in row.cells]
    told = []
    for place, count in keys:
        row = rows[place]
        own = by.get((row.task, row.prompt, count, row.seed)) if not (row.subset or row.scorer) else None
        told.append((row.metric, row.cells[count], mark(own, row.metric)))
    cells: list[dict[int, Cell]] = [{} for _ in rows]
    for (place, count), one in zip(keys, _aligned(told), strict=True):
        cells[place][count] = one
    return cells


def _aligned(numbers: Sequence[tuple[str, tuple[float, float | None, float | None], str]]) -> list[Cell]:
    """Metrics, values with their bounds, and marks as cells in which value, mark and interval stand below each
    other.
    """
    values = [number(metric, one[0]) for metric, one, _ in numbers]
    before = max([5, *map(width, values)])
    room = max((width(sign) for *_, sign in numbers), default=0)
    return [
        (
            (" " * (before - width(value)) + value, ""),
            (f"{sign:<{room}} ", "yellow"),
            (interval(metric, low, high), "dim"),
        )
        for value, (metric, (_, low, high), sign) in zip(values, numbers, strict=True)
    ]


def _baseline(row: Line, name: str, by: Mapping[At, Diagnosis]) -> Cell:
    """What a metric would be without a model, which is the same at all numbers of shots."""
    if row.subset or row.scorer:
        return EMPTY
    found: Iterator[Baseline | None] = (
        own.baseline(name, row.metric)
        for count in row.cells
        if (own := by.get((row.task, row.prompt, count, row.seed))) is not None
    )
    one = next((one for one in found if one is not None), None)
    return cell(number(row.metric, one.value), "dim") if one is not None else EMPTY


def _grid(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], strong: Sequence[bool]) -> Grid:
    return Grid(tuple(columns), tuple(rows), frozenset(place for place, stands in enumerate(strong) if stands))


def _names(tasks: Sequence[str], short: bool) -> Mapping[str, str]:
    return short_names(tasks) if short else {task: task for task in tasks}
