"""`evalkit decontaminate` as a user meets it: what it shows, how it leaves, and what it refuses."""

import json
import re
import shutil
from pathlib import Path

import pytest

from evalkit.cli.overlaps import Scanning
from evalkit.data.source import Source
from tests.contamination import planted
from tests.contamination.planted import results

ASK = ("decontaminate", "--tasks", ",".join(planted.TASKS), "--data-dir", "samples", "--engine", "serial")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return planted.write(tmp_path_factory.mktemp("corpus") / "books")


def rows(out):
    """The table's rows, by task."""
    split = [line.split() for line in out.splitlines() if line.strip()]
    return {row[0]: row for row in split if row[0] in ("superglue/copa", "superglue/rte")}


def test_it_shows_what_it_found(run, corpus, tmp_path):
    code, out, err = run(*ASK, "--corpus", corpus, "--output", tmp_path / "o")
    assert (code, err) == (0, "")
    told = json.loads((tmp_path / "o" / "manifest.json").read_text())
    for task in told["tasks"]:
        row = rows(out)[task["name"]]
        share = f"{100 * task['dirty'] / 28:.1f}"
        assert row[1:5] == [str(task["n"]), "28", str(task["dirty"]), share]
    (heads,) = [line.split() for line in out.splitlines() if line.strip().startswith("task")]
    assert heads == ["task", "N", "n", "dirty", "%", "unscored", "longest", "documents", "found"]
    assert "Dirty: one n-gram is found (gpt3, Brown et al. 2020, appendix C)." in out
    assert "Corpus: 111 documents" in out
    assert "of 5 sources; read to the end." in out
    assert out.splitlines()[-2:] == [
        f"overlaps: {tmp_path / 'o'}",
        f"next: evalkit report RUN --contamination {tmp_path / 'o'}",
    ]


def test_a_process_of_its_own_does_the_same(process, run, corpus, tmp_path):
    run(*ASK, "--corpus", corpus, "--output", tmp_path / "here", "--spans")
    code, out, err = process(
        *ASK[:-2], "--workers", "2", "--corpus", corpus, "--output", "there", EVALKIT_SPANS="1", EVALKIT_N=""
    )
    assert (code, err) == (0, "")
    assert "overlaps: there" in out
    assert results(tmp_path / "there") == results(tmp_path / "here")


def test_a_task_without_data_is_left_out(run, corpus, tmp_path):
    """With exit code 5, and what there is scanned."""
    shutil.copytree(Source.open("samples").folder / "superglue" / "copa", tmp_path / "data" / "superglue" / "copa")
    code, out, _ = run(
        *ASK[:3], "--data-dir", tmp_path / "data", "--engine", "serial", "--corpus", corpus, "--output", tmp_path / "o"
    )
    assert code == 5
    assert "- superglue/rte was left out: " in out
    assert list(rows(out)) == ["superglue/copa"]


def test_shards_and_merge(run, corpus, tmp_path):
    run(*ASK, "--corpus", corpus, "--output", tmp_path / "whole")
    for shard in ("1/2", "2/2"):
        folder = tmp_path / shard[0]
        code, out, _ = run(*ASK, "--corpus", corpus, "--output", folder, "--shard", shard)
        assert code == 0
        assert "pieces of the corpus are still to be scanned" in out
        assert "not read to the end" in out
        assert re.search(r"- not read: .*: (\d of its \d pieces were|it was) not scanned yet", out)
    code, out, _ = run("decontaminate", "merge", tmp_path / "2", tmp_path / "1", "--output", tmp_path / "o")
    assert code == 0
    assert "still to be scanned" not in out
    assert results(tmp_path / "o") == results(tmp_path / "whole")
    code, out, _ = run(
        *("decontaminate", "merge", tmp_path / "o", "--output", tmp_path / "longer"),
        *("--n", "15", "--threshold", "0.5", "--max-documents", "2"),
    )
    assert code == 0
    assert "Dirty: at least 50 % of its 15-grams are found; n-grams of more than 2 documents are ignored (gpt3" in out
    assert [row[1] for row in rows(out).values()] == ["15", "15"]


def test_a_corpus_is_written_clean(run, corpus, tmp_path):
    code, out, _ = run(
        *(*ASK, "--corpus", corpus, "--output", tmp_path / "o", "--write-clean", tmp_path / "clean"),
        *("--window", "5", "--min-piece", "20"),
    )
    assert code == 0
    told = json.loads((tmp_path / "clean" / "manifest.json").read_text())
    assert (told["window"], told["min_piece"], told["max_pieces"], told["ignore_above"]) == (5, 20, 10, 10)
    assert out.splitlines()[-1].startswith(
        f"Cleaned: 111 documents: {told['whole']} as they were, {told['cut']} cut into {told['pieces']} pieces"
    )


def test_help_tells_of_every_profile(run):
    code, out, _ = run("decontaminate", "--help")
    assert code == 0
    for word in ("gpt3", "palm", "llama2", "janitor", "--shard", "--write-clean", "merge", "EVALKIT_CORPUS", "s3://"):
        assert word in out
    code, out, _ = run("decontaminate", "merge", "--help")
    assert code == 0
    assert "No corpus is read" in out


@pytest.mark.parametrize("missing", ["tasks", "corpus", "output"])
def test_flags_that_are_missing(run, corpus, tmp_path, missing):
    given = {"tasks": "superglue/copa", "corpus": str(corpus), "output": str(tmp_path / "o")}
    words = [word for name, value in given.items() if name != missing for word in (f"--{name}", value)]
    code, _, err = run("decontaminate", *words)
    assert (code, err) == (2, f"evalkit: evalkit decontaminate needs --{missing}; see evalkit decontaminate --help\n")
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--shard", "0/3"), "'0/3' is not one of 1/N to N/N"),
        (("--shard", "4/3"), "'4/3' is not one of 1/N to N/N"),
        (("--shard", "\u00b2/3"), "is not one of 1/N to N/N"),
        (("--shard", "-1/3"), "'-1/3' is not one of 1/N to N/N"),
        (("--shard", "2"), "'2' is not one of 1/N to N/N"),
        (("--n", "1"), "1 is not in the range"),
        (("--threshold", "70"), "70.0 is not in the range"),
        (("--profile", "gpt5"), "'gpt5' is not one of"),
        (("--engine", "spark"), "'spark' is not one of"),
        (("--workers", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_is_refused(run, corpus, tmp_path, words, told):
    code, _, err = run(*ASK[:-2], "--corpus", corpus, "--output", tmp_path / "o", *words)
    assert code == 2
    assert told in err
    assert not (tmp_path / "o").exists()


def test_merge_of_what_is_not_there(run, tmp_path):
    code, _, err = run("decontaminate", "merge", tmp_path / "nowhere", "--output", tmp_path / "o")
    assert code == 1
    assert err == (
        f"evalkit: {tmp_path / 'nowhere'}: no scan here (no state/plan.json). Give the --output of `evalkit "
        "decontaminate`\n"
    )
    assert run("decontaminate", "merge", "--output", tmp_path / "o")[0] == 2
    code, _, err = run("decontaminate", "merge", tmp_path / "nowhere")
    assert (code, err) == (2, "evalkit: evalkit decontaminate merge needs --output\n")


def test_unknown_tasks_are_told(run, corpus, tmp_path):
    code, _, err = run("decontaminate", "--tasks", "superglue/coba", "--corpus", corpus, "--output", tmp_path / "o")
    assert code in (1, 2)
    assert "superglue/coba" in err
    assert not (tmp_path / "o").exists()


# progress, where there is no terminal


class Clock:
    """Tells the time that a test sets."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr("evalkit.cli.overlaps.time.monotonic", lambda: self.now)


def test_a_line_now_and_then(monkeypatch, capfd):
    clock = Clock(monkeypatch)
    with Scanning() as watcher:
        watcher.begin("scanning", 10_000_000, 0)
        clock.now += 29
        watcher.read(2_000_000)
        clock.now += 1
        watcher.read(1_000_000)
        clock.now += 1
        watcher.read(1_000_000)
        clock.now += 29
        watcher.read(2_000_000)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "scanning: 3.0 MB of 10.0 MB, 100.0 kB/s, 70 s left",
        "scanning: 6.0 MB of 10.0 MB, 100.0 kB/s, 40 s left",
    ]


def test_what_is_done_already_counts_in_no_speed(monkeypatch, capfd):
    clock = Clock(monkeypatch)
    with Scanning() as watcher:
        watcher.begin("scanning", 10_000_000, 4_000_000)
        clock.now += 30
        watcher.read(3_000_000)
        watcher.begin("cleaning", 10_000_000, 0)
        clock.now += 60
        watcher.read(0)
        watcher.begin("cleaning", 0, 0)
        clock.now += 60
        watcher.read(5)
    assert capfd.readouterr().err.splitlines() == [
        "scanning: 4.0 MB of 10.0 MB are done already",
        "scanning: 7.0 MB of 10.0 MB, 100.0 kB/s, 30 s left",
        "cleaning: 0 bytes of 10.0 MB, 0 bytes/s",
        "cleaning: 5 bytes of 0 bytes, 0 bytes/s",
    ]


def test_no_word_of_a_short_scan(run, corpus, tmp_path):
    words = (*ASK, "--corpus", corpus, "--output", tmp_path / "o")
    assert run(*words)[2] == ""
    read = sum(path.stat().st_size for path in Path(corpus).iterdir() if path.suffix != ".parquet")
    assert read
    err = run(*words)[2]
    assert re.fullmatch(r"scanning: ([\d.]+ kB) of \1 are done already\n", err)
