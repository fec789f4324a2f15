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
        self._texts: list[bytes] = []
        self._places: list[int] = []
        self._names: list[str] = []
        self._size = self._told = 0

    @property
    def is_full(self) -> bool:
        """Whether there is a batch's worth of text."""
        return self._size >= self.reading.batch_bytes

    def add(self, texts: Sequence[bytes], places: Sequence[int], names: Sequence[str]) -> None:
        """Take some documents, in order."""
        self._texts += texts
        self._places += places
        self._names += names
        self._size += sum(map(len, texts))

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
        import numpy as np  # heavy: loaded only when a corpus is read

        offsets = np.zeros(len(self._texts) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, self._texts), np.int64, len(self._texts)), out=offsets[1:])
        text = np.frombuffer(b"".join(self._texts), np.uint8)
        made = self.made(text, offsets, np.array(self._places, np.int64), tuple(self._names), consumed)
        self._texts, self._places, self._names, self._size = [], [], [], 0
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
        if self._texts or self._told < self.unit.bytes:
            yield self.batch(self.unit.bytes)
