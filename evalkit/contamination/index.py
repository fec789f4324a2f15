"""The index of evaluation texts: items in, flat arrays out that every worker shares.

Words of all texts stand one after the other, with an empty word before, between and after them. Texts that are the same
are kept once. A text of fewer words than its n-gram has is not looked for; a stretch of template as long as an n-gram
parts a text.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.contamination.base import PARTS, TEMPLATE, Item, Piece
from evalkit.contamination.fold import normaliser
from evalkit.contamination.overlaps import replace

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Numbers = NDArray[np.uint32]
    Labels = NDArray[np.uint8]

LABELS = {part: label for label, part in enumerate(PARTS)}
_SHORT = 8  # words of an n-gram from which on seeds are strided
_BLOOM = 12  # bits of the filter for a seed, at least


@dataclass(frozen=True, slots=True)
class Index:
    """`hashes` [W], `edges` [W + 1] and `folded` are the words, `labels` [W] the part that each is (place in `PARTS`);
    `ns`, `begins` and `ends` [T] the texts: n-gram's size, first word, and the word after the last. `owners` and
    `owned` [P] pair items with their texts, by number; `words` [I] and `tokens` [I] count an item's words without
    template, those in texts that are too short included. `digest` is a hash of all of it with the normaliser.
    """

    normaliser: str
    hashes: "Hashes"
    edges: "NDArray[np.int64]"
    folded: "Labels"
    labels: "Labels"
    ns: "NDArray[np.int64]"
    begins: "NDArray[np.int64]"
    ends: "NDArray[np.int64]"
    owners: "Numbers"
    owned: "Numbers"
    words: "Numbers"
    digest: str

    def save(self, path: Path) -> None:
        """Write the arrays, so that other processes can map them."""
        import io

        import numpy as np

        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str):
                sink = io.BytesIO()
                np.save(sink, value)
                replace(path / f"{field.name}.npy", sink.getvalue())
        replace(path / "index.txt", f"{self.normaliser}\n{self.digest}\n".encode())

    @classmethod
    def load(cls, path: Path) -> "Index":
        """Map the arrays that `save` wrote."""
        import numpy as np

        name, digest = (path / "index.txt").read_text(encoding="utf-8").split()
        arrays: dict[str, Any] = {
            field.name: np.load(path / f"{field.name}.npy", mmap_mode="r")
            for field in fields(cls)
            if field.name not in ("normaliser", "digest")
        }
        return cls(normaliser=name, digest=digest, **arrays)


@dataclass(frozen=True, slots=True)
class Layer:
    """What finds the texts of one class of n-grams: seeds of `q` words, of which a document's are looked up at
    multiples of `stride`; `least` is the smallest n. The arrays are a Bloom filter and a linked hash table.
    """

    q: int
    stride: int
    least: int
    blooms: "Hashes"
    bloom_size: int
    keys: "Hashes"
    heads: "Numbers"
    links: "Numbers"
    table_size: int

    @property
    def arrays(self) -> tuple[Any, ...]:
        """The layer as the kernel takes it."""
        return tuple(getattr(self, field.name) for field in fields(self))


def build(items: Iterable[tuple[Item, int]], normaliser_name: str) -> Index:
    """The index of items, each with the n of its task."""
    import numpy as np

    builder = _Builder(normaliser_name)
    for item, n in items:
        builder.add(item, n)
    hashes = np.concatenate([*builder.hashes, np.zeros(1, np.uint64)])
    folded = np.frombuffer(b"".join(builder.folded), np.uint8)
    lengths = np.concatenate([*builder.lengths, np.zeros(1, np.int64)])
    arrays = {
        "hashes": hashes,
        "edges": np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)]),
        "folded": folded if len(folded) else np.zeros(1, np.uint8),
        "labels": np.concatenate([*builder.labels, np.zeros(1, np.uint8)]),
        "ns": np.array(builder.ns, np.int64),
        "begins": np.array(builder.begins, np.int64),
        "ends": np.array(builder.ends, np.int64),
        "owners": np.array([owner for owner, _ in builder.pairs], np.uint32),
        "owned": np.array([text for _, text in builder.pairs], np.uint32),
        "words": np.array(builder.words, np.uint32),
    }
    digest = hashlib.sha256(normaliser_name.encode())
    for array in arrays.values():
        digest.update(array.tobytes())
    return Index(normaliser=normaliser_name, digest=digest.hexdigest(), **arrays)


def layers(index: Index) -> list[Layer]:
    """One layer for n-grams of 8 words and more, and one for the shorter ones, as far as there are any."""
    found = []
    for chosen in (index.ns >= _SHORT, index.ns < _SHORT):
        if chosen.any():
            found.append(_layer(index, chosen))
    return found


class _Builder:
    """Takes items apart, one by one."""

    def __init__(self, name: str) -> None:
        import numpy as np

        self._fold = normaliser(name)
        self._known: dict[bytes, int] = {}
        self._room: tuple[Any, Any] = (np.empty(0, np.uint64), np.empty(0, np.uint32))
        zero = np.zeros(1, np.uint64), np.zeros(1, np.int64), np.zeros(1, np.uint8)
        self.hashes, self.lengths, self.labels = [zero[0]], [zero[1]], [zero[2]]
        self.folded: list[bytes] = []
        self.ns: list[int] = []
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.pairs: list[tuple[int, int]] = []
        self.words: list[int] = []
        self._at = 1

    def add(self, item: Item, n: int) -> None:
        """Add an item's texts."""
        words = 0
        for pieces in item.texts:
            hashes, starts, labels, content = self._split(pieces)
            words += int((labels != LABELS[TEMPLATE]).sum())
            for first, last in _stretches(labels, n):
                text = self._text(hashes, starts, labels, content, (first, last), n)
                if (pair := (len(self.words), text)) not in self.pairs[-8:]:
                    self.pairs.append(pair)
        self.words.append(words)

    def _split(self, pieces: Sequence[Piece]) -> tuple[Any, Any, Any, bytes]:
        """Hashes, first bytes and labels of a text's words."""
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
        return hashes, starts, of_piece[np.searchsorted(borders, starts, side="right")], content

    def _text(self, hashes: Any, starts: Any, labels: Any, content: bytes, stretch: tuple[int, int], n: int) -> int:
        """The number of a text among those that are kept; a new one if it is not there yet."""
        import numpy as np

        from evalkit.contamination import kernel

        first, last = stretch
        text = np.frombuffer(content, np.uint8)
        words = kernel.folded_words(text, starts[first:last], len(content), self._fold.table)
        key = hashlib.sha256(
            n.to_bytes(4, "little") + words[0].tobytes() + words[1].tobytes() + labels[first:last].tobytes()
        ).digest()
        if key not in self._known:
            self._known[key] = len(self.ns)
            self.ns.append(n)
            self.begins.append(self._at)
            self.ends.append(self._at + last - first)
            self._at += last - first + 1
            end = np.zeros(1, np.uint64), np.zeros(1, np.int64), np.zeros(1, np.uint8)
            self.hashes += [hashes[first:last], end[0]]
            self.lengths += [words[1], end[1]]
            self.labels += [labels[first:last], end[2]]
            self.folded.append(words[0].tobytes())
        return self._known[key]


def _stretches(labels: "Labels", n: int) -> list[tuple[int, int]]:
    """Where a text's words can be looked for: n words at least, no template at an end, none as long as an n-gram."""
    import numpy as np

    own = np.flatnonzero(labels != LABELS[TEMPLATE])
    if not len(own):
        return []
    gaps = np.flatnonzero(np.diff(own) > n)
    firsts, lasts = own[np.r_[0, gaps + 1]], own[np.r_[gaps, len(own) - 1]] + 1
    return [(int(first), int(last)) for first, last in zip(firsts, lasts, strict=True) if last - first >= n]


def _layer(index: Index, chosen: "NDArray[np.bool_]") -> Layer:
    import numpy as np

    from evalkit.contamination import kernel, probe

    least = int(index.ns[chosen].min())
    stride = max(1, least // 2) if least >= _SHORT else 1
    stride = min(stride, 6)
    q = least - stride + 1
    counts = np.maximum(index.ends[chosen] - index.begins[chosen] - q + 1, 0)
    words = kernel.ranges(index.begins[chosen], counts)
    seeds = kernel.seeds(index.hashes, words, q)
    table_size = max(4, int(2 * len(words)).bit_length())
    bloom_size = max(4, int(_BLOOM * len(words)).bit_length() - 6)
    blooms = np.zeros(1 << bloom_size, np.uint64)
    keys, heads = np.zeros(1 << table_size, np.uint64), np.full(1 << table_size, kernel.NONE, np.uint32)
    links = np.full(len(index.hashes), kernel.NONE, np.uint32)
    probe.insert(seeds, blooms, bloom_size, keys, heads, links, table_size, words)
    return Layer(q, stride, least, blooms, bloom_size, keys, heads, links, table_size)
