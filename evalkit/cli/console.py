"""What a run shows on a terminal when it is done: the table of scores, and what has to be known beside it.

A terminal has what fits its width; a pipe has whole tables, one row on a line, without colour.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from evalkit.engine.cache import Entry
from evalkit.evaluation.evaluate import Results
from evalkit.report import listing
from evalkit.report.contamination import size
from evalkit.report.diagnostics import flag_lines
from evalkit.report.grid import Column, Grid, cell, fitted, whole
from evalkit.report.plain import printable
from evalkit.report.spread import spreads
from evalkit.report.summary import UNITS, notes, work_text

_PIPED_WIDTH = 200  # of what rich draws by itself, where no terminal says how wide it is
_COMPONENTS = (
    "Means over prompts × seeds: their 95 % intervals include these, those above the draw of examples alone. Right: "
    "what a single number owes to each, as a standard deviation."
)
_MANY = 8  # lines of one kind on a terminal


def stdout() -> Console:
    """Standard output. Tables and texts go through `show` and `say`, which know how wide it is."""
    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    return console


def stderr() -> Console:
    """Standard error, where standard output is for a machine."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


def say(console: Console, words: str, style: str = "") -> None:
    """A text, wrapped between words on a terminal, a list's item below its first letter; a whole line elsewhere. What
    cannot be seen is left out: names and answers may hold what a terminal obeys.
    """
    text = Text(printable(words), style=style)
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    hang = "  " if words.startswith("- ") else ""
    for place, line in enumerate(text.wrap(console, max(8, console.width - len(hang)))):
        line.rstrip()
        console.print(Text(hang if place else "") + line, soft_wrap=True)


def show(console: Console, grids: Sequence[Grid], title: str = "") -> None:
    """A table, in the first of these shapes on a pipe and in the one that fits best on a terminal."""
    if not grids or not grids[0].rows:
        return
    above, lines = fitted(grids, console.width) if console.is_terminal else ("", whole(grids[0]))
    console.print()
    if title or above:
        say(console, ": ".join(filter(None, (title, above))), style="italic" if title else "dim")
    for line in lines:
        console.print(Text.assemble(*line), soft_wrap=True)
    console.print()


def show_results(results: Results, console: Console | None = None) -> None:
    """The table of scores, with what has to be known to read it."""
    console = console or stdout()
    short = console.is_terminal
    show(console, listing.scores(results.results, results.diagnostics, short))
    say(console, UNITS, style="dim")
    if legend := listing.legend(results.results, results.diagnostics):
        say(console, legend, style="yellow")
    if short and (judged := listing.judged(results.results)):
        say(console, f"Judged by {judged}.", style="dim")
    if apart := spreads(results.results):
        show(console, [listing.spread(apart, short)], "Spread over parts")
    if results.components:
        show(console, [listing.components(results.components, short)], "Seeds and prompts")
        say(console, _COMPONENTS, style="dim")
    say(console, f"{work_text(results.work)}.", style="dim")
    _list(console, notes(results.results), "")
    _list(console, flag_lines(results.diagnostics), "yellow")
    for task, reason in results.skipped.items():
        say(console, f"- {task} was left out: {reason}", style="yellow")


def _list(console: Console, lines: Sequence[str], style: str) -> None:
    """On a terminal the first of many."""
    most = _MANY if console.is_terminal and len(lines) > _MANY + 1 else len(lines)
    for line in lines[:most]:
        say(console, f"- {line}", style)
    if len(lines) > most:
        say(console, f"- and {len(lines) - most:,} more of that kind, which the report has", style)


def show_cache(folder: Path, entries: Sequence[Entry]) -> None:
    """Where answers are kept, and of which models."""
    console = stdout()
    say(console, f"answers are kept in {folder}")
    if not entries:
        say(console, "there are none yet", style="dim")
        return
    columns = (
        Column("model", is_label=True, least=12),
        *(Column(name, is_number=True) for name in ("answers", "size")),
    )
    counts = ["unreadable" if entry.responses is None else f"{entry.responses:,}" for entry in entries]
    rows = [
        tuple(map(cell, (entry.model, count, size(entry.bytes)))) for entry, count in zip(entries, counts, strict=True)
    ]
    show(console, [Grid(columns, tuple(rows))])


def duration(seconds: float) -> str:
    """Seconds as one says them: `0.4 s`, `12 s`, `3 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
