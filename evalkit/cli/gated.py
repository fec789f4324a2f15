"""What a gate shows on a terminal: a line for every number, the verdicts' meaning, and what has to be known beside."""

from evalkit.cli.console import say, show, stdout
from evalkit.gate.lines import OVERALL, Gate
from evalkit.gate.output import headline, meanings, rounded, shown, signed
from evalkit.report.grid import Column, Grid, cell
from evalkit.report.summary import measured_by, short_names
from evalkit.statistics import INCONCLUSIVE, PASS, REGRESSION

_STYLES = {PASS: "green", REGRESSION: "bold red", INCONCLUSIVE: "yellow"}


_COLUMNS = (
    Column("task", is_label=True, least=12),
    Column("prompt", is_label=True, above="prompt {}", least=8),
    Column("shots", is_label=True, is_number=True, above="{} shots", heading="{} shots"),
    Column("seed", is_label=True, above="seed {}", heading="seed {}"),
    Column("metric", is_label=True, least=12),
    *(Column(name, is_number=True) for name in ("n", "was", "now", "change", "worst")),
    Column("verdict"),
    Column("needs", is_number=True),
)


def show_gate(gate: Gate) -> None:
    """The table and the words."""
    console = stdout()
    show(console, [_grid(gate, console.is_terminal)])
    for text in meanings(gate):
        say(console, text, style="dim")
    for note in gate.notes:
        say(console, f"- {note}")
    say(console, headline(gate), style=_STYLES[gate.verdict])


def _grid(gate: Gate, short: bool) -> Grid:
    """A row for every number, the overall one last; what all the others are asked with is told of it too."""
    keys = [line.key for line in gate.lines]
    names = {**(short_names(key.task for key in keys) if short else {}), OVERALL: OVERALL}
    alike = {name: len({getattr(key, name) for key in keys}) == 1 for name in ("prompt", "shots", "seed")}
    rows = []
    for line in gate.all_lines:
        key = line.key if line is not gate.overall else keys[0]
        setting = [str(getattr(key, name)) if line is not gate.overall or same else "" for name, same in alike.items()]
        numbers = (
            *(rounded(line.n), shown(line, line.baseline), shown(line, line.candidate)),
            *(signed(line, line.change), signed(line, line.low)),
        )
        of = (names.get(line.key.task, line.key.task), *setting, measured_by(line.key.metric, line.key.scorer))
        verdict = cell(line.verdict, _STYLES[line.verdict])
        rows.append((*map(cell, (*of, *numbers)), verdict, cell(rounded(line.needed))))
    strong = frozenset({len(rows) - 1}) if gate.overall is not None else frozenset()
    return Grid(_COLUMNS, tuple(rows), strong)
