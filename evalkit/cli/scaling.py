"""`evalkit scaling`: scaling laws fitted to runs of a family of models, or to a file of points."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evalkit.cli.options import flag
from evalkit.errors import UsageError

if TYPE_CHECKING:  # numpy and scipy: loaded only when something is fitted
    from evalkit.scaling.fit import Asked
    from evalkit.scaling.gather import Source

_FILE = click.Path(path_type=Path, dir_okay=False)
_LAWS = ("power", "irreducible", "chinchilla")
_SIZES = ("parameters", "tokens", "compute")


@click.command("scaling")
@click.argument("runs", nargs=-1, metavar="[RUN ...]", type=click.Path(path_type=Path))
@flag(
    "--points",
    metavar="FILE.csv",
    type=_FILE,
    help="Points instead of runs: a CSV file with `loss` (nats per token), `bits_per_byte` or `error` (0 to 1), and "
    "`parameters`, `tokens`, `compute` (FLOP), of which one follows from two (C = 6 N D); `model`, `low` and `high` if "
    "it has them. Beside runs: `model` and their sizes.",
)
@flag("--columns", metavar="NAME=HEADING,...", default="", help="How --points calls them: parameters=N,loss=nll.")
@flag("--drop", metavar="COLUMN=VALUE", default="", help="Leave out lines of --points that have this value there.")
@flag(
    "--law",
    type=click.Choice(_LAWS),
    default="power",
    show_default=True,
    help="power: L = (Xc / X)^alpha (Kaplan). irreducible: the same and a constant E. chinchilla: L = E + A / N^alpha "
    "+ B / D^beta (Hoffmann, approach 3), with the compute-optimal frontier.",
)
@flag("--against", type=click.Choice(_SIZES), default="parameters", show_default=True, help="What X is.")
@flag("--task", metavar="NAME,...", default="", help="Tasks of the runs. Default: all that enough of them share.")
@flag("--metric", metavar="NAME", default="", help="Metric of the runs. Default: each task's first that can be fitted.")
@flag("--prompt", metavar="NAME", default="", help="Prompt of the runs. Default: each task's first.")
@flag("--shots", variable="EVALKIT_SCALING_SHOTS", type=click.IntRange(0), help="Shots of the runs. Default: the most.")
@flag(
    "--parameters",
    metavar="[MODEL=]N,...",
    default="",
    help="Parameters of models, such as 70M or gpt2=85M (without embeddings, say). Default: what the runs say.",
)
@flag("--tokens", metavar="[MODEL=]D,...", default="", help="Training tokens of all models, or of each: 300B, a=300e9.")
@flag("--at", metavar="X,...", default="", help="Forecast there: 70B,400B; of chinchilla N:D, such as 70B:1.4T.")
@flag("--budgets", metavar="C,...", default="", help="FLOP to spend best, of chinchilla. Default: decades.")
@flag(
    "--bootstrap",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="How often the points are drawn anew, for the intervals. 0: none.",
)
@flag(
    "--seed",
    variable="EVALKIT_SCALING_SEED",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Of the draws.",
)
@flag("--output", metavar="DIR", type=click.Path(path_type=Path), help="Write scaling.html and scaling.json there too.")
@flag("--json", "as_json", variable="EVALKIT_SCALING_JSON", is_flag=True, help="JSON on standard output, and no table.")
def command(runs: tuple[Path, ...], points: Path | None, output: Path | None, as_json: bool, **settings: Any) -> None:
    """Fit scaling laws: how loss or error falls with parameters, training tokens or compute.

    \b
    evalkit scaling runs/pythia-* --at 12B
    evalkit scaling runs/pythia-* --task lm/wikitext2 --tokens 300B --law irreducible --output scaling/
    evalkit scaling --points points.csv --law chinchilla --at 70B:1.4T --budgets 1e22,5.76e23

    Constants have 95 % intervals (points drawn anew) and stand beside those of the papers; so do forecasts, of which a
    model's own interval is wider than the law's.
    """
    from evalkit.scaling.fit import check, fit_each  # numpy and scipy: loaded only when something is fitted
    from evalkit.scaling.gather import gather

    asked = _asked(**{name: settings.pop(name) for name in ("law", "against", "at", "budgets", "bootstrap", "seed")})
    source = _source(runs, points, **settings)
    scalings, left_out = fit_each(gather(source, check(asked).count + 1), asked)
    page = None
    if output is not None:
        from evalkit.report.scaling import write  # matplotlib: loaded only when something is drawn

        page = write(scalings, output)
    if as_json:
        from evalkit.scaling.record import json_text

        click.echo(json_text(scalings), nl=False)
    else:
        from evalkit.cli.scaled import show_scalings

        show_scalings(scalings)
    for reason in left_out:
        click.echo(f"- left out: {reason}", err=as_json)
    if page is not None:
        click.echo(f"scaling: {page}", err=as_json)


def _asked(law: str, against: str, at: str, budgets: str, bootstrap: int, seed: int) -> "Asked":
    from evalkit.scaling.amounts import amount
    from evalkit.scaling.fit import Asked

    places = [tuple(amount(part, "--at") for part in one.split(":")) for one in _listed(at)]
    return Asked(law, against, places, [amount(one, "--budgets") for one in _listed(budgets)], bootstrap, seed)


def _source(
    runs: Sequence[Path],
    points: Path | None,
    columns: str,
    drop: str,
    task: str,
    metric: str,
    prompt: str,
    shots: int | None,
    parameters: str,
    tokens: str,
) -> "Source":
    from evalkit.scaling.family import Wanted
    from evalkit.scaling.gather import Source, sizes_by_model

    return Source(
        runs=runs,
        file=points,
        wanted=Wanted(tuple(_listed(task)), metric, prompt, shots),
        given=sizes_by_model(_by_model(parameters, "--parameters"), _by_model(tokens, "--tokens")),
        columns=dict(_pair(one, "--columns") for one in _listed(columns)),
        drop=_pair(drop, "--drop") if drop else None,
    )


def _listed(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _pair(value: str, name: str) -> tuple[str, str]:
    """`NAME=VALUE`, in two; the name holds no equals sign, the value may."""
    before, sign, after = value.partition("=")
    if not (sign and before.strip() and after.strip()):
        raise UsageError(f"{name} {value}: expected NAME=VALUE")
    return before.strip(), after.strip()


def _by_model(value: str, name: str) -> dict[str, float]:
    """Sizes by model, "" where no model is named; a model's name may hold an equals sign."""
    from evalkit.scaling.amounts import amount

    found: dict[str, float] = {}
    for one in _listed(value):
        model, _, size = one.rpartition("=")
        if model.strip() in found:
            raise UsageError(f"{name} {value}: {model.strip() or 'all models'} twice")
        found[model.strip()] = amount(size, name)
    return found
