"""The board as data: `results.csv` and `results.parquet` have a row for every number of every run on it; in
`results.json` its columns and runs stand once, and the numbers refer to them by their places.

In CSV a text that begins as a formula does in a spreadsheet has an apostrophe before it: names are strangers' text.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow
import pyarrow.csv
import pyarrow.parquet

from evalkit.leaderboard.board import Board

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ORDER = (
    *("column", "model", "dtype", "model_version", "parameters", "task", "prompt", "shots", "seed", "metric"),
    *("subset", "scorer", "value", "low", "high", "n", "is_latest", "best_rank", "worst_rank", "is_regression"),
    *("started", "evalkit", "run", "signature"),
)

Table = Any  # pyarrow's, which has no types


@dataclass(frozen=True, slots=True)
class _Tables:
    """Columns and runs, each once; numbers with the places of theirs; and the numbers' signatures."""

    columns: Table
    runs: Table
    numbers: Table
    signatures: list[str]


def downloads(board: Board, links: Mapping[str, str]) -> dict[str, bytes]:
    """The three files by their names; `links` has each run's report, by the key of its place."""
    tables = _tables(board, links)
    return {"results.csv": _csv(tables), "results.json": _json(tables), "results.parquet": _parquet(_flat(tables))}


def _tables(board: Board, links: Mapping[str, str]) -> _Tables:
    places: dict[str, int] = {}
    runs: list[tuple[object, ...]] = []
    numbers: list[tuple[object, ...]] = []
    signatures: list[str] = []
    for model in board.models:
        for run in model.runs:
            places[run.place.key], one = len(runs), run.entry
            identity = (one.model, one.dtype, one.version, one.parameters)
            runs.append((*identity, one.started, one.evalkit, links[run.place.key]))
        for place, cell in model.cells.items():
            for point in cell.points:
                number, run, ranks = point.number, point.run, cell.ranks if point is cell.points[-1] else (None, None)
                bounded = (number.value, number.low, number.high, number.n)
                numbers.append(
                    (place, places[run.place.key], *bounded, ranks[0] is not None, *ranks, point.is_regression)
                )
                signatures.append(run.entry.signature(number))
    columns = [(column.id, *column.key) for column in board.columns]
    return _Tables(
        _table("column task prompt shots seed metric subset scorer asked", "tttiitttt", columns),
        _table("model dtype model_version parameters started evalkit run", "tttittt", runs),
        _table(
            "column run value low high n is_latest best_rank worst_rank is_regression", "iifffibiib", numbers
        ),
        signatures,
    )  # fmt: skip


def _table(names: str, kinds: str, rows: Sequence[tuple[object, ...]]) -> Table:
    """A table of these rows; a kind is a text, an integer, a float or a Boolean, by its first letter."""
    known = {"t": pyarrow.string(), "i": pyarrow.int64(), "f": pyarrow.float64(), "b": pyarrow.bool_()}
    lists = zip(*rows, strict=True) if rows else [()] * len(kinds)
    arrays = [pyarrow.array(values, known[kind]) for values, kind in zip(lists, kinds, strict=True)]
    return pyarrow.table(arrays, names=names.split())


def _flat(tables: _Tables) -> Table:
    """A row for each number, with all that its column and its run are."""
    parts = {
        **dict(zip(tables.numbers.column_names, tables.numbers.columns, strict=True)),
        **_taken(tables.columns, tables.numbers.column("column")),
        **_taken(tables.runs, tables.numbers.column("run")),
        "signature": pyarrow.array(tables.signatures, pyarrow.string()),
    }
    return pyarrow.table({name: parts[name] for name in _ORDER})


def _taken(table: Table, places: Any) -> dict[str, Any]:
    return dict(zip(table.column_names, table.take(places).columns, strict=True))


def _csv(tables: _Tables) -> bytes:
    safe = [_disarmed(text) for text in tables.signatures]
    plain = _Tables(_disarmed_table(tables.columns), _disarmed_table(tables.runs), tables.numbers, safe)
    sink = io.BytesIO()
    pyarrow.csv.write_csv(_flat(plain), sink)
    return sink.getvalue()


def _disarmed_table(table: Table) -> Table:
    for place, name in enumerate(table.column_names):
        if table.schema.field(name).type == pyarrow.string():
            texts = [_disarmed(text) for text in table.column(name).to_pylist()]
            table = table.set_column(place, name, pyarrow.array(texts, pyarrow.string()))
    return table


def _disarmed(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _json(tables: _Tables) -> bytes:
    """`asked` is a column's signature, without what the run says of the model."""
    return msgspec.json.encode(
        {
            "columns": tables.columns.to_pylist(),
            "runs": tables.runs.to_pylist(),
            "numbers": tables.numbers.to_pylist(),
        }
    )


def _parquet(table: Table) -> bytes:
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
