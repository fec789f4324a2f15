"""`evalkit report`: the report of a run, or one of several; and a run as Markdown or JSON."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from evalkit.cli.options import contamination as contamination_flag
from evalkit.cli.options import flag
from evalkit.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from evalkit.report.samples import Most

FORMATS = ("console", "markdown", "json")
SAMPLES = ("some", "all", "beside", "none")


@click.command("report")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@flag(
    "--output",
    metavar="FILE",
    variable="EVALKIT_REPORT_OUTPUT",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write the page. Default: report.html in the run's folder; of several runs, in this one.",
)
@flag(
    "--samples",
    variable="EVALKIT_REPORT_SAMPLES",
    type=click.Choice(SAMPLES),
    default="some",
    show_default=True,
    help="Which samples the page carries: all, where they are few; else the same examples of every setting. Or all of "
    "them, in the page or in a folder beside it; or none.",
)
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
def command(
    runs: tuple[Path, ...], output: Path | None, samples: "Most", contamination: Path | None, form: str, as_json: bool
) -> None:
    """Build the report of a run folder anew, or one page of several runs, and print its path.

    Of several runs the first is what the others are held against: what differs between their manifests, paired
    differences and flips stand on the page too.

    \b
    evalkit report runs/demo
    evalkit report runs/gpt2 runs/medium runs/large --output family.html
    evalkit report runs/demo --samples all
    evalkit report runs/demo --contamination overlaps/
    evalkit report runs/demo --format markdown >> $GITHUB_STEP_SUMMARY
    evalkit report runs/demo --json | jq '.results[] | [.task, .metric, .value]'
    """
    from evalkit.cli.console import stderr, stdout  # rich, pyarrow and matplotlib: loaded only when a report is built
    from evalkit.comparison.against import against
    from evalkit.report.build import build

    form = "json" if as_json else form
    if form != "console" and len(runs) > 1:
        raise UsageError(
            f"--format {form} is of one run, and {len(runs)} are given. `evalkit compare` tells of several"
        )
    default = Path("report.html") if len(runs) > 1 else None
    report = build(runs, contamination, output=output or default, samples=samples, differ=against)
    if contamination is not None:
        for run in runs:
            _show_contamination(run, stdout() if form == "console" else stderr())
    click.echo(f"report: {report}", err=form != "console")
    if form == "json":
        from evalkit.interchange.machine import document

        click.echo(document(runs[0]), nl=False)
    elif form == "markdown":
        click.echo(_markdown(runs[0]), nl=False)


def _show_contamination(run: Path, console: "Console") -> None:
    from evalkit.cli.contamination import show_contamination
    from evalkit.runs.folder import RunFolder

    joined = RunFolder.open(run).read_contamination()
    if joined is not None:
        show_contamination(joined, console)


def _markdown(run: Path) -> str:
    from evalkit.report.loaded import load
    from evalkit.report.markdown import summary

    (one,) = load([run])
    return summary(one)
