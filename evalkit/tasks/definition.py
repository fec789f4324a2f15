"""What a task file says, once read. Nothing changes a task afterwards: shots, seed and limit are arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit.answers.base import AnswerKind
from evalkit.prompts.expression import Expression


@dataclass(frozen=True, slots=True)
class DataSet:
    """Where a task's rows come from: a data set on the hub, or `<task>/<split>` below a `--data-dir`.

    `shots_task` names another task whose data the shots are drawn from; `rename` gives columns other names.
    """

    path: str
    name: str
    revision: str
    evaluation: str
    shots: str | None
    shots_task: str | None
    rename: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """What goes with one prompt of a task.

    `answer` is the answer kind that it asks for, `shots` the K of the paper it comes from, `mode` how shots are drawn
    unless the command says otherwise, `normalisation` how choices are ranked (None: as the answer kind says).
    """

    answer: str
    shots: int | None
    mode: str
    separator: str
    normalisation: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `digest` (hexadecimal SHA-256) is that of its file."""

    name: str
    path: Path
    digest: str
    description: str
    source: str
    metrics: tuple[str, ...]
    data: DataSet
    id: Expression | None
    unit: Expression | None
    group: Expression | None
    answers: Mapping[str, AnswerKind]
    prompt_folder: str
    prompts: Mapping[str, PromptSettings]

    def settings(self, prompt: str) -> PromptSettings:
        """The settings of a prompt; a prompt that the file says nothing of has the defaults."""
        default = PromptSettings(next(iter(self.answers)), None, "random", "\n\n", None)
        return self.prompts.get(prompt, default)


@dataclass(frozen=True, slots=True)
class Suite:
    """A folder of tasks; `average` are the tasks whose mean is the suite's score, empty if it has none."""

    name: str
    description: str
    source: str
    average: tuple[str, ...]
