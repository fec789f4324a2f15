"""A table before it is drawn: columns and rows in; out the lines of a terminal that is so wide, or whole lines for a
pipe. Markdown and HTML are made of the same (`markdown`, `notebook`).

On a terminal, what is equal in every row stands in a line above; and of all the ways to set a table that fit (what the
rows are of in columns, or the first of these in lines of their own; a grid with fewer columns, if one is given), the
one with the fewest lines is taken. Only where none fits are names shortened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from evalkit.report.plain import one_line, shortened, width

Span = tuple[str, str]  # a text and its style, as rich names them
Cell = tuple[Span, ...]
Line = tuple[Span, ...]

EMPTY: Cell = ()
_RULE = "─"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A label says what the row is of. `above` is how a label that is equal in every row is told in the
    line above (`prompt {}`), empty where it stays; `heading` how it is told in a line of its own. `least` is to how
    many places it may be shortened, 0 for not at all; then its end is kept, or its beginning where there is a number.
    """

    title: str
    is_label: bool = False
    is_number: bool = False
    above: str = ""
    heading: str = "{}"
    least: int = 0
    keep_end: bool = True


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns, labels first, and rows with a cell for each; `strong` are the places of the rows that stand out."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    strong: frozenset[int] = frozenset()

    @property
    def labels(self) -> int:
        """How many columns are labels."""
        return sum(column.is_label for column in self.columns)


def cell(text: str, style: str = "") -> Cell:
    """A cell of one text, made harmless."""
    return ((one_line(text), style),) if text else EMPTY


def text_of(spans: Sequence[Span]) -> str:
    """The text alone."""
    return "".join(text for text, _ in spans)


def whole(grid: Grid) -> list[Line]:
    """Every column in full, one row per line, as long as it is: for a pipe."""
    return list(_set(grid, 0, 2, ""))


def settled(grid: Grid) -> tuple[Grid, str]:
    """The grid without the columns that say the same, or nothing, in every row; and what those say."""
    same = [
        place
        for place, column in enumerate(grid.columns)
        if column.above and len({text_of(row[place]) for row in grid.rows}) == 1
    ]
    told = [(grid.columns[place].above, text_of(grid.rows[0][place])) for place in same]
    return without(grid, {*same, *_empty(grid)}), ", ".join(_told(how, text) for how, text in told if text)


def fitted(grids: Sequence[Grid], most: int) -> tuple[str, list[Line]]:
    """The line above, empty if there is none, and the table's lines, of the grid and the way that take fewest lines in
    so many places; of equal ones the first.
    """
    forms = [
        (kept, heads, gap, above)
        for kept, above in map(settled, grids)
        for heads in range(kept.labels + 1)
        for gap in (2, 1)
        if heads < len(kept.columns)
    ]
    fitting = [form for form in forms if _widest(*form[:3]) <= most]
    if fitting:
        kept, heads, gap, above = min(fitting, key=lambda form: _count(*form[:2]))
    else:
        kept, heads, gap, above = min(forms, key=lambda form: (max(most, _least(*form[:3])), _widest(*form[:3])))
        kept = _narrowed(kept, heads, most - _wide(kept, heads, gap))
    return above, list(_set(kept, heads, gap, _RULE, most))


def without(grid: Grid, places: Sequence[int] | set[int]) -> Grid:
    """The grid without these columns."""
    left = [place for place in range(len(grid.columns)) if place not in places]
    rows = tuple(tuple(row[place] for place in left) for row in grid.rows)
    return replace(grid, columns=tuple(grid.columns[place] for place in left), rows=rows)


def _empty(grid: Grid) -> set[int]:
    """The columns that no row has anything in."""
    return {place for place in range(len(grid.columns)) if not any(text_of(row[place]) for row in grid.rows)}


def _heading(grid: Grid, row: Sequence[Cell], heads: int) -> str:
    told = [(column.heading, text_of(one)) for column, one in zip(grid.columns[:heads], row, strict=False)]
    return ", ".join(_told(how, text) for how, text in told if text)


def _told(how: str, text: str) -> str:
    """A label in words: `4 shots`, `1 shot`."""
    return how.format(text).removesuffix("s") if text == "1" and how == "{} shots" else how.format(text)


def _count(grid: Grid, heads: int) -> int:
    """How many lines the rows and their headings take."""
    groups = sum(1 for _ in groupby(grid.rows, lambda row: _heading(grid, row, heads))) if heads else 0
    return len(grid.rows) + groups


def _widths(grid: Grid, heads: int) -> list[int]:
    return [
        max([width(column.title), *(width(text_of(row[place])) for row in grid.rows)])
        for place, column in enumerate(grid.columns)
        if place >= heads
    ]


def _wide(grid: Grid, heads: int, gap: int) -> int:
    """How many places the columns take."""
    widths = _widths(grid, heads)
    return sum(widths) + gap * (len(widths) - 1) + 2 * bool(heads)


def _least(grid: Grid, heads: int, gap: int) -> int:
    """How many places the columns take where every name that may be shortened is."""
    spare = (
        max(0, wide - column.least)
        for wide, column in zip(_widths(grid, heads), grid.columns[heads:], strict=True)
        if column.least
    )
    return _wide(grid, heads, gap) - sum(spare)


def _widest(grid: Grid, heads: int, gap: int) -> int:
    """How many places the longest line takes, headings too."""
    headings = {_heading(grid, row, heads) for row in grid.rows} if heads else set()
    return max([_wide(grid, heads, gap), *map(width, headings)])


def _narrowed(grid: Grid, heads: int, lacking: int) -> Grid:
    """The grid with its widest names shortened until it is narrower by as many places as are lacking (negative)."""
    widths = dict(enumerate(_widths(grid, heads), heads))
    least = {place: column.least for place, column in enumerate(grid.columns) if column.least and place >= heads}
    for _ in range(-lacking):
        able = [place for place, most in least.items() if widths[place] > most]
        if not able:
            break
        widths[max(able, key=lambda place: widths[place])] -= 1

    def cut(place: int, one: Cell) -> Cell:
        if place not in least or width(text_of(one)) <= widths[place]:
            return one
        return ((shortened(text_of(one), widths[place], grid.columns[place].keep_end), one[0][1]),)

    rows = tuple(tuple(cut(place, one) for place, one in enumerate(row)) for row in grid.rows)
    titles = tuple(
        replace(column, title=shortened(column.title, widths[place], column.keep_end)) if place in least else column
        for place, column in enumerate(grid.columns)
    )
    return replace(grid, columns=titles, rows=rows)


def _set(grid: Grid, heads: int, gap: int, rule: str, most: int | None = None) -> Iterator[Line]:
    """The lines: the head, a rule where one is given, and then every row; labels are not repeated below the rule. Only
    headings are shortened to `most` places: a row that is wider loses no number.
    """
    widths, columns = _widths(grid, heads), grid.columns[heads:]
    indent = "  " if heads else ""
    titles = [cell(column.title) for column in columns]
    yield _strong(_joined(titles, columns, widths, gap, indent), is_strong=True)
    if rule:
        yield ((rule * _wide(grid, heads, gap), "dim"),)
    for heading, group in groupby(enumerate(grid.rows), lambda one: _heading(grid, one[1], heads)):
        if heads:
            yield ((heading if most is None else shortened(heading, most), "bold"),)
        before: list[str] | None = None
        for place, row in group:
            labels = [text_of(one) for one in row[: grid.labels]]
            shown = [
                EMPTY
                if rule and before is not None and at < grid.labels and before[: at + 1] == labels[: at + 1]
                else one
                for at, one in enumerate(row)
            ][heads:]
            before = labels
            yield _strong(_joined(shown, columns, widths, gap, indent), place in grid.strong)


def _joined(cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], gap: int, indent: str) -> Line:
    spans: list[Span] = [(indent, "")] if indent else []
    for place, (one, column, wide) in enumerate(zip(cells, columns, widths, strict=True)):
        room = (" " * (wide - width(text_of(one))), "")
        spans += [(" " * gap, "")] if place else []
        spans += [room, *one] if column.is_number else [*one, room]
    while spans and not spans[-1][0].strip():
        spans.pop()
    return (*spans[:-1], *((text.rstrip(), style) for text, style in spans[-1:]))


def _strong(line: Line, is_strong: bool) -> Line:
    """The line, bold if it stands out; neighbours of one style become one."""
    styled = ((text, f"{style} bold".strip() if is_strong else style) for text, style in line)
    return tuple(
        ("".join(text for text, _ in alike), style) for style, alike in groupby(styled, key=lambda span: span[1])
    )
