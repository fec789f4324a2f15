"""Documents out of Arrow arrays: the buffers of a column of text are handed on as they are, where nothing is bad."""

from collections.abc import Iterator, Sequence
from typing import Any

from evalkit.contamination.base import Batch
from evalkit.contamination.corpus.fields import name_of
from evalkit.contamination.corpus.reading import Gather
from evalkit.errors import ContaminationError


def way_to(schema: Any, column: str) -> tuple[str, ...]:
    """The fields that lead to a column, one inside another; empty if there is no such column. A name with dots in it
    comes before a field inside another.
    """
    import pyarrow as pa  # heavy: loaded only when such a corpus is read

    names = column.split(".")
    for used in range(len(names), 0, -1):
        name, inner = ".".join(names[:used]), ".".join(names[used:])
        if schema.get_field_index(name) < 0:
            continue
        kind = schema.field(name).type
        if not inner:
            return (name,)
        if pa.types.is_struct(kind) and (rest := way_to(pa.schema(list(kind)), inner)):
            return (name, *rest)
    return ()


def text_way(schema: Any, column: str, source: str) -> tuple[str, ...]:
    """The way to the column of texts.

    Raises:
        ContaminationError: there is no such column, or it holds something else.
    """
    if not (way := way_to(schema, column)):
        has = ", ".join(schema.names) or "none"
        raise ContaminationError(f"{source}: no column {column!r} of texts. Its columns: {has}")
    kind = schema.field(way[0]).type
    for part in way[1:]:
        kind = kind.field(part).type
    if not _is_text(kind):
        raise ContaminationError(f"{source}: column {column!r} holds {kind}, and has to hold texts")
    return way


def batches(
    gather: Gather, record_batch: Any, ways: Sequence[tuple[str, ...]], first: int, consumed: tuple[int, int]
) -> Iterator[Batch]:
    """The documents of an Arrow record batch, whose first row has the number `first`; `ways` lead to text and id, the
    latter empty where there is none. `consumed` is what is read of the unit before the record batch and with it.

    Raises:
        ContaminationError: a row is bad and bad ones are not to be skipped.
    """
    import numpy as np  # heavy: loaded only when a corpus is read

    texts = _strings(_follow(record_batch, ways[0]))
    rows = np.arange(first, first + len(texts), dtype=np.int64)
    names = _follow(record_batch, ways[1]).to_pylist() if ways[1] else [""] * len(rows)
    good = _good(gather, texts, rows)
    if not good.all():
        texts, rows = texts.filter(_mask(good)), rows[good]
        names = [name for name, is_good in zip(names, good, strict=True) if is_good]
    offsets, data = _buffers(texts)
    before, after = consumed
    begin = 0
    while begin < len(rows):
        full = offsets[begin] + gather.reading.batch_bytes
        end = max(int(np.searchsorted(offsets, full, side="right")) - 1, begin + 1)
        text, own = data[offsets[begin] : offsets[end]], offsets[begin : end + 1] - offsets[begin]
        read = after if end == len(rows) else before + (after - before) * end // len(rows)
        yield gather.made(text, own, rows[begin:end], tuple(map(name_of, names[begin:end])), read)
        begin = end


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(test(kind) for test in (*tests, pa.types.is_string_view))


def _follow(record_batch: Any, way: Sequence[str]) -> Any:
    import pyarrow.compute as pc

    column = record_batch.column(record_batch.schema.get_field_index(way[0]))
    for part in way[1:]:
        column = pc.struct_field(column, [part])
    return column


def _strings(column: Any) -> Any:
    """A column of texts as an array of strings; of bytes as well: whether they are UTF-8 is seen to later."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(pa.large_binary() if "binary" in str(kind.value_type) else pa.large_string())
    elif pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if pa.types.is_binary(column.type):
        return column.view(pa.string())
    return column.view(pa.large_string()) if pa.types.is_large_binary(column.type) else column


def _good(gather: Gather, texts: Any, rows: Any) -> Any:
    """Which rows hold a good text; the others are counted."""
    import numpy as np
    import pyarrow as pa

    limit, good = gather.reading.record_limit, np.ones(len(texts), bool)
    offsets, _ = _buffers(texts)
    try:
        texts.validate(full=True)
        is_valid = True
    except pa.ArrowInvalid:
        is_valid = False
    if is_valid and not texts.null_count and not (np.diff(offsets) > limit).any():
        return good
    for number, scalar in enumerate(texts):
        if fault := _fault(scalar, limit):
            gather.refuse(f"row {rows[number]}", fault)
            good[number] = False
    return good


def _fault(scalar: Any, limit: int) -> str:
    if not scalar.is_valid:
        return "no text (null)"
    buffer = scalar.as_buffer()
    if buffer.size > limit:
        return f"longer than {limit >> 20} MB" if limit >> 20 else f"longer than {limit} bytes"
    try:
        buffer.to_pybytes().decode()
    except UnicodeDecodeError as error:
        return f"no valid UTF-8 ({error.reason})"
    return ""


def _mask(good: Any) -> Any:
    import pyarrow as pa

    return pa.array(good)


def _buffers(texts: Any) -> tuple[Any, Any]:
    """Offsets and bytes of an array of strings, as they lie in memory; offset 0 may not be the first."""
    import numpy as np
    import pyarrow as pa

    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, starts, data = texts.buffers()
    if not len(texts) or starts is None:
        return np.zeros(1, np.int64), np.zeros(0, np.uint8)
    offsets = np.frombuffer(starts, kind)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    return offsets, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
