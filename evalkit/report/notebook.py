"""What a notebook shows of a returned object: grids and lines in, a fragment of HTML out.

The fragment stands alone: every text escaped, no script, no style sheet, nothing fetched; letters keep the colour of
the page, light or dark.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from evalkit.report import listing
from evalkit.report.diagnostics import flag_lines
from evalkit.report.grid import Cell, Grid, settled
from evalkit.report.plain import one_line
from evalkit.report.summary import UNITS, notes
from evalkit.runs.diagnostics import Diagnosis, Variation
from evalkit.schema import Result

MANY = 200  # rows that a notebook shows
_FEW = 12  # lines
_TABLE = "border-collapse:collapse;background:transparent;color:inherit;font-variant-numeric:tabular-nums"
_CELL = "padding:.2em .8em .2em 0;border:0;background:transparent;color:inherit"
_LINE = "border-bottom:1px solid rgba(128,128,128,.5)"
_STYLES: Mapping[str, str] = {"dim": "opacity:.65", "yellow": "font-weight:bold", "bold": "font-weight:bold"}


def results_html(
    results: Sequence[Result],
    diagnoses: Sequence[Diagnosis],
    varied: Sequence[Variation],
    skipped: Mapping[str, str],
) -> str:
    """The table of scores with its legend, what numbers owe to seeds and prompts, notes, flags, and what was left
    out.
    """
    grids = listing.scores(results, diagnoses, short=True)
    parts = [table(grids[0])] if grids else []
    parts.append(line(UNITS))
    legend, judged = listing.legend(results, diagnoses), listing.judged(results)
    parts += [line(text) for text in (legend, judged and f"Judged by {judged}.") if text]
    if varied:
        parts.append(table(listing.components(varied, short=True), "Seeds and prompts"))
    left_out = [f"{task} was left out: {reason}" for task, reason in skipped.items()]
    return whole([*parts, *map(items, (notes(results), flag_lines(diagnoses), left_out))])


def whole(parts: Sequence[str]) -> str:
    """The fragment."""
    return f'<div style="color:inherit;overflow-x:auto">{"".join(parts)}</div>'


def table(grid: Grid, title: str = "") -> str:
    """A grid as a table, what is equal in every row above it; of many rows the first."""
    kept, above = settled(grid)
    head = Markup("").join(
        Markup('<th style="{}">{}</th>').format(f"{_CELL};{_LINE};text-align:{_side(one.is_number)}", one.title)
        for one in kept.columns
    )
    rows = []
    for place, cells in enumerate(kept.rows[:MANY]):
        weight = ";font-weight:bold" if place in kept.strong else ""
        shown = (
            Markup('<td style="{}">{}</td>').format(
                f"{_CELL};white-space:nowrap;text-align:{_side(column.is_number)}{weight}", _spans(one)
            )
            for column, one in zip(kept.columns, cells, strict=True)
        )
        rows.append(Markup("<tr>{}</tr>").format(Markup("").join(shown)))
    more = len(kept.rows) - MANY
    return "".join(
        (
            line(": ".join(filter(None, (title, above)))) if title or above else "",
            Markup('<table style="{}"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
                _TABLE, head, Markup("").join(rows)
            ),
            line(f"and {more:,} more rows") if more > 0 else "",
        )
    )


def line(text: str) -> str:
    """A line that stands back."""
    return Markup('<p style="margin:.3em 0;opacity:.75">{}</p>').format(one_line(text))


def items(lines: Sequence[str]) -> str:
    """Lines as a list, of many the first; nothing where there are none."""
    if not lines:
        return ""
    more = [f"and {len(lines) - _FEW:,} more"] if len(lines) > _FEW else []
    told = Markup("").join(Markup("<li>{}</li>").format(one_line(text)) for text in [*lines[:_FEW], *more])
    return Markup('<ul style="margin:.3em 0;padding-left:1.2em">{}</ul>').format(told)


def _spans(one: Cell) -> Markup:
    """A cell's parts; spaces before a number are as wide as its digits."""
    padded = [("\u2007" * (len(text) - len(text.lstrip())) + text.lstrip(), style) for text, style in one]
    shown = (
        Markup('<span style="{}">{}</span>').format(_STYLES[style], text) if style in _STYLES else escape(text)
        for text, style in padded
    )
    return Markup("").join(shown)


def _side(is_number: bool) -> str:
    return "right" if is_number else "left"
