"""What every answer kind can do."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from evalkit.prompts.tags import Parts
from evalkit.prompts.template import Prompt
from evalkit.schema import Example, Row, Scored


class Answer(NamedTuple):
    """What a row offers: the choices and the indices of the right ones."""

    choices: tuple[str, ...]
    targets: tuple[int, ...]


class Verdict(NamedTuple):
    """Which choice the model gave (None: none of them), and whether others scored just as well."""

    prediction: int | None
    tied: bool


class AnswerKind(Protocol):
    """Reads a row, asks a model, judges what it says."""

    @property
    def normalisation(self) -> str:
        """The rule that ranks the choices where the prompt and the command say nothing else."""

    def read(self, row: Row, where: str) -> Answer:
        """The row's choices and right answers; raises DataError naming `where`."""

    def shown(self, example: Example) -> str | None:
        """The choice that stands in the example when it is a shot; None if it cannot be one."""

    def ask(self, example: Example, prompt: Prompt) -> list[Parts]:
        """The texts to score, at least one."""

    def judge(self, scored: Sequence[Scored], normalisation: str) -> Verdict:
        """The model's answer, from the scores of what was asked, in the same order."""

    def chance(self, example: Example) -> float:
        """The accuracy of guessing: between 0 and 1."""
