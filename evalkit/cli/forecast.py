"""What `evalkit run --dry-run` shows."""

from evalkit.cli.console import duration, say, show, stdout
from evalkit.evaluation.forecast import Forecast
from evalkit.report.contamination import size
from evalkit.report.grid import Column, Grid, cell
from evalkit.schema import Estimate

_COLUMNS = (
    Column("task", is_label=True, least=12),
    Column("prompt", is_label=True, least=8),
    Column("shots", is_label=True, is_number=True, heading="{} shots"),
    Column("seed", is_label=True, is_number=True, heading="seed {}"),
    *(
        Column(name, is_number=True)
        for name in ("requests", "answered", "tokens", "to read", "shared", "time", "memory")
    ),
)


def show_forecast(told: Forecast) -> None:
    """What a run would take, setting by setting."""
    console = stdout()
    rows = [
        (setting.task, setting.prompt, str(setting.shots), str(setting.seed), *_cells(estimate))
        for setting, estimate in told.each.items()
    ]
    rows.append(("together", "", "", "", *_cells(told.together)))
    show(console, [Grid(_COLUMNS, tuple(tuple(map(cell, row)) for row in rows), frozenset({len(rows) - 1}))])
    say(
        console,
        "Nothing was scored. `answered` are requests whose answers are kept; `to read` are the tokens of the others "
        "after sharing, each setting by itself; `together` shares between the settings of a task too.",
        style="dim",
    )
    for task, reason in told.skipped.items():
        say(console, f"- {task} would be left out: {reason}", style="yellow")


def _cells(estimate: Estimate) -> list[str]:
    work = estimate.work
    shared = f"{100 * (1 - work.read / work.computed):.0f} %" if work.computed else "-"
    numbers = [f"{count:,}" for count in (work.requests, work.kept, work.tokens, work.read)]
    return [*numbers, shared, duration(work.seconds), size(estimate.bytes)]
