"""Text files, plain or packed: a whole file is one document."""

from collections.abc import Iterator

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.reading import Account, Gather, Reading
from evalkit.contamination.corpus.stream import BreakError, Stream

_MARK = b"\xef\xbb\xbf"  # what some write before UTF-8


def read_text(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The document that a file is.

    Raises:
        ContaminationError: the file cannot be read, or is bad and bad ones are not to be skipped.
    """
    gather = Gather(unit, reading, account)
    stream = Stream(unit.source, unit.form)
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := stream.read():
            size += len(piece)
            if size > reading.record_limit:
                break
            pieces.append(piece)
    except BreakError as fault:
        gather.refuse(f"about byte {stream.consumed}", str(fault))
    else:
        _take(gather, b"".join(pieces).removeprefix(_MARK), size)
    finally:
        stream.close()
    yield from gather.rest()


def _take(gather: Gather, text: bytes, size: int) -> None:
    limit = gather.reading.record_limit
    if size > limit:
        length = f"{limit >> 20} MB" if limit >> 20 else f"{limit} bytes"
        gather.refuse("the whole file", f"longer than {length}; a text file is one document: cut it into documents")
        return
    try:
        text.decode()
    except UnicodeDecodeError as error:
        gather.refuse(f"byte {error.start}", f"no valid UTF-8 ({error.reason})")
    else:
        gather.add([text], [0], [""])
