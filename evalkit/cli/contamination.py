"""What a run that was held against a corpus shows on a terminal: its numbers on clean and on dirty examples."""

from rich.console import Console

from evalkit.cli.console import say, show, stdout
from evalkit.contamination.join import Contamination
from evalkit.contamination.scores import Side, SplitScore
from evalkit.report.contamination import CAVEAT, coverage, gain, p_text
from evalkit.report.grid import Column, Grid, cell
from evalkit.report.summary import measured_by, number, short_names

_COLUMNS = (
    Column("task", is_label=True, least=12),
    Column("prompt", is_label=True, above="prompt {}", least=8),
    Column("seed", is_label=True, above="seed {}", heading="seed {}"),
    Column("shots", is_label=True, is_number=True, above="{} shots", heading="{} shots"),
    Column("metric", is_label=True, least=12),
    Column("N", is_label=True, is_number=True, above="N = {}", heading="N = {}"),
    *(Column(name, is_number=True) for name in ("all", "clean", "dirty", "clean %", "EPG", "p", "unscored")),
)


def show_contamination(joined: Contamination, console: Console | None = None) -> None:
    """The table, how much of the corpus was read, and what the numbers do not say."""
    console = console or stdout()
    names = short_names(one.task for one in joined.scores)
    rows = [
        tuple(
            map(cell, (names[one.task] if console.is_terminal else one.task, one.prompt, str(one.seed), *_cells(one)))
        )
        for one in joined.scores
    ]
    show(console, [Grid(_COLUMNS, tuple(rows))], "Contamination")
    if joined.scores:
        say(console, "Scores with the number of items; EPG is all less clean, with its 95 % interval.", style="dim")
    say(console, f"Corpus: {coverage(joined.manifest)}")
    say(console, CAVEAT, style="dim")
    for note in joined.notes:
        say(console, f"- {note}")


def _cells(one: SplitScore) -> list[str]:
    return [
        str(one.shots),
        measured_by(one.metric, one.scorer),
        str(one.ngram),
        *(_side(one.metric, side) for side in (one.all, one.clean, one.dirty)),
        f"{one.clean_percent:.0f}",
        gain(one),
        p_text(one.p),
        f"{one.unscored.units:,}" if one.unscored.units else "",
    ]


def _side(metric: str, side: Side) -> str:
    return f"{number(metric, side.value)} ({side.n:,})" if side.value is not None else "-" if side.units else ""
