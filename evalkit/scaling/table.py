"""Points from a CSV file: its lines in, points or sizes of models out.

Columns, under these names or those of `columns`: `model` (a name), the sizes `parameters`, `tokens` (training tokens)
and `compute` (FLOP), of which any one follows from the other two as C = 6 N D; one of `loss` (nats per token),
`bits_per_byte` and `error` (between 0 and 1); `low` and `high` (its 95 % interval). Other columns are not read. A cell
of a size may be empty; numbers are plain (`70e9`).
"""

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.errors import DataError, UsageError
from evalkit.scaling.points import BITS, ERROR, LOSS, SIZES, Measure, Point, Points, Sizes, completed

_VALUES = (LOSS, BITS, ERROR)
COLUMNS = ("model", *SIZES, *_VALUES, "low", "high")
_UNITS = {LOSS: "nats per token", BITS: "bits per byte", ERROR: "share that is wrong"}

_Line = tuple[int, Mapping[str, str]]


def read_points(path: Path, columns: Mapping[str, str], drop: tuple[str, str] | None) -> Points:
    """The points of a file.

    Args:
        columns: how the file calls the columns, where it does not call them as here: `{"parameters": "N_params"}`.
        drop: leave out the lines that have this value in this column (the file's own name).

    Raises:
        DataError: the file cannot be read, lacks a column, or a cell is not what it has to be.
        UsageError: `columns` or `drop` name what is not there.
    """
    headings, lines = _read(path)
    names = _named(path, headings, columns)
    kinds = [kind for kind in _VALUES if kind in names]
    if len(kinds) != 1 or not any(size in names for size in SIZES):
        raise DataError(
            f"{path}: found the columns {', '.join(headings) or '(none)'}; expected one of {', '.join(_VALUES)}, and "
            f"at least one of {', '.join(SIZES)}. If they have other names, say which: --columns parameters=N,loss=nll"
        )
    (kind,) = kinds
    kept, dropped = _kept(path, headings, lines, drop)
    points = [_point(path, line, cells, names, kind) for line, cells in kept]
    measure = Measure(kind, _UNITS[kind], path.name, is_nats=kind == LOSS, is_share=kind == ERROR)
    return Points(measure, points, dropped)


def read_sizes(path: Path, columns: Mapping[str, str]) -> dict[str, Sizes]:
    """Parameters, tokens and operations of models by their names, from a file that has no losses; None of what it does
    not say, as other sizes may stand above these before one follows from the other two.

    Raises:
        DataError, UsageError: as `read_points`.
    """
    headings, lines = _read(path)
    names = _named(path, headings, columns)
    if "model" not in names or not any(size in names for size in SIZES) or any(kind in names for kind in _VALUES):
        raise DataError(
            f"{path}: found the columns {', '.join(headings) or '(none)'}. Beside runs, a file gives the sizes of "
            f"their models: `model` and at least one of {', '.join(SIZES)}, and no {', '.join(_VALUES[:-1])} or {ERROR}"
        )
    found: dict[str, Sizes] = {}
    for line, cells in lines:
        name = cells[names["model"]].strip()
        if not name or name in found:
            wrong = f"{name} is listed twice" if name else f"{names['model']} is empty"
            raise DataError(f"{path}, line {line}: {wrong}; every model has one line, with its name")
        found[name] = _sizes(path, line, cells, names)
    return found


def _read(path: Path) -> tuple[Sequence[str], list[_Line]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            headings = [heading.strip() for heading in next(reader, [])]
            lines: list[_Line] = []
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(headings):
                    raise DataError(
                        f"{path}, line {reader.line_num}: {len(cells)} cells, and the first line names "
                        f"{len(headings)} columns"
                    )
                lines.append((reader.line_num, dict(zip(headings, cells, strict=True))))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is no CSV file in UTF-8: {error}") from None
    return headings, lines


def _named(path: Path, headings: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """The file's heading for each of `COLUMNS` that it has."""
    for name, heading in columns.items():
        if name not in COLUMNS:
            raise UsageError(f"--columns {name}={heading}: there is no {name}; there are {', '.join(COLUMNS)}")
        if heading not in headings:
            raise UsageError(f"--columns {name}={heading}: {path} has no such column. It has {', '.join(headings)}")
    found = {name: columns.get(name, name) for name in COLUMNS}
    return {name: heading for name, heading in found.items() if heading in headings}


def _kept(
    path: Path, headings: Sequence[str], lines: list[_Line], drop: tuple[str, str] | None
) -> tuple[list[_Line], int]:
    if drop is None:
        return lines, 0
    column, value = drop
    if column not in headings:
        raise UsageError(f"--drop {column}={value}: {path} has no such column. It has {', '.join(headings)}")
    kept = [(line, cells) for line, cells in lines if cells[column].strip() != value]
    if len(kept) == len(lines):
        found = ", ".join(sorted({cells[column].strip() for _, cells in lines})[:8])
        raise UsageError(f"--drop {column}={value}: no line of {path} has that. Found: {found}")
    return kept, len(lines) - len(kept)


def _point(path: Path, line: int, cells: Mapping[str, str], names: Mapping[str, str], kind: str) -> Point:
    sizes = completed(*_sizes(path, line, cells, names))
    value = _number(path, line, names[kind], cells[names[kind]])
    low, high = (
        _number(path, line, names[end], cells[names[end]], or_0=end == "low" and kind == ERROR)
        if end in names
        else None
        for end in ("low", "high")
    )
    if value is None:
        raise DataError(f"{path}, line {line}: {names[kind]} is empty; every point has one")
    if kind == ERROR and value > 1:
        raise DataError(
            f"{path}, line {line}: {names[kind]} is {value:g}, expected a share between 0 and 1, not percent"
        )
    name = cells[names["model"]].strip() if "model" in names else ""
    return Point(name or f"line {line}", *sizes, value, low, high, f"{path}, line {line}")


def _sizes(path: Path, line: int, cells: Mapping[str, str], names: Mapping[str, str]) -> Sizes:
    parameters, tokens, compute = (
        _number(path, line, names[size], cells[names[size]]) if size in names else None for size in SIZES
    )
    return parameters, tokens, compute


def _number(path: Path, line: int, heading: str, cell: str, *, or_0: bool = False) -> float | None:
    if not cell.strip():
        return None
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf and not (or_0 and value == 0):
        expected = "0 or a number above it" if or_0 else "a number above 0"
        raise DataError(f"{path}, line {line}: {heading} is {cell.strip()!r}, expected {expected}, such as 1.5e9")
    return value
