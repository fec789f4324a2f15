"""What a run under a protocol shows on a terminal: its numbers beside the paper's, and what parts them."""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from evalkit.cli.console import say, show, stdout
from evalkit.published import Figure
from evalkit.report.beside import Comparison, shown
from evalkit.report.grid import Cell, Column, Grid, cell

_OWN_WORDS = ("metric", "unusable")  # flags that say something else each time
_FEW = 40  # comparisons of single parts of a task
_KINDS = {
    "split": "another split than the paper's was scored",
    "shots": "another number of shots than the paper's, or fewer of them fitted the window (said above)",
    "limited": "fewer items than the paper's: the run was limited",
    "items": "another number of items than the paper's",
    "chance": "one of the numbers is below what guessing scores",
}


_COLUMNS = (
    Column("task", is_label=True, least=12),
    Column("part", is_label=True, least=12),
    Column("prompt", is_label=True, above="prompt {}", least=8),
    Column("shots", is_label=True, is_number=True, above="{} shots", heading="{} shots"),
    Column("the paper's name", is_label=True, heading="there {}", least=12),
    Column("split here, there", is_label=True, above="split here, there: {}", least=12),
    Column("here", is_number=True),
    Column("its models next in size", least=16, keep_end=False),
    Column("notes", least=8, keep_end=False),
)


def show_beside(compared: Sequence[Comparison], console: Console | None = None) -> None:
    """The table, and below it every reason why two numbers are not quite of the same thing."""
    single = Counter((one.result.task, one.result.metric) for one in compared if "=" in one.result.subset)
    compared = [  # many single parts are in the report
        one for one in compared if "=" not in one.result.subset or single[one.result.task, one.result.metric] <= _FEW
    ]
    if not compared:
        return
    console = console or stdout()
    numbers: dict[str, int] = {}
    show(console, [Grid(_COLUMNS, tuple(_row(one, numbers) for one in compared))], "Beside the paper")
    say(console, f"The paper: {compared[0].paper}.", style="dim")
    kinds = {flag.kind for one in compared for flag in one.flags}
    for kind, text in _KINDS.items():
        if kind in kinds:
            say(console, f"{kind}: {text}", style="yellow")
    for text, number in numbers.items():
        say(console, f"{number}: {text}", style="yellow")


def _row(one: Comparison, numbers: dict[str, int]) -> tuple[Cell, ...]:
    """A comparison's cells; notes in words of their own get a number."""
    marks = [
        str(numbers.setdefault(flag.text, len(numbers) + 1)) if flag.kind in _OWN_WORDS else flag.kind
        for flag in one.flags
    ]
    return (
        cell(one.result.task),
        cell(one.result.subset),
        cell(one.result.prompt),
        cell(str(one.result.shots)),
        cell(f"{one.task}, {one.metric}"),
        cell(f"{one.scored or '-'}, {one.split or 'not said'}"),
        cell(shown(one.result.metric, one.value)),
        cell(", ".join(map(_figure, one.figures)) or "none to compare with"),
        cell(" ".join(dict.fromkeys(marks)), "yellow"),
    )


def _figure(figure: Figure) -> str:
    return f"{figure.model} {figure.value:g}"
