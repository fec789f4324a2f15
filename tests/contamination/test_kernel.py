"""The compiled words are the oracle's, whatever the text and wherever it stands in its buffer."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evalkit.contamination import kernel
from evalkit.contamination.fold import CODE_POINTS, NAMES, normaliser
from tests.contamination.oracle import buffer, words

SEPARATORS = " \t\n\v\f\r\0\1\x1c\x1d\x1e\x1f\x7f\x85\u00a0\u1680\u200a\u200b\u2028\u2029\u202f\u2060\u3000\ufeff\ufffe"
SNIPPETS = (
    *SEPARATORS,
    *"-_'.,—–…@`[{0９²½",
    *"İIıŞẞßΣσςǅÉé\u212a\u212bȺȾⱥ",  # İ would be two code points, the signs of Kelvin and Ångström shrink, Ⱥ grows
    *("क्षत्रिय", "हिन्दी", "தமிழ்நாடு", "ภาษาไทย", "東京", "漢", "カタカナ", "한국어", "اَلسَّلَامُ", "مرحبا", "עִבְרִית"),
    *("e\u0301", "\u0301", "\u200d", "👩\u200d👩", "\U0001f1e9", "𝐀", "𐐀", "𠀀", "\U0010ffff", "\U000e0100"),
    *("The", "quick", "brown", "FOX", "a", "Z", "12345678", "abcdefgh", "abcdefghi"),
)  # fmt: skip
LETTERS = "aZ5éÉ語िȺ𐐀-'"

PIECES = st.one_of(
    st.sampled_from(SNIPPETS),
    st.sampled_from(SNIPPETS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.text(st.characters(max_codepoint=127), max_size=12),
    st.builds(str.__mul__, st.sampled_from(LETTERS), st.integers(1, 70)),
    st.builds(str.__mul__, st.sampled_from([" ", "-", "\u2028"]), st.integers(1, 70)),
)
LONG = st.builds(str.__mul__, st.sampled_from(LETTERS), st.integers(33, 5000))
TEXTS = st.builds("".join, st.lists(PIECES, max_size=25))
LONG_TEXTS = st.builds("".join, st.lists(st.one_of(PIECES, LONG), max_size=5))
PROSE = st.builds(  # ASCII and little else, so that whole blocks are
    str.join,
    st.sampled_from([" ", ", ", "é "]),
    st.lists(st.text("abcXYZ0189", min_size=1, max_size=20), min_size=20, max_size=40),
)
BLOCKS = st.builds(  # of a length about a multiple of 64
    lambda text, letter, size: text + letter * (size - len(text.encode())),
    TEXTS,
    st.sampled_from("a -"),
    st.builds(lambda blocks, more: 64 * blocks + more, st.integers(1, 5), st.integers(-2, 2)),
)
SIDES = st.sampled_from(["", "a", " ", "-", "é", "漢", "x" * 63, "x" * 64, "x" * 65, " " * 130, "字" * 30, "a b" * 40])
NORMALISERS = st.sampled_from(NAMES)


def tokenised(name: str, content: bytes, start: int, end: int) -> tuple[list[int], list[int]]:
    """Hashes and first bytes; no more room is written to than is asked for."""
    fold, room = normaliser(name), end - start + 1
    hashes, starts = np.full(room + 8, 7, np.uint64), np.full(room + 8, 7, np.uint32)
    count = kernel.tokenise(buffer(content), start, end, fold.table, fold.simple, hashes[:room], starts[:room])
    assert (hashes[max(count, room) :] == 7).all()
    assert (starts[max(count, room) :] == 7).all()
    return hashes[:count].tolist(), starts[:count].tolist()


def hash_of(name: str, word: str) -> int:
    """The hash of a folded word that stands by itself."""
    content = word.encode()
    (value,), (start,) = tokenised(name, content, 0, len(content))
    assert start == 0
    return int(value)


def check(name: str, text: str, before: str, after: str) -> None:
    """Tokenised between other text, a document gives the oracle's words, each with a hash of its own."""
    expected, start = words(text, name), len(before.encode())
    content = (before + text + after).encode()
    hashes, starts = tokenised(name, content, start, start + len(text.encode()))
    assert starts == [word.start for word in expected]
    known = {word.folded: hash_of(name, word.folded) for word in expected}
    assert hashes == [known[word.folded] for word in expected]
    assert len(set(known.values())) == len(known)
    assert 0 not in hashes


@settings(max_examples=600, deadline=None)
@given(name=NORMALISERS, text=TEXTS | PROSE | BLOCKS, before=SIDES, after=SIDES)
@example(name="words/v1", text="x" * 64, before="", after="")
@example(name="words/v1", text="x" * 63 + "é", before="x", after="x")
def test_words_are_those_of_the_oracle(name: str, text: str, before: str, after: str) -> None:
    check(name, text, before, after)


@settings(max_examples=60, deadline=None)
@given(name=NORMALISERS, text=LONG_TEXTS, before=SIDES, after=SIDES)
def test_long_words_are_those_of_the_oracle(name: str, text: str, before: str, after: str) -> None:
    check(name, text, before, after)


@pytest.mark.parametrize("name", NAMES)
def test_every_code_point(name: str) -> None:
    """Between letters and digits, at every place of a block."""
    text = "".join(f"a{chr(code)}1" for code in range(0x3400))
    text += "".join(f"a{chr(code)}1" for code in range(0xF900, CODE_POINTS, 61))
    _, starts = tokenised(name, text.encode(), 0, len(text.encode()))
    assert starts == [word.start for word in words(text, name)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("letter", ["a", "é", " ", "漢", "𐐀", "-"])
def test_every_length_at_every_place(name: str, letter: str) -> None:
    """Words and gaps of 1 to 140 letters, that begin anywhere in a block and end at the buffer's end or before it."""
    for length in (1, 2, 7, 8, 9, 15, 16, 17, 62, 63, 64, 65, 66, 127, 128, 129, 140):
        for lead in (0, 1, 31, 55, 56, 57, 62, 63, 64):
            text = "b" * (lead % 3) + " " * lead + letter * length + " c"
            for stop, after in ((len(text), ""), (len(text) - 2, ""), (len(text) - 2, " c"), (len(text) - 2, "d")):
                check(name, text[:stop], "", after)


@pytest.mark.parametrize("name", ["words/v1", "deleted/v1"])
def test_words_that_are_alike_differ(name: str) -> None:
    """The same letter again and again; blocks of eight letters in another order; one letter changed."""
    blocks = ("abcdefgh", "ijklmnop", "aaaaaaaa", "éééé")
    several = {"a" * length for length in range(1, 3000)}
    several |= {"".join(order) for size in range(1, 5) for order in permutations(blocks, size)}
    several |= {"b" * place + "c" + "b" * (40 - place) for place in range(41)}
    assert len({hash_of(name, word) for word in several}) == len(several)


@settings(max_examples=300, deadline=None)
@given(name=NORMALISERS, text=TEXTS | LONG_TEXTS, before=SIDES, after=SIDES, room=st.sampled_from([0, 1, 5, 20_000]))
def test_next_word(name: str, text: str, before: str, after: str, room: int) -> None:
    """One word after the other, of which no more letters are kept than there is room for."""
    fold, lead = normaliser(name), len(before.encode())
    content, end = buffer((before + text + after).encode()), lead + len(text.encode())
    place = lead
    for word in words(text, name):
        letters = np.full(room + 8, 7, np.uint8)
        first, place, length = kernel.next_word(content, place, end, fold.table, letters[:room])
        folded = word.folded.encode()
        assert (first - lead, place - lead, length) == (word.start, word.end, len(folded))
        assert letters[: min(room, length)].tobytes() == folded[:room]
        assert (letters[min(room, length) :] == 7).all()
    assert kernel.next_word(content, place, end, fold.table, np.empty(0, np.uint8))[0] == -1


@settings(max_examples=300, deadline=None)
@given(name=NORMALISERS, text=TEXTS | LONG_TEXTS, after=SIDES, data=st.data())
def test_folded_words(name: str, text: str, after: str, data: st.DataObject) -> None:
    """Of any stretch of words."""
    expected = words(text, name)
    first = data.draw(st.integers(0, len(expected)))
    chosen = expected[first : data.draw(st.integers(first, len(expected)))]
    letters, lengths = folded_words(name, text, after, [word.start for word in chosen])
    assert letters == "".join(word.folded for word in chosen).encode()
    assert lengths == [len(word.folded.encode()) for word in chosen]


def folded_words(name: str, text: str, after: str, starts: Sequence[int]) -> tuple[bytes, list[int]]:
    content = buffer((text + after).encode())
    letters, lengths = kernel.folded_words(
        content, np.array(starts, np.uint32), len(text.encode()), normaliser(name).table
    )
    return letters.tobytes(), lengths.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_folding_makes_no_word_twice_as_long(name: str) -> None:
    """In bytes: the room that `folded_words` makes."""
    letters = [chr(code) for code in range(1, CODE_POINTS) if not 0xD800 <= code < 0xE000]
    folded = normaliser(name).table[[ord(letter) for letter in letters]] & 0x3FFFFFFF
    assert all(
        len(chr(code).encode()) <= 2 * len(letter.encode()) for letter, code in zip(letters, folded, strict=True)
    )


def test_ranges() -> None:
    numbers = kernel.ranges(np.array([5, 1, 9], np.int64), np.array([2, 0, 3], np.int64))
    assert numbers.tolist() == [5, 6, 9, 10, 11]
