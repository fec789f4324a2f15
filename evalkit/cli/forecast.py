"""What `evalkit run --dry-run` shows."""

from rich import box
from rich.table import Table
from rich.text import Text

from evalkit.cli.console import duration, size, stdout
from evalkit.evaluation.forecast import Forecast
from evalkit.report.summary import shots_text
from evalkit.schema import Estimate


def show_forecast(told: Forecast) -> None:
    """What a run would take, setting by setting."""
    console = stdout()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("task", "prompt", "shots", "seed"):
        table.add_column(name, no_wrap=True)
    for name in ("requests", "answered", "tokens", "to read", "shared", "time", "memory"):
        table.add_column(name, justify="right", no_wrap=True)
    for setting, estimate in told.each.items():
        table.add_row(setting.task, setting.prompt, shots_text(setting.shots), str(setting.seed), *_cells(estimate))
    table.add_row("together", "", "", "", *_cells(told.together), style="bold")
    console.print(table)
    console.print(
        "Nothing was scored. `answered` are requests whose answers are kept; `to read` are the tokens of the others "
        "after sharing, each setting by itself; `together` shares between the settings of a task too.",
        style="dim",
    )
    for task, reason in told.skipped.items():
        console.print(Text(f"- {task} would be left out: {reason}", style="yellow"))


def _cells(estimate: Estimate) -> list[str]:
    work = estimate.work
    shared = f"{100 * (1 - work.read / work.computed):.0f} %" if work.computed else "-"
    numbers = [f"{count:,}" for count in (work.requests, work.kept, work.tokens, work.read)]
    return [*numbers, shared, duration(work.seconds), size(estimate.bytes)]
