"""Looks up a document's seeds in the index, extends what matches, and compares the words: compiled, like `kernel`.

A run is a stretch of words that an evaluation text and a document share, as long as it can be to both sides. It is
reported by the first seed in it: a later one finds that the words before it match too.
"""

import numpy as np

from evalkit.contamination.intrinsics import fetch_early
from evalkit.contamination.kernel import (
    _LONGEST,
    NONE,
    RECORD,
    _compiled,
    _inlined,
    _mixed,
    bloom_bits,
    next_word,
    seed_hash,
    tokenise,
)

_AHEAD = 16  # seeds whose place in the filter is read before it is needed
BUDGET = 4  # words that may differ where a match is extended (Touvron et al. 2023, section A.6)


@_inlined
def home(seed, bits):
    """A seed's place in a table of 2 ** bits entries."""
    return np.int64(seed >> np.uint64(64 - bits))


@_inlined
def _key(seed):
    """What the table keeps of a seed; the words themselves are compared later."""
    return np.uint32(seed & np.uint64(0xFFFFFFFF))


@_compiled
def insert(hashes, q, blooms, bloom_size, keys, heads, links, table_size, words):
    """Put the seeds at places `words` of the index into filter and table; equal ones are linked, the last one first."""
    mask = len(keys) - 1
    for place in range(len(words)):
        seed = seed_hash(hashes, words[place], q)
        blooms[home(seed, bloom_size)] |= bloom_bits(seed)
        slot = home(seed, table_size)
        while heads[slot] != NONE and keys[slot] != _key(seed):
            slot = (slot + 1) & mask
        keys[slot] = _key(seed)
        links[words[place]] = heads[slot]
        heads[slot] = words[place]


@_inlined
def _alike(hashes, place, known, word, count):
    """Whether so many words are the same, looked at from the last one, so that none before a text is."""
    while count and hashes[place + count - 1] == known[word + count - 1]:
        count -= 1
    return count == 0


@_compiled
def _lengths(hashes, count, place, known, word, q):
    """How far a seed's match goes: words before it, and from its first on, the latter less than q if it is none."""
    after = 0
    while place + after < count and hashes[place + after] == known[word + after]:
        after += 1
    if after < q:
        return 0, after
    before = 0
    while place - before > 0 and hashes[place - before - 1] == known[word - before - 1]:
        before += 1
    return before, after


@_compiled
def _extension(hashes, count, place, known, word):
    """How many words a match that ends before `place` goes on for, with at most `BUDGET` that differ, none last."""
    misses, length, step = 0, 0, 0
    while place + step < count and known[word + step] != np.uint64(0):
        if hashes[place + step] == known[word + step]:
            length = step + 1
        else:
            misses += 1
            if misses > BUDGET:
                break
        step += 1
    return length


@_compiled
def _segment(begins, word):
    """The text that a word of the index belongs to."""
    low, high = 0, len(begins) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if begins[middle] <= word:
            low = middle
        else:
            high = middle - 1
    return low


@_compiled
def _same(letters, length, folded, begin, end):
    """Whether a word's folded bytes are those of the index."""
    if length != end - begin:
        return False
    for byte in range(min(length, _LONGEST)):
        if letters[byte] != folded[begin + byte]:
            return False
    return True


@_compiled
def _verified(text, document, end, fold, starts, run, index, records, found):
    """Compare the words of a run, and note each stretch of it that is the same; how many records there are now."""
    _, _, _, folded, edges = index
    number, word, place, length, extended, n = run
    letters = np.empty(_LONGEST, np.uint8)
    position = document + starts[place]
    at = 0
    while at < length:
        first, begin, stop = at, -1, position
        while at < length:
            byte, position, size = next_word(text, position, end, fold, letters)
            first_letter, last_letter = np.int64(edges[word + at]), np.int64(edges[word + at + 1])
            if byte < 0 or not _same(letters, size, folded, first_letter, last_letter):
                break
            if begin < 0:
                begin = byte
            stop = position
            at += 1
        if at - first >= n and found < len(records):
            reach, last = stop, at - first
            if at == length and extended > length:
                last = extended - first
                for _ in range(extended - length):
                    byte, position, size = next_word(text, position, end, fold, letters)
                reach = position
            records[found] = (
                number, word + first, at - first, last, n, place + first, begin - document, stop - document,
                reach - document,
            )  # fmt: skip
        if at - first >= n:
            found += 1
        at += 1
    return found


@_compiled
def _look_up(text, document, end, number, fold, hashes, starts, count, index, layer, records, found):
    """The runs of one document with the texts of one layer; the number of records, more than fit if they do not."""
    known, ns, begins, _, _ = index
    q, stride, least, blooms, bloom_size, keys, heads, links, table_size = layer
    mask, filters = len(keys) - 1, blooms.ctypes.data
    total = (count - q) // stride + 1 if count >= q else 0
    ahead = np.empty(_AHEAD, np.uint64)
    for step in range(total + _AHEAD):
        seed = ahead[step % _AHEAD]
        if step < total:
            coming = seed_hash(hashes, step * stride, q)
            ahead[step % _AHEAD] = coming
            fetch_early(filters + 8 * home(coming, bloom_size))
        if step < _AHEAD:
            continue
        place = (step - _AHEAD) * stride
        bits = bloom_bits(seed)
        if blooms[home(seed, bloom_size)] & bits != bits:
            continue
        slot = home(seed, table_size)
        while heads[slot] != NONE and keys[slot] != _key(seed):
            slot = (slot + 1) & mask
        posting = heads[slot]
        while posting != NONE:
            word = np.int64(posting)
            posting = links[word]
            if place >= stride and _alike(hashes, place - stride, known, word - stride, stride):
                continue  # the seed before it has found it
            before, after = _lengths(hashes, count, place, known, word, q)
            length = before + after
            if after < q or length < least:
                continue
            first = word - before
            n = ns[_segment(begins, first)]
            if length >= n:
                more = _extension(hashes, count, place + after, known, word + after)
                run = (number, first, place - before, length, length + more, n)
                found = _verified(text, document, end, fold, starts, run, index, records, found)
    return found


@_inlined
def _summed(hashes, count):
    """A number for a document's words, whatever file they stand in."""
    total = np.uint64(count)
    for place in range(count):
        total += hashes[place] * np.uint64(2 * place + 1)
    return _mixed(total)


@_compiled
def scan(text, offsets, first, fold, simple, index, layers, hashes, starts, records):
    """The runs of documents from `first` on with the texts of the index.

    Args:
        text, offsets: bytes [B] and where documents begin in them [D + 1].
        index: hashes of its words, with a 0 before, between and after texts [W]; of each text its n and its first word
            [T]; folded bytes of the words, and where each begins [W + 1].
        layers: of each what `table.Layer` gives.
        hashes, starts: room for the words of the longest document.
        records: room for runs [R, RECORD].

    Returns:
        The first document that is not done (its runs did not fit), the number of records, the number of words, and the
        sum of a hash of each document's words.
    """
    found, words, total = 0, 0, np.uint64(0)
    for number in range(first, len(offsets) - 1):
        document, end = offsets[number], offsets[number + 1]
        count = tokenise(text, document, end, fold, simple, hashes, starts)
        now = found
        for layer in layers:
            if layer[0]:
                now = _look_up(text, document, end, number, fold, hashes, starts, count, index, layer, records, now)
        if now > len(records):
            return number, found, words, total
        found = now
        words += count
        total += _summed(hashes, count)
    return len(offsets) - 1, found, words, total


__all__ = ["RECORD", "insert", "scan"]
