"""`evalkit plot`: one figure of runs, for a paper."""

import sys
from pathlib import Path

import click

from evalkit.cli.options import flag, names
from evalkit.errors import RunError, UsageError

_FIGURES = ("shots", "parameters", "spread", "reliability", "parts", "contamination")
_FORMATS = ("svg", "pdf", "png")


@click.command("plot")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@flag(
    "--figure",
    variable="EVALKIT_PLOT_FIGURE",
    type=click.Choice(_FIGURES),
    default="shots",
    show_default=True,
    help="shots: score against the number of shots, a line per run. parameters: score against the size of models, of "
    "runs of a family. spread: what prompts and seeds do. reliability: accuracy against confidence. parts: numbers of "
    "a task's parts. contamination: clean examples against all.",
)
@flag(
    "--format",
    "form",
    variable="EVALKIT_PLOT_FORMAT",
    type=click.Choice(_FORMATS),
    help="Default: what the name of --output ends in, or svg.",
)
@flag(
    "--tasks",
    "wanted",
    variable="EVALKIT_PLOT_TASKS",
    metavar="NAME,...",
    help="Only these tasks, or folders of tasks. Default: all.",
)
@flag(
    "--width",
    variable="EVALKIT_PLOT_WIDTH",
    metavar="INCHES",
    type=click.FloatRange(2.5, 40),
    default=6.5,
    show_default=True,
    help="Width of the figure, of which letters of 9 points are the measure.",
)
@flag(
    "--output",
    variable="EVALKIT_PLOT_OUTPUT",
    metavar="FILE",
    help="Where to; - is standard output. Default: <figure>.<format> here.",
)
@flag("--overwrite", variable="EVALKIT_PLOT_OVERWRITE", is_flag=True, help="Replace a file that is there.")
def command(
    runs: tuple[Path, ...],
    figure: str,
    form: str | None,
    wanted: str | None,
    width: float,
    output: str | None,
    overwrite: bool,
) -> None:
    """Draw a figure of runs as SVG, PDF or PNG.

    Letters stay letters in SVG and PDF, and the same runs give the same file again.

    \b
    evalkit plot runs/demo
    evalkit plot runs/demo --figure reliability --format pdf --tasks superglue/cb,superglue/rte
    evalkit plot runs/small runs/medium runs/large --figure parameters --output scaling.pdf
    """
    form = form or _ending(output)
    path = Path(output) if output else Path(f"{figure}.{form}")
    if output != "-" and path.exists() and not overwrite:
        raise UsageError(f"{path} exists already. Choose another --output, or give --overwrite")
    from evalkit.report.drawing import on_paper  # matplotlib and more: loaded only when something is drawn
    from evalkit.report.plot import plotted

    content = on_paper(plotted(figure, runs, names(wanted) if wanted else (), width), form)
    if output == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror}") from None
    click.echo(path)


def _ending(output: str | None) -> str:
    """The format that a file's name asks for."""
    ending = Path(output).suffix.lstrip(".").lower() if output else ""
    return ending if ending in _FORMATS else "svg"
