"""How the pages call models, columns and runs."""

from collections.abc import Sequence

from evalkit.leaderboard.board import Column
from evalkit.leaderboard.gather import Run
from evalkit.report.summary import measured_by, shots_text

_LONGEST = 120  # characters of a name that are shown
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def clip(text: str) -> str:
    """A text, cut where it is too long to be shown."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def size(parameters: int) -> str:
    """Parameters as one says them: `1.3M`; empty where they are not known."""
    for worth, unit in _UNITS:
        if parameters >= worth:
            return f"{parameters / worth:.3g}{unit}"
    return str(parameters) if parameters > 0 else ""


def suite(column: Column) -> str:
    """The suite that a column's task is of; an average is of the suite that it is named after."""
    return column.key.task.partition("/")[0]


def task(column: Column, label: str = "") -> str:
    """The task, or a shorter label of it, with the group of subsets where the number is of one."""
    name = label or column.key.task
    return clip(f"{name} ({column.key.subset})" if column.key.subset else name)


def setting(column: Column, has_seeds: bool) -> str:
    """How the task was asked: prompt, shots, and the seed where there are several."""
    key = column.key
    return clip(f"{key.prompt}, {shots_text(key.shots)}{f', seed {key.seed}' if has_seeds else ''}")


def measure(column: Column) -> str:
    """The metric, and by which scorer."""
    return clip(measured_by(column.key.metric, column.key.scorer))


def has_seeds(columns: Sequence[Column]) -> bool:
    """Whether the seed has to be told."""
    return len({column.key.seed for column in columns}) > 1


def ranks(best: float, worst: float) -> str:
    """A rank, or the range of ranks that are left open."""
    low, high = (f"{rank:.1f}".removesuffix(".0") for rank in (best, worst))
    return low if low == high else f"{low}–{high}"


def day(run: Run) -> str:
    """The day on which a run was started."""
    return run.entry.started[:10]


def version(run: Run) -> str:
    """A model's version, cut as commits are."""
    return clip(run.entry.version[:12]) or "not known"


def at(value: float) -> float:
    """Where on a bar from 0 to 1 a value stands, in percent of it."""
    return round(100 * min(1.0, max(0.0, value)), 1)
