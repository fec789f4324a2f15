"""`evalkit report`: build a run's report anew."""

from pathlib import Path

import click


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> None:
    """Build the report of a run folder anew, and print its path.

    \b
    evalkit report runs/demo
    """
    from evalkit.report.build import build  # pyarrow and matplotlib: loaded only when a report is built

    click.echo(f"report: {build(run)}")
