"""A scan that is killed, interrupted, or loses a worker: it says so, leaves no process behind, and goes on later."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from evalkit.contamination.corpus import Reading
from tests.contamination import planted
from tests.contamination.planted import RESULTS, TASKS, results, scan, units

FILES = 40


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of many files, which takes a while."""
    folder = tmp_path_factory.mktemp("large") / "books"
    folder.mkdir()
    content = planted.lines(planted.documents(0, 300, 300))
    for number in range(FILES):
        (folder / f"{number:02d}.jsonl").write_bytes(2 * content + planted.lines(planted.documents(number, 3)))
    return folder


@contextmanager
def begun(corpus: Path, output: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A scan in a process of its own, by two others; it is over when we are."""
    asked = ["--tasks", ",".join(TASKS), "--data-dir", "samples", "--corpus", str(corpus), "--output", str(output)]
    with subprocess.Popen(
        [sys.executable, "-m", "evalkit", "decontaminate", *asked, "--spans", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "TMPDIR": str(output.parent)},  # what is killed leaves its copy of the index there
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background job ignores it
    ) as scanning:
        try:
            yield scanning
        finally:
            scanning.kill()


def wait_for(scanning: "subprocess.Popen[bytes]", output: Path, count: int) -> list[psutil.Process]:
    """Wait until so many units are done; the processes that there are then."""
    while len(units(output)) < count:
        assert scanning.poll() is None, scanning.communicate()[0].decode()
        time.sleep(0.002)
    process = psutil.Process(scanning.pid)
    return [process, *process.children(recursive=True)]


def test_a_killed_scan_goes_on_where_it_stood(large: Path, tmp_path: Path) -> None:
    scan(large, tmp_path / "unbroken", reading=Reading())
    chance = random.Random(5)
    before: dict[str, tuple[int, int]] = {}
    for least in (1, 15):
        count = least + chance.randint(0, 9)
        with begun(large, tmp_path / "o") as scanning:
            several = wait_for(scanning, tmp_path / "o", count)
            scanning.kill()
            assert len(several) > 2
            assert psutil.wait_procs(several, 10)[1] == []
        now = units(tmp_path / "o")
        assert count <= len(now) < FILES
        assert before.items() <= now.items()
        before = now
    with begun(large, tmp_path / "o") as last:
        said = last.communicate(timeout=60)[0].decode()
    assert last.returncode == 0, said
    assert "are done already" in said
    assert before.items() <= units(tmp_path / "o").items()
    assert results(tmp_path / "o") == results(tmp_path / "unbroken")
    assert set(results(tmp_path / "o")) == set(RESULTS)


def test_an_interrupt_ends_a_scan_at_once(large: Path, tmp_path: Path) -> None:
    with begun(large, tmp_path / "o") as scanning:
        several = wait_for(scanning, tmp_path / "o", 2)
        scanning.send_signal(signal.SIGINT)
        said = scanning.communicate(timeout=20)[0].decode()
        assert psutil.wait_procs(several, 10)[1] == []
    assert scanning.returncode == 130
    assert said.splitlines()[-1] == "evalkit: interrupted"
    assert "Traceback" not in said


def test_a_worker_that_dies_is_told(large: Path, tmp_path: Path) -> None:
    with begun(large, tmp_path / "o") as scanning:
        several = wait_for(scanning, tmp_path / "o", 2)
        next(one for one in several if "spawn_main" in " ".join(one.cmdline())).kill()
        said = scanning.communicate(timeout=20)[0].decode()
        assert psutil.wait_procs(several, 10)[1] == []
    assert scanning.returncode == 1, said
    assert said.startswith("evalkit: a worker process died, perhaps for want of memory (fewer --workers need less).")
    assert f"{len(units(tmp_path / 'o'))} of {FILES} pieces of the corpus are done and kept" in said
    assert "Traceback" not in said
