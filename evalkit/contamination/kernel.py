"""The scan's inner loops, compiled: bytes of documents in, runs of words that stand in the index out.

A word is its 64-bit hash: of its folded UTF-8, eight bytes at a time. A seed is q words in a row; the index knows all
seeds of its texts, and of a document only those that begin at multiples of the stride are looked up: every run of
q + stride - 1 words holds one. What matches is extended to both sides, and the words themselves are compared in the
end. Everything here releases the interpreter's lock.
"""

import numpy as np
from numba import njit

from evalkit.contamination.fold import ALONE, DELETED, SEPARATOR
from evalkit.contamination.intrinsics import beyond_bits, dark_bits, eight_at, letter_bits, zeros_below

K1 = np.uint64(0x9E3779B97F4A7C15)
K2 = np.uint64(0xC2B2AE3D27D4EB4F)
FOLD = np.uint64(0x2020202020202020)
ONE = np.uint64(1)
NONE = np.uint32(0xFFFFFFFF)
RECORD = 9  # document, first word in the index, length, extended, n, first word, first byte, end, end when extended
_LONGEST = 4096  # bytes of a word that are compared; of a longer one the hash alone is

_compiled = njit(nogil=True, cache=True, boundscheck=False)
_inlined = njit(nogil=True, cache=True, boundscheck=False, inline="always")


@_inlined
def _mixed(value):
    value = (value ^ (value >> np.uint64(32))) * K1
    return value ^ (value >> np.uint64(29))


@_inlined
def _closed(value, length):
    """A word's hash, from what its bytes gave and their number; never 0, which parts texts in the index."""
    value = _mixed(value ^ (np.uint64(length) * K2))
    return value if value != np.uint64(0) else ONE


@_inlined
def _mask(length):
    """The lower so many bytes, of 1 to 8."""
    return ~np.uint64(0) >> np.uint64(64 - 8 * length)


@_inlined
def _short(address, length):
    """The hash of a word of up to eight ASCII letters and digits, of which eight bytes can be read."""
    value = ((eight_at(address) | FOLD) & _mask(length)) * K1
    return _closed(value ^ (value >> np.uint64(31)), length)


@_compiled
def _plain(text, start, end):
    """The hash of a word of ASCII letters and digits."""
    length, base, room = end - start, text.ctypes.data, len(text)
    value = np.uint64(0)
    while start < end:
        count = min(8, end - start)
        if start + 8 <= room:
            chunk = (eight_at(base + start) | FOLD) & _mask(count)
        else:
            chunk = np.uint64(0)
            for place in range(count):
                chunk |= np.uint64(text[start + place] | 0x20) << np.uint64(8 * place)
        value = (value ^ chunk) * K1
        value ^= value >> np.uint64(31)
        start += count
    return _closed(value, length)


@_inlined
def _point(text, place):
    """The code point at a byte, and the byte after it."""
    first = np.uint32(text[place])
    if first < 0x80:
        return first, place + 1
    if first < 0xE0:
        return (first & np.uint32(0x1F)) << 6 | (text[place + 1] & np.uint32(0x3F)), place + 2
    if first < 0xF0:
        return (
            (first & np.uint32(0x0F)) << 12
            | (text[place + 1] & np.uint32(0x3F)) << 6
            | (text[place + 2] & np.uint32(0x3F)),
            place + 3,
        )
    return (
        (first & np.uint32(0x07)) << 18
        | (text[place + 1] & np.uint32(0x3F)) << 12
        | (text[place + 2] & np.uint32(0x3F)) << 6
        | (text[place + 3] & np.uint32(0x3F)),
        place + 4,
    )


@_inlined
def _encoded(code):
    """The UTF-8 of a code point as a little-endian number, and its bytes."""
    if code < 0x80:
        return np.uint64(code), 1
    if code < 0x800:
        return np.uint64(0xC0 | code >> 6 | (0x80 | code & 0x3F) << 8), 2
    if code < 0x10000:
        return np.uint64(0xE0 | code >> 12 | (0x80 | code >> 6 & 0x3F) << 8 | (0x80 | code & 0x3F) << 16), 3
    return (
        np.uint64(0xF0 | code >> 18 | (0x80 | code >> 12 & 0x3F) << 8 | (0x80 | code >> 6 & 0x3F) << 16)
        | np.uint64(0x80 | code & 0x3F) << np.uint64(24),
        4,
    )


@_compiled
def next_word(text, place, end, fold, letters):
    """The next word from a byte on: its first byte (-1: there is none), the byte after it, and how many bytes of folded
    UTF-8 it has, of which the first go into `letters`.
    """
    begin, length = -1, 0
    stop = place
    while place < end:
        code, after = _point(text, place)
        entry = fold[code]
        if entry == DELETED:
            place = after
            continue
        if entry == SEPARATOR:
            if length:
                break
            place = after
            continue
        alone = entry & ALONE
        if alone and length:
            break
        if not length:
            begin = place
        encoded, count = _encoded(np.int64(entry & ~np.uint32(ALONE)))
        for byte in range(count):
            if length + byte < len(letters):
                letters[length + byte] = np.uint8(encoded >> np.uint64(8 * byte) & np.uint64(0xFF))
        length += count
        place = after
        stop = after
        if alone:
            break
    return begin, stop, length


@_compiled
def _folded(text, start, end, document, fold, hashes, starts, count):
    """Every word of a stretch that the table has to be asked about; the number of words so far comes out."""
    value, chunk, held, length, begin = np.uint64(0), np.uint64(0), 0, 0, start
    place = start
    while place <= end:
        if place < end:
            code, after = _point(text, place)
            entry = fold[code]
        else:
            entry, after = np.uint32(SEPARATOR), end + 1
        if entry == DELETED:
            place = after
            continue
        alone = entry != SEPARATOR and entry & ALONE != 0
        if (entry == SEPARATOR or alone) and length:
            if held:
                value = (value ^ chunk) * K1
                value ^= value >> np.uint64(31)
            hashes[count] = _closed(value, length)
            starts[count] = begin - document
            count += 1
            value, chunk, held, length = np.uint64(0), np.uint64(0), 0, 0
        if entry != SEPARATOR:
            if not length:
                begin = place
            encoded, bytes_ = _encoded(np.int64(entry & ~np.uint32(ALONE)))
            for byte in range(bytes_):
                chunk |= (encoded >> np.uint64(8 * byte) & np.uint64(0xFF)) << np.uint64(8 * held)
                held += 1
                if held == 8:
                    value = (value ^ chunk) * K1
                    value ^= value >> np.uint64(31)
                    chunk, held = np.uint64(0), 0
            length += bytes_
            if alone:
                if held:
                    value = (value ^ chunk) * K1
                    value ^= value >> np.uint64(31)
                hashes[count] = _closed(value, length)
                starts[count] = begin - document
                count += 1
                value, chunk, held, length = np.uint64(0), np.uint64(0), 0, 0
        place = after
    return count


@_compiled
def tokenise(text, start, end, fold, simple, hashes, starts):
    """The words of a document: their hashes, and where they begin in it, in bytes. Both arrays need room for a word for
    each byte and one more; the number of words comes out.
    """
    base, room, count = text.ctypes.data, len(text), 0
    scratch = np.empty(64, np.uint8)
    inside, begin, folded = np.uint64(0), start, not simple
    place = start
    while place < end:
        address = base + place
        if place + 64 > room:
            for byte in range(64):
                scratch[byte] = text[place + byte] if place + byte < end else np.uint8(0x20)
            address = scratch.ctypes.data
        word = letter_bits(address) if simple else dark_bits(address)
        if end - place < 64:
            word &= (ONE << np.uint64(end - place)) - ONE
        beyond = (beyond_bits(address) if simple else np.uint64(0)) & word
        before = word << ONE | inside
        opens, closes = word & ~before, before & ~word
        if inside and closes:
            stop = place + np.int64(zeros_below(closes))
            if folded or beyond & ((closes & (~closes + ONE)) - ONE):
                count = _folded(text, begin, stop, start, fold, hashes, starts, count)
                folded = not simple
            else:
                hashes[count] = _plain(text, begin, stop)
                starts[count] = begin - start
                count += 1
            closes &= closes - ONE
            inside = np.uint64(0)
        if folded or beyond or place + 72 > room:
            while closes:
                begin, stop = place + np.int64(zeros_below(opens)), place + np.int64(zeros_below(closes))
                if folded or beyond & ((closes & (~closes + ONE)) - (opens & (~opens + ONE))):
                    count = _folded(text, begin, stop, start, fold, hashes, starts, count)
                else:
                    hashes[count] = _plain(text, begin, stop)
                    starts[count] = begin - start
                    count += 1
                opens &= opens - ONE
                closes &= closes - ONE
        else:
            while closes:
                begin, stop = place + np.int64(zeros_below(opens)), place + np.int64(zeros_below(closes))
                length = stop - begin
                hashes[count] = _short(base + begin, length) if length <= 8 else _plain(text, begin, stop)
                starts[count] = begin - start
                count += 1
                opens &= opens - ONE
                closes &= closes - ONE
        if opens:
            inside, begin = ONE, place + np.int64(zeros_below(opens))
            folded = folded or beyond >= (opens & (~opens + ONE))
        elif inside:
            folded = folded or beyond != np.uint64(0)
        place += 64
    if inside:
        if folded:
            count = _folded(text, begin, end, start, fold, hashes, starts, count)
        else:
            hashes[count] = _plain(text, begin, end)
            starts[count] = begin - start
            count += 1
    return count


@_inlined
def seed_hash(hashes, place, q):
    """The hash of q words: their own, each times a power, added up."""
    value = np.uint64(0)
    for word in range(q):
        value = value * K2 + hashes[place + word]
    return _mixed(value)


@_inlined
def bloom_bits(seed):
    """The four bits of a seed in its word of the filter."""
    return (
        ONE << (seed & np.uint64(63))
        | ONE << (seed >> np.uint64(6) & np.uint64(63))
        | ONE << (seed >> np.uint64(12) & np.uint64(63))
        | ONE << (seed >> np.uint64(18) & np.uint64(63))
    )


@_compiled
def folded_words(text, starts, end, fold):
    """The folded UTF-8 of words that begin at given bytes, one after the other, and the bytes of each."""
    room = 0
    for number in range(len(starts)):
        until = starts[number + 1] if number + 1 < len(starts) else end
        room += 2 * (np.int64(until) - np.int64(starts[number])) + 4
    letters, lengths, at = np.empty(room, np.uint8), np.empty(len(starts), np.int64), 0
    for number in range(len(starts)):
        _, _, length = next_word(text, np.int64(starts[number]), end, fold, letters[at:])
        lengths[number] = length
        at += length
    return letters[:at], lengths


@_compiled
def ranges(begins, counts):
    """The whole numbers from each beginning on, so many of them."""
    numbers, at = np.empty(counts.sum(), np.uint32), 0
    for place in range(len(begins)):
        for step in range(counts[place]):
            numbers[at] = begins[place] + step
            at += 1
    return numbers
