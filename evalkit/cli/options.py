"""Flags that several verbs share. Every flag has a variable: `--data-dir` is EVALKIT_DATA_DIR."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evalkit.models.base import DTYPES
from evalkit.schema import NORMALISATIONS
from evalkit.shots import MODES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def flag(name: str, *more: str, variable: str | None = None, **settings: Any) -> Decorator:
    """A flag with its environment variable."""
    variable = variable or "EVALKIT_" + name.lstrip("-").upper().replace("-", "_")
    return click.option(name, *more, envvar=variable, show_envvar=True, **settings)


def names(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """A comma-separated list of names."""
    if isinstance(value, tuple):  # a default
        return value
    items = tuple(item.strip() for item in value.split(",") if item.strip())
    if not items:
        raise click.BadParameter("give at least one name")
    return items


def numbers(value: str) -> tuple[int, ...]:
    """A comma-separated list of whole numbers."""
    try:
        return tuple(int(item) for item in names(value))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a list of whole numbers, such as 0,1,32") from None


class Specs(click.ParamType[str]):
    """Names parted by commas; without this, click parts the variable of a flag that may be repeated at spaces."""

    name = "names"
    envvar_list_splitter = ","


def all_names(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a flag that may be repeated."""
    return tuple(name for value in given for name in names(value))


data_dir = flag(
    "--data-dir",
    metavar="DIR",
    help="Folder of <task>/<split>.jsonl or .parquet in Hugging Face columns; `samples` are the small ones that come "
    "with evalkit; `fresh` or `fresh:SEED` makes arithmetic and scrambled words anew. Without it, rows come from the "
    "Hugging Face hub.",
)
library = flag(
    "--library",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder with your own tasks/ and prompts/. May be given more than once.",
)
shot_mode = flag(
    "--shot-mode",
    type=click.Choice(list(MODES)),
    help="How shots are drawn. random: anew for every item (GPT-3's way). fixed: one draw for all items. balanced: "
    "labels in turn. curated: the ids of --shot-ids. Default: what the prompt's settings say, else random.",
)
shot_ids = flag(
    "--shot-ids",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help='For --shot-mode curated: a TOML file of lines such as "superglue/boolq" = ["7", "12"].',
)
normalisation = flag(
    "--normalisation",
    "--normalization",
    "normalisation",
    type=click.Choice(NORMALISATIONS),
    help="How choices are ranked: by the summed log-probability (none), per token, byte or character, less that of the "
    "completion after the bare cue (unconditional), or by the tokens that two completions share (shared). Default: "
    "what the task says.",
)
decoding = flag(
    "--decoding",
    metavar="KEY=VALUE,...",
    help="How texts are written: max_tokens, stop (parted by |), beams, length_penalty, penalty (gnmt, transformers), "
    "temperature, top_k, top_p, samples. Default: what the prompt's settings say.",
)
stride = flag(
    "--stride",
    type=click.IntRange(1),
    help="Tokens by which the windows over a long document advance. Default: half the model's window.",
)
scorer = flag(
    "--scorer",
    "scorers",
    type=Specs(),
    metavar="SPEC,...",
    multiple=True,
    callback=all_names,
    help="What judges the texts that the model writes: lexicon, lexicon:FILE, classifier:NAME@REVISION, perspective, "
    "vader; toxicity=, regard= ... before it is for that attribute alone. May be given more than once. See `evalkit "
    "scorer list`.",
)
contamination = flag(
    "--contamination",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="What `evalkit decontaminate` found of these tasks in a corpus: every score is then told of the clean, the "
    "dirty and the unscored examples too.",
)
batch_tokens = flag(
    "--batch-tokens",
    type=click.IntRange(1),
    help="Tokens in a batch. Default: what the device is found to hold. Changes no score beyond rounding.",
)
cache = flag(
    "--cache/--no-cache",
    variable="EVALKIT_CACHE",
    default=True,
    show_default=True,
    help="Keep every answer, and take those that are kept; see `evalkit cache`.",
)


def model_flags(required: bool) -> Decorator:
    """`--model` and how it is loaded."""
    flags = [
        flag("--model", required=required, metavar="NAME", help="Local folder, hub id, or `demo`."),
        flag("--revision", metavar="REV", help="Branch, tag or commit of a model on the hub."),
        flag(
            "--dtype",
            type=click.Choice(DTYPES),
            default="auto",
            show_default=True,
            help="Number format; auto is what the weights are stored in.",
        ),
        flag(
            "--device",
            metavar="DEVICE",
            help="cpu, cuda, cuda:1, mps ..., or auto: spread over all. Default: what accelerate finds, spread if "
            "the model is too large for it.",
        ),
        flag("--trust-remote-code", is_flag=True, help="Run code that a model on the hub brings with it."),
    ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(flags):
            function = one(function)
        return function

    return decorate


MODEL_OPTIONS = ("revision", "dtype", "device", "trust_remote_code")
