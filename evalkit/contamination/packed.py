"""What a unit's scan has found, as the bytes of a file: equal content gives equal bytes, and damage is noticed."""

import hashlib

import msgspec

from evalkit.contamination.tally import Counts, Found, Sight

_CHECKSUM, _SIZE = 8, 8  # bytes in front of what is squeezed: a checksum of all that follows, and the size


def encode(found: Found, counts: Counts) -> bytes:
    """As bytes; equal content gives equal bytes."""
    import pyarrow

    rows = [array.astype("<i8").tobytes() for array in (found.runs, found.changes, found.longest)]
    sights = [(text, seen) for text, seen in found.sights.items()]
    packed = msgspec.msgpack.encode((counts, rows, sights))
    squeezed: bytes = pyarrow.compress(packed, codec="zstd", asbytes=True)
    content = len(packed).to_bytes(_SIZE, "little") + squeezed
    return _checksum(content) + content


def decode(content: bytes) -> tuple[Found, Counts]:
    """From bytes.

    Raises:
        ValueError: they are not what `encode` wrote.
    """
    import numpy as np
    import pyarrow

    content, checksum = content[_CHECKSUM:], content[:_CHECKSUM]
    if _checksum(content) != checksum:
        raise ValueError("damaged, or not written to its end")
    size = int.from_bytes(content[:_SIZE], "little")
    try:
        packed = pyarrow.decompress(content[_SIZE:], size, codec="zstd", asbytes=True)
        kind = tuple[Counts, list[bytes], list[tuple[int, tuple[Sight, ...]]]]
        counts, rows, sights = msgspec.msgpack.decode(packed, type=kind)
    except (OSError, msgspec.MsgspecError) as error:  # of another version of evalkit
        raise ValueError(str(error)) from None
    runs, changes, longest = (
        np.frombuffer(own, "<i8").reshape(-1, width) for own, width in zip(rows, (3, 2, 3), strict=True)
    )
    return Found(runs, changes, longest, dict(sights)), counts


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECKSUM).digest()
