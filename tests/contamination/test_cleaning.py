"""A corpus without what was found in it: nothing of a span or around it is left, and what is left is as it was."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from evalkit.contamination.carry import Crew, Unwatched
from evalkit.contamination.cleaned import Cleaned
from evalkit.contamination.cleaning import Cutting, cut
from evalkit.contamination.corpus import Reading
from evalkit.errors import ContaminationError
from evalkit.evaluation.decontaminate import Scanned, merge
from evalkit.evaluation.items import read_items
from tests.contamination import planted

GENTLE = Cutting(window=5, min_piece=20)


def pieces(text: str, *spans: tuple[int, int], **cutting: int) -> tuple[list[str], Cleaned]:
    """What is left of a text, without some of its characters."""
    cleaned = Cleaned()
    in_bytes = [(len(text[:first].encode()), len(text[:last].encode())) for first, last in spans]
    settings = {"window": 2, "min_piece": 1, "max_pieces": 10, **cutting}
    return cut(text.encode(), in_bytes, Cutting(**settings), cleaned), cleaned


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("spans", "left"),
    [
        ([], [LETTERS]),
        ([(10, 13)], ["abcdefgh", "pqrstuvwxyz"]),
        ([(0, 3)], ["fghijklmnopqrstuvwxyz"]),
        ([(2, 3)], ["fghijklmnopqrstuvwxyz"]),
        ([(3, 4)], ["a", "ghijklmnopqrstuvwxyz"]),
        ([(24, 26)], ["abcdefghijklmnopqrstuv"]),
        ([(0, 26)], []),
        ([(5, 6), (10, 11)], ["abc", "nopqrstuvwxyz"]),  # the windows meet
        ([(5, 6), (11, 12)], ["abc", "i", "opqrstuvwxyz"]),
        ([(11, 12), (5, 6)], ["abc", "i", "opqrstuvwxyz"]),
        ([(5, 15), (7, 8)], ["abc", "rstuvwxyz"]),  # one inside another
        ([(5, 10), (8, 15)], ["abc", "rstuvwxyz"]),
    ],
)
def test_cut(spans: Sequence[tuple[int, int]], left: list[str]) -> None:
    found, cleaned = pieces(LETTERS, *spans)
    assert found == left
    assert cleaned.bytes_left == sum(map(len, left))
    assert (cleaned.whole, cleaned.cut, cleaned.emptied) == (
        not spans,
        bool(spans and left),
        not left,
    )


def test_characters_are_counted_and_not_bytes() -> None:
    text = "é漢\U0001f600" * 4
    assert pieces(text, (5, 6))[0] == [text[:3], text[8:]]
    assert pieces(text, (5, 6), min_piece=4)[0] == [text[8:]]
    assert pieces(text, (5, 6), min_piece=4)[1].bytes_left == len(text[8:].encode())


def test_short_pieces_are_dropped() -> None:
    found, cleaned = pieces(LETTERS, (5, 6), (11, 12), min_piece=3)
    assert found == ["abc", "opqrstuvwxyz"]
    assert (cleaned.pieces, cleaned.dropped, cleaned.cut) == (2, 1, 1)
    found, cleaned = pieces(LETTERS, (5, 6), min_piece=19)
    assert (found, cleaned.emptied, cleaned.cut, cleaned.dropped, cleaned.bytes_left) == ([], 1, 0, 2, 0)
    assert pieces("short", min_piece=100)[0] == ["short"]  # of a document where nothing is found, all is left


@pytest.mark.parametrize(("count", "left"), [(9, 10), (10, 0)])
def test_documents_of_many_pieces_are_dropped(count: int, left: int) -> None:
    """GPT-3's rule: more than 10 pieces, short ones included."""
    text = "x" * 10 * (count + 1)
    found, cleaned = pieces(text, *[(10 * number, 10 * number + 1) for number in range(1, count + 1)], min_piece=3)
    assert len(found) == left
    assert (cleaned.shredded, cleaned.cut, cleaned.emptied) == (not left, bool(left), 0)


def test_gpt3s_numbers() -> None:
    assert asdict(Cutting()) == {"window": 200, "min_piece": 200, "max_pieces": 10, "ignore_above": 10}


texts = st.text("aé漢\U0001f600 ", max_size=60)
spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8)), max_size=6)


@given(texts, spans, st.integers(0, 4), st.integers(1, 5), st.integers(1, 4))
def test_what_is_left_is_what_is_not_cut(
    text: str, given: list[tuple[int, int]], window: int, shortest: int, most: int
) -> None:
    own = [(first, min(first + length, len(text))) for first, length in given if first < len(text)]
    found, cleaned = pieces(text, *own, window=window, min_piece=shortest, max_pieces=most)
    gone = {place for first, last in own for place in range(first - window, last + window)}
    whole: list[str] = []
    for place, letter in enumerate(text):
        if place not in gone:
            if place and place - 1 not in gone:
                whole[-1] += letter
            else:
                whole.append(letter)
    if not own:
        assert found == [text]
    elif len(whole) > most:
        assert (found, cleaned.shredded) == ([], 1)
    else:
        assert found == [piece for piece in whole if len(piece) >= shortest]
        assert cleaned.dropped == len(whole) - len(found)
        assert cleaned.pieces == len(found)
    assert cleaned.whole + cleaned.cut + cleaned.emptied + cleaned.shredded == cleaned.documents == 1
    assert cleaned.bytes == len(text.encode())
    assert cleaned.bytes_left == sum(len(piece.encode()) for piece in found)


# a whole corpus


def scan(corpus: Path, output: Path, clean: Path | None = None, **changed: Any) -> Scanned:
    return planted.scan(corpus, output, **{"write_clean": clean, "cutting": GENTLE, "spans": False, **changed})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def records(folder: Path) -> list[dict[str, Any]]:
    """The documents of a cleaned corpus, in its order."""
    names = manifest(folder)["files"]
    contents = [zstandard.ZstdDecompressor().decompressobj().decompress((folder / name).read_bytes()) for name in names]
    return [json.loads(line) for content in contents for line in content.splitlines()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted.write(tmp_path_factory.mktemp("corpus") / "books")


@pytest.fixture(scope="module")
def cleaned(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cleaned")
    scan(corpus, folder / "overlaps", folder / "clean")
    return folder / "clean"


def test_nothing_is_found_in_what_is_left(cleaned: Path, tmp_path: Path) -> None:
    told = manifest(cleaned)
    assert (told["complete"], told["ngrams_ignored"], told["profile"]) == (True, 0, "gpt3")
    assert told["ngrams_cut"] > 100
    again = scan(cleaned, tmp_path / "again").overlaps
    assert {overlap.dirty for overlap in again.examples.values()} == {False, None}
    (total,) = {sum(one["documents"] for one in again.manifest["sources"])}
    assert total == len(records(cleaned)) == told["whole"] + told["pieces"]


def test_what_is_left_is_as_it_was(corpus: Path, cleaned: Path) -> None:
    before = {
        name: text for seed, count in enumerate((40, 20, 20, 30)) for name, text in planted.documents(seed, count)
    }
    told, found = manifest(cleaned), records(cleaned)
    assert told["documents"] == len(before) + 1
    assert told["cut"] > 10
    assert told["whole"] > 10
    by_name: dict[str, list[dict[str, Any]]] = {}
    for record in found:
        assert list(record) == [
            "text",
            *(["id"] if "id" in record else []),
            "source",
            "place",
            *["piece"] * ("piece" in record),
        ]
        by_name.setdefault(record.get("id", ""), []).append(record)
    for name, several in by_name.items():
        text = before.get(name, (corpus / "e.txt").read_text())
        at = 0
        for number, record in enumerate(several):
            at = text.index(record["text"], at) + len(record["text"])
            assert record.get("piece", 0) == number
        if "piece" not in several[0]:
            assert several[0]["text"] == text
    assert told["bytes_left"] == sum(len(record["text"].encode()) for record in found)


def test_ngrams_of_many_documents_stay(corpus: Path, tmp_path: Path) -> None:
    scanned = scan(corpus, tmp_path / "o", tmp_path / "clean", cutting=Cutting(5, 20, ignore_above=1))
    told = manifest(tmp_path / "clean")
    assert told["ngrams_ignored"] > 10
    capped = merge([tmp_path / "o"], tmp_path / "capped", max_documents=1).overlaps
    again = scan(tmp_path / "clean", tmp_path / "again").overlaps
    left = {key for key, overlap in again.examples.items() if overlap.dirty}
    assert left
    for key, overlap in again.examples.items():
        assert (
            overlap.ngram_share <= scanned.overlaps.examples[key].ngram_share - capped.examples[key].ngram_share + 1e-9
        )


def test_of_a_match_only_what_is_not_ignored_is_cut(tmp_path: Path) -> None:
    """The last 10 words of a passage stand in three documents, and so three of its 8-grams stay."""
    (task,), _ = read_items(["superglue/rte"], data_dir="samples")
    spoken = task.items[0].texts[0][0].text.split()
    several = [("whole", f"It says: {' '.join(spoken)} And so on."), ("b", " ".join(spoken[-10:]))]
    (tmp_path / "a.jsonl").write_bytes(planted.lines([*several, ("c", " ".join(spoken[-10:]))]))
    cutting = Cutting(window=0, min_piece=1, ignore_above=2)
    scan(tmp_path / "a.jsonl", tmp_path / "o", tmp_path / "clean", profile="gpt2", cutting=cutting)
    assert [record["text"] for record in records(tmp_path / "clean")] == [
        "It says: ",
        f" {' '.join(spoken[-3:])} And so on.",
        " ".join(spoken[-10:]),
        " ".join(spoken[-10:]),
    ]


def test_ten_documents_are_cut_and_eleven_are_not(tmp_path: Path) -> None:
    """GPT-3's rule, with its numbers."""
    tail, (first, second, *_) = planted.noise(planted.random.Random(0), 100), planted.samples()
    for count in (10, 11):
        folder = tmp_path / f"{count}"
        folder.mkdir()
        several = [(f"{number}", f"{tail} {first} {tail}") for number in range(count)]
        (folder / "a.jsonl").write_bytes(planted.lines([*several, ("other", f"{tail} {second} {tail}")]))
        scan(folder, tmp_path / f"o{count}", tmp_path / f"clean{count}", cutting=Cutting())
        told = manifest(tmp_path / f"clean{count}")
        assert (told["whole"], told["cut"]) == ((0, 11) if count == 10 else (11, 1))
        assert (told["ngrams_ignored"] > 0) == (count == 11)
        assert told["pieces"] == 2 * told["cut"]


def test_a_pool_writes_the_same(corpus: Path, cleaned: Path, tmp_path: Path) -> None:
    scan(corpus, tmp_path / "o", tmp_path / "clean", crew=Crew("process", 2))
    assert files(tmp_path / "clean") == files(cleaned)


def test_the_other_shards_have_to_be_scanned_first(corpus: Path, cleaned: Path, tmp_path: Path) -> None:
    for shard in (1, 2):
        with pytest.raises(
            ContaminationError, match=r"pieces of the corpus are not scanned yet.*Scan the other shards"
        ):
            scan(corpus, tmp_path / f"{shard}", tmp_path / "clean", crew=Crew("serial", shard=(shard, 2)))
    assert not (tmp_path / "clean").exists()
    merge([tmp_path / "1", tmp_path / "2"], tmp_path / "o")
    for shard in (2, 1):
        scan(corpus, tmp_path / "o", tmp_path / "clean", crew=Crew("serial", shard=(shard, 2)))
        assert manifest(tmp_path / "clean")["complete"] == (shard == 1)
    assert files(tmp_path / "clean") == files(cleaned)


def test_what_is_written_is_not_written_again(corpus: Path, tmp_path: Path) -> None:
    scan(corpus, tmp_path / "o", tmp_path / "clean")
    before = {path.name: path.stat().st_ino for path in (tmp_path / "clean").glob("*.zst")}
    gone = sorted(before)[1]
    content = (tmp_path / "clean" / gone).read_bytes()
    (tmp_path / "clean" / gone).unlink()
    scan(corpus, tmp_path / "o", tmp_path / "clean")
    after = {path.name: path.stat().st_ino for path in (tmp_path / "clean").glob("*.zst")}
    assert {name for name in before if before[name] != after[name]} <= {gone}
    assert (tmp_path / "clean" / gone).read_bytes() == content


def grow(corpus: Path) -> None:
    """All n-grams of a file are in more documents now."""
    shutil.copy2(corpus / "a.jsonl", corpus / "f.jsonl")


def change(corpus: Path) -> None:
    (corpus / "a.jsonl").write_bytes(planted.lines(planted.documents(77, 40))[: (corpus / "a.jsonl").stat().st_size])


@pytest.mark.parametrize("how", [grow, change])
def test_a_corpus_that_changed_is_written_as_it_is_now(
    corpus: Path, tmp_path: Path, how: Callable[[Path], None]
) -> None:
    own = shutil.copytree(corpus, tmp_path / "own")
    settings: dict[str, Any] = {"cutting": Cutting(5, 20, ignore_above=2), "reading": Reading(skip_bad=True)}
    scan(own, tmp_path / "o", tmp_path / "clean", **settings)
    how(own)
    scan(own, tmp_path / "o", tmp_path / "clean", **settings)
    scan(own, tmp_path / "anew", tmp_path / "anew-clean", **settings)
    assert files(tmp_path / "clean") == files(tmp_path / "anew-clean")


def test_a_corpus_whose_files_have_other_names_now_is_written_elsewhere(corpus: Path, tmp_path: Path) -> None:
    own = shutil.copytree(corpus, tmp_path / "own")
    scan(own, tmp_path / "o", tmp_path / "clean")
    before = files(tmp_path / "clean")
    (own / "Z.jsonl").write_bytes(planted.lines([("z", "it comes before the others")]))
    with pytest.raises(ContaminationError, match=r"clean: has files of another corpus.* \(00000-a\.jsonl\.zst\)"):
        scan(own, tmp_path / "o", tmp_path / "clean")
    (own / "Z.jsonl").unlink()
    (own / "e.txt").unlink()
    with pytest.raises(ContaminationError, match="has files of another corpus"):
        scan(own, tmp_path / "o", tmp_path / "clean")
    assert files(tmp_path / "clean") == before


def test_what_was_written_another_way_is_written_anew(corpus: Path, cleaned: Path, tmp_path: Path) -> None:
    for cutting in (GENTLE, Cutting(6, 20), GENTLE):
        scan(corpus, tmp_path / "o", tmp_path / "clean", cutting=cutting)
    assert files(tmp_path / "clean") == files(cleaned)


@pytest.mark.parametrize("first", [0, 1, 40, 70])
def test_a_pass_that_failed_goes_on(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """There is no manifest until all of our share is written, and what was written before is kept."""
    scan(corpus, tmp_path / "o", tmp_path / "clean")
    other, cuts = Cutting(6, 20), 0

    def fail(*given: Any) -> list[str]:
        nonlocal cuts
        cuts += 1
        if cuts > first:
            raise ContaminationError("it fails")
        return cut(*given)

    with monkeypatch.context() as patch:
        patch.setattr("evalkit.contamination.cleaning.cut", fail)
        with pytest.raises(ContaminationError, match="it fails"):
            scan(corpus, tmp_path / "o", tmp_path / "clean", cutting=other)
    assert not (tmp_path / "clean" / "manifest.json").exists()
    assert not list((tmp_path / "clean").glob("*.unfinished"))
    told: list[tuple[str, int, int]] = []

    class Watched(Unwatched):
        def begin(self, what: str, total: int, done: int) -> None:
            told.append((what, total, done))

    scan(corpus, tmp_path / "o", tmp_path / "clean", cutting=other, watcher=Watched())
    assert [(what, bool(done), done == total) for what, total, done in told] == [
        ("scanning", True, True),
        ("cleaning", first > 1, False),
    ]
    scan(corpus, tmp_path / "o", tmp_path / "anew", cutting=other)
    assert files(tmp_path / "clean") == files(tmp_path / "anew")


def test_bad_records_are_counted(corpus: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "a.jsonl").write_bytes(b'{"text": "fine"}\nbad\n{"text": "fine too"}\n')
    scan(own, tmp_path / "o", tmp_path / "clean", reading=Reading(skip_bad=True))
    told = manifest(tmp_path / "clean")
    assert (told["documents"], told["whole"], told["bad"]) == (2, 2, 1)
    assert [record["text"] for record in records(tmp_path / "clean")] == ["fine", "fine too"]
