"""What a run shows on a terminal: progress while it goes on (to stderr), the table of scores when it is done."""

from collections.abc import Mapping, Sequence
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Column, Table
from rich.text import Text

from evalkit.evaluation.evaluate import Results
from evalkit.evaluation.measure import Measured
from evalkit.report.summary import Line, interval, lines, notes, percent, short_names, shots_text
from evalkit.schema import Setting

_PIPED_WIDTH = 200  # of the table, where no terminal says how wide it is


class _Speed(ProgressColumn):
    """Tokens per second since the first batch."""

    def render(self, task: Task) -> Text:
        tokens, seconds = task.fields.get("tokens", 0), task.elapsed or 0
        return Text(f"{tokens / seconds:,.0f} tokens/s" if tokens and seconds else "", style="magenta")


class Progress:
    """Listens to a walk: live bars on a terminal, one line per finished setting elsewhere."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            _Speed(table_column=Column(no_wrap=True)),
            TimeElapsedColumn(),
            TextColumn("left", style="dim"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._settings: TaskID | None = None
        self._requests: TaskID | None = None
        self._tokens = 0
        self._done = 0
        self._total = 0

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def start(self, settings: int, requests: int) -> None:
        """See `Listener.start`."""
        self._total = settings
        self._settings = self._bars.add_task("tasks x shots", total=settings)
        self._requests = self._bars.add_task("requests", total=requests, tokens=0)

    def enter(self, setting: Setting) -> None:
        """See `Listener.enter`."""
        assert self._settings is not None
        self._bars.update(self._settings, description=f"{setting.task}, {shots_text(setting.shots)}")

    def advance(self, requests: int, tokens: int) -> None:
        """See `Listener.advance`."""
        assert self._requests is not None
        self._tokens += tokens
        self._bars.update(self._requests, advance=requests, tokens=self._tokens)

    def leave(self, measured: Measured) -> None:
        """See `Listener.leave`."""
        assert self._settings is not None
        self._bars.advance(self._settings)
        self._done += 1
        if not self._console.is_terminal:
            setting = measured.setting
            scores = ", ".join(f"{result.metric} {percent(result.value)}" for result in measured.results)
            where = f"{setting.task} ({setting.prompt}, {shots_text(setting.shots)}, seed {setting.seed})"
            self._console.print(f"[{self._done}/{self._total}] {where}: {scores}", markup=False, soft_wrap=True)


def show_results(results: Results) -> None:
    """The table of scores, with what has to be known to read it."""
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    rows, shots = lines(results.results)
    console.print(_table(rows, shots))
    console.print("Scores in percent, with 95 % intervals.", style="dim")
    for note in notes(results.results):
        console.print(Text(f"- {note}"))
    for task, reason in results.skipped.items():
        console.print(Text(f"- {task} was left out: {reason}", style="yellow"))


def _table(rows: Sequence[Line], shots: Sequence[int]) -> Table:
    several = {key: len({getattr(row, key) for row in rows}) > 1 for key in ("prompt", "seed")}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("task", no_wrap=True)
    for key, shown in several.items():
        if shown:
            table.add_column(key)
    table.add_column("metric", no_wrap=True)
    table.add_column("n", justify="right")
    for count in shots:
        table.add_column(shots_text(count), no_wrap=True)
    last, names = None, short_names(row.task for row in rows)
    for row in rows:
        same = (row.task, row.prompt, row.seed) == last
        last = (row.task, row.prompt, row.seed)
        head = [("" if same else names[row.task]), *(str(getattr(row, key)) for key, shown in several.items() if shown)]
        cells = [_cell(row.cells, count) for count in shots]
        table.add_row(*head, row.metric, f"{row.n:,}", *cells, style="bold" if row.metric == "average" else "")
    return table


def _cell(cells: Mapping[int, tuple[float, float | None, float | None]], count: int) -> Text:
    if count not in cells:
        return Text("")
    value, low, high = cells[count]
    return Text.assemble(f"{percent(value):>5} ", (interval(low, high), "dim"))
