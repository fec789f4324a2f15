"""`evalkit import`: results of another tool as run folders."""

from pathlib import Path

import click

from evalkit.cli.options import flag

_FEW = 10  # of what was left out, as many are named


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@flag(
    "--format",
    "kind",
    variable="EVALKIT_IMPORT_FORMAT",
    type=click.Choice(["lm-eval"]),
    help="lm-eval: results JSON of lm-evaluation-harness 0.3 or 0.4. Default: what the file is found to be.",
)
@flag("--output", metavar="DIR", required=True, type=click.Path(path_type=Path), help="Folder for the run.")
@flag("--overwrite", is_flag=True, help="Replace the run that is there.")
def command(files: tuple[Path, ...], kind: str | None, output: Path, overwrite: bool) -> None:
    """Make a run folder of results of lm-evaluation-harness: files, or folders that hold results*.json.

    Files of one model become one run; those of several models one run each, below --output. The numbers keep a
    signature of their own (lm_eval:...), and there are no samples.

    \b
    evalkit import results_2026-01-21T03-44-18.json --output runs/old
    evalkit report runs/old
    """
    from evalkit.interchange.importing import import_files  # pyarrow: loaded only when a run is written
    from evalkit.runs.manifest import command_line

    words = ["evalkit", "import", *map(str, files), "--output", str(output), *(["--overwrite"] if overwrite else [])]
    for one in import_files(files, output, overwrite, command_line(words)):
        for name, reason in list(one.skipped.items())[:_FEW]:
            click.echo(f"left out: {name}: {reason}", err=True)
        if len(one.skipped) > _FEW:
            click.echo(f"left out: {len(one.skipped) - _FEW} more", err=True)
        click.echo(f"run: {one.path} ({one.model}, {one.numbers} numbers)")
