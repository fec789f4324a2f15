"""Columns of numbers and lists of names to small JSON values, and back."""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.metrics.base import Floats

_PALETTE = 256  # different values, at most, that are kept as they are
_STARTS = (0, 1)  # what names that count up begin with
_NAME = 84  # characters of a name of 40 in JSON, at most


def pack_column(column: "Floats") -> dict[str, Any]:
    """The different values of a column and, of each item, which it has; many different ones as 32-bit floats."""
    import numpy as np  # heavy: loaded only when something is gated

    values, places = np.unique(column, return_inverse=True)
    if len(values) > _PALETTE:
        return {"floats": _text(column.astype("<f4").tobytes())}
    if len(values) == 1:
        return {"values": values.tolist()}
    small = places.astype(np.uint8)
    return {"values": values.tolist(), "which": _text((np.packbits(small) if len(values) == 2 else small).tobytes())}


def unpack_column(packed: dict[str, Any], n: int) -> "Floats":
    """A column of n values.

    Raises:
        KeyError, TypeError, ValueError, IndexError: it is no column of so many.
    """
    import numpy as np

    if "floats" in packed:
        return np.frombuffer(_bytes(packed["floats"], 4 * n), dtype="<f4").astype(np.float64)
    values = np.array(packed["values"], dtype=np.float64)
    if len(values) == 1:
        return np.full(n, values[0])
    if len(values) == 2:
        return values[np.unpackbits(np.frombuffer(_bytes(packed["which"], -(-n // 8)), dtype=np.uint8), count=n)]
    return values[np.frombuffer(_bytes(packed["which"], n), dtype=np.uint8)]


def pack_names(names: Sequence[str]) -> dict[str, Any]:
    """Names that count up from 0 or 1 as that number, others compressed."""
    for start in _STARTS:
        if tuple(names) == tuple(str(start + place) for place in range(len(names))):
            return {"from": start}
    return {"names": _text(json.dumps(list(names)).encode())}


def unpack_names(packed: dict[str, Any], n: int) -> tuple[str, ...]:
    """So many names.

    Raises:
        KeyError, TypeError, ValueError: there are not so many.
    """
    if "from" in packed:
        return tuple(str(packed["from"] + place) for place in range(n))
    names = json.loads(_bytes(packed["names"], most=_NAME * n + 2))
    if len(names) != n or not all(isinstance(name, str) for name in names):
        raise ValueError(f"{len(names)} names, where there have to be {n}")
    return tuple(names)


def pack_groups(groups: Sequence[str]) -> str:
    """Which items are of one group: the step from each item's group to the next one's, groups numbered as they appear.
    Items of one group mostly follow each other, so the steps are mostly 0 or 1.
    """
    import numpy as np

    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    steps = np.diff(np.array([places[group] for group in groups], dtype="<i4"), prepend=np.int32(0))
    return _text(steps.astype("<i4").tobytes())


def unpack_groups(packed: str, n: int) -> list[int]:
    """The number of each item's group.

    Raises:
        ValueError: they are not so many.
    """
    import numpy as np

    places = np.cumsum(np.frombuffer(_bytes(packed, 4 * n), dtype="<i4"))
    if n and not 0 <= places.min() <= places.max() < n:
        raise ValueError("a group's number is out of range")
    return [int(place) for place in places]


def _text(content: bytes) -> str:
    return base64.b85encode(zlib.compress(content, 9)).decode("ascii")


def _bytes(text: str, length: int | None = None, most: int | None = None) -> bytes:
    """The bytes of a packed text: so many, or so many at most."""
    limit = length if length is not None else most or 0
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(base64.b85decode(text), limit + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(content) > limit or (length is not None and len(content) != length):
        raise ValueError(f"{len(content)} bytes, where there have to be {limit}")
    return content
