"""A scan of 60 books finds what brute force found in them: rows of evaluation sets, 13 words in a row."""

import json
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from evalkit.contamination.base import Item, Piece
from evalkit.contamination.corpus import Account, Reading, find_units, read_unit
from evalkit.contamination.fold import SEPARATOR, normaliser
from tests.contamination.oracle import Scan

pytestmark = pytest.mark.shared
N = 13


class Place(NamedTuple):
    """A row of an evaluation set, and a book."""

    task: str
    row: int
    book: str


class Shared(NamedTuple):
    """How many different n-grams they share, and which is the first in the book."""

    ngrams: int
    first: str


class Texts(NamedTuple):
    """Rows by set, books by name, and the file of what they share."""

    rows: dict[str, list[str]]
    books: dict[str, str]
    truth: Any


@pytest.fixture(scope="module")
def found(shared: Path) -> Texts:
    truth = json.loads((shared / "corpus" / "truth.json").read_text(encoding="utf-8"))
    rows = {}
    for task, about in {**truth["sets"], **truth["sets_without_any_overlap"]}.items():
        lines = (shared.parent / task).read_text(encoding="utf-8").split("\n")
        rows[task] = [json.loads(line)[about["field"]] for line in lines if line]
        assert len(rows[task]) == about["rows"]
    books = {}
    for unit in find_units([str(shared / "corpus" / "books-*")], Reading()):
        for batch in read_unit(unit, Reading(), Account()):
            text = batch.text.tobytes()
            for name, start, end in zip(batch.names, batch.offsets, batch.offsets[1:], strict=False):
                books[name] = text[start:end].decode()
    assert books.keys() == truth["books"].keys()
    return Texts(rows, books, truth)


def listed(truth: Any, definition: str) -> dict[Place, Shared]:
    """What the file says."""
    return {
        Place(task, int(row), book): Shared(about["shared_13grams"], about["first"])
        for task, by in truth["sets"].items()
        for row, several in by[definition].items()
        for book, about in several.items()
    }


def scanned(texts: Texts, name: str) -> dict[Place, Shared]:
    """What the scan says."""
    owners = [(task, row) for task, several in texts.rows.items() for row in range(len(several))]
    items = (Item(task, str(row), ((Piece(texts.rows[task][row], "prompt"),),)) for task, row in owners)
    scan, books = Scan.of(((item, N) for item in items), name), list(texts.books)
    known = scan.texts()
    at = {word: begin for begin, (text, _) in known.items() for word in range(begin, begin + len(text.words))}
    shared: dict[Place, dict[str, None]] = {}
    for run in scan.scan([texts.books[book] for book in books])[0]:  # by place: the first one stays the first
        text, items_of = known[at[run.word]]
        first = run.word - at[run.word]
        for begin in range(first, first + run.length - N + 1):
            for owner in items_of:
                ngrams = shared.setdefault(Place(*owners[owner], books[run.document]), {})
                ngrams.setdefault(" ".join(text.words[begin : begin + N]))
    return {place: Shared(len(ngrams), next(iter(ngrams))) for place, ngrams in shared.items()}


def brute(
    rows: Mapping[str, Sequence[str]], books: Mapping[str, str], split: Callable[[str], list[str]]
) -> dict[Place, Shared]:
    """What every n-gram, held against every other, says."""
    owners: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for task, several in rows.items():
        for row, text in enumerate(several):
            for ngram in set(_ngrams(split(text))):
                owners.setdefault(ngram, []).append((task, row))
    shared: dict[Place, dict[str, None]] = {}
    for book, text in books.items():
        for ngram in _ngrams(split(text)):
            for owner in owners.get(ngram, ()):
                shared.setdefault(Place(*owner, book), {}).setdefault(" ".join(ngram))
    return {place: Shared(len(ngrams), next(iter(ngrams))) for place, ngrams in shared.items()}


def _ngrams(several: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(several[place:] for place in range(N)), strict=False)


def spaced(text: str) -> list[str]:
    """The file's `space`: ASCII punctuation parts words, and white space."""
    return text.lower().translate(dict.fromkeys(map(ord, string.punctuation), " ")).split()


def mended(text: str) -> str:
    """The text with a space for what parts words in `words/v1`, and is no ASCII."""
    table = normaliser("words/v1").table
    return "".join(" " if ord(letter) > 127 and table[ord(letter)] == SEPARATOR else letter for letter in text)


def test_deleted_finds_the_truth(found: Texts) -> None:
    assert scanned(found, "deleted/v1") == listed(found.truth, "delete")


def test_words_find_the_truth_but_for_dashes(found: Texts) -> None:
    """The file's `space` parts words at ASCII punctuation and white space alone; `words/v1` at all that is no letter,
    digit or mark. That is all the difference: with a space for each other separator, brute force finds the same, and
    here it is six rows' n-grams across the em dashes and ellipses of two books.
    """
    ours, truth = scanned(found, "words/v1"), listed(found.truth, "space")
    assert brute(found.rows, found.books, spaced) == truth
    rows = {task: [mended(text) for text in several] for task, several in found.rows.items()}
    assert ours == brute(rows, {book: mended(text) for book, text in found.books.items()}, spaced)

    assert {(place.row, truth[place].ngrams, ours[place].ngrams) for place in ours if ours[place] != truth[place]} == {
        *((row, 145, 200) for row in (85, 86, 87)),  # MultiRC, The First Men in the Moon
        *((2957, 19, 20), (3015, 13, 14), (3021, 45, 46)),  # Romeo and Juliet in The Picture of Dorian Gray
    }
    assert ours.keys() == truth.keys()
    assert all(ours[place].first == truth[place].first for place in ours)
