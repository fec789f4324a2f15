"""Reads task files and suite files, and finds the tasks that a name stands for."""

import hashlib
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from evalkit.answers import KINDS, decoding
from evalkit.answers.base import AnswerKind
from evalkit.errors import TaskError, UsageError
from evalkit.library import Library
from evalkit.metrics import METRICS
from evalkit.prompts.expression import Expression
from evalkit.schema import NORMALISATIONS
from evalkit.shots import MODES
from evalkit.tables import Table, read
from evalkit.tasks.data_set import parse_data_set
from evalkit.tasks.definition import PromptSettings, Suite, Task
from evalkit.tasks.expansion import expansion
from evalkit.tasks.pointed import POINTED, pointed


def find_tasks(library: Library, names: Sequence[str]) -> list[Task]:
    """The tasks that the names stand for: a task's own name, a folder of tasks, or a file that `pointed` knows.

    Raises:
        UsageError: a name stands for nothing; the message offers the nearest ones.
        TaskError: a task file is wrong.
        DataError: a file pointed at is.
    """
    files = library.task_files()
    found: dict[str, Task] = {}
    for name in names:
        if (own := pointed(name)) is not None:
            if own.name in found and found[own.name].path != own.path:
                raise UsageError(f"{found[own.name].path} and {own.path} would both be {own.name}; rename one of them")
            found[own.name] = own
            continue
        matches = {task: path for task, path in files.items() if task == name or task.startswith(f"{name}/")}
        if not matches:
            file = ", and no such file" if Path(name).suffix in POINTED else ""
            raise UsageError(f"no task or suite {name!r}{file}. {_nearest(name, files)}")
        found.update((task, parse_task(task, path)) for task, path in matches.items() if task not in found)
    return list(found.values())


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
    expand, code = expansion(path.with_suffix(".py"))
    breakdown = table.table("breakdown")
    columns = {column: Expression.parse(breakdown.text(column), column, breakdown.where) for column in breakdown}
    task = Task(
        name=name,
        path=path,
        digest=hashlib.sha256(path.read_bytes() + code).hexdigest(),
        description=table.text("description"),
        source=table.text("source"),
        metrics=_metrics(table, None),
        data=parse_data_set(table.table("dataset"), path, tuple(columns)),
        id=_expression(table, "id"),
        unit=_expression(table, "unit"),
        group=_expression(table, "group"),
        answers=answers,
        prompt_folder=table.text("prompt_folder", name),
        default_prompt=table.text("default_prompt") if "default_prompt" in table else None,
        prompts=_prompts(table.table("prompts"), answers),
        breakdown=columns,
        breakdown_groups=_groups(table.table("breakdown_groups"), columns),
        masked_normalisation=table.choice("masked_normalisation", (*NORMALISATIONS, ""), "") or None,
        offensive=table.flag("offensive", False),
        passage=table.texts("passage", ()),
        expand=expand,
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


def _metrics(table: Table, default: tuple[str, ...] | None) -> tuple[str, ...]:
    names = table.texts("metrics", default)
    for name in names:
        if name not in METRICS:
            raise TaskError(f"{table.where}: no metric {name!r}; there are {', '.join(METRICS)}")
    if not names and default is None:
        raise TaskError(f"{table.where}: metrics is empty")
    return names


def _groups(table: Table, columns: Mapping[str, Expression]) -> dict[str, dict[str, tuple[str, ...]]]:
    groups = {}
    for column in table:
        if column not in columns:
            raise TaskError(f"{table.where}: {column!r} is no column of [breakdown]: {', '.join(columns) or 'none'}")
        inner = table.table(column)
        groups[column] = {group: inner.texts(group) for group in inner}
    return groups


def _prompts(table: Table, kinds: Mapping[str, AnswerKind]) -> dict[str, PromptSettings]:
    prompts = {}
    for name in table:
        inner = table.table(name)
        normalisation = inner.choice("normalisation", (*NORMALISATIONS, ""), "")
        answer = inner.choice("answer", tuple(kinds), next(iter(kinds)))
        prompts[name] = PromptSettings(
            answer=answer,
            shots=inner.number("shots"),
            mode=inner.choice("mode", tuple(MODES), "random"),
            separator=inner.text("separator", "\n\n"),
            normalisation=normalisation or None,
            metrics=_metrics(inner, ()) or None,
            decoding=_decoding(inner.table("decoding"), kinds[answer]),
        )
        inner.close()
    return prompts


def _decoding(table: Table, kind: AnswerKind) -> dict[str, Any]:
    given = decoding.read(table)
    table.close()
    if given and kind.decoding is None:
        raise TaskError(f"{table.where}: this prompt's answer is not written, so there is nothing to decode")
    if kind.decoding is not None:
        decoding.applied(kind.decoding, given, table.where)
    return given


def _parse_suite(name: str, path: Path) -> Suite:
    table = read(path)
    average = table.table("average")
    tasks = tuple(f"{name}/{task}" for task in average.texts("tasks", ()))
    average.close()
    suite = Suite(name, table.text("description"), table.text("source"), tasks)
    table.close()
    return suite
