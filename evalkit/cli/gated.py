"""What a gate shows on a terminal: a line for every number, the verdicts' meaning, and what has to be known beside."""

from rich import box
from rich.table import Table
from rich.text import Text

from evalkit.cli.console import stdout
from evalkit.gate.lines import OVERALL, Gate
from evalkit.gate.output import headline, meanings, rounded, shown, signed
from evalkit.report.summary import measured_by, short_names
from evalkit.statistics import INCONCLUSIVE, PASS, REGRESSION

_STYLES = {PASS: "green", REGRESSION: "bold red", INCONCLUSIVE: "yellow"}


def show_gate(gate: Gate) -> None:
    """The table and the words."""
    console = stdout()
    console.print(_table(gate))
    for text in meanings(gate):
        console.print(Text(text, style="dim"))
    for note in gate.notes:
        console.print(Text(f"- {note}"))
    console.print(Text(headline(gate), style=_STYLES[gate.verdict]))


def _table(gate: Gate) -> Table:
    keys = [line.key for line in gate.lines]
    several = [name for name in ("prompt", "shots", "seed") if len({getattr(key, name) for key in keys}) > 1]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("task", overflow="fold")
    for name in several:
        table.add_column(name, no_wrap=True, justify="right" if name == "shots" else "left")
    table.add_column("metric", overflow="fold")
    for name in ("n", "was", "now", "change", "worst"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("verdict", no_wrap=True)
    table.add_column("needs", no_wrap=True, justify="right")
    names = {**short_names(key.task for key in keys), OVERALL: OVERALL}
    for line in gate.all_lines:
        is_overall = line is gate.overall
        table.add_row(
            names[line.key.task],
            *("" if is_overall else str(getattr(line.key, name)) for name in several),
            measured_by(line.key.metric, line.key.scorer),
            rounded(line.n),
            *(shown(line, line.baseline), shown(line, line.candidate)),
            *(signed(line, line.change), signed(line, line.low)),
            Text(line.verdict, style=_STYLES[line.verdict]),
            rounded(line.needed),
            style="bold" if is_overall else "",
        )
    return table
