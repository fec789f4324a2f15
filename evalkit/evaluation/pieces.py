"""Takes a rendered text apart: which of its words come from the example, as what, and which the prompt adds.

In: a text, and what its row holds. Out: texts of pieces, without the passages and the template around them. Words are
compared without case and punctuation, since prompts change these ("the dog" at the beginning is "The dog").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from evalkit.contamination.base import TEMPLATE, Piece
from evalkit.schema import Row

Words = tuple[str, ...]
Text = tuple[Piece, ...]

_WORD = re.compile(r"[^\W_]+")
_SHORT = 3  # words: a shorter value may stand anywhere by accident, so that longer ones claim theirs first
_MANY = 5  # trigrams: so many are shared by no accident
_PADS = ("",) * (_SHORT - 1)  # so that a beginning or an end is found that is shorter than that


@lru_cache(maxsize=4096)
def words_of(text: str) -> Words:
    """The words of a text, in lower case."""
    return tuple(word.casefold() for word in _WORD.findall(text))


def count_words(text: str) -> int:
    """How many words a text has."""
    return sum(1 for _ in _WORD.finditer(text))


def strings(value: object) -> Iterator[str]:
    """All texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from strings(inner)


def known(row: Row, parts: Mapping[str, Sequence[str]], limit: int) -> dict[Words, str]:
    """The words of each value of a row, and what it is: "prompt", where `parts` does not have it under another name
    (the first that does counts). Longest first; without those of more than `limit` characters, which are in no prompt,
    and without what is of the template.
    """
    named = {words_of(text): part for part in reversed(list(parts)) for text in parts[part] if len(text) <= limit}
    values = {words_of(text) for text in strings(row) if 1 < len(text) <= limit}
    found = {words: named.get(words, "prompt") for words in values}
    found |= {words: part for words, part in named.items() if part == "passage"}
    longest = sorted(found, key=lambda words: (-len(words), words))
    return {words: found[words] for words in longest if words and found[words] != TEMPLATE}


def take_apart(text: str, start: int, values: Mapping[Words, str], choice: str, ending: str | None) -> list[Text]:
    """The texts between the passages, each from its first word that is not of the template to its last.

    Args:
        start: where the completion begins.
        values: what `known` gives.
        choice: what stands in the completion.
        ending: what the completion is. None: it goes on what stands before it, and the choice is there.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    words = tuple(text[begin:end].casefold() for begin, end in spans)
    first = next((place for place, (begin, _) in enumerate(spans) if begin >= start), len(spans))
    parts = _Claims(words).claimed(values, first)
    if ending is None:
        parts[first:] = ["prompt" if part == TEMPLATE else part for part in parts[first:]]
        size = len(words_of(choice))
        if words[first - size : first] == words_of(choice):
            parts[first - size : first] = ["answer"] * size
    elif first < len(spans):
        _name_ending(parts, words, first, words_of(choice), ending, words_of(choice) in values)
    return _texts(text, spans, parts)


class _Claims:
    """What each word of a text is: it is of the template until a value of the row claims it."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._parts = [TEMPLATE] * len(words)
        self._places: dict[str, list[int]] = {}
        for place, word in enumerate(words):
            self._places.setdefault(word, []).append(place)

    def claimed(self, values: Mapping[Words, str], first: int) -> list[str]:
        """Long values come first, then short ones: before the completion, which begins with the word `first`, not those
        that are in long ones, since they may be tokens of a sentence.

        A passage of which only parts are there comes before the choices, which it may name.
        """
        long = [value for value in values if len(value) >= _SHORT]
        asked = [value for value in long if values[value] in ("prompt", "passage")]
        rest = [value for value in asked if not self._whole(value, values[value])]
        within = {word for value in asked if value not in rest for word in value}
        holes = self._in_parts([value for value in rest if values[value] == "passage"], "passage")
        for value in long:
            if values[value] not in ("prompt", "passage"):
                self._whole(value, values[value])
        holes += self._in_parts([value for value in rest if values[value] == "prompt"], "prompt")
        for value in values:
            if len(value) < _SHORT:
                is_token = values[value] == "prompt" and within.issuperset(value)
                self._whole(value, values[value], first if is_token else 0)
        for place, part in holes:
            self._claim(place, part)
        return self._parts

    def _claim(self, place: int, part: str) -> None:
        if self._parts[place] == TEMPLATE:
            self._parts[place] = part

    def _whole(self, value: Words, part: str, start: int = 0) -> bool:
        found = False
        for place in self._places.get(value[0], ()):
            ours = slice(place, place + len(value))
            if place >= start and self._words[ours] == value:
                found = True
                if all(one == TEMPLATE for one in self._parts[ours]):
                    self._parts[ours] = [part] * len(value)
        return found

    def _in_parts(self, several: Sequence[Words], part: str) -> list[tuple[int, str]]:
        """Claim what is there of values of which much is: a blank is filled, or a line left out. Gives the small holes
        that remain, which are of the value too, if nothing else claims them.
        """
        if not several or TEMPLATE not in self._parts:
            return []
        there: dict[Words, list[int]] = {}
        for begin, gram in enumerate(_grams((*_PADS, *self._words, *_PADS)), start=-len(_PADS)):
            there.setdefault(gram, []).append(begin)
        holes: list[tuple[int, str]] = []
        for value in several:
            inner = set(_grams(value))
            shared = sum(gram in there for gram in inner)
            if 2 * shared < len(inner) and shared < _MANY:
                continue
            begins = {begin for gram in set(_grams((*_PADS, *value, *_PADS))) for begin in there.get(gram, ())}
            ours = sorted({place for begin in begins for place in range(begin, begin + _SHORT)})
            ours = [place for place in ours if 0 <= place < len(self._words)]
            for place in ours:
                self._claim(place, part)
            for one, other in pairwise(ours):
                holes.extend((place, part) for place in range(one + 1, other) if other - one <= _SHORT)
        return holes


def _grams(words: Words) -> Iterator[Words]:
    return zip(*(words[place:] for place in range(_SHORT)), strict=False)


def _name_ending(parts: list[str], words: Words, first: int, choice: Words, ending: str, is_value: bool) -> None:
    """Name the completion: the choice in it, if that is a value of the row; or else from its first word to its last
    that is of the choice or the row; or else all of it.
    """
    of_choice: set[int] = set()
    for place in range(first, len(words) - len(choice) + 1):
        if choice and words[place : place + len(choice)] == choice:
            of_choice |= set(range(place, place + len(choice)))
    if of_choice and is_value:
        for place in of_choice:
            parts[place] = ending
        return
    ours = of_choice | {place for place in range(first, len(words)) if parts[place] != TEMPLATE}
    low, high = (min(ours), max(ours)) if ours else (first, len(words) - 1)
    parts[low : high + 1] = [ending] * (high + 1 - low)


def _texts(text: str, spans: Sequence[tuple[int, int]], parts: Sequence[str]) -> list[Text]:
    """Runs of words of one part become pieces; what stands between two of them is parted at its last white space."""
    gaps = [(0, 0), *spans, (len(text), len(text))]

    def cut(place: int) -> int:
        return _cut(text, gaps[place][1], gaps[place + 1][0])

    found: list[Text] = []
    for is_passage, places in groupby(range(len(parts)), key=lambda place: parts[place] == "passage"):
        ours = [place for place in places if not is_passage]
        while ours and parts[ours[-1]] == TEMPLATE:
            ours.pop()
        while ours and parts[ours[0]] == TEMPLATE:
            ours.pop(0)
        if ours:
            runs = [(part, list(run)) for part, run in groupby(ours, key=lambda place: parts[place])]
            pieces = [Piece(text[cut(run[0]) : cut(run[-1] + 1)], part) for part, run in runs]
            pieces[0] = pieces[0]._replace(text=pieces[0].text.lstrip())
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text.rstrip())
            found.append(tuple(pieces))
    return found


def _cut(text: str, before: int, after: int) -> int:
    if after == len(text):
        return after
    gap = text[before:after]
    spaces = [place for place, character in enumerate(gap) if character.isspace()]
    return before + spaces[-1] + 1 if spaces else after if before else 0
