"""Cuts a stream of bytes into blocks of whole lines; a line that is too long is passed over without being held."""

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Block(NamedTuple):
    """Whole lines; `place` is the offset of the first in the stream. Only the last of a stream may lack its newline."""

    place: int
    data: bytes


class Long(NamedTuple):
    """A line that is longer than what is held of one."""

    place: int


def blocks(read: Callable[[], bytes], start: int, end: int, limit: int) -> Iterator[Block | Long]:
    """The lines that begin at `start` or later, and before `end`. With a start above 0 the stream has to begin one byte
    before it: if that is a newline, a line begins at the start. A line of more than `limit` bytes may still be in a
    block, if its end came with the piece that made it too long.
    """
    place, rest = _next_line(read, start - 1, end) if start else (0, b"")
    held: list[bytes] = []
    size = 0
    while place < end and (piece := rest or read()):
        rest = b""
        if cut := piece.rfind(b"\n") + 1:
            data = b"".join((*held, memoryview(piece)[:cut]))
            yield Block(place, _before(end - place, data))
            place, rest, held, size = place + len(data), piece[cut:], [], 0
            continue
        held.append(piece)
        size += len(piece)
        if size > limit:
            yield Long(place)
            held, (place, rest), size = [], _next_line(read, place + size), 0
    if held:
        yield Block(place, b"".join(held))


def _next_line(read: Callable[[], bytes], at: int, end: int | None = None) -> tuple[int, bytes]:
    """Where the line after the next newline begins, and what is read of it; `at` is the offset of what is read next."""
    while (end is None or at < end) and (piece := read()):
        if cut := piece.find(b"\n") + 1:
            return at + cut, piece[cut:]
        at += len(piece)
    return at, b""


def _before(end: int, data: bytes) -> bytes:
    """The lines of the data that begin before an offset in it."""
    return data if len(data) <= end else data[: data.index(b"\n", end - 1) + 1]
