"""The site: runs in, pages and data out. Only what has changed since the last time is read and written.

Pages are whole in themselves: style and script stand in them, and a policy forbids everything else, requests too. Of
strangers' texts the templates escape all, and the script writes them as text alone.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from evalkit.errors import RunError
from evalkit.files import put
from evalkit.leaderboard.board import Board, make_board
from evalkit.leaderboard.cache import Memory, memory_file, recall, remember
from evalkit.leaderboard.downloads import downloads
from evalkit.leaderboard.gather import Gathered, gather
from evalkit.leaderboard.history import CAVEAT
from evalkit.leaderboard.links import link
from evalkit.leaderboard.model_page import made_of, model_page
from evalkit.leaderboard.overview import overview
from evalkit.leaderboard.sketch import HEIGHT, WIDTH
from evalkit.report.page import asset, dressed, environment
from evalkit.version import __version__

INDEX, MODELS = "index.html", "models/"
_PAGE = re.compile(r"models/[A-Za-z0-9._-]+\.html")
DATA = ("data/results.csv", "data/results.json", "data/results.parquet")
_MARK = b'<meta name="generator" content="evalkit leaderboard">'


@dataclass(frozen=True, slots=True)
class Built:
    """The first page, what was gathered for it, the board, and how many pages were written and how many left as they
    were.
    """

    index: Path
    gathered: Gathered
    board: Board
    written: int
    left: int


def build(
    words: Sequence[str],
    site: Path,
    title: str = "Leaderboard",
    tell: Callable[[int, int], None] | None = None,
) -> Built:
    """Make a site of all runs that the words name, or bring it up to date.

    Args:
        words: paths of run folders, of folders that hold them, patterns, and addresses that fsspec knows.
        site: the folder of the site. A run that is no longer named leaves it.
        title: what the site is called.
        tell: is told how many runs are read, and of how many.

    Raises:
        RunError: a word names no run, none of the runs can be read, or the site cannot be written.
    """
    _check(site)
    memory = recall(site)
    gathered = gather(words, memory.runs, tell)
    if not gathered.runs:
        told = "\n".join(f"  {path}: {reason}" for path, reason in gathered.left_out.items())
        raise RunError(f"none of these runs can be read:\n{told}")
    board = make_board(gathered.runs)
    here = os.path.realpath(site)
    links = {run.place.key: link(run.place, here) for run in gathered.runs}
    try:
        (site / "models").mkdir(parents=True, exist_ok=True)
        (site / "data").mkdir(exist_ok=True)
        written, pages = _write(site, title, board, links, memory.pages)
        if gathered.read or pages != memory.pages or gathered.kept.keys() != memory.runs.keys():
            remember(site, Memory(runs=gathered.kept, pages=pages))
    except OSError as error:
        raise RunError(f"{site}: cannot be written: {error.strerror}") from None
    return Built(site / INDEX, gathered, board, written, len(board.models) - written)


def _check(site: Path) -> None:
    """See that nothing of the user's is written over."""
    if not site.exists() or memory_file(site).is_file():
        return
    if not site.is_dir():
        raise RunError(f"{site}: is a file. Choose another --output")
    if any(site.iterdir()) and not _is_ours(site / INDEX):
        raise RunError(f"{site}: holds something that is no leaderboard. Choose another --output, or an empty folder")


def _is_ours(index: Path) -> bool:
    try:
        with index.open("rb") as file:
            return _MARK in file.read(4096)
    except OSError:
        return False


def _write(
    site: Path, title: str, board: Board, links: Mapping[str, str], known: Mapping[str, str]
) -> tuple[int, dict[str, str]]:
    """Write what is not there as it should be; how many model pages that were, and the digests of all that there is."""
    pages = _Pages(title)
    digests: dict[str, str] = {}
    written = 0
    for model in board.models:
        name = f"{MODELS}{model.slug}.html"
        digests[name] = pages.digest(made_of(model, board.columns, links))
        if known.get(name) != digests[name] or not (site / name).is_file():
            _replace(site / name, pages.render("model", model_page(model, board.columns, links)))
            written += 1
    for name in known:
        if name not in digests and _PAGE.fullmatch(name):  # the memory is a file, and may have been tampered with
            (site / name).unlink(missing_ok=True)
    digests[INDEX] = pages.digest(digests)
    if known.get(INDEX) != digests[INDEX] or not all((site / name).is_file() for name in (INDEX, *DATA)):
        for name, data in downloads(board, links).items():
            _replace(site / "data" / name, data)
        _replace(site / INDEX, pages.render("index", overview(board, links)))
    return written, digests


def _replace(path: Path, content: bytes) -> None:
    """Put a file in its place, whole; one that holds the same is left as it is."""
    if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return
    put(path, content, RunError)


class _Pages:
    """Renders pages, all with the same style and script."""

    def __init__(self, title: str) -> None:
        style = asset("report.css", "leaderboard/leaderboard.css")
        script = asset("leaderboard/leaderboard.js")
        templates = asset(*(f"leaderboard/{name}.html.jinja" for name in ("page", "model", "index")))
        self._environment = environment()
        self._shared = {
            **dressed(style, script),
            "title": title,
            "evalkit": __version__,
            "caveat": CAVEAT,
            "canvas": (WIDTH, HEIGHT),
        }
        self._salt = sha256(msgspec.json.encode([templates, style, script, title, __version__])).digest()

    def digest(self, made_of: Any) -> str:
        """What differs when a page would that is made of this."""
        return sha256(self._salt + msgspec.json.encode(made_of)).hexdigest()[:32]

    def render(self, name: str, content: Mapping[str, Any]) -> bytes:
        """The page."""
        template = self._environment.get_template(f"leaderboard/{name}.html.jinja")
        return template.render({**self._shared, **content}).encode()
