"""`evalkit run`: measure a model on tasks, show the scores, leave a run folder with a report."""

import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from evalkit.cli.options import (
    MODEL_OPTIONS,
    data_dir,
    flag,
    library,
    model_flags,
    names,
    normalisation,
    numbers,
    shot_ids,
    shot_mode,
)

PARTIAL = 5


@click.command("run")
@model_flags(required=True)
@flag(
    "--tasks",
    type=names,
    metavar="A,B,...",
    required=True,
    help="Tasks or folders of tasks, such as superglue or superglue/rte.",
)
@flag(
    "--shots",
    "--num-fewshot",
    "shots",
    type=numbers,
    metavar="N,N,...",
    default="0",
    show_default=True,
    help="In-context examples; several counts are run one after another.",
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
    default="default",
    show_default=True,
    help="Names of prompts; default is the task's first (gpt3 where the paper has one); all is every one.",
)
@shot_mode
@shot_ids
@normalisation
@flag("--limit", type=click.IntRange(1), help="Only the first N examples (questions, pairs) of each task.")
@data_dir
@library
@flag("--output", metavar="DIR", type=click.Path(path_type=Path), help="Run folder. Default: runs/<model>-<time>.")
@flag("--overwrite", is_flag=True, help="Replace an older run in that folder.")
def command(**given: Any) -> int:
    """Measure a model on tasks and write a report.

    \b
    evalkit run --model demo --tasks superglue --shots 0,1,4 --data-dir samples
    evalkit run --model ./my-model --tasks superglue/rte,superglue/cb --shots 0,8 --seeds 0,1,2

    Leaves with 0 when all was run, and with 5 when some tasks had to be left out for want of their data.
    """
    from evalkit.cli import console  # rich, and below it the walk: loaded only when something is run
    from evalkit.evaluation.evaluate import evaluate
    from evalkit.report.build import build

    options = {key: given[key] for key in MODEL_OPTIONS}
    with console.Progress() as progress:
        results = evaluate(
            given["model"],
            given["tasks"],
            **{key: given[key] for key in ("shots", "seeds", "prompts", "shot_mode", "shot_ids", "normalisation")},
            **{key: given[key] for key in ("limit", "data_dir", "library", "overwrite")},
            output=given["output"] or _default_output(given["model"]),
            listener=progress,
            command=["evalkit", *sys.argv[1:]],
            **options,
        )
    assert results.path is not None
    report = build(results.path)
    console.show_results(results)
    click.echo(f"report: {report}")
    return PARTIAL if results.skipped else 0


def _default_output(model: str) -> Path:
    name = re.sub(r"[^\w.-]+", "-", Path(model).name) or "model"
    return Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"
