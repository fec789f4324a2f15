"""The index of evaluation texts: items in, flat arrays out that every worker shares.

Words of all texts stand one after the other, with an empty word before, between and after them. Texts that are the same
are kept once. A text of fewer words than its n-gram has is not looked for; a stretch of template longer than half an
n-gram parts a text, so that no n-gram is all template; of n-grams from 8 words on, longer than 4, so that a scan for
8-grams can be asked for longer ones.
"""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evalkit.contamination.base import PARTS, TEMPLATE, Item, Piece
from evalkit.contamination.fold import normaliser
from evalkit.errors import ContaminationError
from evalkit.files import put

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Numbers = NDArray[np.uint32]
    Labels = NDArray[np.uint8]

_ALIKE = 8  # from so many words on, texts are parted at the same places
LABELS = {part: label for label, part in enumerate(PARTS)}
_ARRAYS = ("hashes", "edges", "folded", "labels", "ns", "begins", "ends", "owners", "owned", "words")


@dataclass(frozen=True)
class Index:
    """`hashes` [W], `edges` [W + 1] and `folded` are the words, `labels` [W] the part that each is (place in `PARTS`);
    `ns`, `begins` and `ends` [T] the texts: n-gram's size, first word, and the word after the last. `owners` and
    `owned` [P] pair items with their texts, by number; `words` [I] counts an item's words without template, those in
    texts that are too short included.
    """

    normaliser: str
    hashes: "Hashes"
    edges: "Numbers"
    folded: "Labels"
    labels: "Labels"
    ns: "NDArray[np.int64]"
    begins: "NDArray[np.int64]"
    ends: "NDArray[np.int64]"
    owners: "Numbers"
    owned: "Numbers"
    words: "Numbers"

    @cached_property
    def digest(self) -> str:
        """A hash of all of it."""
        digest = hashlib.sha256(self.normaliser.encode())
        for name in _ARRAYS:
            digest.update(getattr(self, name).tobytes())
        return digest.hexdigest()

    @property
    def ngrams(self) -> int:
        """How many n-grams are looked for; equal ones of different texts are counted for each."""
        return int((self.ends - self.begins - self.ns + 1).sum())

    def save(self, path: Path) -> None:
        """Write the arrays, so that other processes can map them.

        Raises:
            ContaminationError: they cannot be written.
        """
        save_arrays(path, {name: getattr(self, name) for name in _ARRAYS})
        put(path / "normaliser.txt", self.normaliser.encode(), ContaminationError)

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Map the arrays that `save` wrote.

        Raises:
            ContaminationError: they are not there.
        """
        arrays = load_arrays(path, _ARRAYS)
        return cls(normaliser=(path / "normaliser.txt").read_text(encoding="utf-8"), **arrays)


def save_arrays(path: Path, arrays: "dict[str, NDArray[Any]]") -> None:
    """Write each array [n] to a file of its own, whose ending says of what type it is.

    Raises:
        ContaminationError: one cannot be written.
    """
    for name, array in arrays.items():
        put(path / f"{name}.{array.dtype.str.lstrip('<|')}", array.tobytes(), ContaminationError)


def load_arrays(path: Path, names: Iterable[str]) -> "dict[str, NDArray[Any]]":
    """Map arrays: pages are shared by all processes that do.

    Raises:
        ContaminationError: one cannot be read.
    """
    try:
        files = {file.stem: file for file in path.iterdir()}
        return {name: _mapped(files[name]) for name in names}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ContaminationError(f"{path}: the index cannot be read: {error}") from None


def _mapped(file: Path) -> "NDArray[Any]":
    """An array that is read as it is used, and copied where it is written to: the kernel knows one kind of array."""
    import numpy as np

    kind = np.dtype(f"<{file.suffix[1:]}")
    if not file.stat().st_size:
        return np.zeros(0, kind)
    return np.asarray(np.memmap(file, kind, mode="c"))


def build(items: Iterable[tuple[Item, int]], normaliser_name: str, samples: int = 0) -> Index:
    """The index of items, each with the n of its task. With `samples`, so many n-grams of each item, drawn by its name,
    or where it has none the whole of a text that has half as many words at least; else all.
    """
    import numpy as np

    builder = _Builder(normaliser_name, samples)
    for item, n in items:
        builder.add(item, n)
    lengths = np.frombuffer(builder.lengths, np.uint32)
    edges = np.zeros(len(lengths) + 1, np.uint32)
    np.cumsum(lengths, out=edges[1:])
    return Index(
        normaliser=normaliser_name,
        hashes=np.frombuffer(builder.hashes, np.uint64),
        edges=edges,
        folded=np.frombuffer(builder.folded or bytearray(1), np.uint8),
        labels=np.frombuffer(builder.labels, np.uint8),
        ns=np.array(builder.ns, np.int64),
        begins=np.array(builder.begins, np.int64),
        ends=np.array(builder.ends, np.int64),
        owners=np.array([owner for owner, _ in builder.pairs], np.uint32),
        owned=np.array([text for _, text in builder.pairs], np.uint32),
        words=np.array(builder.words, np.uint32),
    )


class _Split(NamedTuple):
    """A text's words: hashes, first bytes and labels; and its bytes."""

    hashes: "Hashes"
    starts: "Numbers"
    labels: "Labels"
    content: bytes


class _Builder:
    """Takes items apart, one by one."""

    def __init__(self, name: str, samples: int) -> None:
        import numpy as np

        self._fold, self._samples = normaliser(name), samples
        self._known: dict[bytes, int] = {}
        self._room: tuple[Any, Any] = (np.empty(0, np.uint64), np.empty(0, np.uint32))
        self.hashes, self.lengths, self.labels, self.folded = (bytearray() for _ in range(4))
        self.ns: list[int] = []
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.pairs: list[tuple[int, int]] = []
        self.words: list[int] = []
        self.part()

    def part(self) -> None:
        """Add the empty word that parts texts."""
        self.hashes += bytes(8)
        self.lengths += bytes(4)
        self.labels += bytes(1)

    def add(self, item: Item, n: int) -> None:
        """Add an item's texts."""
        texts = [self._split(pieces) for pieces in item.texts]
        most = (n if self._samples else min(n, _ALIKE)) // 2
        stretches = [
            (place, first, last) for place, text in enumerate(texts) for first, last in _stretches(text.labels, most)
        ]
        if self._samples:
            chosen = _drawn(stretches, n, self._samples, f"{item.task}|{item.id}")
        else:
            chosen = [(place, first, last, n) for place, first, last in stretches if last - first >= n]
        numbers = dict.fromkeys(self._text(texts[place], first, last, size) for place, first, last, size in chosen)
        self.pairs.extend((len(self.words), number) for number in numbers)
        self.words.append(sum(int((text.labels != LABELS[TEMPLATE]).sum()) for text in texts))

    def _split(self, pieces: Sequence[Piece]) -> _Split:
        import numpy as np

        from evalkit.contamination import kernel

        parts = [piece.text.encode(errors="replace") for piece in pieces]
        content = b"".join(parts)
        if len(self._room[0]) <= len(content):
            self._room = np.empty(2 * len(content) + 1, np.uint64), np.empty(2 * len(content) + 1, np.uint32)
        text = np.frombuffer(content or b" ", np.uint8)
        count = kernel.tokenise(text, 0, len(content), self._fold.table, self._fold.simple, *self._room)
        hashes, starts = self._room[0][:count].copy(), self._room[1][:count].copy()
        borders = np.cumsum([len(part) for part in parts[:-1]])
        of_piece = np.array([LABELS[piece.part] for piece in pieces], np.uint8)
        return _Split(hashes, starts, of_piece[np.searchsorted(borders, starts, side="right")], content)

    def _text(self, text: _Split, first: int, last: int, n: int) -> int:
        """The number of a text among those that are kept; a new one if it is not there yet."""
        import numpy as np

        from evalkit.contamination import kernel

        content, labels = np.frombuffer(text.content, np.uint8), text.labels[first:last]
        letters, lengths = kernel.folded_words(content, text.starts[first:last], len(content), self._fold.table)
        key = hashlib.sha256(
            n.to_bytes(4, "little") + letters.tobytes() + lengths.tobytes() + labels.tobytes()
        ).digest()
        if key not in self._known:
            self._known[key] = len(self.ns)
            self.ns.append(n)
            self.begins.append(len(self.labels))
            self.hashes += text.hashes[first:last].tobytes()
            self.lengths += lengths.astype(np.uint32).tobytes()
            self.labels += labels.tobytes()
            self.folded += letters.tobytes()
            self.ends.append(len(self.labels))
            self.part()
        return self._known[key]


def _stretches(labels: "Labels", most: int) -> list[tuple[int, int]]:
    """Where a text's words can be looked for: between stretches of template of more words than `most`."""
    import numpy as np

    own = np.flatnonzero(labels != LABELS[TEMPLATE])
    if not len(own):
        return []
    gaps = np.flatnonzero(np.diff(own) > most + 1)
    firsts, lasts = own[np.r_[0, gaps + 1]], own[np.r_[gaps, len(own) - 1]] + 1
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True)]


def _drawn(
    stretches: Sequence[tuple[int, int, int]], n: int, samples: int, seed: str
) -> list[tuple[int, int, int, int]]:
    """Some n-grams of an item's stretches; all of each stretch, where none is as long, but half as long at least."""
    windows = [(place, first, first + n, n) for place, begin, end in stretches for first in range(begin, end - n + 1)]
    if windows:
        return sorted(random.Random(seed).sample(windows, min(samples, len(windows))))
    return [(place, begin, end, end - begin) for place, begin, end in stretches if 2 * (end - begin) >= n]
