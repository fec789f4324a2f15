"""Reads task files and suite files, and finds the tasks that a name stands for."""

import hashlib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from evalkit.answers import KINDS
from evalkit.errors import TaskError, UsageError
from evalkit.library import Library
from evalkit.metrics import METRICS
from evalkit.prompts.expression import Expression
from evalkit.schema import NORMALISATIONS
from evalkit.shots import MODES
from evalkit.tables import Table, read
from evalkit.tasks.definition import DataSet, PromptSettings, Suite, Task


def find_tasks(library: Library, names: Sequence[str]) -> list[Task]:
    """The tasks that the names stand for: a task's own name, or a folder of tasks.

    Raises:
        UsageError: a name stands for nothing; the message offers the nearest ones.
        TaskError: a task file is wrong.
    """
    files = library.task_files()
    chosen: dict[str, Path] = {}
    for name in names:
        matches = {task: path for task, path in files.items() if task == name or task.startswith(f"{name}/")}
        if not matches:
            raise UsageError(f"no task or suite {name!r}. {_nearest(name, files)}")
        chosen.update(matches)
    return [parse_task(task, path) for task, path in chosen.items()]


def find_suites(library: Library, names: Sequence[str]) -> list[Suite]:
    """The suites among the names: those with a `suite.toml`."""
    suites = []
    for name in names:
        path = library.suite_file(name)
        if path is not None:
            suites.append(_parse_suite(name, path))
    return suites


def parse_task(name: str, path: Path) -> Task:
    """Read one task file.

    Raises:
        TaskError: a key is missing, unknown or of the wrong kind; the message names file and key.
    """
    table = read(path)
    where = str(path)
    kinds = [key for key in table if key in KINDS]
    if not kinds:
        raise TaskError(f"{where}: one table has to say how the task is answered: {', '.join(map(repr, KINDS))}")
    answers = {}
    for kind in kinds:
        inner = table.table(kind)
        answers[kind] = KINDS[kind](inner)
        inner.close()
    task = Task(
        name=name,
        path=path,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        description=table.text("description"),
        source=table.text("source"),
        metrics=_metrics(table),
        data=_data_set(table.table("dataset")),
        id=_expression(table, "id"),
        unit=_expression(table, "unit"),
        group=_expression(table, "group"),
        answers=answers,
        prompt_folder=table.text("prompt_folder", name),
        prompts=_prompts(table.table("prompts"), kinds),
    )
    table.close()
    return task


def _nearest(name: str, files: dict[str, Path]) -> str:
    suites = {task.rpartition("/")[0] for task in files}
    names = [*suites, *files, *(task.rpartition("/")[2] for task in files)]
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    full = [task for hit in near for task in sorted({*suites, *files}) if task == hit or task.endswith(f"/{hit}")]
    hint = f"Did you mean {' or '.join(dict.fromkeys(full))}? " if full else ""
    return f"{hint}`evalkit tasks list` shows them all"


def _expression(table: Table, key: str) -> Expression | None:
    return Expression.parse(table.text(key), key, table.where) if key in table else None


def _metrics(table: Table) -> tuple[str, ...]:
    names = table.texts("metrics")
    for name in names:
        if name not in METRICS:
            raise TaskError(f"{table.where}: no metric {name!r}; there are {', '.join(METRICS)}")
    if not names:
        raise TaskError(f"{table.where}: metrics is empty")
    return names


def _data_set(table: Table) -> DataSet:
    rename = table.table("rename")
    data = DataSet(
        path=table.text("path"),
        name=table.text("name"),
        revision=table.text("revision"),
        evaluation=table.text("evaluation"),
        shots=table.text("shots") if "shots" in table else None,
        shots_task=table.text("shots_task") if "shots_task" in table else None,
        rename={column: rename.text(column) for column in rename},
    )
    table.close()
    return data


def _prompts(table: Table, kinds: list[str]) -> dict[str, PromptSettings]:
    prompts = {}
    for name in table:
        inner = table.table(name)
        normalisation = inner.choice("normalisation", (*NORMALISATIONS, ""), "")
        prompts[name] = PromptSettings(
            answer=inner.choice("answer", tuple(kinds), kinds[0]),
            shots=inner.number("shots"),
            mode=inner.choice("mode", tuple(MODES), "random"),
            separator=inner.text("separator", "\n\n"),
            normalisation=normalisation or None,
        )
        inner.close()
    return prompts


def _parse_suite(name: str, path: Path) -> Suite:
    table = read(path)
    average = table.table("average")
    tasks = tuple(f"{name}/{task}" for task in average.texts("tasks", ()))
    average.close()
    suite = Suite(name, table.text("description"), table.text("source"), tasks)
    table.close()
    return suite
