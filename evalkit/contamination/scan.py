"""Scans documents for the texts of an index: batches in, runs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evalkit.contamination import table
from evalkit.contamination.base import Batch
from evalkit.contamination.fold import normaliser
from evalkit.contamination.index import Index

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Runs = NDArray[np.int64]

_ROOM = 4096  # runs of a batch, before more room is made

# columns of a run
DOCUMENT, WORD, LENGTH, EXTENDED, N, PLACE, START, END, END_EXTENDED = range(9)


class Scanned(NamedTuple):
    """What was found in a batch.

    `runs` [R, 9] are in order of document and place. Their columns: the document's number in the batch; the first word
    in the index; words; words when extended; the n of the text; the first word in the document; its bytes there: first,
    after the last, after the last extended. `words` counts those of the documents, `digest` is a sum of a hash of the
    words of each (modulo 2 ** 64).
    """

    runs: "Runs"
    words: int
    digest: int


@dataclass(slots=True)
class Scanner:
    """An index with what finds its texts; keeps its working memory from batch to batch, so one thread uses it."""

    index: Index
    layers: Sequence[table.Layer]
    _arguments: tuple[Any, ...]
    _texts: tuple[Any, ...]
    _fold: Any
    _hashes: Any
    _starts: Any
    _records: Any

    @classmethod
    def of(cls, index: Index, layers: Sequence[table.Layer] | None = None) -> "Scanner":
        """A scanner for an index; its tables are built if they are not given."""
        import numpy as np

        from evalkit.contamination import kernel

        layers = layers or table.layers(index)
        return cls(
            index,
            layers,
            tuple(layer.arguments for layer in layers),
            (index.hashes, index.ns, index.begins, index.folded, index.edges),
            normaliser(index.normaliser),
            np.empty(0, np.uint64),
            np.empty(0, np.uint32),
            np.empty((_ROOM, kernel.RECORD), np.int64),
        )

    def save(self, path: Path) -> None:
        """Write the index and its tables, so that other processes can map them.

        Raises:
            ContaminationError: something cannot be written.
        """
        self.index.save(path)
        table.save(self.layers, path)

    @classmethod
    def load(cls, path: Path) -> "Scanner":
        """A scanner over what `save` has written.

        Raises:
            ContaminationError: something is not there.
        """
        return cls.of(Index.load(path), table.load(path))

    def scan(self, batch: Batch) -> Scanned:
        """Look for the texts in a batch's documents."""
        import numpy as np

        from evalkit.contamination import probe

        longest = int(np.diff(batch.offsets).max(initial=0))
        if len(self._hashes) <= longest:
            self._hashes, self._starts = np.empty(longest + 1, np.uint64), np.empty(longest + 1, np.uint32)
        found, words, digest, first = [np.empty((0, self._records.shape[1]), np.int64)], 0, 0, 0
        while first < len(batch.offsets) - 1:
            before = first
            first, count, more, total = probe.scan(
                batch.text,
                batch.offsets,
                first,
                self._fold.table,
                self._fold.simple,
                self._texts,
                self._arguments,
                self._hashes,
                self._starts,
                self._records,
            )
            words, digest = words + more, (digest + int(total)) % 2**64
            found.append(self._records[:count].copy())
            if first == before:  # one document has more runs than there is room for
                self._records = np.empty((4 * len(self._records), self._records.shape[1]), np.int64)
        runs = np.concatenate(found)
        return Scanned(runs[np.lexsort((runs[:, WORD], runs[:, PLACE], runs[:, DOCUMENT]))], words, digest)

    def edges(self, content: bytes) -> list[tuple[int, int]]:
        """The words of a text: the first byte of each, and the one after it."""
        import numpy as np

        from evalkit.contamination import kernel

        text, place = np.frombuffer(content or b" ", np.uint8), 0
        letters = np.empty(1, np.uint8)
        found: list[tuple[int, int]] = []
        while True:
            begin, place, _ = kernel.next_word(text, place, len(content), self._fold.table, letters)
            if begin < 0:
                return found
            found.append((begin, place))
