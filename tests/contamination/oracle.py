"""What the compiled scan must find, in plain Python: slow, and simple enough to be believed.

With the kernel it shares the fold table and nothing else: words are folded strings with their bytes, there are no
hashes, and every word of a text is held against every word of a document. Below it is the one place through which the
tests build an index and scan.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evalkit.contamination.base import PARTS, TEMPLATE, Batch, Item
from evalkit.contamination.fold import ALONE, DELETED, SEPARATOR, normaliser
from evalkit.contamination.index import Index, build
from evalkit.contamination.scan import Scanner

BUDGET = 4  # words that may differ in what a run is extended by


class Word(NamedTuple):
    """A word as it is folded, its first byte, and the byte after its last letter."""

    folded: str
    start: int
    end: int


class Text(NamedTuple):
    """Words that are looked for, and the part that each is."""

    n: int
    words: tuple[str, ...]
    parts: tuple[str, ...]


class Run(NamedTuple):
    """The columns of `scan.Scanned.runs`."""

    document: int
    word: int
    length: int
    extended: int
    n: int
    place: int
    start: int
    end: int
    end_extended: int


def words(text: str, name: str) -> list[Word]:
    """The words of a text, one letter after the other."""
    table = normaliser(name).table
    found: list[Word] = []
    folded, start, end, at = "", 0, 0, 0
    for letter in text:
        entry, after = int(table[ord(letter)]), at + len(letter.encode())
        alone = bool(entry & ALONE)
        if folded and (alone or entry == SEPARATOR):
            found.append(Word(folded, start, end))
            folded = ""
        if alone:
            found.append(Word(chr(entry & ~ALONE), at, after))
        elif entry not in (SEPARATOR, DELETED):
            start, end = start if folded else at, after
            folded += chr(entry)
        at = after
    return [*found, Word(folded, start, end)] if folded else found


def texts(items: Iterable[tuple[Item, int]], name: str) -> dict[Text, set[int]]:
    """The texts that are looked for, with the numbers of the items that they are of.

    Template parts a text where it is longer than half an n-gram (than 4 words, from 8-grams on), and never stands at an
    end of one; what is left has n words at least.
    """
    found: dict[Text, set[int]] = {}
    for number, (item, n) in enumerate(items):
        for pieces in item.texts:
            parts = [piece.part for piece in pieces for _ in piece.text.encode()]
            labelled = [(word.folded, parts[word.start]) for word in words("".join(p.text for p in pieces), name)]
            for stretch in _stretches(labelled, min(n, 8) // 2):
                if len(stretch) >= n:
                    folded, labels = zip(*stretch, strict=True)
                    found.setdefault(Text(n, folded, labels), set()).add(number)
    return found


def _stretches(labelled: Sequence[tuple[str, str]], most: int) -> Iterator[list[tuple[str, str]]]:
    stretch: list[tuple[str, str]] = []
    template: list[tuple[str, str]] = []
    for word in labelled:
        if word[1] == TEMPLATE:
            template.append(word)
            continue
        if len(template) > most:
            yield stretch
            stretch = []
        stretch += [*template, word] if stretch else [word]
        template = []
    yield stretch


def runs(documents: Sequence[str], places: dict[int, Text], name: str) -> list[Run]:
    """Every longest run of n words or more that a text shares with a document, by document, place and word; the texts
    stand at words of an index.
    """
    found = []
    for number, document in enumerate(documents):
        spoken = words(document, name)
        for at, text in places.items():
            for first, place, length in _shared(text.words, [word.folded for word in spoken]):
                if length >= text.n:
                    more = _extension(text.words[first + length :], [w.folded for w in spoken[place + length :]])
                    start, end = spoken[place].start, spoken[place + length - 1].end
                    reach = spoken[place + length + more - 1].end
                    found.append(Run(number, at + first, length, length + more, text.n, place, start, end, reach))
    return sorted(found, key=lambda run: (run.document, run.place, run.word))


def _shared(some: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where runs of equal words begin in both, and how long they are."""
    for first, word in enumerate(some):
        for place, other in enumerate(others):
            if word == other and not (first and place and some[first - 1] == others[place - 1]):
                pairs = zip(some[first:], others[place:], strict=False)
                differ = (length for length, (one, two) in enumerate(pairs) if one != two)
                yield first, place, next(differ, min(len(some) - first, len(others) - place))


def _extension(some: Sequence[str], others: Sequence[str]) -> int:
    """How far a run goes on if a few words may differ, the last one excepted."""
    same = [one == other for one, other in zip(some, others, strict=False)]
    misses = accumulate(not equal for equal in same)
    return max((end for end, missed in enumerate(misses, 1) if same[end - 1] and missed <= BUDGET), default=0)


@dataclass(frozen=True, slots=True)
class Scan:
    """An index of items and what scans for them."""

    index: Index
    scanner: Scanner

    @classmethod
    def of(cls, items: Iterable[tuple[Item, int]], name: str) -> "Scan":
        index = build(items, name)
        return cls(index, Scanner.of(index))

    def texts(self) -> dict[int, tuple[Text, set[int]]]:
        """The texts that stand in the index, by their first word, and the numbers of their items."""
        index, folded = self.index, self.index.folded.tobytes()
        found = {}
        for number, (n, begin, end) in enumerate(zip(index.ns, index.begins, index.ends, strict=True)):
            letters = (folded[index.edges[word] : index.edges[word + 1]].decode() for word in range(begin, end))
            parts = (PARTS[label] for label in index.labels[begin:end])
            owners = set(index.owners[index.owned == number].tolist())
            found[int(begin)] = Text(int(n), tuple(letters), tuple(parts)), owners
        return found

    def scan(self, documents: Sequence[str], before: str = "") -> tuple[list[Run], int, int]:
        """The runs of documents, the number of their words, and their digest. `before` stands before the first."""
        scanned = self.scanner.scan(batch(documents, before))
        return [Run(*row) for row in scanned.runs.tolist()], scanned.words, scanned.digest


def batch(documents: Sequence[str], before: str = "") -> Batch:
    """Documents as they come from a corpus."""
    encoded = [before.encode(), *(document.encode() for document in documents)]
    offsets = np.cumsum([len(one) for one in encoded])
    names = tuple(str(number) for number in range(len(documents)))
    return Batch(buffer(b"".join(encoded)), offsets, offsets[:-1], names, int(offsets[-1]))


def buffer(content: bytes) -> NDArray[np.uint8]:
    """Bytes that cannot be written to."""
    return np.frombuffer(content, np.uint8)
