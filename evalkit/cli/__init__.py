"""The command line: one file per verb, and the only place where an error becomes an exit code.

0 done, 1 error, 2 usage, 3 regression, 4 inconclusive, 5 partial (some of what was asked for could not be run).
"""

import importlib
import sys
from collections.abc import Mapping
from typing import Any

import click

from evalkit.errors import EvalkitError, UsageError
from evalkit.models.worker import take_part
from evalkit.version import __version__

PARTIAL = 5

VERBS: Mapping[str, str] = {
    "run": "evalkit.cli.run",
    "report": "evalkit.cli.report",
    "plot": "evalkit.cli.plot",
    "compare": "evalkit.cli.compare",
    "gate": "evalkit.cli.gate",
    "leaderboard": "evalkit.cli.leaderboard",
    "scaling": "evalkit.cli.scaling",
    "export": "evalkit.cli.export",
    "import": "evalkit.cli.imports",
    "decontaminate": "evalkit.cli.decontaminate",
    "tasks": "evalkit.cli.tasks",
    "prompt": "evalkit.cli.prompt",
    "scorer": "evalkit.cli.scorer",
    "cache": "evalkit.cli.cache",
}


class Verbs(click.Group):
    """Imports a verb's file when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs, in the order in which one meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(VERBS[cmd_name]).command
        return command


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="evalkit")
def cli() -> None:
    """Measure what a language model can do from zero or a few examples.

    \b
    Try it, offline, with what comes with the package:
      evalkit run --model demo --tasks superglue --shots 0,1,4 --data-dir samples
    Then the real thing:
      evalkit run --model gpt2 --tasks superglue --shots 0,1,32
    See the exact text that a model is asked:
      evalkit prompt superglue/boolq --shots 2 --data-dir samples
    """


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    try:
        if take_part():
            return
        code: Any = cli.main(args=arguments, prog_name="evalkit", standalone_mode=False)
    except EvalkitError as error:
        click.echo(f"evalkit: {error}", err=True)
        sys.exit(2 if isinstance(error, UsageError) else 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("evalkit: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:  # whoever read our output has enough
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
