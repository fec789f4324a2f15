"""What a run shows while it goes on: live bars on a terminal, a line now and then elsewhere; all on standard error."""

import logging
import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, Task, TaskID
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from evalkit.cli.console import duration, say
from evalkit.evaluation.measure import Measured
from evalkit.report.plain import one_line, shortened
from evalkit.report.summary import measured_by, number, shots_text

_CALM = 2.0  # seconds between two lines of finished settings, where there is no terminal
_LONG = 30.0  # seconds without a line, after which one tells how far a task is
_NARROW, _WIDE = 70, 100  # places of a terminal: below the first no speed is told, from the second on the time so far
_OPENING = "loading the model and the data"


class _What(ProgressColumn):
    """What is being done, in at most two fifths of the terminal: of a long name the end."""

    def __init__(self, console: Console) -> None:
        super().__init__(Column(no_wrap=True))
        self._shown = console

    def render(self, task: Task) -> Text:
        room = self._shown.width * 2 // 5 if task.total is not None else self._shown.width - 8
        return Text(shortened(task.description, room))


class _Count(ProgressColumn):
    """How many are done, of how many."""

    def __init__(self) -> None:
        super().__init__(Column(no_wrap=True, justify="right"))

    def render(self, task: Task) -> Text:
        return Text(f"{task.completed:,.0f}/{task.total:,.0f}" if task.total is not None else "", style="green")


class _Speed(ProgressColumn):
    """Tokens per second since the first batch."""

    def __init__(self) -> None:
        super().__init__(Column(no_wrap=True))

    def render(self, task: Task) -> Text:
        tokens, seconds = task.fields.get("tokens", 0), task.elapsed or 0
        return Text(_speed(tokens / seconds) if tokens and seconds else "", style="magenta")


class _Left(ProgressColumn):
    """The time that is left, where it can be told, and before it the time so far where there is room."""

    max_refresh = 0.5

    def __init__(self, console: Console) -> None:
        super().__init__(Column(no_wrap=True, justify="right"))
        self._shown = console

    def render(self, task: Task) -> Text:
        so_far = f"{_clock(task.elapsed)}, " if self._shown.width >= _WIDE and task.elapsed is not None else ""
        if not task.fields.get("is_timed") or task.time_remaining is None:
            return Text("")
        return Text(f"{so_far}{_clock(task.time_remaining)} left", style="cyan")


class _Said(logging.Handler):
    """Shows what evalkit says on the way, above the bars."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._shown = console

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        say(self._shown, f"evalkit: {record.getMessage()}", style="yellow")


class Progress:
    """Listens to a walk: live bars on a terminal; elsewhere (a file, a dumb terminal) a line when settings are done, at
    a calm pace, and while one takes long.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._bars = Bars(
            *(SpinnerColumn(), _What(self._console), BarColumn(bar_width=None), _Count()),
            *((_Speed(),) if self._console.width >= _NARROW else ()),
            _Left(self._console),
            console=self._console,
            transient=True,
            disable=not self._console.is_interactive,
        )
        self._handler = _Said(self._console)
        self._opening: TaskID | None = None
        self._settings: TaskID | None = None
        self._requests: TaskID | None = None
        self._scorers: dict[str, TaskID] = {}
        self._judging: dict[str, int] = {}  # texts left of the task that is judged
        self._tokens = 0
        self._done = 0
        self._total = 0
        self._doing = ""
        self._said = 0.0  # when the last line was

    def __enter__(self) -> "Progress":
        self._bars.start()
        self._opening = self._bars.add_task(_OPENING, total=None)
        logging.getLogger("evalkit").addHandler(self._handler)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("evalkit").removeHandler(self._handler)
        self._bars.stop()

    def start(self, settings: int, requests: int) -> None:
        """See `Listener.start`."""
        self._total = settings
        if self._opening is not None:
            self._bars.remove_task(self._opening)
        self._settings = self._bars.add_task("tasks and shots", total=settings)
        self._requests = self._bars.add_task("requests", total=requests, tokens=0, is_timed=True)

    def enter(self, task: str, prompt: str) -> None:
        """See `Listener.enter`."""
        assert self._settings is not None
        self._doing = one_line(f"{task}, {prompt}")
        self._bars.update(self._settings, description=self._doing)

    def advance(self, requests: int, tokens: int) -> None:
        """See `Listener.advance`."""
        assert self._requests is not None
        self._tokens += tokens
        known = self._bars.tasks[self._bars.task_ids.index(self._requests)]
        done = known.completed + requests
        total = max(done, known.total or 0)  # they were counted before shots were drawn and texts written
        self._bars.update(self._requests, completed=done, total=total, tokens=self._tokens)
        if self._is_quiet(_LONG):
            left = f", about {duration(known.time_remaining)} left" if known.time_remaining else ""
            self._say(f"{self._doing}: {done:,.0f} of {total:,.0f} requests{left}")

    def mark(self, scorer: str, texts: int, total: int) -> None:
        """See `Listener.mark`."""
        left = self._judging.get(scorer, 0)
        if left <= 0:  # the texts of a task begin
            left = total
            if scorer in self._scorers:
                self._bars.reset(self._scorers[scorer], total=total)
            else:
                self._scorers[scorer] = self._bars.add_task(f"texts by {scorer}", total=total, is_timed=True)
        self._judging[scorer] = left - texts
        self._bars.advance(self._scorers[scorer], texts)
        if self._is_quiet(_LONG):
            self._say(f"{self._doing}: {total - left + texts:,} of {total:,} texts judged by {scorer}")

    def leave(self, measured: Measured) -> None:
        """See `Listener.leave`."""
        assert self._settings is not None
        self._bars.advance(self._settings)
        self._done += 1
        if self._is_quiet(_CALM) or (self._done == self._total and not self._console.is_interactive):
            setting = measured.setting
            scores = ", ".join(
                f"{measured_by(result.metric, result.scorer)} {number(result.metric, result.value)}"
                for result in measured.results
                if not result.subset
            )
            self._say(f"{setting.task} ({setting.prompt}, {shots_text(setting.shots)}, seed {setting.seed}): {scores}")

    def _is_quiet(self, seconds: float) -> bool:
        """Whether lines are shown, and there has been none for so long."""
        return not self._console.is_interactive and time.monotonic() - self._said >= seconds

    def _say(self, words: str) -> None:
        self._said = time.monotonic()
        self._console.print(Text(f"[{self._done}/{self._total}] {one_line(words)}"), soft_wrap=True)


def _speed(tokens: float) -> str:
    return f"{tokens / 1000:,.0f}k tokens/s" if tokens >= 10_000 else f"{tokens:,.0f} tokens/s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
