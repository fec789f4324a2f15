"""`evalkit report`: build a run's report anew."""

from pathlib import Path

import click

from evalkit.cli.options import contamination as contamination_flag


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@contamination_flag
def command(run: Path, contamination: Path | None) -> None:
    """Build the report of a run folder anew, and print its path.

    \b
    evalkit report runs/demo
    evalkit report runs/demo --contamination overlaps/
    """
    from evalkit.cli.contamination import show_contamination
    from evalkit.report.build import build  # pyarrow and matplotlib: loaded only when a report is built
    from evalkit.runs.folder import RunFolder

    report = build(run, contamination)
    if contamination is not None and (joined := RunFolder.open(run).read_contamination()) is not None:
        show_contamination(joined)
    click.echo(f"report: {report}")
