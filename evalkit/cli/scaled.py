"""What a fit of scaling laws shows on a terminal: constants beside the papers', forecasts, the frontier, notes."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from evalkit.cli.console import stdout
from evalkit.scaling import texts
from evalkit.scaling.amounts import short
from evalkit.scaling.points import ERROR
from evalkit.scaling.record import Frontier, Scaling
from evalkit.scaling.words import at_text

_MEANING = """\
Law: 95 % interval of the curve. Model: of a single model, which scatters about it."""


def show_scalings(scalings: Sequence[Scaling]) -> None:
    """One fit in full, or a line for each of several."""
    if len(scalings) > 1:
        _show_several(scalings)
        return
    (scaling,) = scalings
    console = stdout()
    console.print(Text(texts.headline(scaling)))
    console.print(Text(scaling.formula, style="bold"), Text(f"({texts.scaled_by(scaling)})", style="dim"))
    console.print(_constants(scaling))
    console.print(Text(texts.quality(scaling), style="dim"))
    for paper in scaling.papers:
        console.print(Text(f"{paper.label}: {paper.source}, {paper.meaning}", style="dim"))
    if scaling.forecasts:
        console.print(_forecasts(scaling))
        console.print(Text(_MEANING, style="dim"))
    if scaling.frontier is not None:
        console.print(_exponents(scaling.frontier))
        console.print(_budgets(scaling, scaling.frontier))
    for note in scaling.notes:
        console.print(Text(f"- {note}"))


def _show_several(scalings: Sequence[Scaling]) -> None:
    console, first = stdout(), scalings[0]
    console.print(Text(first.formula, style="bold"), Text(f"({texts.scaled_by(first)})", style="dim"))
    names = texts.compared(first)
    table = _table("task, metric, shots", "n", *(head for name in names for head in (name, "95 %")))
    for one in first.forecasts:
        table.add_column(at_text(one).replace(" parameters", ""), justify="right", no_wrap=True)
    for scaling in scalings:
        cells = [
            cell
            for name, number in scaling.constants.items()
            if name in names
            for cell in (texts.constant(name, number.value), _dim(texts.constant_bounds(name, number)))
        ]
        told = [texts.loss(scaling.measure, one.loss.value) for one in scaling.forecasts]
        table.add_row(scaling.measure.name, str(len(scaling.points)), *cells, *told)
    console.print(table)
    kinds = dict.fromkeys(texts.in_percent(scaling.measure) for scaling in scalings)
    console.print(Text(f"{', '.join(kinds)}; {texts.method(first)}. {texts.sureness(first)}.", style="dim"))
    for note in dict.fromkeys(note for scaling in scalings for note in scaling.notes):
        console.print(Text(f"- {note}"))


def _constants(scaling: Scaling) -> Table:
    table = _table("", "fitted", "95 %", *(paper.label for paper in scaling.papers))
    for name, own in scaling.constants.items():
        theirs = [
            Text.assemble(
                texts.printed(name, paper.constants[name]),
                (f" ± {texts.printed(name, paper.stderr[name])}" if name in paper.stderr else "", "dim"),
            )
            for paper in scaling.papers
        ]
        value = Text(texts.constant(name, own.value), style="bold")
        table.add_row(name, value, _dim(texts.constant_bounds(name, own)), *theirs)
    return table


def _forecasts(scaling: Scaling) -> Table:
    table = _table("forecast at", "error, %" if scaling.measure.kind == ERROR else "loss", "law", "model")
    for one in scaling.forecasts:
        table.add_row(
            at_text(one),
            Text(texts.loss(scaling.measure, one.loss.value), style="bold"),
            _dim(texts.loss_bounds(scaling.measure, one.loss.low, one.loss.high)),
            _dim(texts.loss_bounds(scaling.measure, one.low, one.high)),
        )
    return table


def _exponents(frontier: Frontier) -> Table:
    """N_opt ~ C^a, D_opt ~ C^b."""
    table = _table("best", "fitted", "95 %", *frontier.exponents)
    for place, (name, own) in enumerate((("N ~ C^a: a", frontier.a), ("D ~ C^b: b", frontier.b))):
        theirs = [texts.constant("a", both[place]) for both in frontier.exponents.values()]
        value = Text(texts.constant("a", own.value), style="bold")
        table.add_row(name, value, _dim(texts.constant_bounds("a", own)), *theirs)
    return table


def _budgets(scaling: Scaling, frontier: Frontier) -> Table:
    table = _table(
        "FLOP", "N", "D", "loss", "D/N", "95 %", *(f"{label} D/N".replace(" ", "\n") for label in frontier.exponents)
    )
    for one in frontier.budgets:
        table.add_row(
            short(one.compute),
            short(one.parameters.value),
            short(one.tokens.value),
            texts.loss(scaling.measure, one.loss.value),
            Text(texts.ratio(one.ratio.value), style="bold"),
            _dim(texts.ratio_bounds(one.ratio)),
            *(texts.ratio(value) for value in one.advised.values()),
        )
    return table


def _dim(text: str) -> Text:
    return Text(text, style="dim")


def _table(first: str, *heads: str) -> Table:
    """A table with a left column and right ones; the heads may break at spaces, the cells may not."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold")
    for head in heads:
        table.add_column(head, justify="right")
    return table
