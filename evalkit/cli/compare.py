"""`evalkit compare`: runs against the first of them, item by item."""

from pathlib import Path

import click

from evalkit.cli.options import flag

FORMATS = ("console", "markdown", "json")


@click.command("compare")
@click.argument("runs", nargs=-1, required=True, metavar="A B [C ...]", type=click.Path(path_type=Path))
@flag("--output", metavar="DIR", type=click.Path(path_type=Path), help="Write compare.html, .json and .md there too.")
@flag(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="console",
    show_default=True,
    help="What goes to standard output: a table, Markdown for a pull request, or all of it as JSON.",
)
@flag(
    "--flips",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="List so many items each way of every number whose difference is sure; JSON and the page have them all.",
)
def command(runs: tuple[Path, ...], output: Path | None, form: str, flips: int) -> None:
    """Compare run folders with the first of them, item by item.

    What differs besides the model is said first. Each difference has its interval, its p-value (adjusted over the
    tasks), the smallest difference that so many items would have shown, and the items that flipped.

    \b
    evalkit compare runs/before runs/after
    evalkit compare runs/gpt2 runs/medium runs/large --output compared/
    evalkit compare runs/before runs/after --format markdown >> $GITHUB_STEP_SUMMARY
    """
    from evalkit.comparison.compare import compare  # numpy, scipy and pyarrow: loaded only when runs are compared
    from evalkit.comparison.markdown import markdown
    from evalkit.comparison.page import json_text, write

    comparison = compare(*runs)
    page = write(comparison, output, flips) if output is not None else None
    if form == "console":
        from evalkit.cli.comparison import show_comparison

        show_comparison(comparison, flips)
    else:
        click.echo(json_text(comparison) if form == "json" else markdown(comparison, flips), nl=False)
    if page is not None:
        click.echo(f"comparison: {page}", err=form != "console")
