"""`evalkit decontaminate`: which examples of tasks a training corpus holds; `merge`: what several scans found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evalkit.cli import PARTIAL
from evalkit.cli.options import Specs, all_names, data_dir, flag, library, names
from evalkit.contamination.engines import ENGINES
from evalkit.contamination.profiles import PROFILES
from evalkit.errors import UsageError


class _Shard(click.ParamType[tuple[int, int]]):
    """`i/N`."""

    name = "i/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """The two numbers."""
        first, _, of = str(value).partition("/")
        if not (first.isdecimal() and of.isdecimal() and 1 <= int(first) <= int(of)):
            self.fail(f"{value!r} is not one of 1/N to N/N", param, ctx)
        return int(first), int(of)


def _rule_flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """What counts as contaminated: asked of a scan, or afterwards of what it has kept."""
    flags = [
        flag(
            "--profile",
            type=click.Choice(list(PROFILES)),
            help="A paper's definition: gpt3 (one n-gram, n by the 5th percentile of a task's lengths, 8 to 13), gpt2 "
            "(one 8-gram), palm (70 % of 8-grams), gpt4 (one of 3 substrings of 50 letters), llama2 (20 % of words, in "
            "matches of more than 10 where 4 may differ), llama3 (20 % of words, in 8-grams), janitor (lm-eval's). "
            "Default: gpt3, or that of the scan.",
        ),
        flag("--n", type=click.IntRange(2), help="Words of an n-gram. Default: what the profile says."),
        flag(
            "--threshold",
            variable="EVALKIT_CONTAMINATION_THRESHOLD",
            type=click.FloatRange(0, 1),
            help="Share from which on an example is dirty; 0: if there is any. Default: what the profile says.",
        ),
        flag(
            "--max-documents",
            type=click.IntRange(1),
            help="Ignore n-grams that more documents of the corpus hold. Default: ignore none.",
        ),
        flag(
            "--output", metavar="DIR", type=click.Path(path_type=Path), help="Folder for what is found, to be read by "
            "--contamination."
        ),
    ]  # fmt: skip
    for one in reversed(flags):
        function = one(function)
    return function


@click.group("decontaminate", invoke_without_command=True)
@flag(
    "--tasks", type=names, metavar="A,B,...", default=(), help="Tasks or folders of tasks whose examples to look for."
)
@flag(
    "--corpus",
    type=Specs(),
    metavar="WHERE,...",
    multiple=True,
    callback=all_names,
    help="Where the corpus is: files or folders of JSON Lines (.jsonl, .gz, .zst), Parquet, Arrow or text, quoted "
    "patterns, addresses (s3://, gs://, hf://, https://), or hub:OWNER/NAME. May be given more than once.",
)
@_rule_flags
@flag("--column", default="text", show_default=True, help="Column, or JSON field (meta.body), of a document's text.")
@flag("--id-column", default="id", show_default=True, help="That of a document's own id; it may be missing.")
@flag("--skip-bad", is_flag=True, help="Leave out what cannot be read, count it and say where; else stop there.")
@flag("--split", metavar="NAME", help="Split to look for. Default: what the protocol says, else the task.")
@flag("--limit", type=click.IntRange(1), help="Only the first N examples (questions, pairs) of each task.")
@flag("--protocol", metavar="NAME", help="Look for the prompts and splits of a paper's protocol.")
@data_dir
@library
@flag("--workers", type=click.IntRange(1), help="Processes. Default: one for each processor.")
@flag(
    "--engine",
    type=click.Choice(ENGINES),
    default="process",
    show_default=True,
    help="Who does the work: processes of this machine, this process alone, or a Ray cluster (RAY_ADDRESS, else one on "
    "this machine; needs Ray installed). All give the same bytes.",
)
@flag("--shard", type=_Shard(), metavar="i/N", help="Only every Nth piece of the corpus, from the ith on; see `merge`.")
@flag("--spans", is_flag=True, help="Write spans.parquet too: every span of the corpus that an example shares with it.")
@flag(
    "--write-clean",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Then write the corpus there as JSON Lines without what was found: each n-gram is cut out with --window "
    "characters around it, short pieces are dropped, and documents that would be cut into many.",
)
@flag("--window", type=click.IntRange(0), default=200, show_default=True, help="Characters cut before and after.")
@flag("--min-piece", type=click.IntRange(1), default=200, show_default=True, help="Characters of a piece that is kept.")
@flag("--max-pieces", type=click.IntRange(1), default=10, show_default=True, help="Pieces of a document that is kept.")
@flag(
    "--ignore-above",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="N-grams that more documents hold are no reason to cut.",
)
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Find which examples of tasks a training corpus holds.

    \b
    evalkit decontaminate --tasks superglue --corpus 'books/*.jsonl.zst' --output overlaps/
    evalkit decontaminate --tasks superglue,completion --corpus hf://datasets/me/corpus/data --profile palm --output o/
    evalkit decontaminate ... --shard 2/8 --output overlaps-2/       # and 1, 3 ... on other machines
    evalkit decontaminate merge overlaps-*/ --output overlaps/
    evalkit decontaminate merge overlaps/ --n 20 --output longer/    # asked again, without reading the corpus
    evalkit decontaminate ... --write-clean clean/                   # the corpus, without what was found
    evalkit report runs/demo --contamination overlaps/               # scores on clean and on dirty examples

    The corpus is read once, and every match is compared word by word. What is done is kept: the same command goes on
    where it was stopped. An example counts as clean only as far as the corpus was read.

    Leaves with 5 when some tasks had to be left out for want of their data.
    """
    if context.invoked_subcommand is not None:
        return 0
    for name in ("tasks", "corpus", "output"):
        if not given[name]:
            raise UsageError(f"evalkit decontaminate needs --{name}; see evalkit decontaminate --help")
    from evalkit.cli.overlaps import Scanning, show_cleaned, show_overlaps  # rich: loaded only when something is shown
    from evalkit.contamination.carry import Crew
    from evalkit.contamination.cleaning import Cutting
    from evalkit.contamination.corpus import Reading
    from evalkit.evaluation.decontaminate import decontaminate

    wanted = ("tasks", "corpus", "output", "n", "threshold", "max_documents", "split", "limit", "protocol", "data_dir")
    with Scanning() as watcher:
        scanned = decontaminate(
            **{key: given[key] for key in (*wanted, "library", "spans", "write_clean")},
            profile=given["profile"] or "gpt3",
            reading=Reading(column=given["column"], name=given["id_column"], skip_bad=given["skip_bad"]),
            crew=Crew(given["engine"], given["workers"], given["shard"]),
            cutting=Cutting(**{key: given[key] for key in ("window", "min_piece", "max_pieces", "ignore_above")}),
            watcher=watcher,
        )
    show_overlaps(scanned)
    if scanned.cleaned is not None:
        show_cleaned(scanned.cleaned)
    return PARTIAL if scanned.skipped else 0


@command.command("merge")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@_rule_flags
def merge(folders: tuple[Path, ...], **given: Any) -> None:
    """Put together what several scans of the same tasks found, of shards or of several corpora; or ask one again.

    \b
    evalkit decontaminate merge overlaps-1/ overlaps-2/ --output overlaps/
    evalkit decontaminate merge overlaps/ --max-documents 10 --output capped/
    evalkit decontaminate merge overlaps/ --profile llama3 --threshold 0.5 --output stricter/

    No corpus is read. The same piece of a corpus counts once, however often it is there.
    """
    from evalkit.cli.overlaps import show_overlaps  # rich: loaded only when something is shown
    from evalkit.evaluation.decontaminate import merge

    if given["output"] is None:
        raise UsageError("evalkit decontaminate merge needs --output")
    show_overlaps(merge(folders, **given))
