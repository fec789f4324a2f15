"""`evalkit leaderboard`: a static site from any number of runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from evalkit.cli.options import flag

_NAMED = 20  # runs left out that are named


@click.command("leaderboard")
@click.argument("runs", nargs=-1, required=True)
@flag(
    "--output",
    metavar="DIR",
    default="site",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the site. One that is there already is brought up to date: only what has changed is read.",
)
@flag("--title", default="Leaderboard", show_default=True, help="What the site is called.")
def command(runs: tuple[str, ...], output: Path, title: str) -> None:
    """Make a static site from RUNS: models by tasks with intervals, rank ranges and history.

    RUNS are run folders, folders that hold them, quoted patterns, or addresses. Runs that differ in their signature,
    but for the model, are in separate columns. The site opens from disk, and can be served by anything; links to
    reports are relative, so serve runs and site from one folder.

    \b
    evalkit leaderboard runs/ --output site/
    evalkit leaderboard 'runs/nightly-*' s3://bucket/runs --title "Our models"
    """
    from evalkit.leaderboard.site import build  # pyarrow: loaded only when a site is built

    with _bar() as tell:
        built = build(runs, output, title, tell)
    gathered, board = built.gathered, built.board
    click.echo(
        f"{_count(len(gathered.runs), 'run')}: {gathered.read:,} read, {gathered.reused:,} known from before, "
        f"{len(gathered.left_out):,} left out; {_count(len(board.models), 'model')}, "
        f"{_count(len(board.columns), 'column')}; {_count(built.written, 'model page')} written, "
        f"{built.left:,} as they were"
    )
    for path, reason in list(gathered.left_out.items())[:_NAMED]:
        click.echo(f"- {path} was left out: {reason}")
    if len(gathered.left_out) > _NAMED:
        click.echo(f"- and {len(gathered.left_out) - _NAMED:,} more")
    for note in gathered.notes[:_NAMED]:
        click.echo(f"- {note}")
    click.echo(f"leaderboard: {built.index}")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal while runs are read; nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("runs", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
