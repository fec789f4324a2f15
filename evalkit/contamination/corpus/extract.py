"""Takes the texts out of lines of JSON, compiled: bytes of whole lines in, the UTF-8 of one field of every record out.

No record is decoded: strings are looked through 64 bytes at a time, and what stands between them byte by byte. It is as
strict as the decoder that it stands in for, or stricter: lines that are no ordinary good records, each an object on a
line of its own, are refused as a whole, and that decoder has to take them, and to say what is wrong.

Addresses are used in place of arrays. The last byte of the lines is a newline, and nothing goes on behind a newline but
the next record: so no place is behind the last byte.
"""

import numpy as np

from evalkit.contamination.intrinsics import (
    below_bits,
    byte_at,
    equal_bits,
    move_block,
    ones_in,
    put_byte,
    zeros_below,
)
from evalkit.contamination.kernel import ONE, _compiled, _encoded

_DEEPEST = 60  # values inside values; the decoder goes deeper
_LONGEST = 18  # digits of a number that is an id as it stands
_MARGIN = 160  # bytes behind a place that may be read: 64, an escape that begins in the last of them, and 64 more
_NONE = np.uint64(0)

_QUOTE, _ESCAPE, _COMMA, _COLON, _MINUS, _POINT = 0x22, 0x5C, 0x2C, 0x3A, 0x2D, 0x2E
_OPEN, _CLOSE, _FIRST, _LAST, _NEWLINE, _CONTROL = 0x7B, 0x7D, 0x5B, 0x5D, 0x0A, 0x20

_SIMPLE = np.zeros(256, np.uint8)  # what follows a backslash, and what both stand for
for _one, _other in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t', strict=True):
    _SIMPLE[_one] = _other
_DIGIT = np.full(256, 0xFF, np.uint8)  # of base 16
for _one in b"0123456789abcdefABCDEF":
    _DIGIT[_one] = int(chr(_one), 16)


@_compiled
def is_utf8(data):
    """Whether bytes are UTF-8. With 64 of them the rules are of bits: what has to go on is what does, and after four of
    the first bytes the second has less to choose from (The Unicode Standard, table 3-7).
    """
    base, room, place = data.ctypes.data, len(data), 0
    scratch = np.zeros(64, np.uint8)
    due = lows = tops = fours = ends = _NONE  # what the block before asks of the first three bytes of the next
    while place < room:
        address = base + place
        if place + 64 > room:
            for byte in range(room - place):
                scratch[byte] = data[place + byte]
            address = scratch.ctypes.data
        place += 64
        beyond = ~below_bits(address, 0x80)
        if beyond == _NONE:
            if due:
                return False
            continue
        second, third, fourth = ~below_bits(address, 0xC0), ~below_bits(address, 0xE0), ~below_bits(address, 0xF0)
        wanted = second << ONE | third << np.uint64(2) | fourth << np.uint64(3) | due
        low, top, four, end = (
            equal_bits(address, 0xE0),
            equal_bits(address, 0xED),
            equal_bits(address, 0xF0),
            equal_bits(address, 0xF4),
        )
        under = below_bits(address, 0xA0)
        short = below_bits(address, 0x90)
        wrong = (
            (wanted ^ (beyond & ~second))
            | (second & below_bits(address, 0xC2))
            | ~below_bits(address, 0xF5)
            | ((low << ONE | lows) & under)
            | ((top << ONE | tops) & ~under)
            | ((four << ONE | fours) & short)
            | ((end << ONE | ends) & ~short)
        )
        if wrong:
            return False
        due = second >> np.uint64(63) | third >> np.uint64(62) | fourth >> np.uint64(61)
        lows, tops = low >> np.uint64(63), top >> np.uint64(63)
        fours, ends = four >> np.uint64(63), end >> np.uint64(63)
    return due == _NONE


@_compiled
def lines_of(data):
    """How many newlines there are."""
    base, room, place, count = data.ctypes.data, len(data), 0, 0
    while place + 64 <= room:
        count += np.int64(ones_in(equal_bits(base + place, _NEWLINE)))
        place += 64
    while place < room:
        count += byte_at(base + place) == _NEWLINE
        place += 1
    return count


@_compiled
def extract(data, column, name, limit, out, at):
    """The texts of all records go into `out` from `at` on, where as many bytes have to be free as the lines have. Of
    each record come out: where its text ends in `out`; the byte it begins at; and where its id, undecoded, stands: the
    bytes from `ids[i, 0]` to `ids[i, 1]` are it, or, where the first is negative, those from ~ids[i, 0] on are the JSON
    of it. A field's name has to be spelled as given; lines have `limit` bytes at most. Nothing comes out of no bytes,
    and of lines that are refused.
    """
    base, room, into = data.ctypes.data, len(data), out.ctypes.data
    count = lines_of(data) if room and data[room - 1] == _NEWLINE and is_utf8(data) else 0
    ends, places, ids = np.empty(count, np.int64), np.empty(count, np.int64), np.zeros((count, 2), np.int64)
    place = np.int64(0)  # else the type of the first one is another
    for number in range(count):
        places[number] = place
        place, at = _record(base, place, room, column, name, into, at, ids[number])
        if place < 0 or place - places[number] - 1 > limit:
            return ends[:0], places[:0], ids[:0]
        ends[number] = at
    return ends, places, ids


@_compiled
def _record(base, place, room, column, name, into, at, own):
    """The byte after a record and its newline, or -1, and the byte after its text; `own` is where its id stands."""
    has_text = has_name = False
    if byte_at(base + place) != _OPEN:
        return -1, at
    place = _blank(base, place + 1)
    while True:
        begin = place + 1
        place = _key(base, place, room)
        if place < 0:
            return -1, at
        end = place - 1
        place = _colon(base, place)
        if place < 0:
            return -1, at
        byte = byte_at(base + place)
        if _is(base, begin, end, column):
            if has_text or byte != _QUOTE:
                return -1, at
            has_text = True
            place, at = _text(base, place + 1, room, into, at)
        elif _is(base, begin, end, name):
            if has_name:
                return -1, at
            has_name = True
            place = _id(base, place, room, own)
        else:
            place = _value(base, place, room)
        if place < 0:
            return -1, at
        place = _blank(base, place)
        byte = byte_at(base + place)
        place += 1
        if byte == _CLOSE:
            break
        if byte != _COMMA:
            return -1, at
        place = _blank(base, place)
    place = _blank(base, place)
    if not has_text or byte_at(base + place) != _NEWLINE:
        return -1, at
    return place + 1, at


@_compiled
def _blank(base, place):
    """The next byte that is no white space; a newline is none of a record's."""
    byte = byte_at(base + place)
    while byte == 0x20 or byte == 0x09 or byte == 0x0D:
        place += 1
        byte = byte_at(base + place)
    return place


@_compiled
def _colon(base, place):
    """Where the value begins, from behind a key on."""
    place = _blank(base, place)
    return _blank(base, place + 1) if byte_at(base + place) == _COLON else -1


@_compiled
def _is(base, begin, end, known):
    """Whether some bytes are known ones."""
    count = end - begin
    if count != len(known):
        return False
    while count and byte_at(base + begin + count - 1) == known[count - 1]:
        count -= 1
    return count == 0


@_compiled
def _key(base, place, room):
    """The byte after a string that needs no decoding."""
    if byte_at(base + place) != _QUOTE:
        return -1
    place += 1
    while place + 64 <= room:
        special = (
            equal_bits(base + place, _QUOTE) | equal_bits(base + place, _ESCAPE) | below_bits(base + place, _CONTROL)
        )
        if special:
            place += np.int64(zeros_below(special))
            return place + 1 if byte_at(base + place) == _QUOTE else -1
        place += 64
    while True:
        byte = byte_at(base + place)
        if byte == _QUOTE:
            return place + 1
        if byte == _ESCAPE or byte < _CONTROL:
            return -1
        place += 1


@_compiled
def _four(base, place):
    """The number that four digits of base 16 are; above all such numbers if they are none."""
    a, b = np.int64(_DIGIT[byte_at(base + place)]), np.int64(_DIGIT[byte_at(base + place + 1)])
    c, d = np.int64(_DIGIT[byte_at(base + place + 2)]), np.int64(_DIGIT[byte_at(base + place + 3)])
    return a << 12 | b << 8 | c << 4 | d if a | b | c | d < 16 else 1 << 20


@_compiled
def _escaped(base, place, room):
    """What stands for the escape at a byte: its UTF-8 as a number, how many bytes that has, and the byte after the
    escape, or -1.
    """
    byte = byte_at(base + place + 1)
    if byte != 0x75:
        return np.uint64(_SIMPLE[byte]), 1, place + 2 if _SIMPLE[byte] else -1
    if place + 6 > room:
        return _NONE, 0, -1
    code, place = _four(base, place + 2), place + 6
    if 0xD800 <= code < 0xDC00:
        if place + 6 > room or byte_at(base + place) != _ESCAPE or byte_at(base + place + 1) != 0x75:
            return _NONE, 0, -1
        low, place = _four(base, place + 2), place + 6
        if low < 0xDC00 or low > 0xDFFF:
            return _NONE, 0, -1
        code = 0x10000 + ((code - 0xD800) << 10 | low - 0xDC00)
    elif 0xDC00 <= code < 0xE000 or code >= 1 << 20:
        return _NONE, 0, -1
    value, count = _encoded(code)
    return value, count, place


@_compiled
def _text(base, place, room, into, at):
    """The byte after a string, from behind its first quote on, and the byte of `into` after what it says."""
    while place + _MARGIN <= room:
        special = (
            equal_bits(base + place, _QUOTE) | equal_bits(base + place, _ESCAPE) | below_bits(base + place, _CONTROL)
        )
        move_block(into + at, base + place)
        gone, after = 0, 64  # bytes less than were read; where reading goes on
        while special:
            here = np.int64(zeros_below(special))
            byte = byte_at(base + place + here)
            if byte != _ESCAPE:
                return place + here + 1 if byte == _QUOTE else -1, at + here - gone
            simple = _SIMPLE[byte_at(base + place + here + 1)]
            to = into + at + here - gone
            if simple:
                put_byte(to, simple)
                move_block(to + 1, base + place + here + 2)
                gone += 1
                after = here + 2
            else:
                value, count, after = _escaped(base, place + here, room)
                if after < 0:
                    return -1, at
                after -= place
                for number in range(count):
                    put_byte(to + number, np.uint8(value >> np.uint64(8 * number) & np.uint64(0xFF)))
                move_block(to + count, base + place + after)
                gone += after - here - count
            if after >= 64:
                break
            special &= ~_NONE << np.uint64(after)
            after = 64
        place, at = place + after, at + after - gone
    while True:
        byte = byte_at(base + place)
        if byte == _QUOTE:
            return place + 1, at
        if byte < _CONTROL:
            return -1, at
        if byte == _ESCAPE:
            value, count, place = _escaped(base, place, room)
            if place < 0:
                return -1, at
            for number in range(count):
                put_byte(into + at + number, np.uint8(value >> np.uint64(8 * number) & np.uint64(0xFF)))
            at += count
        else:
            put_byte(into + at, byte)
            place, at = place + 1, at + 1


@_compiled
def _string(base, place, room):
    """The byte after a string, from behind its first quote on, and whether it needs no decoding."""
    is_plain = True
    while True:
        if place + 64 <= room:
            special = (
                equal_bits(base + place, _QUOTE)
                | equal_bits(base + place, _ESCAPE)
                | below_bits(base + place, _CONTROL)
            )
            if special == _NONE:
                place += 64
                continue
            place += np.int64(zeros_below(special))
        byte = byte_at(base + place)
        if byte == _QUOTE:
            return place + 1, is_plain
        if byte < _CONTROL:
            return -1, is_plain
        if byte == _ESCAPE:
            is_plain = False
            _, _, place = _escaped(base, place, room)
            if place < 0:
                return -1, is_plain
        else:
            place += 1


@_compiled
def _digits(base, place):
    """The first byte that is no digit."""
    while byte_at(base + place) - 0x30 < 10 and byte_at(base + place) >= 0x30:
        place += 1
    return place


@_compiled
def _number(base, place):
    """The byte after a number, and whether it is a whole one of digits alone."""
    begin, first = place, place + (byte_at(base + place) == _MINUS)
    place = _digits(base, first)
    if place == first or (place > first + 1 and byte_at(base + first) == 0x30):
        return -1, False
    is_plain = first == begin
    if byte_at(base + place) == _POINT:
        is_plain, first = False, place + 1
        place = _digits(base, first)
        if place == first:
            return -1, False
    if byte_at(base + place) | 0x20 == 0x65:
        is_plain, first = False, place + 1
        first += byte_at(base + first) == 0x2B or byte_at(base + first) == _MINUS
        place = _digits(base, first)
        if place == first:
            return -1, False
    return place, is_plain


@_compiled
def _scalar(base, place):
    """The byte after a number, or one of JSON's three words."""
    byte = byte_at(base + place)
    if byte == 0x6E:
        return _word(base, place, b"null")
    if byte == 0x74:
        return _word(base, place, b"true")
    if byte == 0x66:
        return _word(base, place, b"false")
    place, _ = _number(base, place)
    return place


@_compiled
def _word(base, place, word):
    for letter in word:
        if byte_at(base + place) != letter:
            return -1
        place += 1
    return place


@_compiled
def _id(base, place, room, own):
    """The byte after an id; one that is no scalar is left to the decoder."""
    byte, begin = byte_at(base + place), place
    if byte == _QUOTE:
        place, is_plain = _string(base, place + 1, room)
        own[0], own[1] = (begin + 1, place - 1) if is_plain else (~begin, place)
    elif byte == _MINUS or (byte >= 0x30 and byte <= 0x39):
        place, is_plain = _number(base, place)
        own[0], own[1] = begin if is_plain and place - begin <= _LONGEST else ~begin, place
    else:
        place = _scalar(base, place)
        if byte != 0x6E:
            own[0], own[1] = ~begin, place
    return place


@_compiled
def _value(base, place, room):
    """The byte after a value of any kind. Whether what is open is an object is a bit each."""
    depth, objects = 0, _NONE
    while True:
        byte = byte_at(base + place)
        if byte == _QUOTE:
            place, _ = _string(base, place + 1, room)
        elif byte in (_OPEN, _FIRST):
            if depth == _DEEPEST:
                return -1
            depth, objects = depth + 1, objects << ONE | np.uint64(byte == _OPEN)
            place = _blank(base, place + 1)
            if byte_at(base + place) != byte + 2:
                if byte == _OPEN:
                    place = _name(base, place, room)
                if place < 0:
                    return -1
                continue
            depth, objects, place = depth - 1, objects >> ONE, place + 1
        else:
            place = _scalar(base, place)
        if place < 0:
            return -1
        while depth:
            place = _blank(base, place)
            byte = byte_at(base + place)
            if byte == _COMMA:
                break
            if byte != (_CLOSE if objects & ONE else _LAST):
                return -1
            depth, objects, place = depth - 1, objects >> ONE, place + 1
        if not depth:
            return place
        place = _blank(base, place + 1)
        if objects & ONE:
            place = _name(base, place, room)
            if place < 0:
                return -1


@_compiled
def _name(base, place, room):
    """Where the value begins, from a name on."""
    if byte_at(base + place) != _QUOTE:
        return -1
    place, _ = _string(base, place + 1, room)
    return _colon(base, place) if place >= 0 else -1
