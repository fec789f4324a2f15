"""What a run that was held against a corpus shows on a terminal: its numbers on clean and on dirty examples."""

from rich import box
from rich.table import Table
from rich.text import Text

from evalkit.cli.console import stdout
from evalkit.contamination.join import Contamination
from evalkit.contamination.scores import Side, SplitScore
from evalkit.report.contamination import CAVEAT, coverage, gain, p_text
from evalkit.report.summary import measured_by, number, short_names


def show_contamination(joined: Contamination) -> None:
    """The table, how much of the corpus was read, and what the numbers do not say."""
    console = stdout()
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title="Contamination", title_justify="left"
    )
    several = len({(one.prompt, one.seed) for one in joined.scores}) > 1
    for name in ("task", *(("prompt",) if several else ()), "shots", "metric"):
        table.add_column(name, no_wrap=True)
    for name in ("N", "all", "clean", "dirty", "clean %", "EPG", "p", "unscored"):
        table.add_column(name, no_wrap=True, justify="right")
    names = short_names(one.task for one in joined.scores)
    for one in joined.scores:
        prompt = [f"{one.prompt} seed {one.seed}" if one.seed else one.prompt] if several else []
        table.add_row(names[one.task], *prompt, str(one.shots), measured_by(one.metric, one.scorer), *_cells(one))
    if joined.scores:
        console.print(table)
        console.print("Scores with the number of items; EPG is all less clean, with its 95 % interval.", style="dim")
    console.print(Text(f"Corpus: {coverage(joined.manifest)}"))
    console.print(Text(CAVEAT, style="dim"))
    for note in joined.notes:
        console.print(Text(f"- {note}"))


def _cells(one: SplitScore) -> list[str]:
    return [
        str(one.ngram),
        *(_side(one.metric, side) for side in (one.all, one.clean, one.dirty)),
        f"{one.clean_percent:.0f}",
        gain(one),
        p_text(one.p),
        f"{one.unscored.units:,}" if one.unscored.units else "",
    ]


def _side(metric: str, side: Side) -> str:
    return f"{number(metric, side.value)} ({side.n:,})" if side.value is not None else "-" if side.units else ""
