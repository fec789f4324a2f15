"""Finished answers are kept: a run that is killed goes on where it stood, a repeated one computes nothing."""

import gc
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journal import answers, wait_for
from tests.models import tiny

TASKS = ("--tasks", "superglue/copa,superglue/cb,superglue/rte", "--shots", "0,2", "--data-dir", "samples")


def kill_when(cache: Path, count: int, *words: str) -> int:
    """Start a run, kill it when so many answers are on disk; how many there are then."""
    run = subprocess.Popen(
        [sys.executable, "-m", "evalkit", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(cache, count, run)
    run.send_signal(signal.SIGKILL)
    run.wait()
    return answers(cache)


def samples(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "samples").glob("*.parquet")}


def work(folder: Path) -> dict[str, float]:
    return dict(json.loads((folder / "manifest.json").read_text())["work"])


def test_a_killed_run_goes_on_where_it_stood(process, tmp_path, cache_dir):
    model = str(tiny.save(tmp_path / "model"))
    asked = ("run", "--model", model, *TASKS, "--batch-tokens", "64")
    code, _, err = process(*asked, "--no-cache", "--output", tmp_path / "whole")
    assert code == 0, err
    total = work(tmp_path / "whole")["requests"]
    before = 0
    for part in (0.1, 0.4, 0.8):
        kept = kill_when(cache_dir, int(part * total), *asked, "--output", str(tmp_path / f"killed{part}"))
        assert before < kept < total
        before = kept
    code, out, err = process(*asked, "--output", tmp_path / "resumed")
    assert code == 0, err
    assert f"{before:,} of them answered before" in out
    done = work(tmp_path / "resumed")
    assert done["kept"] == before
    assert 0 < done["read"] < work(tmp_path / "whole")["read"]
    assert (tmp_path / "resumed" / "results.json").read_bytes() == (tmp_path / "whole" / "results.json").read_bytes()
    assert samples(tmp_path / "resumed") == samples(tmp_path / "whole")


def test_a_repeated_run_computes_nothing_and_says_so(run, tmp_path, cache_dir):
    asked = ("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples")
    assert "all answered before" not in run(*asked, "--output", tmp_path / "first")[1]
    code, out, _ = run(*asked, "--output", tmp_path / "second")
    assert code == 0
    assert "all answered before: nothing was computed" in out
    assert work(tmp_path / "second")["read"] == 0
    assert (tmp_path / "second" / "results.json").read_bytes() == (tmp_path / "first" / "results.json").read_bytes()
    assert samples(tmp_path / "second") == samples(tmp_path / "first")
    assert "nothing was computed" in (tmp_path / "second" / "report.html").read_text()
    out = run(*asked, "--output", tmp_path / "third", "--no-cache")[1]
    assert "answered before" not in out


def test_what_changes_is_computed_anew(run, tmp_path):
    """Another dtype, other weights, another tokenizer, another prompt: none meets an old answer."""
    folder = tiny.save(tmp_path / "model")
    asked = ("run", "--model", folder, "--tasks", "superglue/copa", "--data-dir", "samples", "--overwrite")
    asked = (*asked, "--output", tmp_path / "run")

    def kept(*more: object) -> int:
        code, _, err = run(*asked, *more)
        assert code == 0, err
        return int(work(tmp_path / "run")["kept"])

    assert kept() == 0
    assert kept() > 0
    assert kept("--dtype", "bfloat16") == 0
    library = tmp_path / "library" / "prompts" / "superglue" / "copa"
    library.mkdir(parents=True)
    (library / "gpt3.jinja").write_text("{{ premise }} And then:{% completion %} {{ choice }}\n")
    assert kept("--library", tmp_path / "library") == 0
    tokenizer = folder / "tokenizer_config.json"
    tokenizer.write_text(tokenizer.read_text().replace("{", '{"unheard_of": 1,', 1))
    assert kept() == 0
    tiny.model("gpt2", len(tiny.byte_level()), n_layer=1).save_pretrained(folder)
    assert kept() == 0
    assert kept() > 0


def test_info_and_clear(run, tmp_path, cache_dir):
    assert "there are none yet" in run("cache", "info")[1]
    run("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples", "--output", tmp_path / "run")
    code, out, _ = run("cache", "info")
    assert code == 0
    assert str(cache_dir) in out.replace("\n", "")
    assert "evalkit-demo@" in out
    assert "56" in out
    code, _, err = run("cache", "clear", "--model", "gpt2")
    assert code == 1
    assert "no answers of 'gpt2' are kept; there is evalkit-demo@" in err
    name = next(word for word in out.split() if word.startswith("evalkit-demo@"))
    code, out, _ = run("cache", "clear")
    assert code == 0
    assert "MB freed" in out
    assert name not in run("cache", "info")[1]
    assert not list(cache_dir.rglob("*.sqlite*"))


def test_a_cache_that_cannot_be_written_is_said_and_changes_nothing(run, tmp_path, monkeypatch):
    asked = ("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples")
    run(*asked, "--output", tmp_path / "with")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EVALKIT_CACHE_DIR", str(tmp_path / "file" / "below"))
    code, _, err = run(*asked, "--output", tmp_path / "without")
    assert code == 0
    assert err.count("cannot be written") == 1
    assert "EVALKIT_CACHE_DIR" in err
    assert (tmp_path / "with" / "results.json").read_bytes() == (tmp_path / "without" / "results.json").read_bytes()


def test_a_damaged_cache_is_said_and_changes_nothing(run, tmp_path, cache_dir):
    asked = ("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples")
    run(*asked, "--output", tmp_path / "first")
    gc.collect()  # a connection that is still open here would go on reading the log that it has open
    (path,) = cache_dir.glob("responses/*.sqlite")
    for wal in cache_dir.glob("responses/*.sqlite-*"):
        wal.unlink()
    path.write_bytes(os.urandom(len(path.read_bytes())))
    code, out, err = run(*asked, "--output", tmp_path / "second")
    assert code == 0
    assert "is damaged" in err
    assert "answered before" not in out
    assert (tmp_path / "first" / "results.json").read_bytes() == (tmp_path / "second" / "results.json").read_bytes()
    assert "all answered before" in run(*asked, "--output", tmp_path / "third")[1]


def test_the_cache_goes_by_its_variable_too(run, tmp_path, cache_dir, monkeypatch):
    monkeypatch.setenv("EVALKIT_CACHE", "false")
    run("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples", "--output", tmp_path / "run")
    assert not list(cache_dir.rglob("*.sqlite"))


@pytest.mark.parametrize("mode", ["fixed", "random"])
def test_a_dry_run_tells_what_is_then_done(run, tmp_path, mode):
    asked = ("run", "--model", "demo", "--tasks", "superglue/copa", "--shots", "0,4", "--data-dir", "samples")
    asked = (*asked, "--shot-mode", mode, "--output", tmp_path / "run")
    code, out, _ = run(*asked, "--dry-run")
    assert code == 0
    assert not (tmp_path / "run").exists()
    together = next(line for line in out.splitlines() if line.startswith("together"))
    run(*asked)
    done = work(tmp_path / "run")
    numbers = [int(word.replace(",", "")) for word in together.split() if word.replace(",", "").isdigit()]
    assert numbers[:4] == [done["requests"], 0, done["tokens"], done["read"]]
    later = next(line for line in run(*asked, "--dry-run")[1].splitlines() if line.startswith("together"))
    assert later.split()[1:3] == [f"{done['requests']:,}"] * 2
