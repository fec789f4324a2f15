"""What a run shows on a terminal when it is done: the table of scores, and what has to be known beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evalkit.engine.cache import Entry
from evalkit.evaluation.evaluate import Results
from evalkit.report.diagnostics import flag_lines, part
from evalkit.report.spread import Spread, part_of, spreads
from evalkit.report.summary import (
    Cell,
    Line,
    interval,
    is_long,
    lines,
    main_results,
    measured_by,
    notes,
    number,
    short_names,
    shots_text,
    work_text,
)
from evalkit.runs.diagnostics import Variation

_PIPED_WIDTH = 200  # of the table, where no terminal says how wide it is
_COMPONENTS = """\
Means over prompts × seeds: their 95 % intervals include these, those above the
draw of examples alone. Right: what a single number owes to each, as a standard
deviation."""


def stdout() -> Console:
    """Standard output; wide where no terminal says how wide it is."""
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    return console


def show_results(results: Results) -> None:
    """The table of scores, with what has to be known to read it."""
    console = stdout()
    console.print(_table(*lines(main_results(results.results))))
    console.print("Shares in percent, perplexities and bits as they are; with 95 % intervals.", style="dim")
    if apart := spreads(results.results):
        console.print(_spread_table(apart))
    if results.components:
        console.print(_components_table(results.components))
        console.print(_COMPONENTS, style="dim")
    console.print(f"{work_text(results.work)}.", style="dim", highlight=False)
    for note in notes(results.results):
        console.print(Text(f"- {note}"))
    for line in flag_lines(results.diagnostics):
        console.print(Text(f"- {line}", style="yellow"))
    for task, reason in results.skipped.items():
        console.print(Text(f"- {task} was left out: {reason}", style="yellow"))


def _table(rows: Sequence[Line], shots: Sequence[int]) -> Table:
    if is_long(shots):
        return _long_table(rows)
    several = {key: len({getattr(row, key) for row in rows}) > 1 for key in ("prompt", "seed", "subset")}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("task", no_wrap=True)
    for key, shown in several.items():
        if shown:
            table.add_column(key)
    table.add_column("metric", no_wrap=True)
    table.add_column("n", justify="right")
    for count in shots:
        table.add_column(shots_text(count), no_wrap=True)
    last, names = None, short_names(row.task for row in rows)
    for row in rows:
        same = (row.task, row.prompt, row.seed) == last
        last = (row.task, row.prompt, row.seed)
        head = [("" if same else names[row.task]), *(str(getattr(row, key)) for key, shown in several.items() if shown)]
        cells = [_cell(row.metric, row.cells, count) for count in shots]
        table.add_row(*head, row.measure, f"{row.n:,}", *cells, style="bold" if row.metric == "average" else "")
    return table


def _long_table(rows: Sequence[Line]) -> Table:
    """One row for every number, where the tasks' shots are too many different ones to stand side by side."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("task", "prompt", "subset", "metric", "n", "shots", "score"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("n", "shots") else "left")
    seeds = len({row.seed for row in rows}) > 1
    for row in rows:
        subset = row.subset + f" seed {row.seed}" * seeds
        for count in row.cells:
            cell = _cell(row.metric, row.cells, count)
            table.add_row(row.task, row.prompt, subset, row.measure, f"{row.n:,}", str(count), cell)
    return table


def _spread_table(apart: Sequence[Spread]) -> Table:
    """Where the parts of a task lie apart, with the first metric of each: the others are in the report."""
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title="Spread over parts", title_justify="left"
    )
    for name in ("task", "prompt", "shots", "by", "metric", "lowest", "highest", "spread", "smallest n"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("shots", "spread") else "left")
    first: dict[tuple[str, str], str] = {}
    for one in apart:
        result = one.low
        if first.setdefault((result.task, result.prompt), result.metric) != result.metric:
            continue
        ends = [f"{number(end.metric, end.value)} {part_of(end)}" for end in (one.low, one.high)]
        if not one.width:
            ends = [f"all {number(result.metric, result.value)}", ""]
        table.add_row(
            *(result.task, result.prompt, str(result.shots), f"{one.column} ({one.parts})"),
            *(measured_by(result.metric, result.scorer), *ends, number(result.metric, one.width)),
            f"{one.fewest.n:,} {part_of(one.fewest)}",
        )
    return table


def _components_table(components: Sequence[Variation]) -> Table:
    """What numbers owe to seeds and prompts."""
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title="Seeds and prompts", title_justify="left"
    )
    parts = ("examples", "seeds", "prompts", "both")
    for name in ("task", "shots", "metric", "over", "mean", *parts):
        table.add_column(name, no_wrap=True, justify="right" if name in ("shots", *parts) else "left")
    names = short_names(one.task for one in components)
    for one in components:
        mean = _cell(one.metric, {0: (one.mean, one.low, one.high)}, 0)
        over = "×".join(str(len(several)) for several in (one.prompts, one.seeds))
        told = [part(one.metric, variance) for variance in (one.sampling, one.seed, one.prompt, one.both)]
        table.add_row(names[one.task], str(one.shots), measured_by(one.metric, one.scorer), over, mean, *told)
    return table


def _cell(metric: str, cells: Mapping[int, Cell], count: int) -> Text:
    if count not in cells:
        return Text("")
    value, low, high = cells[count]
    return Text.assemble(f"{number(metric, value):>5} ", (interval(metric, low, high), "dim"))


def show_cache(folder: Path, entries: Sequence[Entry]) -> None:
    """Where answers are kept, and of which models."""
    console = stdout()
    console.print(f"answers are kept in {folder}", highlight=False)
    if not entries:
        console.print("there are none yet", style="dim")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("model", no_wrap=True)
    table.add_column("answers", justify="right")
    table.add_column("size", justify="right")
    for entry in entries:
        count = "unreadable" if entry.responses is None else f"{entry.responses:,}"
        table.add_row(entry.model, count, size(entry.bytes))
    console.print(table)


def duration(seconds: float) -> str:
    """Seconds as one says them: `0.4 s`, `12 s`, `3 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def size(count: float) -> str:
    """Bytes as one says them: `512 kB`, `1.2 GB`."""
    for unit, worth in (("GB", 1e9), ("MB", 1e6)):
        if count >= worth:
            return f"{count / worth:.1f} {unit}"
    return f"{count / 1e3:.0f} kB"
