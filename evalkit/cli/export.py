"""`evalkit export`: a run in the formats of other tools."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from evalkit.cli.options import flag, names, numbers
from evalkit.errors import InterchangeError, UsageError

SCHEMA, DOCUMENT_SCHEMA = "schema", "json-schema"
_FORMATS = (
    *("lm-eval", "hub", "model-index", "every-eval-ever", "csv", "parquet", "latex", "markdown"),
    *(SCHEMA, DOCUMENT_SCHEMA),
)


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path), required=False)
@flag(
    "--format",
    "kind",
    variable="EVALKIT_EXPORT_FORMAT",
    type=click.Choice(_FORMATS),
    required=True,
    help="lm-eval: results JSON as lm-evaluation-harness writes it. hub: .eval_results/*.yaml of a model repository. "
    "model-index: metadata of a model card. every-eval-ever: its JSON 0.3, with samples. csv, parquet: every number. "
    "latex, markdown: a table to print. schema, json-schema: the JSON Schemas of results.json and "
    "of `evalkit run --json` (need no run).",
)
@flag(
    "--output",
    variable="EVALKIT_EXPORT_OUTPUT",
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    help="Where to. Default: standard output, for text.",
)
@flag("--overwrite", variable="EVALKIT_EXPORT_OVERWRITE", is_flag=True, help="Replace files that are there.")
@flag("--shots", variable="EVALKIT_EXPORT_SHOTS", metavar="N,...", help="Only results with these numbers of shots.")
@flag("--prompts", variable="EVALKIT_EXPORT_PROMPTS", metavar="NAME,...", help="Only results of these prompts.")
@flag("--seeds", variable="EVALKIT_EXPORT_SEEDS", metavar="N,...", help="Only results of these seeds.")
@flag(
    "--organisation",
    "--organization",
    "organisation",
    metavar="NAME",
    default="unknown",
    show_default=True,
    help="Who ran it, for every-eval-ever.",
)
def command(
    run: Path | None,
    kind: str,
    output: Path | None,
    overwrite: bool,
    shots: str | None,
    prompts: str | None,
    seeds: str | None,
    organisation: str,
) -> None:
    """Write a run in the format of another tool.

    \b
    evalkit export runs/demo --format lm-eval --shots 0 > results.json
    evalkit export runs/demo --format latex
    evalkit export runs/demo --format hub --output my-model/
    """
    from evalkit.interchange.finished import Exported, Wanted, finished  # jinja2 and more: loaded only when needed
    from evalkit.interchange.formats import FORMATS, results_schema
    from evalkit.interchange.machine import schema

    if kind == SCHEMA:
        exported = Exported({"results.schema.json": results_schema()})
    elif kind == DOCUMENT_SCHEMA:
        exported = Exported({"run.schema.json": json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"})
    elif run is None:
        raise UsageError(f"--format {kind}: which run? Give its folder: evalkit export runs/demo --format {kind}")
    else:
        wanted = Wanted(
            numbers(shots) if shots else (), names(prompts) if prompts else (), numbers(seeds) if seeds else ()
        )
        exported = FORMATS[kind](finished(run, wanted), organisation)
    for line in exported.left_out:
        click.echo(f"left out: {line}", err=True)
    if output is None:
        _show(exported.files, kind)
    else:
        for path in _write(exported.files, output, overwrite):
            click.echo(path)


def _show(files: Mapping[str, str | bytes], kind: str) -> None:
    """Text to standard output: one file, or lists that make one list together."""
    texts = [text for text in files.values() if isinstance(text, str)]
    if len(texts) < len(files):
        raise UsageError(f"--format {kind} is no text alone. Give --output")
    if len(texts) > 1 and kind != "hub":
        raise UsageError(
            f"--format {kind} makes {len(texts)} files of this run: {', '.join(files)}. Give --output DIR, or choose "
            "one by --shots, --seeds and --prompts"
        )
    click.echo("".join(texts), nl=False)


def _write(files: Mapping[str, str | bytes], output: Path, overwrite: bool) -> list[Path]:
    """One file is written at `output` itself unless that is a folder; several are written below it.

    Raises:
        InterchangeError: a file is there already, or cannot be written.
    """
    is_one = len(files) == 1 and not output.is_dir() and "/" not in next(iter(files))
    places = {output if is_one else output / name: content for name, content in files.items()}
    if not is_one and output.is_file():
        raise InterchangeError(f"{output} is a file, and {len(files)} are to be written. Give a folder as --output")
    if there := [path for path in places if path.exists() and not overwrite]:
        raise InterchangeError(f"{there[0]} exists already. Choose another --output, or give --overwrite")
    for path, content in places.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            raise InterchangeError(f"{path}: cannot be written: {error.strerror}") from None
    return list(places)
