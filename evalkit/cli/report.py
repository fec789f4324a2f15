"""`evalkit report`: build a run's report anew; and the run as Markdown or JSON."""

from pathlib import Path

import click

from evalkit.cli.options import contamination as contamination_flag
from evalkit.cli.options import flag

FORMATS = ("console", "markdown", "json")


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@contamination_flag
@flag(
    "--format",
    "form",
    variable="EVALKIT_REPORT_FORMAT",
    type=click.Choice(FORMATS),
    default="console",
    show_default=True,
    help="What goes to standard output: the report's path, Markdown for a pull request, or the run as JSON.",
)
@flag("--json", "as_json", is_flag=True, variable="EVALKIT_REPORT_JSON", help="The same as --format json.")
def command(run: Path, contamination: Path | None, form: str, as_json: bool) -> None:
    """Build the report of a run folder anew, and print its path.

    \b
    evalkit report runs/demo
    evalkit report runs/demo --contamination overlaps/
    evalkit report runs/demo --format markdown >> $GITHUB_STEP_SUMMARY
    evalkit report runs/demo --json | jq '.results[] | [.task, .metric, .value]'
    """
    from evalkit.cli.console import stderr, stdout  # rich, pyarrow and matplotlib: loaded only when a report is built
    from evalkit.cli.contamination import show_contamination
    from evalkit.report.build import build
    from evalkit.runs.folder import RunFolder

    form = "json" if as_json else form
    report = build(run, contamination)
    folder = RunFolder.open(run)
    if contamination is not None and (joined := folder.read_contamination()) is not None:
        show_contamination(joined, stdout() if form == "console" else stderr())
    click.echo(f"report: {report}", err=form != "console")
    if form == "json":
        from evalkit.interchange.machine import document

        click.echo(document(run), nl=False)
    elif form == "markdown":
        from evalkit.report.markdown import summary

        diagnoses, _ = folder.read_diagnostics()
        text = summary(folder.read_manifest(), folder.read_results(), diagnoses, folder.read_contamination())
        click.echo(text, nl=False)
