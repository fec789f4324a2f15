"""Rows as Parquet: types and rows in, files that are there whole or not at all out; and back."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.errors import ContaminationError
from evalkit.files import put, written


def put_rows(path: Path, rows: Sequence[Mapping[str, Any]], types: Mapping[str, Any]) -> None:
    """Write rows whose columns have these types; equal rows give equal bytes.

    Raises:
        ContaminationError: the file cannot be written.
    """
    import pyarrow  # heavy: loaded only when a scan is written
    import pyarrow.parquet

    sink = pyarrow.BufferOutputStream()
    table = pyarrow.Table.from_pylist(list(rows), schema(types))
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    put(path, sink.getvalue().to_pybytes(), ContaminationError)


def put_tables(path: Path, tables: Iterable[Any], types: Mapping[str, Any]) -> None:
    """Write Arrow tables one after the other, as row groups; only one at a time is held.

    Raises:
        ContaminationError: the file cannot be written.
    """
    import pyarrow.parquet

    with (
        written(path, ContaminationError) as unfinished,
        pyarrow.parquet.ParquetWriter(unfinished, schema(types), compression="zstd") as writer,
    ):
        for table in tables:
            writer.write_table(table)


def rows_of(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Read rows of these columns.

    Raises:
        ContaminationError: the file cannot be read, or lacks one.
    """
    import pyarrow
    import pyarrow.parquet

    try:
        rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).select(list(columns)).to_pylist()
    except (pyarrow.ArrowException, OSError, KeyError) as error:
        raise ContaminationError(f"{path}: cannot be read: {error}") from None
    return rows


def schema(types: Mapping[str, Any]) -> Any:
    """The Arrow schema of columns of Python's types."""
    import pyarrow

    known: dict[Any, Any] = {
        str: pyarrow.string(),
        int: pyarrow.int64(),
        float: pyarrow.float64(),
        bool | None: pyarrow.bool_(),
        tuple[str, ...]: pyarrow.list_(pyarrow.string()),
    }
    return pyarrow.schema([(name, known[kind]) for name, kind in types.items()])
