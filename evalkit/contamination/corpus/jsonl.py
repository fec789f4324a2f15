"""JSON Lines, plain or packed: each line an object that holds a document. Out come batches of documents."""

from collections.abc import Iterator
from typing import Any

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.fields import Decoder, decoded_name, decoder_of
from evalkit.contamination.corpus.forms import packing_of
from evalkit.contamination.corpus.lines import Block, Long, blocks
from evalkit.contamination.corpus.reading import Account, Gather, Reading, too_long
from evalkit.contamination.corpus.stream import PIECE, BreakError, Stream

_MARK = b"\xef\xbb\xbf"  # what some write before UTF-8
_SHOWN = 12  # fields of a record that lacks the one wanted
_WHOLE = 1 << 62
_NEWLINE, _BRACE = b"\n{"


def read_jsonl(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The documents that begin in a unit. A place is a byte offset, in what is unpacked where the file is packed.

    Raises:
        ContaminationError: the file cannot be read, or a record is bad and bad ones are not to be skipped.
    """
    gather, decoder = Gather(unit, reading, account), decoder_of(reading.column, reading.name)
    end = _WHOLE if packing_of(unit.form) else unit.end
    stream = Stream(unit.source, unit.form, unit.start, min(PIECE, reading.batch_bytes))
    try:
        for found in blocks(stream.read, unit.start, end, reading.record_limit):
            if isinstance(found, Long):
                gather.refuse(f"record at byte {found.place}", too_long(reading.record_limit))
            elif not (_take_plain(found, gather) or _take_all(found, decoder, gather)):
                _take_each(found, decoder, gather)
            if gather.is_full:
                yield gather.batch(stream.consumed)
    except BreakError as fault:
        gather.refuse(f"about byte {stream.consumed}", str(fault))
    finally:
        stream.close()
    yield from gather.rest()


def _take_plain(block: Block, gather: Gather) -> bool:
    """Take the texts out of a block without decoding it. False where not every line is one good record, and an ordinary
    one.
    """
    import numpy as np  # heavy, as are numba and msgspec: loaded only when a corpus is read

    from evalkit.contamination.corpus.extract import extract

    data, reading = block.data, gather.reading
    if reading.column == reading.name or "." in reading.column + reading.name:
        return False
    column, name = (np.frombuffer(bytearray(field.encode()), np.uint8) for field in (reading.column, reading.name))
    text, at = gather.room(len(data))
    ends, places, ids = extract(np.frombuffer(data, np.uint8), column, name, reading.record_limit, text, at)
    if not len(ends):
        return False
    try:
        names = [
            data[start:end].decode() if start >= 0 else decoded_name(data[~start:end]) for start, end in ids.tolist()
        ]
    except ValueError:  # a number that is none of the decoder's
        return False
    gather.take(ends, places + block.place, names)
    return True


def _take_all(block: Block, decoder: Decoder, gather: Gather) -> bool:
    """Decode a block in one go: twice as fast as line by line. False where not every line is one good record.

    The decoder knows no lines, so as many records as newlines are asked for, each line beginning as an object does.
    """
    import numpy as np  # heavy: loaded only when a corpus is read

    data = block.data
    if data[:1] != b"{" or data[-1:] != b"\n":
        return False
    try:
        records = decoder.lines(data)
        texts = [text.encode() for text in map(decoder.text, records)]
    except (ValueError, RecursionError):
        return False
    bytes_ = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(bytes_ == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    if len(ends) != len(records) or (bytes_[starts] != _BRACE).any():
        return False
    if int((ends - starts).max()) > gather.reading.record_limit:
        return False
    gather.add(texts, (starts + block.place).tolist(), [decoder.name(record) for record in records])
    return True


def _take_each(block: Block, decoder: Decoder, gather: Gather) -> None:
    place = block.place
    for whole in block.data.split(b"\n"):
        line = whole.removeprefix(_MARK) if place == 0 else whole
        if len(line) > gather.reading.record_limit:
            gather.refuse(f"record at byte {place}", too_long(gather.reading.record_limit))
        elif line and not line.isspace():
            _take(line, place, decoder, gather)
        place += len(whole) + 1


def _take(line: bytes, place: int, decoder: Decoder, gather: Gather) -> None:
    try:
        record = decoder.line(line)
        text, name = decoder.text(record).encode(), decoder.name(record)
    except UnicodeError as error:
        gather.refuse(
            f"record at byte {place}", f"no valid UTF-8 ({error.reason if hasattr(error, 'reason') else error})"
        )
    except RecursionError:
        gather.refuse(f"record at byte {place}", "values inside values, too deep to read")
    except ValueError as error:
        gather.refuse(f"record at byte {place}", _fault(line, error))
    else:
        gather.add([text], [place], [name])


def _fault(line: bytes, error: ValueError) -> str:
    import msgspec  # loaded only when a corpus is read

    if not isinstance(error, msgspec.ValidationError):
        return f"no valid JSON ({error})"
    fields: Any = None
    try:
        fields = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return f"no valid JSON ({error})"
    if "missing required" not in str(error) or not isinstance(fields, dict):
        return str(error)
    return f"{error}. It has: {', '.join([*fields][:_SHOWN]) or 'nothing'}"
