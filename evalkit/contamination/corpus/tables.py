"""Parquet and Arrow files: units of a Parquet file are some of its row groups, one of an Arrow file is all of it."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.columns import batches, text_way, way_to
from evalkit.contamination.corpus.forms import PARQUET, is_remote
from evalkit.contamination.corpus.reading import Account, Gather, Reading
from evalkit.contamination.corpus.sources import Source, brief
from evalkit.contamination.corpus.stream import Counted
from evalkit.errors import ContaminationError

_ROWS = 1 << 14  # at most, of what is decoded in one go
_FILE = b"ARROW1"  # how an Arrow file begins; a stream does not
_AHEAD = 1 << 20  # bytes of a column that are read in one go


def parquet_units(source: Source, reading: Reading) -> list[Unit]:
    """Units of a Parquet file: consecutive row groups of about `range_bytes`, unpacked, in the columns needed. A file
    that cannot be read is a unit without row groups, if bad ones are skipped.

    Raises:
        ContaminationError: the file has no such column, or cannot be read and bad ones are not to be skipped.
    """
    whole = Unit(source.path, PARQUET, 0, 0, source.size, source.version)
    try:
        sizes = _all_sizes(source, reading)
    except ContaminationError:
        raise
    except Exception as error:  # ArrowInvalid, OSError: of the file's end, where a Parquet file tells what is in it
        Gather(whole, reading, Account()).refuse(f"about byte {source.size}", _end_fault(error))
        return [whole]
    units: list[Unit] = []
    start = packed = unpacked = 0
    for number, (small, large) in enumerate(sizes):
        if number > start and unpacked + large > reading.range_bytes:
            units.append(Unit(source.path, PARQUET, start, number, packed, source.version))
            start, packed, unpacked = number, 0, 0
        packed, unpacked = packed + small, unpacked + large
    return [*units, Unit(source.path, PARQUET, start, len(sizes), packed, source.version)]


def read_parquet(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The documents of some row groups; a place is a row number in the file. Of a row group that is damaged, what comes
    before the damage is read.

    Raises:
        ContaminationError: a part cannot be read, or a row is bad, and bad ones are not to be skipped.
    """
    gather = Gather(unit, reading, account)
    with closing(_opened(unit.source)) as raw:
        try:
            file = _parquet(raw, unit.source)
        except ContaminationError:
            raise
        except Exception as error:  # the file was one such when the units were made
            gather.refuse(f"about byte {unit.bytes}", _end_fault(error))
            yield from gather.rest()
            return
        ways = _ways(file.schema_arrow, reading, unit.source)
        first, consumed = sum(file.metadata.row_group(number).num_rows for number in range(unit.start)), 0
        for number in range(unit.start, unit.end):
            group = file.metadata.row_group(number)
            size, unpacked = _sizes(group, ways)
            rows = max(1, min(_ROWS, group.num_rows * reading.batch_bytes // max(unpacked, 1)))
            columns = list(dict.fromkeys(".".join(way) for way in ways if way))
            parts = file.iter_batches(batch_size=rows, row_groups=[number], columns=columns, use_threads=False)
            done = 0
            for part in _parts(parts, gather, f"row group {number}"):
                read = tuple(consumed + size * n // group.num_rows for n in (done, done + len(part)))
                yield from batches(gather, part, ways, first + done, (read[0], read[1]))
                done += len(part)
            first, consumed = first + group.num_rows, consumed + size
    yield from gather.rest()


def read_arrow(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The documents of an Arrow file or stream; a place is a row number in it.

    Raises:
        ContaminationError: the file or a row is bad, or the file has no such column.
    """
    import pyarrow as pa  # heavy: loaded only when such a corpus is read

    gather = Gather(unit, reading, account)
    first = consumed = 0
    with closing(_opened(unit.source)) as raw:
        is_file = raw.read(len(_FILE)) == _FILE
        raw.seek(0)
        try:
            reader = pa.ipc.open_file(raw) if is_file else pa.ipc.open_stream(raw)
        except ContaminationError:
            raise
        except Exception as error:
            gather.refuse(f"about byte {raw.tell()}", f"no Arrow file or stream, or damaged ({brief(error)})")
            yield from gather.rest()
            return
        ways = _ways(reader.schema, reading, unit.source)
        needed = sorted({reader.schema.get_field_index(way[0]) for way in ways if way})
        options = pa.ipc.IpcReadOptions(included_fields=needed, use_threads=False)
        raw.seek(0)
        reader = pa.ipc.open_file(raw, options=options) if is_file else pa.ipc.open_stream(raw, options=options)
        count = reader.num_record_batches if is_file else 0
        parts = map(reader.get_batch, range(count)) if is_file else iter(reader)
        for number, part in enumerate(_parts(parts, gather, "record batches")):
            read = unit.bytes * (number + 1) // count if is_file else raw.tell()
            yield from batches(gather, part, ways, first, (consumed, read))
            first, consumed = first + len(part), read
    yield from gather.rest()


def _parts(parts: Iterator[Any], gather: Gather, what: str) -> Iterator[Any]:
    """What comes before the first part that cannot be read; that is counted."""
    rows = 0
    while True:
        try:
            part = next(parts, None)
        except ContaminationError:
            raise
        except Exception as error:  # ArrowInvalid, OSError
            gather.refuse(what, f"cannot be read after {rows} rows: broken off or damaged ({brief(error)})")
            return
        if part is None:
            return
        rows += len(part)
        yield part


def _opened(path: str) -> Any:
    import pyarrow as pa

    return pa.PythonFile(Counted(path), mode="r") if is_remote(path) else _local(path)


def _local(path: str) -> Any:
    import pyarrow as pa

    try:
        return pa.OSFile(path)
    except OSError as error:
        raise ContaminationError(f"{path}: cannot be read ({brief(error)})") from None


def _parquet(raw: Any, path: str) -> Any:
    """The file; its row groups are fetched whole only from afar, where each request takes its time."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(raw, buffer_size=_AHEAD, pre_buffer=is_remote(path))


def _ways(schema: Any, reading: Reading, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return text_way(schema, reading.column, source), way_to(schema, reading.name)


def _all_sizes(source: Source, reading: Reading) -> list[tuple[int, int]]:
    with closing(_opened(source.path)) as raw:
        file = _parquet(raw, source.path)
        ways = _ways(file.schema_arrow, reading, source.path)
        return [_sizes(file.metadata.row_group(number), ways) for number in range(file.num_row_groups)]


def _sizes(group: Any, ways: tuple[tuple[str, ...], ...]) -> tuple[int, int]:
    """Bytes of a row group in the columns needed, as they are in the file and unpacked."""
    needed = tuple(".".join(way) for way in ways if way)
    below = tuple(f"{name}." for name in needed)
    columns = [group.column(number) for number in range(group.num_columns)]
    columns = [one for one in columns if one.path_in_schema in needed or one.path_in_schema.startswith(below)]
    return sum(one.total_compressed_size for one in columns), sum(one.total_uncompressed_size for one in columns)


def _end_fault(error: BaseException) -> str:
    return f"its end is no Parquet file's: broken off, damaged, or another form ({brief(error)})"
