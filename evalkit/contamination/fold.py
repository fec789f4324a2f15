"""Normalisers: what of a text is a word. A table over code points, shared by the kernel and by whoever checks it.

An entry is `SEPARATOR`, `DELETED` (as if it were not there), or the code point that it is folded to, with the bit
`ALONE` where it is a word by itself.
"""

import string
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.uint32]

SEPARATOR, DELETED, ALONE = 0, 1, 1 << 30
CODE_POINTS = 0x110000

_UNSPACED = (  # scripts that put no space between words
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # CJK radicals
    (0x3005, 0x3007),
    (0x3021, 0x3029),
    (0x3031, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)


@dataclass(frozen=True, slots=True)
class Normaliser:
    """`table` has an entry for each code point. `simple` says that ASCII letters and digits are words, lower-cased, and
    all other ASCII parts them: then 64 bytes are looked at together.
    """

    name: str
    table: "Table"
    simple: bool


NAMES = ("words/v1", "deleted/v1", "characters/v1")


@cache
def normaliser(name: str) -> Normaliser:
    """One of `NAMES`.

    `words/v1`: runs of letters, digits and marks, lower-cased; all else parts them; scripts without spaces one code
    point at a time. `deleted/v1`: white space parts words, ASCII punctuation is deleted (lm-evaluation-harness's
    janitor). `characters/v1`: every letter and digit by itself, all else deleted (GPT-4's report, appendix C).
    """
    import numpy as np

    entry = {"words/v1": _word, "deleted/v1": _undeleted, "characters/v1": _character}[name]
    table = np.array([entry(chr(code)) for code in range(CODE_POINTS)], dtype=np.uint32)
    table.setflags(write=False)
    return Normaliser(name, table, name == "words/v1")


def version(name: str) -> str:
    """The normaliser with the version of Unicode that it was made from, as it stands in signatures."""
    return f"{name}/unicode-{unicodedata.unidata_version}"


def _word(letter: str) -> int:
    if unicodedata.category(letter)[0] not in "LNM":
        return SEPARATOR
    code = ord(letter)
    if any(first <= code <= last for first, last in _UNSPACED):
        return code | ALONE
    return _lower(letter)


def _undeleted(letter: str) -> int:
    if letter in string.punctuation:
        return DELETED
    return SEPARATOR if letter.isspace() else _lower(letter)


def _character(letter: str) -> int:
    return _lower(letter) | ALONE if unicodedata.category(letter)[0] in "LN" else DELETED


def _lower(letter: str) -> int:
    """The lower-case letter, where that is one code point; NUL and SOH, which are entries of their own, part words."""
    lower = letter.lower()
    code = ord(lower if len(lower) == 1 else letter)
    return code if code > DELETED else SEPARATOR
