"""What a scan shows on a terminal: how far it is, and then what it found of each task."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from evalkit.cli.console import say, show, stdout
from evalkit.contamination.cleaned import Cleaned
from evalkit.contamination.overlaps import DIRTY, UNSCORED, Overlap
from evalkit.evaluation.decontaminate import Scanned
from evalkit.report.contamination import coverage, size
from evalkit.report.grid import Column, Grid, cell
from evalkit.report.summary import short_names

_EVERY = 30  # seconds between two lines, where there is no terminal


class _Bytes(ProgressColumn):
    """How much of the corpus is read."""

    def render(self, task: Task) -> Text:
        return Text(f"{size(task.completed)} of {size(task.total or 0)}", style="green")


class Scanning:
    """Watches a scan: a live bar on a terminal, a line now and then elsewhere (stderr)."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            _Bytes(),
            TransferSpeedColumn(),
            TextColumn("left", style="dim"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._what, self._total, self._read, self._begun, self._told = "", 0, 0, 0.0, 0.0
        self._first = 0

    def __enter__(self) -> "Scanning":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, what: str, total: int, done: int) -> None:
        """See `carry.Watcher`."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(what, total=total or None, completed=done)
        self._what, self._total, self._read, self._first = what, total, done, done
        self._begun = self._told = time.monotonic()
        if done and not self._console.is_terminal:
            self._say(f"{what}: {size(done)} of {size(total)} are done already")

    def read(self, count: int) -> None:
        """See `carry.Watcher`."""
        self._read += count
        if self._task is not None:
            self._bars.advance(self._task, count)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told >= _EVERY:
            self._told = now
            speed = (self._read - self._first) / (now - self._begun)
            left = f", {(self._total - self._read) / speed:,.0f} s left" if speed and self._total else ""
            self._say(f"{self._what}: {size(self._read)} of {size(self._total)}, {size(speed)}/s{left}")

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


_COLUMNS = (
    Column("task", is_label=True, least=12),
    *(Column(name, is_number=True) for name in ("N", "n", "dirty", "%", "unscored", "longest", "documents")),
    Column("found", least=12, keep_end=False),
)


def show_overlaps(scanned: Scanned) -> None:
    """What was found of each task, how much of the corpus was read, and where it is."""
    console, overlaps = stdout(), scanned.overlaps
    by_task: dict[str, list[Overlap]] = {str(task["name"]): [] for task in overlaps.manifest["tasks"]}
    for example in overlaps.examples.values():
        by_task[example.task].append(example)
    names = short_names(by_task)
    rows = [
        tuple(map(cell, (names[name] if console.is_terminal else name, *_cells(n, by_task[name]))))
        for name, n in ((str(task["name"]), int(task["n"])) for task in overlaps.manifest["tasks"])
    ]
    show(console, [Grid(_COLUMNS, tuple(rows))])
    manifest = overlaps.manifest
    say(console, "The longest match in words; the documents that hold the most widespread example.", style="dim")
    say(console, f"Dirty: {manifest['rule']} ({manifest['profile']}, {manifest['source']}).", style="dim")
    say(console, f"Corpus: {coverage(manifest)}")
    for one in manifest["left"]:
        say(console, f"- not read: {one['source']}: {one['reason']}", style="yellow")
    for name, reason in scanned.skipped.items():
        say(console, f"- {name} was left out: {reason}", style="yellow")
    if scanned.left:
        say(console, f"- {scanned.left:,} pieces of the corpus are still to be scanned", style="yellow")
    console.print(Text(f"overlaps: {overlaps.path}"))
    console.print(Text(f"next: evalkit report RUN --contamination {overlaps.path}", style="dim"))


def show_cleaned(cleaned: Cleaned) -> None:
    """What became of the corpus's documents."""
    gone = 100 * (1 - cleaned.bytes_left / cleaned.bytes) if cleaned.bytes else 0.0
    say(
        stdout(),
        f"Cleaned: {cleaned.documents:,} documents: {cleaned.whole:,} as they were, {cleaned.cut:,} cut into "
        f"{cleaned.pieces:,} pieces ({cleaned.dropped:,} short ones dropped), {cleaned.emptied:,} with nothing "
        f"left, {cleaned.shredded:,} dropped as cut into too many; {gone:.2g} % of {size(cleaned.bytes)} is gone.",
    )


def _cells(n: int, examples: list[Overlap]) -> list[str]:
    counts = {status: sum(one.status == status for one in examples) for status in (DIRTY, UNSCORED)}
    dirty = [one for one in examples if one.dirty]
    parts = dict.fromkeys(part for one in dirty for part in one.parts)
    found = ", ".join(f"{part} {sum(part in one.parts for one in dirty):,}" for part in parts)
    return [
        str(n),
        f"{len(examples):,}",
        f"{counts[DIRTY]:,}",
        f"{100 * counts[DIRTY] / len(examples):.1f}" if examples else "",
        f"{counts[UNSCORED]:,}" if counts[UNSCORED] else "",
        str(max((one.longest for one in examples), default=0) or ""),
        str(max((one.documents for one in examples), default=0) or ""),
        found,
    ]
