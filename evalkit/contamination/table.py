"""What finds an index's texts in a document: a Bloom filter and a hash table of seeds, for each class of n-grams.

A seed is q words in a row. The tables know all seeds of their texts, and of a document only those at multiples of the
stride are looked up: every run of q + stride - 1 words, the least n of the class, holds one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.contamination.index import Index, load_arrays, save_arrays

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Numbers = NDArray[np.uint32]

_CLASSES = (12, 8, 1)  # the smallest n of each: longer n-grams have longer seeds and strides, and these hit less
_STRIDED = 8  # words of an n-gram from which on seeds are strided
_STRIDE = 6  # words at most; with longer ones seeds are so short that they hit everywhere
_BLOOM = 12  # bits of the filter for a seed, at least
_ARRAYS = ("blooms", "keys", "heads", "links")


@dataclass(frozen=True, slots=True)
class Layer:
    """The texts of one class. `blooms` is a filter of 2 ** `bloom_size` 64-bit words, `keys` and `heads` a table of
    2 ** `table_size` seeds and the first place of each in the index, `links` [W] leads on to others of the same seed.
    A class without texts has q = 0.
    """

    q: int
    stride: int
    least: int
    blooms: "Hashes"
    bloom_size: int
    keys: "Numbers"
    heads: "Numbers"
    links: "Numbers"
    table_size: int

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The layer as the kernel takes it."""
        names = ("q", "stride", "least", "blooms", "bloom_size", "keys", "heads", "links", "table_size")
        return tuple(getattr(self, name) for name in names)


def layers(index: Index) -> list[Layer]:
    """One layer for each class of n-grams."""
    borders = (*_CLASSES, 0)
    found = []
    for place, least in enumerate(_CLASSES):
        above = borders[place - 1] if place else None
        found.append(_layer(index, (index.ns >= least) & (True if above is None else index.ns < above)))
    return found


def save(several: Sequence[Layer], path: Path) -> None:
    """Write the layers beside their index.

    Raises:
        ContaminationError: they cannot be written.
    """
    import numpy as np

    for place, layer in enumerate(several):
        save_arrays(path, {f"{name}-{place}": getattr(layer, name) for name in _ARRAYS})
        sizes = np.array([layer.q, layer.stride, layer.least, layer.bloom_size, layer.table_size])
        save_arrays(path, {f"sizes-{place}": sizes})


def load(path: Path) -> list[Layer]:
    """Map the layers that `save` wrote.

    Raises:
        ContaminationError: they are not there.
    """
    found = []
    for place in range(len(_CLASSES)):
        arrays = load_arrays(path, [f"{name}-{place}" for name in (*_ARRAYS, "sizes")])
        q, stride, least, bloom_size, table_size = map(int, arrays[f"sizes-{place}"])
        blooms, keys, heads, links = (arrays[f"{name}-{place}"] for name in _ARRAYS)
        found.append(Layer(q, stride, least, blooms, bloom_size, keys, heads, links, table_size))
    return found


def _layer(index: Index, chosen: "NDArray[np.bool_]") -> Layer:
    import numpy as np

    from evalkit.contamination import kernel, probe

    if not chosen.any():
        nothing = np.zeros(1, np.uint64), np.zeros(1, np.uint32)
        return Layer(0, 1, 0, nothing[0], 0, nothing[1], nothing[1], nothing[1], 0)
    least = int(index.ns[chosen].min())
    stride = min(_STRIDE, least // 2) if least >= _STRIDED else 1
    q = least - stride + 1
    counts = np.maximum(index.ends[chosen] - index.begins[chosen] - q + 1, 0)
    words = kernel.ranges(index.begins[chosen], counts)
    table_size = max(4, int(1.4 * len(words)).bit_length())
    bloom_size = max(4, int(_BLOOM * len(words)).bit_length() - 6)
    blooms = np.zeros(1 << bloom_size, np.uint64)
    keys, heads = np.zeros(1 << table_size, np.uint32), np.full(1 << table_size, kernel.NONE, np.uint32)
    links = np.full(len(index.hashes), kernel.NONE, np.uint32)
    probe.insert(index.hashes, q, blooms, bloom_size, keys, heads, links, table_size, words)
    return Layer(q, stride, least, blooms, bloom_size, keys, heads, links, table_size)
