"""What flows through a scan: texts of evaluation items, and units of a corpus. Frozen records and nothing else."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Integers = NDArray[np.int64]

TEMPLATE = "template"
PARTS = ("prompt", "passage", "choices", "answer", TEMPLATE)


class Piece(NamedTuple):
    """Some of an item's text, and which of `PARTS` it is. What a prompt adds of its own is `template`: it counts in no
    share, and no n-gram is made of it alone.
    """

    text: str
    part: str


@dataclass(frozen=True, slots=True)
class Item:
    """One evaluation example as a corpus may hold it. Each of its `texts` is looked for by itself: no n-gram reaches
    from one into another; of one text, it may reach over the borders of pieces.
    """

    task: str
    id: str
    texts: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of work: some of a corpus that is read in one go, whatever the number of workers.

    `source` is a path or an address as fsspec has it; `form` one of the names that `corpus.forms` knows; `start` and
    `end` are bytes (of plain JSON Lines: every record that begins there; of what can only be read whole: all of them),
    row groups (Parquet), record batches (Arrow) or rows. `bytes` is what is read for it, for progress; `version`
    changes when the content may have: its size, and its etag or time.
    """

    source: str
    form: str
    start: int
    end: int
    bytes: int
    version: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some documents of a unit, in order: document i is `text[offsets[i]:offsets[i + 1]]`, valid UTF-8.

    `places` says where each stands in its source (a byte offset in JSON Lines, a row number in the others); `names` are
    the documents' own ids, empty texts where they have none. `read` counts the bytes of the source read for the batch.
    """

    text: "Bytes"
    offsets: "Integers"
    places: "Integers"
    names: tuple[str, ...]
    read: int
