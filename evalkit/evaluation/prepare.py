"""Before a model is asked anything: finds tasks, prompts and rows, and reads every row.

In: names and a source of rows. Out: one `Prepared` for each task and prompt, or the first thing that is wrong. Tasks
whose data cannot be had at all are set aside with the reason, so that a suite can be run in part and say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evalkit.answers.base import AnswerKind
from evalkit.data.rows import Rows
from evalkit.data.source import Source
from evalkit.errors import DataNotFoundError, UsageError
from evalkit.library import Library
from evalkit.prompts.template import Prompt, load
from evalkit.schema import NORMALISATIONS, Example
from evalkit.shots import MODES, Pool
from evalkit.tables import read as read_toml
from evalkit.tasks.definition import PromptSettings, Task
from evalkit.tasks.examples import read_examples
from evalkit.tasks.parse import find_tasks


@dataclass(frozen=True, slots=True)
class Options:
    """How tasks are asked; None leaves it to the task's own file.

    `mode` is one of `shots.MODES`, `normalisation` one of `NORMALISATIONS`, `limit` a number of units (for most
    tasks: of examples), `curated` the ids of the shots of each task.
    """

    shots: tuple[int, ...] = (0,)
    seeds: tuple[int, ...] = (0,)
    prompts: tuple[str, ...] = ("default",)
    mode: str | None = None
    normalisation: str | None = None
    limit: int | None = None
    curated: Mapping[str, tuple[str, ...]] | None = None

    def check(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            UsageError: a number is negative, a list is empty or repeats itself, or a name is unknown.
        """
        for flag, values in (("shots", self.shots), ("seeds", self.seeds), ("prompts", self.prompts)):
            if not values or len(set(values)) < len(values):
                raise UsageError(f"--{flag}: give at least one value, and none twice (got {list(values)})")
        if min(self.shots) < 0:
            raise UsageError(f"--shots: {min(self.shots)} is less than 0")
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"--limit: {self.limit} is less than 1")
        if self.mode is not None and self.mode not in MODES:
            raise UsageError(f"--shot-mode: {self.mode!r} is not one of {', '.join(MODES)}")
        if (self.mode == "curated") != (self.curated is not None):
            raise UsageError("--shot-mode curated and --shot-ids FILE go together")
        if self.normalisation is not None and self.normalisation not in NORMALISATIONS:
            raise UsageError(f"--normalisation: {self.normalisation!r} is not one of {', '.join(NORMALISATIONS)}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task with one of its prompts, read and checked; `data` says in signatures where the rows come from."""

    task: Task
    prompt: Prompt
    settings: PromptSettings
    kind: AnswerKind
    examples: tuple[Example, ...]
    pool: Pool | None
    data: str
    normalisation: str
    mode: str


class Reader:
    """Reads each split once, however many tasks and prompts want it."""

    def __init__(self, library: Library, source: Source) -> None:
        self._library, self._source = library, source
        self._splits: dict[tuple[str, str], Rows] = {}

    def rows(self, task: Task, split: str) -> Rows:
        """The rows of a task's own split."""
        key = (task.name, split)
        if key not in self._splits:
            data = task.data
            self._splits[key] = self._source.read(task.name, data.path, data.name, data.revision, split)
        return self._splits[key]

    def shot_rows(self, task: Task) -> Rows | None:
        """The rows that a task's shots come from, None if it has none."""
        return None if task.data.shots is None else self.rows(self.shot_task(task), task.data.shots)

    def shot_task(self, task: Task) -> Task:
        """The task whose rows are the shots, and which says what their columns, ids and units are."""
        return find_tasks(self._library, [task.data.shots_task])[0] if task.data.shots_task else task


def prepare(
    library: Library, names: Sequence[str], source: Source, options: Options
) -> tuple[list[Prepared], dict[str, str]]:
    """Everything that can be asked, and the reasons why other tasks cannot be, by task.

    Raises:
        EvalkitError: a name stands for nothing, a file or a row is wrong, or no task at all has data.
    """
    options.check()
    reader = Reader(library, source)
    prepared: list[Prepared] = []
    missing: dict[str, str] = {}
    for task in find_tasks(library, names):
        try:
            prepared.extend(
                map(partial(_prepare, library, reader, options, task), _prompt_names(library, task, options))
            )
        except DataNotFoundError as error:
            missing[task.name] = str(error)
    if not prepared:
        raise DataNotFoundError(next(iter(missing.values())))
    return prepared, missing


def read_curated(path: Path) -> dict[str, tuple[str, ...]]:
    """A file of hand-picked shots: TOML, a task's name in quotes = a list of example ids."""
    table = read_toml(path)
    return {task: table.texts(task) for task in table}


def _prompt_names(library: Library, task: Task, options: Options) -> list[str]:
    there = library.prompt_names(task.prompt_folder)
    if not there:
        raise UsageError(f"{task.name}: no template in prompts/{task.prompt_folder}/")
    names: list[str] = []
    for name in options.prompts:
        if name not in ("default", "all", *there):
            raise UsageError(f"{task.name}: no prompt {name!r}; there is {', '.join(there)} (or default, or all)")
        names.extend(there if name == "all" else there[:1] if name == "default" else (name,))
    return list(dict.fromkeys(names))


def _prepare(library: Library, reader: Reader, options: Options, task: Task, name: str) -> Prepared:
    settings = task.settings(name)
    kind = task.answers[settings.answer]
    rows = reader.rows(task, task.data.evaluation)
    examples = read_examples(task, kind, rows)
    pool, origin = None, rows.version
    if max(options.shots) > 0:
        pool, origin = _pool(reader, task, kind, rows, options)
    return Prepared(
        task=task,
        prompt=load(f"{task.prompt_folder}/{name}", library.prompt_roots()),
        settings=settings,
        kind=kind,
        examples=_first_units(examples, options.limit),
        pool=pool,
        data=origin,
        normalisation=options.normalisation or settings.normalisation or kind.normalisation,
        mode=options.mode or settings.mode,
    )


def _pool(reader: Reader, task: Task, kind: AnswerKind, rows: Rows, options: Options) -> tuple[Pool, str]:
    """The pool of shots, and what signatures call the data with it."""
    from_rows = reader.shot_rows(task)
    if from_rows is None:
        raise UsageError(f"{task.name}: it has no split to draw shots from; run it with --shots 0")
    shown = read_examples(reader.shot_task(task), kind, from_rows)
    showable = [example for example in shown if kind.shown(example) is not None]
    pool = Pool.of(task.name, from_rows.where, showable, from_rows is rows)
    if options.curated is not None:
        pool = pool.curate(options.curated.get(task.name, ()))
    return pool, f"{rows.version}+{from_rows.version}"


def _first_units(examples: Sequence[Example], limit: int | None) -> tuple[Example, ...]:
    units = list(dict.fromkeys(example.unit for example in examples))[:limit]
    kept = set(units)
    return tuple(example for example in examples if example.unit in kept)
