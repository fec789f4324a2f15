"""A scan as a whole: the same bytes whoever does the work, in shards, in several corpora, and in several goes."""

import itertools
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evalkit.contamination.carry import Crew
from evalkit.contamination.corpus import Account, Reading, find_units, read_unit
from evalkit.contamination.overlaps import Overlaps
from evalkit.errors import ContaminationError, EvalkitError, UsageError
from evalkit.evaluation.decontaminate import merge
from evalkit.evaluation.items import read_items
from tests.contamination import planted
from tests.contamination.oracle import words
from tests.contamination.planted import SMALL, TASKS, results, scan, units


class Watched:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.passes: list[tuple[str, int, int]] = []
        self.count = 0

    def begin(self, what: str, total: int, done: int) -> None:
        self.passes.append((what, total, done))

    def read(self, count: int) -> None:
        assert count >= 0
        self.count += count


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted.write(tmp_path_factory.mktemp("corpus") / "books")


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scan that one process has done in one go."""
    output = tmp_path_factory.mktemp("whole") / "overlaps"
    watched = Watched()
    scanned = scan(corpus, output, watcher=watched)
    assert scanned.left == 0
    assert len(units(output)) > 15
    assert watched.passes == [("scanning", watched.count, 0)]
    return output


def manifest(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "manifest.json").read_text()))


def test_what_a_scan_finds(corpus: Path, whole: Path) -> None:
    overlaps = Overlaps.read(whole)
    told = manifest(whole)
    assert (told["complete"], told["left"], told["profile"]) == (True, [], "gpt3")
    assert [Path(one["source"]).name for one in told["sources"]] == [
        "a.jsonl",
        "b.jsonl.zst",
        "c.jsonl.gz",
        "d.parquet",
        "e.txt",
    ]
    assert [one["documents"] for one in told["sources"]] == [40, 20, 20, 30, 1]
    texts = [text for seed, count in enumerate((40, 20, 20, 30, 1)) for _, text in planted.documents(seed, count)]
    assert sum(one["bytes"] for one in told["sources"]) == sum(len(text.encode()) for text in texts)
    assert sum(one["words"] for one in told["sources"]) == sum(len(words(text, "words/v1")) for text in texts)
    for task in told["tasks"]:
        statuses = [one.status for one in overlaps.examples.values() if one.task == task["name"]]
        assert task["dirty"] == statuses.count("dirty") > 0
        assert task["clean"] == statuses.count("clean") > 0
        assert task["examples"] == len(statuses) == 28


def test_results_that_are_given_are_those_that_are_read(corpus: Path, whole: Path, tmp_path: Path) -> None:
    given, read = scan(corpus, tmp_path / "o").overlaps, Overlaps.read(tmp_path / "o")
    assert given.examples == read.examples
    assert given.matches == read.matches
    assert {**given.manifest, "format": 1} == json.loads((tmp_path / "o" / "manifest.json").read_text())
    assert results(tmp_path / "o") == results(whole)


def test_each_example_is_dirty_if_a_document_holds_one_of_its_ngrams(whole: Path) -> None:
    texts = [text for seed, count in enumerate((40, 20, 20, 30, 1)) for _, text in planted.documents(seed, count)]
    held = [f" {' '.join(word.folded for word in words(text, 'words/v1'))} " for text in texts]
    overlaps = Overlaps.read(whole)
    items, _ = read_items(TASKS, data_dir="samples")
    for item in (item for one in items for item in one.items):
        overlap, found, ngrams = overlaps.examples[item.task, item.id], 0, 0
        for pieces in item.texts:
            template = [piece.text for piece in pieces if piece.part == "template"]
            if sum(len(text.split()) for text in template) > min(overlap.n, 8) // 2:
                break
            spoken = [word.folded for word in words("".join(piece.text for piece in pieces), "words/v1")]
            grams = [" ".join(spoken[at : at + overlap.n]) for at in range(len(spoken) - overlap.n + 1)]
            ngrams, found = ngrams + len(grams), found + sum(any(f" {gram} " in one for one in held) for gram in grams)
        else:
            assert overlap.ngrams == ngrams
            assert overlap.ngram_share == pytest.approx(found / ngrams if ngrams else 0)
            assert overlap.dirty == (bool(found) if ngrams else None)


def test_every_span_is_words_of_its_examples(corpus: Path, whole: Path) -> None:
    stored = {}
    for unit in find_units([str(corpus)], Reading()):
        for batch in read_unit(unit, Reading(), Account()):
            for number, place in enumerate(batch.places.tolist()):
                content = batch.text[batch.offsets[number] : batch.offsets[number + 1]].tobytes()
                stored[unit.source, place] = batch.names[number], content
    items, _ = read_items(TASKS, data_dir="samples")
    spoken = {
        f"{item.task}#{item.id}": [
            [word.folded for word in words("".join(piece.text for piece in pieces), "words/v1")]
            for pieces in item.texts
        ]
        for one in items
        for item in one.items
    }
    rows = pq.read_table(whole / "spans.parquet").to_pylist()
    assert len(rows) > 50
    for row in rows:
        name, content = stored[row["source"], row["place"]]
        assert name == row["document"]
        of_document = words(content.decode(), "words/v1")
        span = [word.folded for word in words(content[row["start"] : row["end"]].decode(), "words/v1")]
        own = of_document[row["word"] : row["word"] + row["length"]]
        assert (own[0].start, own[-1].end) == (row["start"], row["end"])
        assert [word.folded for word in own] == span
        assert len(span) == row["length"] <= row["extended"]
        assert row["examples"]
        for example in row["examples"]:
            assert any(" ".join(span) in " ".join(text) for text in spoken[example])
    matches = pq.read_table(whole / "matches.parquet").to_pylist()
    spans = {(row["source"], row["place"], row["word"], row["length"]) for row in rows}
    assert {(row["source"], row["place"], row["word"], row["length"]) for row in matches} <= spans
    for row in matches:
        content = stored[row["source"], row["place"]][1]
        assert row["text"] == content[row["start"] : row["end"]].decode()[:2000]
        assert content[: row["start"]].decode().endswith(row["before"])
        assert content[row["end"] :].decode().startswith(row["after"])


# whoever does it


def test_a_pool_finds_the_same(corpus: Path, whole: Path, tmp_path: Path) -> None:
    watched = Watched()
    scan(corpus, tmp_path / "o", crew=Crew("process", 2), watcher=watched)
    assert results(tmp_path / "o") == results(whole)
    assert watched.passes == [("scanning", watched.count, 0)]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3)))[1::2])
def test_shards_put_together_are_the_whole(corpus: Path, whole: Path, tmp_path: Path, order: Sequence[int]) -> None:
    for shard in order:
        scanned = scan(corpus, tmp_path / f"{shard}", crew=Crew("serial", shard=(shard, 3)))
        assert scanned.left > 0
        told = manifest(tmp_path / f"{shard}")
        assert (told["complete"], bool(told["left"])) == (False, True)
        assert told["signature"].endswith("+")
    once = merge([tmp_path / f"{shard}" for shard in order], tmp_path / "o")
    assert once.left == 0
    assert results(tmp_path / "o") == results(whole)
    kept = units(tmp_path / "o")
    merge([tmp_path / "o", *(tmp_path / f"{shard}" for shard in order)], tmp_path / "o")
    assert results(tmp_path / "o") == results(whole)
    assert units(tmp_path / "o") == kept
    merge([tmp_path / "1", tmp_path / "2", tmp_path / "3"], tmp_path / "1")
    assert results(tmp_path / "1") == results(whole)


def test_shards_of_a_chosen_n_put_together_are_the_whole(corpus: Path, tmp_path: Path) -> None:
    """What was asked for when a scan began is what `merge` tells."""
    for profile in ("gpt3", "palm"):
        scan(corpus, tmp_path / f"{profile}", profile=profile, n=10)
        for shard in (1, 2):
            scan(corpus, tmp_path / f"{profile}{shard}", profile=profile, n=10, crew=Crew("serial", shard=(shard, 2)))
        merge([tmp_path / f"{profile}{shard}" for shard in (2, 1)], tmp_path / f"{profile}-merged")
        assert results(tmp_path / f"{profile}-merged") == results(tmp_path / f"{profile}")
        assert "10-gram" in manifest(tmp_path / f"{profile}-merged")["rule"]


def test_corpora_scanned_apart_and_put_together_are_one(corpus: Path, tmp_path: Path) -> None:
    other = planted.write(tmp_path / "pages", 100)
    scan([other, corpus], tmp_path / "together")
    for name, one in (("books", corpus), ("pages", other)):
        scan(one, tmp_path / f"of-{name}")
    merge([tmp_path / "of-pages", tmp_path / "of-books"], tmp_path / "o")
    assert results(tmp_path / "o") == results(tmp_path / "together")
    merge([tmp_path / "together", tmp_path / "of-books"], tmp_path / "again")
    assert results(tmp_path / "again") == results(tmp_path / "together")


# asked again


def test_a_larger_n_is_what_a_scan_for_it_finds(corpus: Path, tmp_path: Path) -> None:
    scan(corpus, tmp_path / "8", profile="gpt2")
    scan(corpus, tmp_path / "11", profile="gpt2", n=11, spans=False)
    merge([tmp_path / "8"], tmp_path / "o", n=11)
    assert results(tmp_path / "o")["examples.parquet"] == results(tmp_path / "11")["examples.parquet"]
    assert results(tmp_path / "o")["matches.parquet"] == results(tmp_path / "11")["matches.parquet"]
    assert manifest(tmp_path / "o") == manifest(tmp_path / "11")
    palm = merge([tmp_path / "8"], tmp_path / "palm", profile="palm").overlaps
    assert palm.manifest["profile"] == "palm"
    for key, overlap in palm.examples.items():
        assert overlap.dirty == (overlap.ngram_share >= 0.7 if overlap.ngrams else None), key
    strict = merge([tmp_path / "8"], tmp_path / "strict", threshold=1.0).overlaps
    assert {overlap.dirty for overlap in strict.examples.values() if overlap.ngram_share < 1} <= {None, False}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"n": 7}, "8-grams were looked for, so nothing is known of 7-grams. Scan again with --n 7"),
        ({"profile": "gpt4"}, "gpt4: is of characters/v1, and the scan is of words/v1. Scan again"),
        ({"profile": "janitor"}, "janitor: is of deleted/v1, and the scan is of words/v1. Scan again"),
        ({"profile": "nobody"}, "profile 'nobody': give one of gpt3, gpt2, palm, gpt4, llama2, llama3, janitor"),
        ({"threshold": 1.5}, "threshold 1.5: a share lies between 0 and 1"),
        ({"max_documents": 0}, "max_documents 0: at least 1"),
        ({"n": 1}, "n 1: an n-gram has at least 2 words"),
    ],
)
def test_what_a_scan_cannot_tell_is_refused(corpus: Path, tmp_path: Path, asked: dict[str, Any], told: str) -> None:
    scan(corpus / "a.jsonl", tmp_path / "8", profile="gpt2")
    with pytest.raises(EvalkitError) as error:
        merge([tmp_path / "8"], tmp_path / "o", **asked)
    assert told in str(error.value)
    assert not (tmp_path / "o" / "manifest.json").exists()


def test_drawn_substrings_are_not_asked_of_another_way(corpus: Path, tmp_path: Path) -> None:
    scan(corpus / "a.jsonl", tmp_path / "gpt4", profile="gpt4")
    merge([tmp_path / "gpt4"], tmp_path / "o")
    assert results(tmp_path / "o") == results(tmp_path / "gpt4")
    with pytest.raises(ContaminationError, match="gpt4: its substrings are drawn when a scan begins"):
        merge([tmp_path / "gpt4"], tmp_path / "o", n=60)


# refused


def test_the_folder_of_another_scan_is_refused(corpus: Path, tmp_path: Path) -> None:
    scan(corpus / "a.jsonl", tmp_path / "o")
    before = results(tmp_path / "o")
    for changed in ({"tasks": ["superglue/cb"]}, {"limit": 5}, {"profile": "gpt4"}, {"n": 9}):
        with pytest.raises(ContaminationError) as error:
            scan(corpus / "a.jsonl", tmp_path / "o", **changed)
        assert str(error.value).startswith(f"{tmp_path / 'o'}: holds a scan for other examples (gpt3, superglue/copa")
        assert str(error.value).endswith("Give another --output, or delete it")
    assert results(tmp_path / "o") == before


def test_scans_for_other_examples_are_not_put_together(corpus: Path, tmp_path: Path) -> None:
    scan(corpus / "a.jsonl", tmp_path / "one")
    changes: list[tuple[dict[str, Any], str]] = [
        ({"tasks": ["superglue/copa"]}, "different tasks, index (gpt3, superglue/copa;"),
        ({"profile": "gpt4"}, "different profile"),
        ({"spans": False}, "different spans ("),
        ({"reading": Reading(column="id")}, "different column ("),
    ]
    for number, (changed, what) in enumerate(changes):
        scan(corpus / "a.jsonl", tmp_path / f"{number}", **changed)
        with pytest.raises(ContaminationError, match="cannot be merged") as error:
            merge([tmp_path / "one", tmp_path / f"{number}"], tmp_path / "o")
        assert what in str(error.value)
    assert not (tmp_path / "o").exists()


def test_what_is_no_scan_is_not_put_together(tmp_path: Path) -> None:
    with pytest.raises(ContaminationError, match=r"no scan here \(no state/plan.json\)"):
        merge([tmp_path / "nowhere"], tmp_path / "o")
    with pytest.raises(UsageError, match="give at least one folder"):
        merge([], tmp_path / "o")


@pytest.mark.parametrize("name", ["a.jsonl", "b.jsonl.zst", "d.parquet"])
def test_a_file_that_changed_between_shards_is_not_put_together(corpus: Path, tmp_path: Path, name: str) -> None:
    own = shutil.copytree(corpus, tmp_path / "own")
    scan(own, tmp_path / "1", crew=Crew("serial", shard=(1, 2)))
    several = planted.documents(7, 50)
    content = planted.lines(several)
    if name.endswith(".parquet"):
        pq.write_table(planted.table(several), own / name, row_group_size=9)
    else:
        (own / name).write_bytes(planted.zstandard.compress(content) if name.endswith("zst") else content)
    scan(own, tmp_path / "2", crew=Crew("serial", shard=(2, 2)))
    with pytest.raises(ContaminationError, match=f"{name}: has changed between the scans"):
        merge([tmp_path / "1", tmp_path / "2"], tmp_path / "o")


def test_a_folder_inside_the_corpus_is_refused(corpus: Path, tmp_path: Path) -> None:
    """Its Parquet files would be read as corpus when the scan goes on."""
    own = shutil.copytree(corpus, tmp_path / "own")
    for changed in ({"output": own / "o"}, {"output": own}, {"output": tmp_path / "o", "write_clean": own / "clean"}):
        with pytest.raises(ContaminationError, match="would be read as corpus"):
            scan(own, **changed)
    assert sorted(path.name for path in own.iterdir()) == sorted(path.name for path in corpus.iterdir())


@pytest.mark.parametrize(
    ("crew", "told"),
    [
        (Crew("threads"), "engine 'threads': give one of process, serial, ray"),
        (Crew(workers=0), "workers: at least one is needed"),
        (Crew(shard=(0, 3)), "shard 0/3: the first is 1/N, the last N/N"),
        (Crew(shard=(4, 3)), "shard 4/3"),
    ],
)
def test_a_crew_that_cannot_be_is_refused_at_once(tmp_path: Path, crew: Crew, told: str) -> None:
    with pytest.raises(UsageError) as error:
        scan(tmp_path / "nowhere", tmp_path / "o", crew=crew)
    assert told in str(error.value)


# going on


def test_a_scan_that_is_done_reads_nothing(corpus: Path, tmp_path: Path) -> None:
    scan(corpus, tmp_path / "o")
    before, kept = results(tmp_path / "o"), units(tmp_path / "o")
    watched = Watched()
    scan(corpus, tmp_path / "o", watcher=watched)
    ((_, total, done),) = watched.passes
    assert (done, watched.count) == (total, 0)
    assert (results(tmp_path / "o"), units(tmp_path / "o")) == (before, kept)


def test_what_is_new_or_has_changed_is_read(corpus: Path, whole: Path, tmp_path: Path) -> None:
    own = shutil.copytree(corpus, tmp_path / "own")
    scan(own, tmp_path / "o")
    kept = units(tmp_path / "o")
    (own / "f.jsonl").write_bytes(planted.lines(planted.documents(50, 3)))
    changed = (own / "e.txt").stat()
    (own / "e.txt").write_text((own / "e.txt").read_text().swapcase())
    os.utime(own / "e.txt", ns=(changed.st_atime_ns, changed.st_mtime_ns + 1))
    watched = Watched()
    scan(own, tmp_path / "o", watcher=watched)
    assert watched.count == sum((own / name).stat().st_size for name in ("e.txt", "f.jsonl"))
    assert kept.items() <= units(tmp_path / "o").items()
    scan(own, tmp_path / "anew")
    assert results(tmp_path / "o") == results(tmp_path / "anew")
    (own / "f.jsonl").unlink()
    scan(own, tmp_path / "o")
    assert [Path(one["source"]).name for one in manifest(tmp_path / "o")["sources"]][-1] == "e.txt"


def test_another_column_is_read_anew(corpus: Path, tmp_path: Path) -> None:
    scan(corpus / "a.jsonl", tmp_path / "o")
    scan(corpus / "a.jsonl", tmp_path / "o", reading=replace(SMALL, column="id", name="text"))
    told = Overlaps.read(tmp_path / "o")
    assert {overlap.longest for overlap in told.examples.values()} == {0}
    scan(corpus / "a.jsonl", tmp_path / "o", reading=replace(SMALL, name="other"))
    assert {match.document for several in Overlaps.read(tmp_path / "o").matches.values() for match in several} == {""}
    scan(corpus / "a.jsonl", tmp_path / "o", spans=False)
    before = units(tmp_path / "o")
    watched = Watched()
    scan(corpus / "a.jsonl", tmp_path / "o", watcher=watched)
    assert watched.count == 0
    assert units(tmp_path / "o") == before


def test_a_damaged_result_is_told(corpus: Path, tmp_path: Path) -> None:
    scan(corpus / "a.jsonl", tmp_path / "o")
    file = sorted((tmp_path / "o" / "state" / "units").glob("*.found"))[0]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ContaminationError) as error:
        scan(corpus / "a.jsonl", tmp_path / "o")
    assert f"{file}: cannot be read (damaged, or not written to its end). Delete it and run" in str(error.value)
    file.unlink()
    scan(corpus / "a.jsonl", tmp_path / "o")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_unit_that_fails_keeps_the_finished_ones(corpus: Path, tmp_path: Path, workers: int) -> None:
    own = shutil.copytree(corpus, tmp_path / "own")
    (own / "e.txt").write_bytes(b"\xff")
    crew = Crew("process", workers)
    with pytest.raises(ContaminationError) as error:
        scan(own, tmp_path / "o", crew=crew)
    first, last = str(error.value).splitlines()
    assert first.startswith(f"{own / 'e.txt'}, byte 0: no valid UTF-8")
    count = len(find_units([str(own)], SMALL))
    kept = units(tmp_path / "o")
    assert len(kept) == count - 1
    assert last == f"{count - 1} of {count} pieces of the corpus are done and kept; the same command goes on from there"
    assert not (tmp_path / "o" / "manifest.json").exists()
    shutil.copy2(corpus / "e.txt", own)
    scan(own, tmp_path / "o")
    assert kept.items() <= units(tmp_path / "o").items()
    scan(own, tmp_path / "anew")
    assert results(tmp_path / "o") == results(tmp_path / "anew")
