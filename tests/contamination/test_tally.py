"""What a tally adds up is what counting by hand gives, however the corpus is cut into units, and in whatever order."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.contamination.base import Batch, Item, Piece
from evalkit.contamination.capping import documents_of
from evalkit.contamination.index import Index, build
from evalkit.contamination.packed import decode, encode
from evalkit.contamination.scan import Scanned
from evalkit.contamination.tally import SIGHTS, Counts, Found, Sight, Tally, merged, total

TEXTS = ((3, 3), (3, 9), (1, 4), (8, 12), (2, 30))  # n and words of each
CONTENT = "é world of words "


class Run(NamedTuple):
    """A made-up run: the unit and the document it stands in, its text, and where in each it begins."""

    unit: int
    document: int
    text: int
    first: int
    length: int
    extended: int
    word: int


class Case(NamedTuple):
    """Documents of each batch of each unit, and runs; a run's document is a number in its unit."""

    sizes: tuple[tuple[int, ...], ...]
    runs: tuple[Run, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    chance = random.Random(draw(st.integers(0, 2**32)))
    sizes = tuple(tuple(chance.randint(0, 3) for _ in range(chance.randint(0, 3))) for _ in range(chance.randint(1, 4)))
    most, runs = draw(st.sampled_from([1, 4, 30])), {}
    for unit, batches in enumerate(sizes):
        for document in range(sum(batches)):
            for _ in range(chance.randint(0, most)):
                text = chance.randrange(len(TEXTS))
                n, words = TEXTS[text]
                first = chance.randint(0, words - n)
                length = chance.randint(n, words - first)
                run = Run(
                    unit, document, text, first, length, chance.randint(length, words - first), chance.randrange(9)
                )
                runs[unit, document, run.word, text, first] = run
    return Case(sizes, tuple(runs.values()))


@pytest.fixture(scope="module")
def index() -> Index:
    return make()


def make() -> Index:
    items = [
        (Item("s/t", str(number), ((Piece(" ".join(f"t{number}w{word}" for word in range(words)), "prompt"),),)), n)
        for number, (n, words) in enumerate(TEXTS)
    ]
    return build(items, "words/v1")


def tallied(index: Index, case: Case, unit: int) -> tuple[Found, Counts]:
    """A unit's tally, batch by batch."""
    tally, first = Tally(index, source(unit)), 0
    for size in case.sizes[unit]:
        own = [run for run in case.runs if run.unit == unit and first <= run.document < first + size]
        rows = [row(index, run, first) for run in own]
        runs = np.array(sorted(rows, key=lambda one: (one[0], one[5], one[1])), np.int64).reshape(-1, 9)
        content = CONTENT.encode() * size
        offsets = np.arange(size + 1) * len(CONTENT.encode())
        names = tuple(f"d{number}" for number in range(first, first + size))
        places = np.array([place(unit, number) for number in range(first, first + size)], np.int64)
        batch = Batch(np.frombuffer(content, np.uint8), offsets, places, names, len(content))
        tally.add(batch, Scanned(runs, 4 * size, 2**63 + size))
        first += size
    tally.counts.bad, tally.counts.first_bad = 1, [f"of {unit}"]
    return tally.found(), tally.counts


def source(unit: int) -> str:
    return f"s{unit // 2}"  # two units are of one source


def place(unit: int, document: int) -> int:
    return 1000 * unit + 10 * document


def row(index: Index, run: Run, first: int) -> tuple[int, ...]:
    """A run as a scan gives it, of a batch that begins with this document."""
    start = 3 if run.word % 2 else 0
    word = int(index.begins[run.text]) + run.first
    n = TEXTS[run.text][0]
    return (run.document - first, word, run.length, run.extended, n, run.word, start, start + 5, start + 5)


def documents(index: Index, runs: Sequence[Run]) -> Counter[int]:
    """In how many documents the n-gram at each word of the index is."""
    seen = {
        (run.unit, run.document, int(index.begins[run.text]) + run.first + step)
        for run in runs
        for step in range(run.length - TEXTS[run.text][0] + 1)
    }
    return Counter(word for _, _, word in seen)


def longest(runs: Sequence[Run]) -> Counter[tuple[int, int]]:
    """Of each text and length, how many documents have a longest run of it that is as long."""
    most: dict[tuple[int, int, int], int] = {}
    for run in runs:
        key = run.unit, run.document, run.text
        most[key] = max(most.get(key, 0), run.length)
    return Counter((text, length) for (_, _, text), length in most.items())


def extended(index: Index, runs: Sequence[Run]) -> dict[tuple[int, int], int]:
    most: dict[tuple[int, int], int] = {}
    for run in runs:
        key = int(index.begins[run.text]) + run.first, run.length
        most[key] = max(most.get(key, 0), run.extended)
    return most


def sights(runs: Sequence[Run]) -> dict[int, list[tuple[int, str, int, int, int]]]:
    """Of each text the longest runs: length, source, place of the document, word, first word of the text."""
    of: dict[int, list[tuple[int, str, int, int, int]]] = {}
    for run in runs:
        where = source(run.unit), place(run.unit, run.document), run.word, run.first
        of.setdefault(run.text, []).append((-run.length, *where))
    return {text: sorted(several)[:SIGHTS] for text, several in sorted(of.items())}


def seen(index: Index, found: Mapping[int, tuple[Sight, ...]]) -> dict[int, list[tuple[int, str, int, int, int]]]:
    return {
        text: [(-one.length, one.source, one.place, one.word, one.first - int(index.begins[text])) for one in several]
        for text, several in found.items()
    }


def check(index: Index, found: Found, runs: Sequence[Run]) -> None:
    counted = documents_of(found, len(index.hashes))
    assert {word: int(counted[word]) for word in np.flatnonzero(counted)} == documents(index, runs)
    assert {(int(text), int(length)): int(count) for text, length, count in found.longest} == longest(runs)
    assert {(int(word), int(length)): int(most) for word, length, most in found.runs} == extended(index, runs)
    for rows in (found.runs, found.changes, found.longest):
        keys = list(map(tuple, rows[:, :-1].tolist()))
        assert keys == sorted(set(keys))
    assert (found.changes[:, 1] != 0).all()


@settings(max_examples=300, deadline=None)
@given(cases(), st.sampled_from([0, 5, 1 << 19]))
def test_a_tally_is_what_counting_gives(case: Case, room: int) -> None:
    index = make()
    for unit, sizes in enumerate(case.sizes):
        own = [run for run in case.runs if run.unit == unit]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("evalkit.contamination.tally._ROOM", room)
            found, counts = tallied(index, case, unit)
        check(index, found, own)
        assert seen(index, found.sights) == sights(own)
        assert (counts.documents, counts.words) == (sum(sizes), 4 * sum(sizes))
        assert counts.bytes == len(CONTENT.encode()) * sum(sizes)
        assert counts.digest == (2**63 * len(sizes) + sum(sizes)) % 2**64


@settings(max_examples=300, deadline=None)
@given(cases(), st.randoms(use_true_random=False))
def test_units_add_up_in_whatever_order(case: Case, chance: random.Random) -> None:
    index = make()
    parts = [tallied(index, case, unit)[0] for unit in range(len(case.sizes))]
    whole = merged(parts)
    check(index, whole, case.runs)
    assert seen(index, whole.sights) == sights(case.runs)
    expected = encode(whole, Counts())
    chance.shuffle(parts)
    cut = chance.randint(0, len(parts))
    assert encode(merged(parts), Counts()) == expected
    assert encode(merged([merged(parts[:cut]), merged(parts[cut:])]), Counts()) == expected


@settings(max_examples=100, deadline=None)
@given(cases())
def test_what_is_written_is_read(case: Case) -> None:
    index = make()
    for unit in range(len(case.sizes)):
        found, counts = tallied(index, case, unit)
        again, counted = decode(encode(found, counts))
        assert counted == counts
        assert again.sights == found.sights
        for name in ("runs", "changes", "longest"):
            assert np.array_equal(getattr(again, name), getattr(found, name))
        assert encode(again, counted) == encode(found, counts)


@pytest.fixture(scope="module")
def content(index: Index) -> bytes:
    chance = random.Random(0)
    runs = [Run(0, document, 4, chance.randint(0, 20), 5, 6, 1) for document in range(9)]
    return encode(*tallied(index, Case(((9,),), tuple(runs)), 0))


def test_every_damaged_byte_is_told(content: bytes) -> None:
    for place in range(len(content)):
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(content)
            damaged[place] ^= change
            with pytest.raises(ValueError, match="damaged"):
                decode(bytes(damaged))


def test_what_breaks_off_is_told(content: bytes) -> None:
    for length in range(len(content)):
        with pytest.raises(ValueError, match="damaged"):
            decode(content[:length])
    with pytest.raises(ValueError, match="damaged"):
        decode(content + b"\0")


def test_a_sight_tells_what_stands_around_it(index: Index) -> None:
    """No character is cut in two, and long ones are cut off."""
    before, text, after = "é" * 500 + " ", "漢" * 3000, " ü" + "\U0001f600" * 500
    content = (before + text + after).encode()
    start, end = len(before.encode()), len((before + text).encode())
    other = "x" * 700
    buffer = np.frombuffer((other + content.decode() + other).encode(), np.uint8)
    offsets = np.cumsum([0, len(other), len(content), len(other)])
    batch = Batch(buffer, offsets, np.array([0, 701, 9000]), ("", "it", ""), len(buffer))
    run = (1, int(index.begins[1]), 9, 9, 3, 4, start, end, end)
    tally = Tally(index, "s")
    tally.add(batch, Scanned(np.array([run], np.int64), 0, 0))
    ((sight,),) = tally.found().sights.values()
    assert (sight.place, sight.document, sight.word, sight.start, sight.end) == (701, "it", 4, start, end)
    assert sight.before == before[-160:]
    assert sight.text == text[:2000]
    assert sight.after == after[:160]


def test_what_stands_around_is_of_the_same_document(index: Index) -> None:
    content = b"one two threefour five six"
    batch = Batch(np.frombuffer(content, np.uint8), np.array([0, 13, 26]), np.array([0, 1]), ("", ""), 26)
    runs = [(0, int(index.begins[0]), 3, 3, 3, 0, 0, 13, 13), (1, int(index.begins[1]), 3, 3, 3, 0, 0, 13, 13)]
    tally = Tally(index, "s")
    tally.add(batch, Scanned(np.array(runs, np.int64), 6, 0))
    assert [(one.before, one.text, one.after) for (one,) in tally.found().sights.values()] == [
        ("", "one two three", ""),
        ("", "four five six", ""),
    ]


def test_counts_add_up() -> None:
    some = Counts(documents=1, bytes=2, words=3, digest=2**64 - 1, bad=4, first_bad=["a"])
    assert total([some, Counts(), some]) == Counts(2, 4, 6, 2**64 - 2, 8, ["a", "a"])
    assert total([]) == Counts()
