"""`evalkit run`: measure a model on tasks, show the scores, leave a run folder with a report."""

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from evalkit.cli import PARTIAL
from evalkit.cli.options import (
    MODEL_OPTIONS,
    batch_tokens,
    cache,
    contamination,
    data_dir,
    decoding,
    flag,
    library,
    model_flags,
    names,
    normalisation,
    numbers,
    scorer,
    shot_ids,
    shot_mode,
    stride,
)
from evalkit.errors import UsageError

_HOW = ("protocol", "shots", "seeds", "prompts", "shot_mode", "shot_ids", "normalisation", "decoding")
_ASKED = (*_HOW, "stride", "split", "limit", "data_dir", "library", "scorers")


@click.command("run")
@model_flags(required=True)
@flag(
    "--tasks",
    type=names,
    metavar="A,B,...",
    default=(),
    help="Tasks or folders of tasks, such as superglue or superglue/rte; the path of a BIG-bench task.json; the path "
    "of any text (.txt), for its perplexity.",
)
@flag(
    "--protocol",
    metavar="NAME",
    help="Ask as a paper did: gpt3, gpt2, gopher, chinchilla, mt-nlg, jurassic1 or opt. Its prompts, shots, scoring "
    "and decoding, for the tasks named (else all of its own), with its figures beside ours.",
)
@flag(
    "--shots",
    "--num-fewshot",
    "shots",
    type=numbers,
    metavar="N,N,...",
    help="In-context examples; several counts share what their texts have in common. Default: what the protocol says, "
    "else 0.",
)
@flag(
    "--seeds",
    "--seed",
    "seeds",
    type=numbers,
    metavar="N,N,...",
    default="0",
    show_default=True,
    help="Seeds of the shot draw.",
)
@flag(
    "--prompts",
    type=names,
    metavar="A,B,...",
    help="Names of prompts; `default` is the task's first (gpt3 where the paper has one), `all` is every one. Default: "
    "what the protocol says, else `default`.",
)
@shot_mode
@shot_ids
@normalisation
@decoding
@stride
@scorer
@contamination
@batch_tokens
@cache
@flag("--split", metavar="NAME", help="Split to score. Default: what the protocol says, else the task.")
@flag("--limit", type=click.IntRange(1), help="Only the first N examples (questions, pairs) of each task.")
@data_dir
@library
@flag("--output", metavar="DIR", type=click.Path(path_type=Path), help="Run folder. Default: runs/<model>-<time>.")
@flag("--overwrite", is_flag=True, help="Replace an older run in that folder.")
@flag("--redact", is_flag=True, help="Leave all text out of the sample log: ids and scores remain.")
@flag("--dry-run", is_flag=True, help="Only tell what it would take: requests, tokens, time and memory.")
@flag(
    "--json",
    "as_json",
    is_flag=True,
    variable="EVALKIT_RUN_JSON",
    help="One JSON document on standard output, all else on standard error.",
)
def command(**given: Any) -> int:
    """Measure a model on tasks and write a report.

    \b
    evalkit run --model demo --tasks superglue --shots 0,1,4 --data-dir samples
    evalkit run --model ./my-model --tasks superglue/rte,superglue/cb --shots 0,8 --seeds 0,1,2
    evalkit run --model gpt2 --protocol gpt3 --tasks qa,completion
    evalkit run --model gpt2 --tasks qa/gsm8k --prompts cot --shots 8 --decoding temperature=0.7,samples=40
    evalkit run --model gpt2 --tasks ./book.txt
    evalkit run --model gpt2 --tasks bias,toxicity/unprompted --scorer lexicon
    evalkit run --model gpt2 --tasks superglue --contamination overlaps/
    evalkit run --model gpt2 --tasks superglue --shots 0,32 --dry-run
    evalkit run --model gpt2 --tasks superglue --json | jq '.averages[].value'

    On several devices: accelerate launch --multi_gpu --num_processes 4 -m evalkit run ...

    What is finished is kept (see `evalkit cache`): the same command goes on where it was stopped.

    Leaves with 0 when all was run, and with 5 when some tasks, parts of them, or numbers of shots had to be left out
    for want of their data, or because the model cannot do them.
    """
    from evalkit.cli import console  # rich, and below it the walk: loaded only when something is run
    from evalkit.cli.beside import show_beside
    from evalkit.cli.contamination import show_contamination
    from evalkit.cli.forecast import show_forecast
    from evalkit.cli.progress import Progress
    from evalkit.evaluation.evaluate import evaluate
    from evalkit.evaluation.forecast import forecast
    from evalkit.interchange.machine import document
    from evalkit.report.build import build

    arguments = {key: given[key] for key in (*_ASKED, *MODEL_OPTIONS, "batch_tokens", "cache")}
    if given["dry_run"]:
        if given["as_json"]:
            raise UsageError("run: --json tells what was measured, and --dry-run measures nothing: give one of them")
        told = forecast(given["model"], given["tasks"], **arguments)
        show_forecast(told)
        return PARTIAL if told.skipped else 0
    with Progress() as progress:
        results = evaluate(
            given["model"],
            given["tasks"],
            **arguments,
            overwrite=given["overwrite"],
            redact=given["redact"],
            contamination=given["contamination"],
            output=given["output"] or _default_output(given["model"]),
            listener=progress,
            command=["evalkit", *sys.argv[1:]],
        )
    assert results.path is not None
    report = build(results.path)
    shown = console.stderr() if given["as_json"] else console.stdout()
    console.show_results(results, shown)
    show_beside(results.beside, shown)
    if results.contamination is not None:
        show_contamination(results.contamination, shown)
    click.echo(f"report: {report}", err=given["as_json"])
    if given["as_json"]:
        click.echo(document(results.path), nl=False)
    return PARTIAL if results.skipped else 0


def _default_output(model: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", Path(model).name) or "model"
    return Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
