"""What a task file says, once read. Nothing changes a task afterwards: shots, seed and limit are arguments."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evalkit.answers.base import AnswerKind
from evalkit.prompts.expression import Expression
from evalkit.schema import Row

PART = "{part}"


@dataclass(frozen=True, slots=True)
class Lookup:
    """Rows of another data set that go with a row: those whose `key` (an expression over them) equals `match` (one over
    the row as it was read). Without a `path` it is a `split` of the task's own data set.
    """

    key: Expression
    match: Expression
    split: str
    path: str | None = None
    name: str = ""
    revision: str = ""
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """Rows with the same value of `same` belong together (the questions about one article): each gets, in a field
    `earlier`, the `question` and the `answer` of those before it in the split.
    """

    same: Expression
    question: Expression
    answer: Expression


@dataclass(frozen=True, slots=True)
class DataSet:
    """Where a task's rows come from: a data set on the hub, or `<folder>/<split>` below a `--data-dir`.

    `shots_task` names another task whose data the shots are drawn from; `shots_within` is a column of the breakdown of
    which an item's shots have its own values; `rename` gives columns other names. With `join`, that column of all rows
    becomes one row, with `joiner` between them, or several of at most `cut` characters. `fields` are further columns,
    each an expression over the others. `file` holds the rows, wherever other data lies: of a task that the user pointed
    at, or that brings its own. `parts` are read one after the other, each in the place of `PART` in the folder and the
    names of configuration and split. `folder_parts` are what may follow the folder's name, where the rows lie in
    several folders instead of that one. `lookups` are columns that hold rows of other data sets.
    """

    path: str
    name: str
    revision: str
    evaluation: str
    shots: str | None
    shots_task: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None
    join: str | None = None
    joiner: str = ""
    cut: int | None = None
    shots_within: str = ""
    fields: Mapping[str, Expression] = field(default_factory=dict)
    earlier: Earlier | None = None
    file: Path | None = None
    parts: tuple[str, ...] = ()
    folder_parts: tuple[str, ...] = ()
    lookups: Mapping[str, Lookup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromptSettings:
    """What goes with one prompt of a task.

    `answer` is the answer kind that it asks for, `shots` the K of the paper it comes from, `mode` how shots are drawn
    unless the command says otherwise, `normalisation` how choices are ranked and `metrics` what is measured (None: as
    the task says), `decoding` which fields of the answer kind's decoding are others.
    """

    answer: str
    shots: int | None = None
    mode: str = "random"
    separator: str = "\n\n"
    normalisation: str | None = None
    metrics: tuple[str, ...] | None = None
    decoding: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """A task; `digest` (hexadecimal SHA-256) is that of its file, and of the Python file beside it, whose `examples`
    is `expand`: it makes several rows of one. `breakdown` are the columns that numbers are broken down by, and
    `breakdown_groups` sets of a column's values that are reported together; `default_prompt` is asked where nobody says
    which (None: gpt3, or the first by name). `masked_normalisation` ranks the choices where a masked model is asked.
    The texts of an `offensive` task are not to be shown to anybody who has not asked for them. `passage` are fields of
    a row that hold what is asked about, apart from the question, as several examples may share it.
    """

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
    default_prompt: str | None = None
    breakdown: Mapping[str, Expression] = field(default_factory=dict)
    breakdown_groups: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    masked_normalisation: str | None = None
    offensive: bool = False
    passage: tuple[str, ...] = ()
    expand: Callable[[Row], Iterable[Row]] | None = None

    def settings(self, prompt: str) -> PromptSettings:
        """The settings of a prompt; a prompt that the file says nothing of has the defaults."""
        return self.prompts.get(prompt, PromptSettings(next(iter(self.answers))))


@dataclass(frozen=True, slots=True)
class Suite:
    """A folder of tasks; `average` are the tasks whose mean is the suite's score, empty if it has none."""

    name: str
    description: str
    source: str
    average: tuple[str, ...]
