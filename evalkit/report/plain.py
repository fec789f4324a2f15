"""Texts of strangers for a terminal: names, answers and parts of data in; out what does no more than stand there."""

import unicodedata

_CUT = "…"


def printable(text: str) -> str:
    """A text without what cannot be seen, such as a terminal's commands."""
    return "".join(letter if letter.isprintable() or letter.isspace() else "\ufffd" for letter in text)


def one_line(text: str) -> str:
    """A printable text on one line, single spaces between its words."""
    return " ".join(printable(text).split())


def width(text: str) -> int:
    """How many places of a terminal a text takes: letters of East Asia two, marks on other letters none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def shortened(text: str, most: int, keep_end: bool = True) -> str:
    """A text in so many places: where it is longer, its end, which is what names differ in, or else its beginning."""
    if width(text) <= most:
        return text
    left = text
    while left and width(left) > most - 1:
        left = left[1:] if keep_end else left[:-1]
    return "" if most < 1 else _CUT + left if keep_end else left + _CUT
