"""The runs that a scan finds are all there are, and each is where the oracle has it."""

import dataclasses
import itertools
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.contamination import table
from evalkit.contamination.base import PARTS, TEMPLATE, Item, Piece
from evalkit.contamination.fold import NAMES
from evalkit.contamination.scan import Scanner
from tests.contamination.oracle import Run, Scan, Text, batch, runs, texts, words

VOCABULARY = ("a", "bb", "Été", "ক্ষ", "漢", "İz", "x" * 33, "don't", "é" * 70, "12")
GAPS = (" ", " ", " ", "\n", ", ", "\u00a0", "\u200a", " - ", "\u2014", "\u2028", "_", "")
NOISE = ("", "zz", "a", "漢字", "...", "\0", "a b a b")


def item(number: int, *several: Sequence[tuple[str, str]]) -> Item:
    """An item of texts of pieces: text and part."""
    return Item("s/t", str(number), tuple(tuple(Piece(*piece) for piece in pieces) for pieces in several))


def plain(*several: str) -> Item:
    return item(0, *([(text, "prompt")] for text in several))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, list[tuple[Item, int]], list[str]]:
    """Items and documents that are made of stretches of one tape of few words."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    name = draw(st.sampled_from(NAMES))
    known = chance.sample(VOCABULARY[: 5 if name == "characters/v1" else None], draw(st.sampled_from([1, 2, 2, 3, 5])))
    tape = [chance.choice(known) for _ in range(60)]
    longest = draw(st.sampled_from([8, 20, 60]))

    def stretch() -> str:
        first = chance.randrange(len(tape))
        spoken = tape[first : first + chance.randint(0, longest)]
        if spoken and chance.random() < 0.3:
            spoken[chance.randrange(len(spoken))] = chance.choice((*known, "new"))
        return "".join(chance.choice((word, word.upper())) + chance.choice(GAPS[:gaps]) for word in spoken)

    gaps = draw(st.sampled_from([1, 5, len(GAPS)]))
    parts = draw(st.sampled_from([("prompt",), PARTS, (TEMPLATE, "answer")]))
    sizes = draw(st.sampled_from([(1, 16), (8, 13), (12, 16), (13, 13), (1, 7), (2, 8)]))
    items = []
    for number in range(draw(st.integers(1, 4))):
        several = [
            [(stretch(), chance.choice(parts)) for _ in range(chance.randint(1, 3))]
            for _ in range(chance.randint(1, 2))
        ]
        if chance.random() < 0.3:
            several.append(several[0])
        items.append((item(number, *several), chance.randint(*sizes)))
    if items and chance.random() < 0.3:
        items.append((items[0][0], chance.choice((items[0][1], chance.randint(*sizes)))))
    own = ["".join(piece.text for piece in pieces) for one, _ in items for pieces in one.texts]
    documents = []
    for _ in range(draw(st.integers(1, 4))):
        made = []
        for _ in range(chance.randint(0, 4)):
            made += [chance.choice([stretch(), stretch(), *own]), chance.choice(NOISE)]
        documents.append("".join(made))
    return name, items, documents


@settings(max_examples=300, deadline=None)
@given(cases(), st.sampled_from(["", "a ", "x" * 70]))
def test_every_run_is_found(case: tuple[str, list[tuple[Item, int]], list[str]], before: str) -> None:
    name, items, documents = case
    scan = Scan.of(items, name)
    assert _texts(scan) == texts(items, name)
    expected = runs(documents, {at: text for at, (text, _) in scan.texts().items()}, name)
    found, count, digest = scan.scan(documents, before)
    assert found == expected
    assert count == sum(len(words(document, name)) for document in documents)

    one_by_one = [scan.scan([document]) for document in documents]
    assert found == [run._replace(document=place) for place, (some, _, _) in enumerate(one_by_one) for run in some]
    assert digest == sum(one for _, _, one in one_by_one) % 2**64


def _texts(scan: Scan) -> dict[Text, set[int]]:
    """The texts of an index with their items; none is there twice."""
    found = list(scan.texts().values())
    assert len(dict(found)) == len(found)
    return dict(found)


N = 13
PLANT = "It was the best of times, it was the worst of times, it"
SENTENCE = [*PLANT.split(" "), "was", "the", "age"]


def planted(text: str, *documents: str, name: str = "words/v1") -> list[Run]:
    return Scan.of([(plain(text), N)], name).scan(documents)[0]


@pytest.mark.parametrize(
    "document",
    [
        PLANT,
        f"sentinel {PLANT} guard",
        PLANT.upper(),
        PLANT.replace(",", "").replace(" ", " - "),
        PLANT.replace(" ", "\n"),
        PLANT.replace("best of", "best-\r\n   of"),
        PLANT.replace(" ", "\u00a0"),
        PLANT.replace(" ", "\u200a"),
        PLANT.replace(" ", "\u3000\u2028"),
        PLANT.replace(" ", "\u2014"),
        "\ufeff" + PLANT,
        "漢" + PLANT + "漢",
    ],
)
def test_thirteen_words_are_found(document: str) -> None:
    ((number, _, length, extended, n, place, start, end, end_extended),) = planted(PLANT, "", document)
    assert (number, length, extended, n) == (1, N, N, N)
    assert place == len(words(document[: document.lower().index("it")], "words/v1"))
    found = document.encode()[start:end].decode().lower()
    assert found.startswith("it")
    assert found.endswith("it")
    assert end_extended == end


@pytest.mark.parametrize(
    "documents",
    [
        [" ".join(SENTENCE[: N - 1])],
        [" ".join(["sentinel", *SENTENCE[: N - 1], "guard"])],
        [" ".join(reversed(SENTENCE[:N]))],
        [" ".join([*SENTENCE[6:N], *SENTENCE[:6]])],
        [" ".join(SENTENCE[:7]), " ".join(SENTENCE[7:N])],
        [" ".join(SENTENCE[:7]) + " ", " ".join(SENTENCE[7:N])],
        [" ".join([*SENTENCE[:6], "very", *SENTENCE[6:N]])],
        [" ".join([*SENTENCE[:6], "other", *SENTENCE[7:N]])],
        [PLANT.replace("best", "be\u200bst")],
    ],
)
def test_less_is_not_found(documents: list[str]) -> None:
    assert planted(PLANT, *documents) == []


def test_a_substitution_parts_a_run_and_extends_it() -> None:
    spoken = [f"w{number}" for number in range(40)]
    other = [*spoken[:20], "other", *spoken[21:]]
    one, two = planted(" ".join(spoken), "so " + " ".join(other) + " on")
    assert (one.place, one.length, one.extended) == (1, 20, 40)
    assert (two.place, two.length, two.extended) == (22, 19, 19)
    assert one.end_extended == two.end == two.end_extended == len("so " + " ".join(other))


@pytest.mark.parametrize(
    ("differ", "extended"),
    [
        ([20], 40),
        ([20, 21, 22, 23], 40),
        ([20, 21, 22, 23, 24], 20),
        ([20, 22, 24, 26, 28], 28),
        ([20, 38, 39], 38),
        ([20, 39], 39),
    ],
)
def test_four_words_may_differ_where_a_run_is_extended(differ: list[int], extended: int) -> None:
    spoken = [f"w{number}" for number in range(40)]
    other = ["other" if number in differ else word for number, word in enumerate(spoken)]
    run = planted(" ".join(spoken), " ".join(other))[0]
    assert (run.length, run.extended) == (20, extended)


@pytest.mark.parametrize("size", [4095, 4096, 4097, 5000])
def test_words_of_any_length_are_found(size: int) -> None:
    spoken = " ".join(letter * size for letter in "abcdefghijklm")
    (run,) = planted(spoken, f"so {spoken} on")
    assert (run.length, run.start, run.end) == (N, 3, 3 + len(spoken))
    assert planted(spoken, spoken.replace("g" * size, "g" * (size - 1))) == []


def test_no_run_reaches_from_one_text_into_another() -> None:
    halves = " ".join(SENTENCE[:7]), " ".join(SENTENCE[7:])
    assert Scan.of([(plain(*halves), N)], "words/v1").scan([" ".join(SENTENCE)])[0] == []


def test_pieces_of_a_text_are_one() -> None:
    pieces = [(" ".join(SENTENCE[:7]) + " ", "prompt"), (" ".join(SENTENCE[7:]), "answer")]
    (run,) = Scan.of([(item(0, pieces), N)], "words/v1").scan([" ".join(SENTENCE)])[0]
    assert run.length == 16


@pytest.mark.parametrize(("template", "sizes"), [(4, [44]), (5, [20, 20])])
def test_template_of_more_than_four_words_parts_a_text(template: int, sizes: list[int]) -> None:
    own, asked = " ".join(f"w{number}" for number in range(20)) + " ", "so " * template
    scan = Scan.of([(item(0, [(asked, TEMPLATE), (own, "prompt"), (asked, TEMPLATE), (own, "answer")]), N)], "words/v1")
    assert [len(text.words) for text, _ in scan.texts().values()] == sizes
    assert scan.scan([asked * 9])[0] == []


def test_runs_of_one_word_again_and_again() -> None:
    """Every diagonal of a text and a document that are one word has a run."""
    found = planted("a " * 20, "a " * 30)
    assert len(found) == 30 - N + 20 - N + 1
    assert max(run.length for run in found) == 20


@pytest.mark.parametrize("count", [4095, 4096, 4097, 5000, 40_000])
def test_there_is_room_for_many_runs(count: int) -> None:
    scan = Scan.of([(plain("a x"), 1), (plain("y " * 9), 9)], "words/v1")
    documents = ["a b a", "a b " * count, "y " * 9, "", "a"]
    found = scan.scan(documents)[0]
    assert found == [run for place, one in enumerate(documents) for run in _moved(scan.scan([one])[0], place)]
    assert len(found) == 2 + count + 1 + 1
    middle = [run for run in found if run.document == 1]
    assert [(run.place, run.start, run.end) for run in middle] == [(2 * i, 4 * i, 4 * i + 1) for i in range(count)]
    assert Scan.of([(plain("a x"), 1), (plain("y " * 9), 9)], "words/v1").scan(documents)[0] == found


def _moved(found: list[Run], document: int) -> list[Run]:
    return [run._replace(document=document) for run in found]


def test_the_words_themselves_are_compared() -> None:
    """A word of the index that only its hash shares with the document's parts a run."""
    spoken = " ".join(f"w{number}" for number in range(10, 40))
    scan = Scan.of([(plain(spoken), N)], "words/v1")
    folded = scan.index.folded.copy()
    folded[3 * 13] = ord("v")
    changed = Scanner.of(dataclasses.replace(scan.index, folded=folded))
    found = [Run(*row) for row in changed.scan(batch([spoken])).runs.tolist()]
    assert [(run.place, run.length, run.start, run.end) for run in found] == [(0, 13, 0, 51), (14, 16, 56, 119)]


def test_digests_are_of_words_and_not_of_their_order() -> None:
    scan = Scan.of([(plain(PLANT), N)], "words/v1")
    several = ["one two", "two one", "", "three", "one two two", "one"]
    assert len({scan.scan([one])[2] for one in several}) == len(several)
    assert len({scan.scan(list(order))[2] for order in itertools.permutations(several[:4])}) == 1
    assert scan.scan(["One, two!"])[2] == scan.scan(["one  two"])[2]


def test_an_index_that_is_saved_finds_the_same(tmp_path: Path) -> None:
    scan = Scan.of([(plain(PLANT), N), (plain("a b c"), 3)], "words/v1")
    scan.index.save(tmp_path)
    table.save(table.layers(scan.index), tmp_path)
    loaded = Scanner.load(tmp_path)
    documents = batch([f"a b c {PLANT}", "", "c b a b c"])
    assert np.array_equal(loaded.scan(documents).runs, scan.scanner.scan(documents).runs)
    assert loaded.index.digest == scan.index.digest


def test_what_is_no_unicode_is_a_question_mark() -> None:
    scan = Scan.of([(plain("one\ud800 two"), 2)], "words/v1")
    assert len(scan.scan(["one two"])[0]) == 1


@pytest.mark.parametrize("items", [[], [(plain(), 8)], [(plain("too short"), 8)], [(plain(""), 1)]])
def test_nothing_to_look_for(items: list[tuple[Item, int]]) -> None:
    scan = Scan.of(items, "words/v1")
    assert scan.scan(["some words here"])[:2] == ([], 3)
    assert scan.scan([])[:2] == ([], 0)
