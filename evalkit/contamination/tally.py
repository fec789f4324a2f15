"""What scans have found, in a form that can be added up: of the size of the index, whatever that of the corpus.

Runs are kept by their place in the index, with their lengths, so that larger n-grams, caps and thresholds can be asked
for afterwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from evalkit.contamination.base import Batch
from evalkit.contamination.index import Index
from evalkit.contamination.scan import DOCUMENT, END, EXTENDED, LENGTH, PLACE, START, WORD, N, Scanned

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]

SIGHTS = 3  # of a text
LONG, AROUND = 2000, 160  # characters that are kept of a match, and of what stands around it
_ROOM = 1 << 19  # rows that are kept before they are added up


class Sight(NamedTuple):
    """One of the longest runs of a text: `first` is its first word in the index, the rest as `overlaps.Match` has it
    (`text` is cut off after `LONG` characters).
    """

    first: int
    length: int
    extended: int
    source: str
    place: int
    document: str
    word: int
    start: int
    end: int
    before: str
    text: str
    after: str

    @property
    def order(self) -> tuple[int, str, int, int, int]:
        """The longest comes first; then as they stand in the corpus."""
        return (-self.length, self.source, self.place, self.word, self.first)


@dataclass(slots=True)
class Found:
    """What was found of the texts.

    `runs` [R, 3]: first word in the index, length, the longest that it is when extended. `changes` [C, 2]: words of the
    index, and by how much the number of documents that hold the n-gram there is above that of the word before.
    `longest` [L, 3]: a text, the length of its longest run in a document, the number of such documents. All are sorted,
    and no two rows begin with the same numbers (but for the last column). `sights` are by text.
    """

    runs: "Rows"
    changes: "Rows"
    longest: "Rows"
    sights: Mapping[int, tuple[Sight, ...]]


@dataclass(slots=True)
class Counts:
    """What was read: `bytes` are of text. `digest` is the sum of a hash of each document's words (modulo 2 ** 64)."""

    documents: int = 0
    bytes: int = 0
    words: int = 0
    digest: int = 0
    bad: int = 0
    first_bad: list[str] = field(default_factory=list)


class Tally:
    """Adds up what is found in a unit, batch by batch."""

    def __init__(self, index: Index, source: str) -> None:
        import numpy as np

        self._index, self._source = index, source
        self._runs, self._changes, self._longest = _Rows(3, np.maximum), _Rows(2, np.add), _Rows(3, np.add)
        self._sights: dict[int, list[Sight]] = {}
        self._least = np.zeros(len(index.ns), np.int64)  # what a run has to be longer than, to be a sight of a text
        self.counts = Counts()

    def add(self, batch: Batch, scanned: Scanned) -> None:
        """Take what was found in a batch."""
        import numpy as np

        counts = self.counts
        counts.documents += len(batch.places)
        counts.bytes += int(batch.offsets[-1])
        counts.words += scanned.words
        counts.digest = (counts.digest + scanned.digest) % 2**64
        runs = scanned.runs
        if len(runs):
            texts = np.searchsorted(self._index.begins, runs[:, WORD], side="right") - 1
            self._runs.add(runs[:, [WORD, LENGTH, EXTENDED]])
            self._changes.add(_changes(runs, len(self._index.hashes)))
            self._longest.add(_longest(runs, texts, len(self._index.ns)))
            self._see(batch, runs, texts)

    def found(self) -> Found:
        """What was found so far."""
        changes = self._changes.rows()
        return Found(
            self._runs.rows(),
            changes[changes[:, 1] != 0],
            self._longest.rows(),
            {text: tuple(sorted(self._sights[text], key=lambda sight: sight.order)) for text in sorted(self._sights)},
        )

    def _see(self, batch: Batch, runs: "Rows", texts: "Rows") -> None:
        import numpy as np

        chosen = np.flatnonzero(runs[:, LENGTH] > self._least[texts])
        order = np.lexsort(
            (runs[chosen, WORD], runs[chosen, PLACE], runs[chosen, DOCUMENT], -runs[chosen, LENGTH], texts[chosen])
        )
        chosen = chosen[order]
        of = texts[chosen]
        rank = np.arange(len(of)) - np.searchsorted(of, of)
        for run, text in zip(chosen[rank < SIGHTS].tolist(), of[rank < SIGHTS].tolist(), strict=True):
            seen = self._sights.setdefault(text, [])
            seen.append(_sight(batch, runs[run], self._source))
            if len(seen) >= SIGHTS:
                seen.sort(key=lambda sight: sight.order)
                del seen[SIGHTS:]
                self._least[text] = seen[-1].length


def merged(several: Iterable[Found]) -> Found:
    """What all of them have found, in whatever order they come."""
    import numpy as np

    runs, changes, longest = _Rows(3, np.maximum), _Rows(2, np.add), _Rows(3, np.add)
    sights: dict[int, list[Sight]] = {}
    for one in several:
        runs.add(one.runs)
        changes.add(one.changes)
        longest.add(one.longest)
        for text, own in one.sights.items():
            sights[text] = sorted([*sights.get(text, ()), *own], key=lambda sight: sight.order)[:SIGHTS]
    steps = changes.rows()
    return Found(
        runs.rows(),
        steps[steps[:, 1] != 0],
        longest.rows(),
        {text: tuple(sights[text]) for text in sorted(sights)},
    )


class _Rows:
    """Rows of whole numbers: those that are equal but for their last column become one, and these are put together."""

    def __init__(self, width: int, combine: "np.ufunc") -> None:
        import numpy as np

        self._combine = combine
        self._parts = [np.empty((0, width), np.int64)]
        self._size = 0

    def add(self, rows: "Rows") -> None:
        """Take some rows."""
        self._parts.append(rows)
        self._size += len(rows)
        if self._size > _ROOM + 2 * len(self._parts[0]):
            self.rows()

    def rows(self) -> "Rows":
        """The rows so far, sorted."""
        import numpy as np

        rows = np.concatenate(self._parts)
        if len(self._parts) > 1 and len(rows):
            rows = rows[np.lexsort(rows.T[-2::-1])]
            first = np.flatnonzero(np.r_[True, (rows[1:, :-1] != rows[:-1, :-1]).any(axis=1)])
            rows = np.column_stack([rows[first, :-1], self._combine.reduceat(rows[:, -1], first)])
        self._parts, self._size = [rows], 0
        return rows


def _changes(runs: "Rows", size: int) -> "Rows":
    """Where n-grams begin and cease to be in a document: one that is there twice counts once."""
    import numpy as np

    begins = runs[:, DOCUMENT] * size + runs[:, WORD]
    order = np.argsort(begins, kind="stable")
    begins = begins[order]
    ends = np.maximum.accumulate(begins + (runs[:, LENGTH] - runs[:, N] + 1)[order])
    first = np.flatnonzero(np.r_[True, begins[1:] > ends[:-1]])
    last = ends[np.r_[first[1:] - 1, len(ends) - 1]]
    words = np.concatenate([begins[first], last]) % size
    return np.column_stack([words, np.repeat([1, -1], len(first))])


def _longest(runs: "Rows", texts: "Rows", size: int) -> "Rows":
    """Of each document and text, one row: the text, the longest run, 1."""
    import numpy as np

    keys = runs[:, DOCUMENT] * size + texts
    order = np.argsort(keys, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(keys[order]) != 0])
    longest = np.maximum.reduceat(runs[order, LENGTH], first)
    return np.column_stack([keys[order][first] % size, longest, np.ones(len(first), np.int64)])


def _sight(batch: Batch, run: "Rows", source: str) -> Sight:
    number = int(run[DOCUMENT])
    begin, end = int(batch.offsets[number]), int(batch.offsets[number + 1])
    first, last = begin + int(run[START]), begin + int(run[END])
    return Sight(
        first=int(run[WORD]),
        length=int(run[LENGTH]),
        extended=int(run[EXTENDED]),
        source=source,
        place=int(batch.places[number]),
        document=batch.names[number],
        word=int(run[PLACE]),
        start=int(run[START]),
        end=int(run[END]),
        before=_text(batch, max(begin, first - 4 * AROUND), first)[-AROUND:],
        text=_text(batch, first, min(last, first + 4 * LONG))[:LONG],
        after=_text(batch, last, min(end, last + 4 * AROUND))[:AROUND],
    )


def _text(batch: Batch, first: int, last: int) -> str:
    """Some of a batch's text; a character that is cut in two is left out."""
    return batch.text[first:last].tobytes().decode(errors="ignore")


def total(several: Sequence[Counts]) -> Counts:
    """The counts of several units."""
    return Counts(
        documents=sum(one.documents for one in several),
        bytes=sum(one.bytes for one in several),
        words=sum(one.words for one in several),
        digest=sum(one.digest for one in several) % 2**64,
        bad=sum(one.bad for one in several),
        first_bad=[message for one in several for message in one.first_bad],
    )
