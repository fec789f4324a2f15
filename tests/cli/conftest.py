"""Runs the command line in this process, or as a user's process would."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Exit code, standard output and standard error of a command."""

    def command(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        code = left.value.code
        assert isinstance(code, int)
        return code, out, err

    return command


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """The same in a process of its own, in an empty folder, with more environment variables."""

    def command(*words: object, **variables: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "evalkit", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return command
