"""The tables mean what their docstrings say."""

import string
import unicodedata
from collections.abc import Callable
from unicodedata import category

import numpy as np
import pytest

from evalkit.contamination.fold import ALONE, CODE_POINTS, DELETED, NAMES, SEPARATOR, normaliser, version
from tests.contamination.oracle import words

LETTERS = [chr(code) for code in range(CODE_POINTS)]


def split(text: str, name: str = "words/v1") -> list[str]:
    return [word.folded for word in words(text, name)]


def lower(letter: str) -> int:
    """In lower case, where that is one code point."""
    return ord(letter.lower() if len(letter.lower()) == 1 else letter)


def unlike(name: str, expected: Callable[[str], int]) -> list[str]:
    """The letters whose entry is another."""
    entries = zip(LETTERS, normaliser(name).table.tolist(), strict=True)
    return [f"U+{ord(letter):04X}" for letter, entry in entries if entry != expected(letter)]


def test_words_are_letters_digits_and_marks_in_lower_case() -> None:
    alone = normaliser("words/v1").table & ALONE
    assert not unlike(
        "words/v1",
        lambda letter: lower(letter) | int(alone[ord(letter)]) if category(letter)[0] in "LNM" else SEPARATOR,
    )


def test_deleted_is_punctuation_and_white_space_parts() -> None:
    special = dict.fromkeys(string.punctuation, DELETED) | {"\0": SEPARATOR, "\1": SEPARATOR}
    assert not unlike(
        "deleted/v1", lambda letter: SEPARATOR if letter.isspace() else special.get(letter, lower(letter))
    )


def test_characters_are_letters_and_digits_by_themselves() -> None:
    assert not unlike("characters/v1", lambda letter: lower(letter) | ALONE if category(letter)[0] in "LN" else DELETED)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_folded_stays_as_it_is(name: str) -> None:
    table = normaliser(name).table
    kept = table[(table != SEPARATOR) & (table != DELETED)]
    assert np.array_equal(table[kept & np.uint32(~ALONE & 0xFFFFFFFF)], kept)
    assert not table.flags.writeable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 3.5 p.m., MR. O'Neill", ["it", "s", "3", "5", "p", "m", "mr", "o", "neill"]),
        ("snake_case non\u00a0breaking hair\u200aspace", ["snake", "case", "non", "breaking", "hair", "space"]),
        ("em\u2014dash line\u2028end next\x85nul\0", ["em", "dash", "line", "end", "next", "nul"]),
        ("zero\u200bwidth byte\ufefforder", ["zero", "width", "byte", "order"]),
        ("क्षत्रिय राष्ट्र हिन्दी", ["क्षत्रिय", "राष्ट्र", "हिन्दी"]),  # conjuncts: letters joined by a mark
        ("தமிழ்நாடு வணக்கம்", ["தமிழ்நாடு", "வணக்கம்"]),
        ("اَلسَّلَامُ عليكم، ١٢٣", ["اَلسَّلَامُ", "عليكم", "١٢٣"]),
        ("Cafe\u0301 ÉCOLE", ["cafe\u0301", "école"]),
        ("한국어 조선말", ["한국어", "조선말"]),  # Korean has spaces
        ("İstanbul ẞ ΌΣΟΣ \u212a", ["İstanbul", "ß", "όσοσ", "k"]),
        ("a🙂b 👩\u200d👩", ["a", "b"]),
        ("x² ½ Ⅷ", ["x²", "½", "ⅷ"]),
        ("abc漢d", ["abc", "漢", "d"]),
        ("2020年", ["2020", "年"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    ["ภาษาไทย", "ພາສາລາວ", "မြန်မာ", "ខ្មែរ", "ひらがなカタカナー", "ﾊﾝｶｸ", "東京々〇〡㐀", "\uf900\ufa0e", "𠀀𫝀𰀀"],
)
def test_scripts_without_spaces_are_words_letter_by_letter(text: str) -> None:
    assert split(text) == [*text]


def test_deleted_splits_as_str_split_does() -> None:
    text = "".join(f"w{letter}" for letter in LETTERS if letter.isspace()) + "don't - stop—now snake_case..."
    assert split(text, "deleted/v1") == ["w"] * 29 + ["dont", "stop—now", "snakecase"]
    assert split(text, "deleted/v1") == text.translate(str.maketrans("", "", string.punctuation)).split()


def test_characters() -> None:
    assert split("A-b 1,\n漢ñ e\u0301", "characters/v1") == ["a", "b", "1", "漢", "ñ", "e"]


def test_ascii_is_what_64_bytes_are_looked_at_for() -> None:
    """A simple normaliser has ASCII letters and digits for words, lower-cased, and all other ASCII parts them."""
    assert [name for name in NAMES if normaliser(name).simple] == ["words/v1"]
    table = normaliser("words/v1").table[:128].tolist()
    assert [chr(entry) if entry else " " for entry in table] == [
        letter.lower() if letter.isalnum() else " " for letter in LETTERS[:128]
    ]


def test_versions_name_unicode() -> None:
    assert version("words/v1") == f"words/v1/unicode-{unicodedata.unidata_version}"


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        normaliser("words/v2")
