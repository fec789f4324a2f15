"""What a user sees: a terminal of 80 columns (a real pseudo-terminal), a pipe, and standard error while it goes on."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.report.plain import width

RUN = ("run", "--model", "demo", "--data-dir", "samples", "--device", "cpu", "--overwrite")
WIDE = (*RUN, "--tasks", "superglue/cb,superglue/rte", "--shots", "0,1,2", "--seeds", "0,1", "--prompts", "all")
WIDE = (*WIDE, "--limit", "6")
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PLAIN = {"NO_COLOR", "COLUMNS", "LINES", "TERM", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}

Terminal = Callable[..., tuple[int, str]]


def environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in PLAIN}
    return {**kept, "TERM": "xterm-256color", **variables}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A command in a pseudo-terminal; interrupted as soon as it has said something, if asked for."""

    def command(*words: object, columns: int = 80, interrupt: str = "", **variables: str) -> tuple[int, str]:
        mine, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        done = subprocess.Popen(
            [sys.executable, "-m", "evalkit", *map(str, words)],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment(variables),
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        said = b""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if select.select([mine], [], [], 0.2)[0]:
                try:
                    part = os.read(mine, 65536)
                except OSError:  # the other end is closed
                    break
                said += part
                if interrupt and interrupt.encode() in said:
                    interrupt = ""
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(done.pid, signal.SIGINT)
        os.close(mine)
        return done.wait(timeout=10), said.decode(errors="replace").replace("\r\n", "\n")

    return command


def lines_of(said: str) -> list[str]:
    """What stands on the screen: a line that was written over stands as it was last."""
    shown = said.rpartition("\x1b[2K")[2]
    return [ESCAPE.sub("", line).rpartition("\r")[2] for line in shown.split("\n")]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal(terminal, columns):
    code, said = terminal(*WIDE, "--output", "wide", columns=columns)
    assert code == 0, said
    lines = lines_of(said)
    assert max(map(width, lines)) <= columns, max(lines, key=width)
    text = "\n".join(lines)
    assert "…" not in text
    assert re.search(r"^ *macro_f1 ", text, re.MULTILINE)
    assert "Seeds and prompts" in text
    assert "no better than always giving one answer" in text or "every answer is the same" in text
    assert "\x1b[1m" in said  # heads stand out


def test_every_live_line_fits_and_is_taken_away(terminal):
    code, said = terminal(*WIDE, "--no-cache", "--output", "live")
    assert code == 0
    frames = [ESCAPE.sub("", part) for part in said.split("\x1b[2K")[:-1]]
    assert any("requests" in frame for frame in frames)
    assert max(width(line.strip("\r")) for frame in frames for line in frame.split("\n")) <= 80
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")  # the cursor is there again
    assert not [line for line in lines_of(said) if "requests  " in line]


def test_an_interrupt_leaves_the_terminal_tidy(terminal):
    code, said = terminal(*WIDE, "--no-cache", "--output", "cut", interrupt="requests")
    assert code == 130
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")
    assert lines_of(said)[-2:] == ["evalkit: interrupted", ""]
    assert "Traceback" not in said


def test_a_dumb_terminal_gets_no_escapes(terminal):
    code, said = terminal(*RUN, "--tasks", "superglue/cb", "--limit", "4", "--output", "dumb", TERM="dumb")
    assert code == 0
    assert "\x1b" not in said
    assert "[1/1] superglue/cb" in said


def test_no_color_is_no_colour(terminal):
    code, said = terminal(*RUN, "--tasks", "superglue/cb", "--limit", "4", "--output", "grey", NO_COLOR="1")
    assert code == 0
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38)(?:;\d+)*m", said)


def test_columns_say_how_wide_it_is(terminal):
    code, said = terminal(*WIDE, "--output", "told", columns=200, COLUMNS="70")
    assert code == 0
    assert max(map(width, lines_of(said))) <= 70


def test_a_pipe_gets_whole_rows_and_no_escapes(process):
    code, out, err = process(*WIDE, "--output", "piped", COLUMNS="80")
    assert code == 0, err
    assert "\x1b" not in out + err
    assert "…" not in out
    rows = [line for line in out.splitlines() if re.search(r"\b(accuracy|macro_f1)\b  ", line)]
    table = [line for line in rows if not re.search(r"  \d+×\d+  ", line)]
    prompts, seeds = 3, 2
    assert len(table) == (2 + 1) * prompts * seeds
    assert {line.split()[0] for line in table} == {"superglue/cb", "superglue/rte"}
    (head,) = [line for line in out.splitlines() if line.startswith("task") and "2 shots" in line]
    assert head.split()[:6] == ["task", "prompt", "seed", "part", "metric", "n"]
    assert {"random", "majority"} <= set(head.split())
    assert "requests" not in out.partition("task ")[0]  # what goes on is told on standard error
    assert f"[{2 * prompts * 5}/{2 * prompts * 5}] superglue/rte" in err


def test_a_pipe_is_told_little_while_much_is_done(process):
    code, _, err = process(*WIDE, "--output", "calm")
    assert code == 0
    assert len([line for line in err.splitlines() if line.startswith("[")]) < 2 * 3 * 5
