"""`evalkit cache`: what is kept of finished answers, and how to be rid of it."""

import click


@click.group("cache")
def command() -> None:
    """The answers that are kept.

    Every answer of a model is kept on disk as soon as it is known, so that a run that was stopped goes on where it
    stood, and the same run again computes nothing. They lie in the platform's folder for caches, or where
    EVALKIT_CACHE_DIR says; weights, tokenizer, dtype or prompts that change never meet an old answer.
    """


@command.command("info")
def info() -> None:
    """Show where answers are kept, and of which models."""
    from evalkit.cli.console import show_cache  # rich: loaded only when something is shown
    from evalkit.engine import cache

    show_cache(cache.folder(), cache.entries())


@command.command("clear")
@click.option("--model", metavar="NAME", help="Only those of the model that `evalkit cache info` calls so.")
def clear(model: str | None) -> None:
    """Delete the answers that are kept."""
    from evalkit.engine import cache
    from evalkit.errors import CacheError

    names = [entry.model for entry in cache.entries()]
    if model is not None and model not in names:
        raise CacheError(f"no answers of {model!r} are kept; there is {', '.join(names) or 'nothing'}")
    try:
        freed = cache.clear(model)
    except OSError as error:
        raise CacheError(f"{error.filename}: cannot be deleted: {error.strerror}") from None
    click.echo(f"{freed / 1e6:,.1f} MB freed in {cache.folder()}")
