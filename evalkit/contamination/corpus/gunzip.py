"""Reads gzip: members one after another, and all that can be had before a fault, which `igzip` itself would drop."""

from typing import Any, Protocol

_AT_ONCE = 1 << 16  # packed bytes; what is left of them is copied with each piece that is given
_GZIP = 31  # zlib's number for a gzip header and its checksum, with the largest window


class Readable(Protocol):
    """What packed bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes; none at the end."""
        ...


class Gunzip:
    """A gzip file, unpacked."""

    def __init__(self, raw: Readable) -> None:
        from isal import isal_zlib  # loaded only when such a file is read

        self._raw, self._begin = raw, isal_zlib.decompressobj
        self._member: Any = None
        self._packed = b""
        self._is_first = True

    def read(self, size: int) -> bytes:
        """Some of what is unpacked, at most so much; none at the end.

        Raises:
            EOFError: the file ends inside a member.
            isal_zlib.error: it is damaged, or no gzip file.
        """
        while True:
            if not self._packed:
                self._packed = self._raw.read(_AT_ONCE)
            is_end = not self._packed
            if self._member is None and not self._next_member():
                if is_end:
                    return b""
            elif got := self._unpacked(size):
                return got
            elif is_end and self._member is not None:
                raise EOFError("it ends inside a member")

    def _next_member(self) -> bool:
        if not self._is_first:
            self._packed = self._packed.lstrip(b"\0")  # zeros may fill up a tape
        if self._packed:
            self._member, self._is_first = self._begin(_GZIP), False
        return bool(self._packed)

    def _unpacked(self, size: int) -> bytes:
        got: bytes = self._member.decompress(self._packed, size)
        if self._member.eof:
            self._packed, self._member = self._member.unused_data, None
        else:
            self._packed = self._member.unconsumed_tail
        return got
