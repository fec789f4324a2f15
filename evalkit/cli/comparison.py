"""What a comparison shows on a terminal: what differs besides the model, the table, and what has to be known beside it.

Of offensive tasks no text is shown.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console

from evalkit.cli.console import say, stdout
from evalkit.comparison.record import BETTER, WORSE, Comparison, Contrast, Difference, Flip, Run
from evalkit.comparison.words import (
    ALIKE,
    BRIEFLY,
    cells,
    change_text,
    headline,
    heads,
    is_sure,
    lone,
    run_text,
    several,
    signature_texts,
    tasks,
    unlike_text,
    whys,
)
from evalkit.report.summary import short_names

_KEYS = ("n", "first", "second", "gap", "sure", "mde", "flips", "told")
_STYLES = {BETTER: "green", WORSE: "red"}


def show_comparison(comparison: Comparison, most: int) -> None:
    """Everything, in order; `most` flips each way of every number whose difference is sure."""
    console = stdout()
    names = short_names(tasks(comparison))
    for run in comparison.runs:
        say(console, f"{run.label}  {run_text(run)}  ({run.path})")
    for contrast in comparison.contrasts:
        _show(console, contrast, comparison.baseline, names, most)
    say(console, BRIEFLY, style="dim")


def _show(console: Console, contrast: Contrast, baseline: Run, names: dict[str, str], most: int) -> None:
    labels = baseline.label, contrast.run.label
    console.print()
    say(console, headline(contrast, baseline), style="bold")
    for told in signature_texts(contrast, baseline):
        say(console, f"- {told}", style="yellow")
    if not contrast.signatures:
        say(console, ALIKE)
    if unlike := unlike_text(contrast):
        say(console, unlike, style="yellow")
    if contrast.differences:
        console.print()
        _show_table(console, contrast, labels, names)
        console.print()
    for told in (*whys(contrast), *contrast.notes):
        say(console, f"- {told}")
    for change in contrast.surroundings:
        say(console, f"- {change_text(change, *labels)}", style="dim")
    for head, only in lone(contrast, baseline):
        say(console, f"- {head}: {several(only, '; ')}", style="yellow")
    for one in contrast.differences:
        if is_sure(one) and most and one.flips is not None:
            _show_flips(console, one, labels, most)


def _show_table(console: Console, contrast: Contrast, labels: tuple[str, str], names: dict[str, str]) -> None:
    """A row for each number; where that is too wide, what it is of stands on a line before its row."""
    rows = [cells(one, names) for one in contrast.differences]
    what = heads(contrast)
    columns = [_column([name, *(row[name] for row in rows)], name in ("shots", "seed")) for name in what]
    titles = ("n", *labels, f"{labels[1]} − {labels[0]} [95 %]", "p", "MDE", "flips", "")
    numbers = [
        _column([title, *(row[key] for row in rows)], key not in ("gap", "verdict"))
        for title, key in zip(titles, _KEYS, strict=True)
    ]
    of = [" ".join(parts) for parts in zip(*columns, strict=True)]
    lines = [" ".join(parts).rstrip() for parts in zip(*numbers, strict=True)]
    wide = max(cell_len(f"{left} {line}") for left, line in zip(of, lines, strict=True))
    is_narrow = wide > console.width
    head = lines[0] if is_narrow else f"{of[0]} {lines[0]}"
    say(console, head, style="bold")
    console.print("─" * min(wide, console.width), style="dim")
    for one, row, left, line in zip(contrast.differences, rows, of[1:], lines[1:], strict=True):
        style = _STYLES.get(one.verdict, "") if is_sure(one) else ""
        if is_narrow:
            say(console, f"{row['task']}, {', '.join(_asked(row, name) for name in what[1:])}", style="bold")
        say(console, line if is_narrow else f"{left} {line}", style=style)


def _column(texts: Sequence[str], is_number: bool) -> list[str]:
    """Texts of one width, the numbers at its right."""
    width = max(map(cell_len, texts))
    return [
        " " * (width - cell_len(text)) * is_number + text + " " * (width - cell_len(text)) * (not is_number)
        for text in texts
    ]


def _asked(row: dict[str, str], name: str) -> str:
    return f"{row[name]} {name}" if name in ("shots", "seed") else row[name]


def _show_flips(console: Console, one: Difference, labels: tuple[str, str], most: int) -> None:
    shown = cells(one)
    for way, flips in zip(("right to wrong", "wrong to right"), one.flips or (), strict=True):
        if flips:
            say(console, f"{shown['task']}, {shown['shots']} shots, {shown['metric']}: {len(flips):,} {way}")
            _list(console, flips, one.is_offensive, labels, most)


def _list(console: Console, flips: Sequence[Flip], is_offensive: bool, labels: tuple[str, str], most: int) -> None:
    for flip in flips[:most]:
        told = "" if is_offensive else f"  {flip.text}"
        say(console, f"  {flip.id}{told}")
        if not is_offensive:
            answers = f"{labels[0]}: {flip.first}, {labels[1]}: {flip.second}, right: {flip.target}"
            say(console, f"     {answers}", style="dim")
    if len(flips) > most:
        say(console, f"  and {len(flips) - most:,} more: --output DIR has them all", style="dim")
