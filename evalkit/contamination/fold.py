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
    Kinds = NDArray[np.str_]

SEPARATOR, DELETED, ALONE = 0, 1, 1 << 30
CODE_POINTS = 0x110000
_PLANE = 1 << 16
_ASSIGNED = (0, 1, 2, 3, 14)  # of the other planes, no code point has a category or a case

_UNSPACED = (  # scripts that put no space between words
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
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

    made = {"words/v1": _words, "deleted/v1": _undeleted, "characters/v1": _characters}[name]
    table = made(*_points()).astype(np.uint32)
    table.setflags(write=False)
    return Normaliser(name, table, name == "words/v1")


def version(name: str) -> str:
    """The normaliser with the version of Unicode that it was made from, as it stands in signatures."""
    return f"{name}/unicode-{unicodedata.unidata_version}"


def _words(kinds: "Kinds", folded: "Table") -> "Table":
    import numpy as np

    table = np.where(np.isin(kinds, list("LNM")), folded, SEPARATOR)
    for first, last in _UNSPACED:
        script = table[first : last + 1]
        script[script != SEPARATOR] |= ALONE
    return table


def _undeleted(kinds: "Kinds", folded: "Table") -> "Table":
    table = folded.copy()
    table[[ord(letter) for letter in string.punctuation]] = DELETED
    table[[code for code in range(_PLANE) if chr(code).isspace()]] = SEPARATOR
    return table


def _characters(kinds: "Kinds", folded: "Table") -> "Table":
    import numpy as np

    return np.where(np.isin(kinds, list("LN")), folded | ALONE, DELETED)


@cache
def _points() -> "tuple[Kinds, Table]":
    """Of every code point the initial of its category, and what it is in lower case, where that is one code point. NUL
    and SOH, which are entries of their own, part words.
    """
    import numpy as np

    kinds, folded = np.full(CODE_POINTS, "C"), np.arange(CODE_POINTS, dtype=np.uint32)
    for plane in _ASSIGNED:
        part = slice(plane * _PLANE, (plane + 1) * _PLANE)
        letters = [chr(code) for code in range(part.start, part.stop)]
        kinds[part] = [unicodedata.category(letter)[0] for letter in letters]
        folded[part] = [ord(lower if len(lower := letter.lower()) == 1 else letter) for letter in letters]
    folded[: DELETED + 1] = SEPARATOR
    return kinds, folded
