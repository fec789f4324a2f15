"""Every span of a corpus that examples share with it, for whoever wants to count, mark or cut them: a row for each run,
and the examples that it is of.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from evalkit.contamination.base import Batch
from evalkit.contamination.files import put_tables, schema
from evalkit.contamination.index import Index
from evalkit.contamination.scan import DOCUMENT, END, EXTENDED, LENGTH, PLACE, START, WORD
from evalkit.contamination.state import State
from evalkit.contamination.verdict import Name, part_of
from evalkit.errors import ContaminationError

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Runs = NDArray[np.int64]

TYPES: dict[str, Any] = {
    "source": str,
    "place": int,
    "document": str,
    "start": int,
    "end": int,
    "word": int,
    "length": int,
    "extended": int,
    "part": str,
    "examples": tuple[str, ...],
}


class Spans(msgspec.Struct, array_like=True):
    """The runs of a batch's documents, column by column: their documents' own ids, and little-endian 64-bit integers;
    `firsts` are words of the index, the others as `overlaps.Match` has them.
    """

    documents: list[str]
    place: bytes
    firsts: bytes
    length: bytes
    extended: bytes
    word: bytes
    start: bytes
    end: bytes


def of_batch(batch: Batch, runs: "Runs") -> Spans:
    """The spans of a batch."""
    columns = (batch.places[runs[:, DOCUMENT]], *(runs[:, at] for at in (WORD, LENGTH, EXTENDED, PLACE, START, END)))
    documents = [batch.names[number] for number in runs[:, DOCUMENT]]
    return Spans(documents, *(one.astype("<i8").tobytes() for one in columns))


def write_spans(state: State, path: Path) -> None:
    """Write the spans of the units that are done, as Parquet with the columns of `TYPES`: `start` and `end` are bytes
    of the document's text, `examples` are `task#id`.

    Raises:
        ContaminationError: something cannot be read or written.
    """
    put_tables(path, _tables(state, state.index(), state.names()), TYPES)


def _tables(state: State, index: Index, names: Sequence[Name]) -> Iterator[Any]:
    import numpy as np
    import pyarrow

    order = np.argsort(index.owned, kind="stable")
    owners, borders = index.owners[order], np.searchsorted(index.owned[order], np.arange(len(index.ns) + 1))
    for unit in state.done():
        file = state.spans_of(unit)
        try:
            several = msgspec.msgpack.decode(file.read_bytes(), type=list[Spans])
        except (OSError, msgspec.MsgspecError) as error:
            raise ContaminationError(f"{file}: cannot be read: {error}") from None
        for spans in several:
            numbers = {name: np.frombuffer(getattr(spans, name), "<i8") for name in TYPES if TYPES[name] is int}
            firsts, lengths = np.frombuffer(spans.firsts, "<i8"), numbers["length"]
            texts = np.searchsorted(index.begins, firsts, side="right") - 1
            examples = [
                [f"{names[item].task}#{names[item].id}" for item in owners[borders[text] : borders[text + 1]]]
                for text in texts
            ]
            parts = [part_of(index, *run) for run in zip(firsts.tolist(), lengths.tolist(), strict=True)]
            columns = {"source": [unit.source] * len(texts), "document": spans.documents, "part": parts}
            yield pyarrow.table({**columns, **numbers, "examples": examples}, schema(TYPES))
