"""A corpus that cannot be read, or not all of it: one clear message, or a true account of what was left out."""

import json
from functools import partial

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from evalkit.contamination.corpus import Reading
from tests.contamination import planted

ASK = ("decontaminate", "--tasks", "superglue/copa", "--data-dir", "samples", "--engine", "serial")
LINES = planted.lines(planted.documents(0, 200))


@pytest.fixture
def corpus(tmp_path):
    """A folder with one file that is good."""
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(LINES)
    return folder


def truncated(folder):
    content = zstandard.ZstdCompressor(write_checksum=True).compress(LINES)
    (folder / "b.jsonl.zst").write_bytes(content[: len(content) // 2])


def no_column(folder):
    pq.write_table(pa.table({"content": ["some"], "meta": [1]}), folder / "b.parquet")


def numbers(folder):
    pq.write_table(pa.table({"text": [1, 2]}), folder / "b.parquet")


def no_parquet(folder):
    (folder / "b.parquet").write_bytes(b"PAR1 and then nothing")


def one_line(folder):
    (folder / "b.jsonl").write_bytes(b'{"text": "' + b"so long " * 500 + b'"}\n' + LINES[: LINES.index(b"\n") + 1])


def no_utf8(folder):
    (folder / "b.jsonl").write_bytes(b'{"text": "fine"}\n{"text": "\xff\xfe"}\n{"text": "fine"}\n')


def no_json(folder):
    (folder / "b.jsonl").write_bytes(b'{"text": "fine"}\n{"text": \n')


def no_field(folder):
    (folder / "b.jsonl").write_bytes(b'{"content": "some", "n": 1}\n')


def text_no_utf8(folder):
    (folder / "b.txt").write_bytes(b"caf\xe9")


BAD = [
    (truncated, "b.jsonl.zst, about byte ", "the Zstandard file breaks off or is damaged"),
    (no_parquet, "b.parquet, about byte 21: ", "its end is no Parquet file's"),
    (one_line, "b.jsonl, record at byte 0: ", "longer than 3000 bytes; a corpus of one line is no JSON Lines"),
    (no_utf8, "b.jsonl, record at byte 17: ", "no valid UTF-8"),
    (no_json, "b.jsonl, record at byte 17: ", "no valid JSON"),
    (no_field, "b.jsonl, record at byte 0: ", "It has: content, n"),
    (text_no_utf8, "b.txt, byte 3: ", "no valid UTF-8"),
]


@pytest.fixture(autouse=True)
def short_records(monkeypatch):
    """A record may not have more than 3000 bytes: nobody waits for 256 MB."""
    short = partial(Reading, record_limit=3000, batch_bytes=2000)
    monkeypatch.setattr("evalkit.contamination.corpus.Reading", short)


@pytest.mark.parametrize(("spoil", "where", "what"), BAD, ids=lambda one: getattr(one, "__name__", None))
def test_what_is_bad_stops_a_scan(run, corpus, tmp_path, spoil, where, what):
    spoil(corpus)
    code, out, err = run(*ASK, "--corpus", corpus, "--output", tmp_path / "o")
    assert (code, out) == (1, "")
    assert err.startswith(f"evalkit: {corpus}/{where}")
    assert what in err
    assert "Mend the file, or leave out what is bad with --skip-bad" in err
    assert "Traceback" not in err
    assert not (tmp_path / "o" / "manifest.json").exists()
    if spoil is not no_parquet:  # that is seen before anything is scanned
        assert err.splitlines()[1:] == [
            "1 of 2 pieces of the corpus are done and kept; the same command goes on from there"
        ]


@pytest.mark.parametrize(("spoil", "where", "what"), BAD, ids=lambda one: getattr(one, "__name__", None))
def test_what_is_bad_may_be_left_out(run, corpus, tmp_path, spoil, where, what):
    spoil(corpus)
    code, out, _ = run(*ASK, "--corpus", corpus, "--output", tmp_path / "o", "--skip-bad")
    assert code == 0
    told = json.loads((tmp_path / "o" / "manifest.json").read_text())
    assert (told["sources"][0]["bad"], told["sources"][0]["documents"]) == (0, 200)
    (_, source) = told["sources"]
    assert source["bad"] == 1
    assert (told["complete"], len(told["left"])) == (False, 1)
    assert told["left"][0]["source"] == source["source"]
    assert told["left"][0]["reason"].startswith("1 bad: ")
    assert f"{corpus}/{where}" in told["left"][0]["reason"]
    assert what in told["left"][0]["reason"]
    assert "1 bad records; not read to the end." in out
    assert f"- not read: {source['source']}: 1 bad: " in out
    good = {no_utf8: 2, no_json: 1, one_line: 1}.get(spoil, 0)
    assert source["documents"] == good or (spoil is truncated and source["documents"] > 20)


@pytest.mark.parametrize(("spoil", "told"), [(no_column, "content, meta"), (numbers, "holds int64")])
def test_a_table_without_the_column(run, corpus, tmp_path, spoil, told):
    """Whoever asks for what is not there has to say what is, bad ones skipped or not."""
    spoil(corpus)
    for more in ((), ("--skip-bad",)):
        code, out, err = run(*ASK, "--corpus", corpus, "--output", tmp_path / "o", *more)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert err.startswith(f"evalkit: {corpus}/b.parquet: ")
        assert told in err
    (corpus / "a.jsonl").unlink()
    if spoil is no_column:
        assert run(*ASK, "--corpus", corpus, "--output", tmp_path / "o", "--column", "content")[0] == 0


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet", "a.txt"])
def test_an_empty_corpus_is_read(run, tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    code, out, err = run(*ASK, "--corpus", tmp_path / name, "--output", tmp_path / "o", "--spans")
    assert code == 0, err
    assert "Corpus: " in out
    told = json.loads((tmp_path / "o" / "manifest.json").read_text())
    assert [task["dirty"] for task in told["tasks"]] == [0]
    assert pq.read_table(tmp_path / "o" / "spans.parquet").num_rows == 0


def test_a_corpus_that_is_not_there(run, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.csv").write_text("text\nsome\n")
    for named, told in (
        ("nowhere", "nothing matches. Name files, folders, or quoted patterns"),
        ("empty", "no files to read there. Known endings: .jsonl"),
        ("a.csv", "unknown form of file. Known endings: .jsonl"),
        ("*.jsonl", "nothing matches"),
    ):
        code, out, err = run(*ASK, "--corpus", tmp_path / named, "--output", tmp_path / "o")
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert err.startswith(f"evalkit: {tmp_path / named}: ")
        assert told in err
    assert not (tmp_path / "o").exists()


def test_an_output_that_cannot_be_written(run, corpus, tmp_path):
    (tmp_path / "o").write_text("a file")
    code, out, err = run(*ASK, "--corpus", corpus, "--output", tmp_path / "o")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "cannot be written" in err
