"""How much of an example was found, and whether that is too much: by hand, and against plain Python."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.contamination.base import PARTS, TEMPLATE, Item, Piece
from evalkit.contamination.index import build
from evalkit.contamination.overlaps import Match, Overlap
from evalkit.contamination.profiles import PROFILES, Profile
from evalkit.contamination.scan import Scanner
from evalkit.contamination.tally import Tally, merged
from evalkit.contamination.verdict import Name, Rule, judge
from tests.contamination.oracle import batch

TASK = "s/t"
Sized = Sequence[tuple[Item, int]]


def item(number: int, *several: Sequence[tuple[str, str]]) -> Item:
    """An item of texts of pieces: text and part."""
    return Item(TASK, str(number), tuple(tuple(Piece(*piece) for piece in pieces) for pieces in several))


def plain(*several: str, number: int = 0) -> Item:
    return item(number, *([(text, "prompt")] for text in several))


def words(count: int, letter: str = "w", first: int = 0) -> str:
    return " ".join(f"{letter}{number}" for number in range(first, first + count))


def judged(
    items: Sized, documents: Sequence[str], rule: Rule, n: int | None = None
) -> tuple[list[Overlap], list[Match]]:
    """Scan for items, each document a unit of its own, and judge; with another n than that of the scan if it is
    given.
    """
    index = build(items, rule.profile.normaliser, rule.profile.samples)
    scanner, found = Scanner.of(index), []
    for number, document in enumerate(documents):
        tally, whole = Tally(index, f"d{number:02d}"), batch([document])
        tally.add(whole, scanner.scan(whole))
        found.append(tally.found())
    names = [Name(f"{size}", one.id) for one, size in items]
    sizes = {f"{size}": n or size for _, size in items}
    overlaps, matches = judge(index, names, merged(found), sizes, rule)
    return [replace(one, task=TASK) for one in overlaps], [replace(one, task=TASK) for one in matches]


def one(
    documents: Sequence[str],
    profile: str,
    *several: str,
    n: int | None = None,
    threshold: float | None = None,
    max_documents: int | None = None,
) -> Overlap:
    """The overlap of one item of texts."""
    rule = Rule(PROFILES[profile], threshold, max_documents)
    (overlap,), _ = judged([(plain(*several), PROFILES[profile].n or 13)], documents, rule, n)
    return overlap


def spoken(spans: Sequence[tuple[int, int]]) -> str:
    """A document that holds these words of a text, and others between them."""
    return " x ".join(words(last - first, first=first) for first, last in spans)


# shares, by hand


def test_all_of_it() -> None:
    overlap = one([f"so {words(20)} on"], "gpt3", words(20))
    expected = Overlap(TASK, "0", 20, 13, 8, 1.0, 1.0, 1.0, 20, 20, 1, ("prompt",), True)
    assert overlap == expected


def test_nothing_of_it() -> None:
    assert one(["other words"], "gpt3", words(20)) == Overlap(TASK, "0", 20, 13, 8, 0.0, 0.0, 0.0, 0, 0, 0, (), False)


def test_too_short_for_a_verdict() -> None:
    assert one([words(12)], "gpt3", words(12)) == Overlap(TASK, "0", 12, 13, 0, 0.0, 0.0, 0.0, 0, 0, 0, (), None)


def test_shares_of_some_of_it() -> None:
    """14 of 40 words are in two of 28 13-grams; the match goes on for 4 more words, over one that differs."""
    overlap = one([f"{words(14)} x {words(3, first=15)}"], "gpt3", words(40))
    assert (overlap.ngrams, overlap.ngram_share) == (28, 2 / 28)
    assert (overlap.token_share, overlap.token_extend_share) == (14 / 40, 18 / 40)
    assert (overlap.longest, overlap.longest_extended, overlap.dirty) == (14, 18, True)


def test_documents_share_out_an_example() -> None:
    """Each of its n-grams counts once, wherever and however often it was found."""
    documents = [spoken([(0, 13), (0, 15)]), spoken([(10, 23)]), spoken([(10, 23)]), "nothing"]
    overlap = one(documents, "gpt3", words(30))
    assert (overlap.ngrams, overlap.ngram_share) == (18, 4 / 18)
    assert (overlap.token_share, overlap.longest, overlap.documents) == (23 / 30, 15, 3)


def test_documents_are_of_the_text_that_is_found_most() -> None:
    first, second = words(13), words(13, "v")
    overlap = one([first, f"{first} {second}", second, second], "gpt3", first, second)
    assert (overlap.documents, overlap.ngrams, overlap.ngram_share) == (3, 2, 1.0)


def test_texts_that_are_too_short_count_in_shares_of_words() -> None:
    overlap = one([words(15)], "gpt3", words(15), "five more words of it")
    assert (overlap.words, overlap.token_share, overlap.ngram_share) == (20, 15 / 20, 1.0)


def test_parts() -> None:
    passage, asked, answer = [[(words(13, part), part)] for part in ("passage", "prompt", "answer")]
    rule = Rule(PROFILES["gpt3"])
    for found in (["passage"], ["prompt", "answer"], ["answer"], []):
        (overlap,), matches = judged([(item(0, passage, asked, answer), 13)], [words(13, part) for part in found], rule)
        assert list(overlap.parts) == found
        assert sorted(match.part for match in matches) == sorted(found)


def test_template_counts_in_no_share() -> None:
    pieces = [(words(10), "prompt"), (" " + words(4, "template"), TEMPLATE), (" " + words(10, "a"), "answer")]
    rule = Rule(PROFILES["gpt2"])
    whole = " ".join(text for text, _ in pieces)
    (overlap,), (match,) = judged([(item(0, pieces), 8)], [whole], rule)
    assert (overlap.words, overlap.ngrams, overlap.token_share, overlap.longest) == (20, 17, 1.0, 24)
    assert (overlap.parts, match.part) == (("prompt", "answer"), "prompt")
    (overlap,), (match,) = judged([(item(0, pieces), 8)], [f"{words(4, 'template')} {words(4, 'a')}"], rule)
    assert (overlap.token_share, overlap.ngram_share, overlap.parts) == (4 / 20, 1 / 17, ("answer",))
    assert match.part == "answer"
    (overlap,), _ = judged([(item(0, pieces), 8)], [words(4, "template") * 3], rule)
    assert (overlap.longest, overlap.dirty) == (0, False)


def test_matches_are_the_longest() -> None:
    documents = [spoken([(0, 13)]), spoken([(5, 20)]), spoken([(2, 16), (3, 17)]), spoken([(1, 14)])]
    (overlap,), matches = judged([(plain(words(30)), 13)], documents, Rule(PROFILES["gpt3"]))
    told = [(match.source, match.length, match.word, match.text) for match in matches]
    assert told == [
        ("d01", 15, 0, words(15, first=5)),
        ("d02", 14, 0, words(14, first=2)),
        ("d02", 14, 15, words(14, first=3)),
    ]
    assert overlap.longest == 15


# a cap on documents


def test_ngrams_of_many_documents_are_ignored() -> None:
    """The first 13-gram is in three documents, the others in one."""
    documents = [words(20), spoken([(0, 13)]), spoken([(0, 13)])]
    assert one(documents, "gpt3", words(20), max_documents=3).ngram_share == 1.0
    overlap = one(documents, "gpt3", words(20), max_documents=2)
    assert (overlap.ngram_share, overlap.token_share, overlap.longest) == (7 / 8, 19 / 20, 19)


def test_an_ngram_in_the_middle_that_is_ignored_parts_a_match() -> None:
    documents = [words(40), *[spoken([(10, 23)])] * 2]
    overlap = one(documents, "gpt3", words(40), max_documents=2)
    assert (overlap.ngrams, overlap.ngram_share) == (28, 27 / 28)
    assert (overlap.token_share, overlap.longest, overlap.longest_extended) == (1.0, 29, 29)


def test_a_longer_ngram_is_ignored_where_all_its_parts_are() -> None:
    """Its first 8 words stand in many documents, and it in one."""
    documents = [words(20), *[words(8)] * 11]
    overlap = one(documents, "gpt2", words(20), n=13, max_documents=10)
    assert (overlap.n, overlap.ngrams, overlap.ngram_share, overlap.longest) == (13, 8, 1.0, 20)
    overlap = one([*documents, *[words(20)] * 10], "gpt2", words(20), n=13, max_documents=10)
    assert (overlap.ngram_share, overlap.longest, overlap.dirty) == (0.0, 0, False)


def test_matches_of_what_is_ignored_are_not_shown() -> None:
    documents = [*[words(15)] * 3, spoken([(20, 33)])]
    (overlap,), matches = judged([(plain(words(40)), 13)], documents, Rule(PROFILES["gpt3"], max_documents=2))
    assert overlap.ngram_share == 1 / 28
    assert [match.text for match in matches] == []  # the longest are kept alone, and these are ignored
    (_,), matches = judged([(plain(words(40)), 13)], documents, Rule(PROFILES["gpt3"], max_documents=3))
    assert [match.text for match in matches] == [words(15)] * 3


# the papers' rules, on both sides of the threshold


@pytest.mark.parametrize(
    ("profile", "count", "document", "dirty"),
    [
        ("gpt3", 30, spoken([(3, 16)]), True),
        ("gpt3", 30, spoken([(3, 15), (15, 27)]), False),
        ("gpt2", 30, spoken([(3, 11)]), True),
        ("gpt2", 30, spoken([(3, 10), (10, 17)]), False),
        ("palm", 17, spoken([(0, 14)]), True),  # 7 of 10
        ("palm", 17, spoken([(0, 13)]), False),  # 6 of 10
        ("palm", 17, spoken([(0, 9), (5, 17)]), True),  # 2 and 5
        ("llama3", 40, spoken([(8, 16)]), True),  # 8 of 40 words
        ("llama3", 41, spoken([(8, 16)]), False),
        ("llama3", 41, spoken([(8, 17)]), True),
        ("llama2", 55, spoken([(5, 16)]), True),  # 11 of 55 words
        ("llama2", 56, spoken([(5, 16)]), False),
        ("llama2", 60, spoken([(5, 15), (16, 17)]), True),  # 10 exact ones, one that differs, one more: 12 of 60
        ("llama2", 61, spoken([(5, 15), (16, 17)]), False),
        ("llama2", 12, spoken([(0, 10)]), False),  # no more than 10
        ("llama2", 12, spoken([(0, 11)]), True),
        ("llama2", 20, spoken([(0, 9), (10, 19)]), False),  # none of the first 10 may differ
        ("janitor", 30, spoken([(3, 16)]).replace(" ", ", "), True),
        ("janitor", 30, spoken([(3, 9), (9, 16)]).replace(" x ", " - "), True),  # a lone dash is no word
        ("janitor", 30, spoken([(3, 15), (15, 27)]), False),
    ],
)
def test_rules(profile: str, count: int, document: str, dirty: bool) -> None:
    assert one([document], profile, words(count)).dirty is dirty


def test_ten_words_are_no_match_of_llama2_even_beside_a_longer_one() -> None:
    overlap = one([spoken([(0, 10)]), spoken([(30, 41)])], "llama2", words(60))
    assert (overlap.token_extend_share, overlap.token_share, overlap.longest) == (11 / 60, 11 / 60, 11)
    (_,), matches = judged([(plain(words(60)), 10)], [spoken([(0, 10)])], Rule(PROFILES["llama2"]))
    assert matches == []


@pytest.mark.parametrize(
    ("profile", "threshold", "dirty"),
    [("gpt3", 0.0, True), ("gpt3", 0.25, True), ("gpt3", 0.26, False), ("palm", 0.25, False), ("palm", 0.2, True)],
)
def test_another_threshold(profile: str, threshold: float, dirty: bool) -> None:
    """A quarter of 13-grams is found, and 6 of 26 8-grams."""
    document = spoken([(0, 17)]) if profile == "gpt3" else spoken([(0, 13)])
    count = 32 if profile == "gpt3" else 33
    overlap = one([document], profile, words(count), threshold=threshold)
    assert overlap.ngram_share == (5 / 20 if profile == "gpt3" else 6 / 26)
    assert overlap.dirty is dirty


def test_a_share_of_nothing_is_not_dirty() -> None:
    assert one(["x"], "palm", words(30), threshold=0.0).dirty is False


LETTERS = "".join(random.Random(0).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=300))


def letters(text: str) -> str:
    """As they stand in a document: between blanks and in capitals."""
    return "-".join(text[at : at + 7] for at in range(0, len(text), 7)).upper()


def drawn(text: str) -> list[str]:
    """The substrings that gpt4 looks for, of a text of letters and digits."""
    index = build([(plain(text), 50)], "characters/v1", 3)
    folded = index.folded.tobytes().decode()
    return [folded[index.edges[a] : index.edges[b]] for a, b in zip(index.begins, index.ends, strict=True)]


def test_gpt4_draws_substrings() -> None:
    several = drawn(LETTERS)
    assert [len(some) for some in several] == [50] * 3
    assert all(some in LETTERS for some in several)
    assert several == drawn(LETTERS)
    for count in (1, 2, 3):
        overlap = one([" é! ".join(letters(some) for some in several[:count])], "gpt4", LETTERS)
        assert (overlap.ngrams, overlap.ngram_share, overlap.dirty) == (3, count / 3, True)
    assert one([letters(LETTERS)], "gpt4", LETTERS).ngram_share == 1.0
    missing = " é! ".join(letters(some[:-1]) + " é! " + letters(some[1:]) for some in several)
    assert one([missing], "gpt4", LETTERS).dirty is False


@pytest.mark.parametrize(("count", "ngrams"), [(24, 0), (25, 1), (49, 1), (50, 1), (51, 2), (52, 3), (80, 3)])
def test_gpt4_looks_for_the_whole_of_what_is_shorter(count: int, ngrams: int) -> None:
    text = LETTERS[:count]
    overlap = one([letters(f"é{text}é")], "gpt4", text)
    assert (overlap.ngrams, overlap.dirty) == (ngrams, True if ngrams else None)
    if 25 <= count < 50:
        assert one([letters(text[:-1]), letters(text[1:])], "gpt4", text).dirty is False


@pytest.mark.parametrize(
    ("task", "length", "n"),
    [
        ("a/b", 0, 8),
        ("a/b", 7, 8),
        ("a/b", 8, 8),
        ("a/b", 11, 11),
        ("a/b", 13, 13),
        ("a/b", 99, 13),
        ("arithmetic/2da", 1, 2),
        ("arithmetic/2da", 5, 5),
        ("scramble/anagrams1", 99, 13),
    ],
)
def test_gpt3_takes_n_by_length(task: str, length: int, n: int) -> None:
    assert PROFILES["gpt3"].size(task, length) == n


def test_rules_in_words() -> None:
    assert {name: Rule(profile).words for name, profile in PROFILES.items()} == {
        "gpt3": "one n-gram is found",
        "gpt2": "one 8-gram is found",
        "palm": "at least 70 % of its 8-grams are found",
        "gpt4": "one substring of 50 letters and digits, of 3 drawn at random, is found",
        "llama2": "at least 20 % of its words, in matches that may go on over up to 4 that differ are found",
        "llama3": "at least 20 % of its words, in 8-grams are found",
        "janitor": "one 13-gram is found",
    }
    capped = Rule(replace(PROFILES["gpt3"], n=20), threshold=0.125, max_documents=1000)
    assert capped.words == "at least 12.5 % of its 20-grams are found; n-grams of more than 1,000 documents are ignored"


# against plain Python


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[tuple[Item, int]], list[str]]:
    """Items and documents that are made of stretches of one tape of few words."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    tape = [chance.choice("abcd") for _ in range(30)]
    items = []
    for number in range(draw(st.integers(1, 4))):
        texts = []
        for _ in range(chance.randint(0, 3)):
            first, middle, own = chance.randrange(20), chance.randint(0, 9), chance.randint(0, 12)
            part = chance.choice(PARTS[:4])
            pieces = [(" ".join(tape[first : first + middle]), "prompt"), (" x" * chance.randint(0, 1), TEMPLATE)]
            texts.append([*pieces, (" " + " ".join(tape[first + middle :][:own]), part)])
        items.append((item(number, *texts), chance.choice((3, 4))))
    documents = []
    for _ in range(draw(st.integers(0, 6))):
        stretches = []
        for _ in range(chance.randint(1, 3)):
            first = chance.randrange(30)
            stretches += [*tape[first : first + chance.randint(0, 25)], chance.choice("xyz")]
        documents.append(" ".join(stretches))
    return items, documents


Places = list[tuple[str, str]]


def stretch(pieces: Sequence[Piece]) -> Places:
    """A text's words with their parts, without template at its ends."""
    labelled = [(word, piece.part) for piece in pieces for word in piece.text.split()]
    own = [place for place, (_, part) in enumerate(labelled) if part != TEMPLATE]
    return labelled[own[0] : own[-1] + 1] if own else []


def expected(one: Item, n: int, base: int, documents: Sequence[str], cap: int | None) -> Overlap:
    """An example's overlap, by counting; n-grams are looked for in texts of `base` words at least."""
    held = [document.split() for document in documents]
    grams = [{tuple(spoken[at : at + n]) for at in range(len(spoken) - n + 1)} for spoken in held]
    ngrams = found = covered = longest = most = 0
    parts = set()
    for labelled in dict.fromkeys(tuple(stretch(pieces)) for pieces in one.texts):
        own = [tuple(word for word, _ in labelled[at : at + n]) for at in range(len(labelled) - n + 1)]
        holding = [[number for number, several in enumerate(grams) if gram in several] for gram in own]
        counts = [bool(of) and (cap is None or len(of) <= cap) for of in holding]
        ngrams, found = ngrams + len(own), found + sum(counts)
        places = {at + step for at, does in enumerate(counts) if does for step in range(n)}
        told = [labelled[place][1] for place in places if labelled[place][1] != TEMPLATE]
        covered, parts = covered + len(told), parts | set(told)
        most = max(most, len({number for of in holding for number in of}))
        longest = max(longest, *(_longest([word for word, _ in labelled], spoken, counts, n) for spoken in held), 0)
    total = sum(len(piece.text.split()) for pieces in one.texts for piece in pieces if piece.part != TEMPLATE)
    return Overlap(
        task=TASK,
        id=one.id,
        words=total,
        n=n,
        ngrams=ngrams,
        ngram_share=found / ngrams if ngrams else 0.0,
        token_share=covered / total if total else 0.0,
        token_extend_share=0.0,
        longest=longest,
        longest_extended=0,
        documents=most if found else 0,
        parts=tuple(part for part in PARTS if part in parts),
        dirty=found > 0 if ngrams else None,
    )


def _longest(text: Sequence[str], document: Sequence[str], counts: Sequence[bool], n: int) -> int:
    """The longest stretch of a text that stands in a document, all of whose n-grams count."""
    spaced = f" {' '.join(document)} "
    for length in range(len(text), n - 1, -1):
        for at in range(len(text) - length + 1):
            if all(counts[at : at + length - n + 1]) and f" {' '.join(text[at : at + length])} " in spaced:
                return length
    return 0


def without_extensions(overlap: Overlap) -> Overlap:
    return replace(overlap, token_extend_share=0.0, longest_extended=0)


OWN = Profile("own", "words/v1", 3, "none")


@settings(max_examples=300, deadline=None)
@given(corpora(), st.sampled_from([None, 1, 2, 3]))
def test_overlaps_are_what_counting_gives(case: tuple[list[tuple[Item, int]], list[str]], cap: int | None) -> None:
    items, documents = case
    overlaps, _ = judged(items, documents, Rule(OWN, max_documents=cap))
    wanted = [expected(one, n, n, documents, cap) for one, n in items]
    if cap is not None:  # that many documents hold a text is counted whatever of it is ignored
        wanted = [replace(one, documents=got.documents) for one, got in zip(wanted, overlaps, strict=True)]
    assert [without_extensions(one) for one in overlaps] == wanted


@settings(max_examples=300, deadline=None)
@given(corpora(), st.integers(4, 9), st.sampled_from(["ngram_share", "token_extend_share"]), st.sampled_from([0, 6]))
def test_a_larger_n_asked_afterwards_is_a_scan_for_it(
    case: tuple[list[tuple[Item, int]], list[str]], n: int, measure: str, extended: int
) -> None:
    items, documents = case
    rule = Rule(replace(OWN, measure=measure, threshold=0.3, extended=extended))
    asked = judged(items, documents, rule, n)
    assert asked == judged([(one, n) for one, _ in items], documents, rule)
    if not extended:
        counted = [expected(one, n, base, documents, None) for one, base in items]
        assert [replace(without_extensions(one), dirty=None) for one in asked[0]] == [
            replace(one, dirty=None) for one in counted
        ]


@settings(max_examples=100, deadline=None)
@given(corpora())
def test_shares_fall_as_n_and_the_cap_get_stricter(case: tuple[list[tuple[Item, int]], list[str]]) -> None:
    items, documents = case
    by_n = [judged(items, documents, Rule(OWN), n)[0] for n in (4, 6, 8)]
    by_cap = [judged(items, documents, Rule(OWN, max_documents=cap))[0] for cap in (None, 3, 1)]
    for overlaps in (by_n, by_cap):
        for several in zip(*overlaps, strict=True):
            shares = [overlap.token_share for overlap in several]
            assert shares == sorted(shares, reverse=True)
            assert all(0 <= overlap.token_share <= overlap.token_extend_share <= 1 for overlap in several)
