"""`evalkit gate`: hold a candidate against a baseline, and leave with the verdict; write a baseline's file."""

import os
from pathlib import Path
from typing import Any

import click

from evalkit.cli.options import flag
from evalkit.errors import UsageError

_SUMMARY = "GITHUB_STEP_SUMMARY"
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("gate", invoke_without_command=True, subcommand_metavar="[baseline RUN --output FILE]")
@flag("--baseline", metavar="RUN|FILE", type=click.Path(path_type=Path), help="What the candidate is held against.")
@flag("--candidate", metavar="RUN", type=click.Path(path_type=Path), help="The run to judge.")
@flag(
    "--max-drop",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.01,
    show_default=True,
    help="The largest loss that is allowed: 0.01 is one point of a share, or one percent of any other number.",
)
@flag(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="How often a gate may fail, or a line pass, wrongly.",
)
@flag("--metric", metavar="NAME", default="", help="The metric to judge by. Default: the first of each task.")
@flag(
    "--pass-on",
    type=click.Choice(["all", "overall"]),
    default="all",
    show_default=True,
    help="What has to be shown to be no worse: every line, or the mean of tasks. A regression of any line fails.",
)
@flag("--allow-different", is_flag=True, help="Judge what both have, even if they were not asked the same.")
@flag("--summary", metavar="FILE", type=_FILE, help=f"Write Markdown. ${_SUMMARY}, if set, is appended to in any case.")
@flag(
    "--junit", metavar="FILE", type=_FILE, help="Write JUnit XML: a regression fails, what is inconclusive is skipped."
)
@flag("--json", "json_file", metavar="FILE", variable="EVALKIT_JSON", type=_FILE, help="Write everything as JSON.")
@click.pass_context
def command(context: click.Context, /, baseline: Path | None, candidate: Path | None, **settings: Any) -> int | None:
    """Judge whether a run is no worse than a baseline: a run, or a file made of one.

    \b
    evalkit gate --baseline runs/main --candidate runs/branch
    evalkit gate baseline runs/main --output reports/baselines/main.json
    evalkit gate --baseline reports/baselines/main.json --candidate runs/branch --max-drop 0.02

    Items are paired. Leaves with 0 where no more than --max-drop is lost, 3 where a loss is certain and larger than
    that as far as one can see, and 4 where there are too few items to tell, with the number that would do.
    """
    if context.invoked_subcommand is not None:
        return None
    if baseline is None or candidate is None:
        missing = " and ".join(
            name for name, value in (("--baseline", baseline), ("--candidate", candidate)) if value is None
        )
        raise UsageError(f"gate: give {missing}; see `evalkit gate --help`")
    return _gate(baseline, candidate, **settings)


@command.command("baseline")
@click.argument("run", type=click.Path(path_type=Path))
@flag(
    "--output",
    "-o",
    metavar="FILE",
    type=_FILE,
    required=True,
    help="Where the file goes, such as reports/baselines/main.json.",
)
def write_baseline(run: Path, output: Path) -> None:
    """Write what a gate needs of a run to a small file that can be committed: what every item got, and no text.

    \b
    evalkit gate baseline runs/main --output reports/baselines/main.json
    """
    from evalkit.gate.baseline import of_run, write  # pyarrow and numpy: loaded only when a run is read

    kept = of_run(run)
    size = write(kept, output)
    for note in kept.notes:
        click.echo(f"- {note}")
    click.echo(f"baseline: {output} ({len(kept.outcomes):,} numbers, {size / 1e3:.0f} kB)")


def _gate(
    baseline: Path,
    candidate: Path,
    max_drop: float,
    alpha: float,
    metric: str,
    pass_on: str,
    allow_different: bool,
    summary: Path | None,
    junit: Path | None,
    json_file: Path | None,
) -> int:
    from evalkit.cli.gated import show_gate  # rich, pyarrow and numpy: loaded only when something is gated
    from evalkit.gate import output
    from evalkit.gate.baseline import load
    from evalkit.gate.lines import Terms
    from evalkit.gate.verdict import gate

    terms = Terms(max_drop, alpha, metric, pass_on == "overall")
    found = gate(load(baseline), load(candidate), terms, allow_different)
    if summary is not None:
        output.save(summary, output.markdown(found))
    if given := os.environ.get(_SUMMARY):
        output.save(Path(given), output.markdown(found), append=True)
    if junit is not None:
        output.save(junit, output.junit(found))
    if json_file is not None:
        output.save(json_file, output.as_json(found))
    show_gate(found)
    return output.EXIT_CODES[found.verdict]
