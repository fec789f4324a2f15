"""The bytes of a file in order, unpacked, piece by piece: never more than a piece is held."""

from typing import Any

from evalkit.contamination.corpus.forms import packing_of
from evalkit.contamination.corpus.gunzip import Gunzip
from evalkit.contamination.corpus.sources import brief, open_source
from evalkit.errors import ContaminationError

PIECE = 1 << 18
_PACKER = {"gz": "gzip", "zst": "Zstandard"}


class BreakError(Exception):
    """A packed file breaks off, or is damaged; all that can be read of it before was given."""


class Counted:
    """A file that counts what is read of it; an error in reading names the file, and is none of what reads through it.

    With a `start`, reading begins one byte before it, which counts as none.
    """

    closed = False

    def __init__(self, path: str, start: int = 0, *, in_order: bool = False) -> None:
        self._path = path
        self._file = open_source(path, in_order=in_order)
        self.count = 0
        if start:
            self.seek(start - 1)
            self.count = -1

    def read(self, size: int = -1) -> bytes:
        """Up to so many bytes; none at the end."""
        try:
            got: bytes = self._file.read(size)
        except Exception as error:
            raise self._unreadable(error) from None
        self.count += len(got)
        return got

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to another place in the file."""
        try:
            return int(self._file.seek(place, whence))
        except Exception as error:
            raise self._unreadable(error) from None

    def tell(self) -> int:
        """The place in the file."""
        return int(self._file.tell())

    def _unreadable(self, error: Exception) -> ContaminationError:
        reason, way_out = brief(error), "Try again, or download it and name the file"
        return ContaminationError(
            f"{self._path}: cannot be read further, at byte {max(self.count, 0)} ({reason}). {way_out}"
        )

    def close(self) -> None:
        """Give the file back."""
        self.closed = True
        self._file.close()


class Stream:
    """What a file holds, unpacked. `consumed` counts the bytes of the file itself that were read, from `start` on."""

    def __init__(self, path: str, form: str, start: int = 0, piece: int = PIECE) -> None:
        self._path, self._packing, self._start, self._piece = path, packing_of(form), start, piece
        self._given, self._fault = 0, ""
        self._open()

    @property
    def consumed(self) -> int:
        """Bytes of the file itself that were read so far."""
        return self._raw.count

    def read(self) -> bytes:
        """The next piece; none at the end.

        Raises:
            BreakError: the file breaks off, or is damaged, here.
            ContaminationError: it cannot be read at all.
        """
        if self._fault:
            raise BreakError(self._fault)
        try:
            piece: bytes = self._unpacked.read(self._piece)
        except ContaminationError:
            raise
        except Exception as error:  # OSError, EOFError, zlib.error: each unpacker has its own
            self._fault = f"the {_PACKER[self._packing]} file breaks off or is damaged ({brief(error)})"
            if not (piece := self._last()):
                raise BreakError(self._fault) from None
        self._given += len(piece)
        return piece

    def close(self) -> None:
        """Give the file back."""
        self._raw.close()

    def _open(self) -> None:
        self._raw = Counted(self._path, self._start, in_order=self._start == 0)
        self._unpacked: Any = self._raw
        if self._packing == "gz":
            self._unpacked = Gunzip(self._raw)
        elif self._packing == "zst":
            import pyarrow as pa  # heavy; unlike `zstandard` it tells a frame that is cut off from one that ends

            self._unpacked = pa.CompressedInputStream(pa.PythonFile(self._raw, mode="r"), "zstd")

    def _last(self) -> bytes:
        """What can be read before the fault: the unpacker has dropped it, so all is read again, then byte by byte."""
        self._raw.close()
        self._open()
        left, found = self._given, bytearray()
        try:
            while left:
                left -= len(self._unpacked.read(min(left, self._piece)))
            while byte := self._unpacked.read(1):
                found += byte
        except ContaminationError:
            raise
        except Exception:  # the fault, met again
            return bytes(found)
        return bytes(found)
