"""How documents are read, what came of it, and the batches that are made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.contamination.base import Batch, Unit
from evalkit.errors import ContaminationError

if TYPE_CHECKING:
    from evalkit.contamination.base import Bytes, Integers

KEPT = 5  # messages on bad records
_WAY_OUT = "Mend the file, or leave out what is bad with --skip-bad"


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are read: `column` and `name` are the columns, or JSON fields, of the text and of the document's
    own id (inside another: `meta.body`). Sizes are in bytes: `range_bytes` of a unit where a file can be cut,
    `batch_bytes` of a batch's text, about; a record above `record_limit` is bad.
    """

    column: str = "text"
    name: str = "id"
    skip_bad: bool = False
    range_bytes: int = 64 << 20
    batch_bytes: int = 1 << 20
    record_limit: int = 256 << 20


@dataclass(slots=True)
class Account:
    """What became of the records that were read; `first_bad` holds the first messages on bad ones."""

    documents: int = 0
    bad: int = 0
    first_bad: list[str] = field(default_factory=list)


def too_long(limit: int) -> str:
    """What is wrong with a record above the limit."""
    size = f"{limit >> 20} MB" if limit >> 20 else f"{limit} bytes"
    return f"longer than {size}; a corpus of one line is no JSON Lines: each document has to stand by itself"


class Gather:
    """Documents of a unit on their way into batches: text, places and names of those not yet handed on."""

    def __init__(self, unit: Unit, reading: Reading, account: Account) -> None:
        self.unit, self.reading, self.account = unit, reading, account
        self._text: Bytes | None = None
        self._ends: list[Integers] = []
        self._places: list[Integers] = []
        self._names: list[str] = []
        self._size = self._told = 0

    @property
    def is_full(self) -> bool:
        """Whether there is a batch's worth of text."""
        return self._size >= self.reading.batch_bytes

    def add(self, texts: Sequence[bytes], places: Sequence[int], names: Sequence[str]) -> None:
        """Take some documents, in order."""
        import numpy as np  # heavy: loaded only when a corpus is read

        data = b"".join(texts)
        text, at = self.room(len(data))
        text[at : at + len(data)] = np.frombuffer(data, np.uint8)
        ends = np.fromiter(map(len, texts), np.int64, len(texts)).cumsum() + at
        self.take(ends, np.array(places, np.int64), names)

    def room(self, size: int) -> "tuple[Bytes, int]":
        """Where the next texts have to be written, and the place from which on so many bytes are free there."""
        import numpy as np

        needed = self._size + size
        if self._text is None or len(self._text) < needed:
            more = self.reading.batch_bytes + size  # so that a batch mostly fits, if its parts are of about that size
            grown = np.empty(needed + (more if size < self.reading.batch_bytes else 0), np.uint8)
            if self._text is not None:
                grown[: self._size] = self._text[: self._size]
            self._text = grown
        return self._text, self._size

    def take(self, ends: "Integers", places: "Integers", names: Sequence[str]) -> None:
        """Take some documents, in order, whose texts were written one after the other; `ends` says up to where each."""
        self._ends.append(ends)
        self._places.append(places)
        self._names += names
        self._size = int(ends[-1]) if len(ends) else self._size

    def refuse(self, place: str, fault: str) -> None:
        """Count a bad record, or part of a file.

        Raises:
            ContaminationError: bad ones are not to be skipped.
        """
        message = f"{self.unit.source}, {place}: {fault}"
        if not self.reading.skip_bad:
            raise ContaminationError(f"{message}. {_WAY_OUT}")
        self.account.bad += 1
        if len(self.account.first_bad) < KEPT:
            self.account.first_bad.append(message)

    def batch(self, consumed: int) -> Batch:
        """The documents taken so far; `consumed` counts the bytes read of the unit from its beginning."""
        import numpy as np

        first = np.zeros(1, np.int64)
        offsets, places = np.concatenate((first, *self._ends)), np.concatenate((first, *self._places))[1:]
        text, _ = self.room(0)
        made = self.made(text[: self._size], offsets, places, tuple(self._names), consumed)
        self._text, self._ends, self._places, self._names, self._size = None, [], [], [], 0
        return made

    def made(
        self, text: "Bytes", offsets: "Integers", places: "Integers", names: tuple[str, ...], consumed: int
    ) -> Batch:
        """A batch of what is given. Its text cannot be written to, wherever it comes from."""
        text.flags.writeable = False
        consumed = max(min(consumed, self.unit.bytes), self._told)
        read, self._told = consumed - self._told, consumed
        self.account.documents += len(names)
        return Batch(text, offsets, places, names, read)

    def rest(self) -> Iterator[Batch]:
        """The last batch, if there is anything left: without documents where only bytes are left to tell of."""
        if self._names or self._told < self.unit.bytes:
            yield self.batch(self.unit.bytes)
