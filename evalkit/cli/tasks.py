"""`evalkit tasks list` and `evalkit tasks show NAME`."""

from collections.abc import Sequence
from pathlib import Path

import click

from evalkit.cli.options import library as library_flag
from evalkit.library import Library
from evalkit.tasks.definition import Task
from evalkit.tasks.parse import find_tasks, parse_task


@click.group("tasks")
def command() -> None:
    """List the tasks, or show one."""


@command.command("list")
@library_flag
@click.argument("pattern", required=False)
def list_(library: Sequence[Path], pattern: str | None) -> None:
    """List all tasks, or those whose name contains PATTERN."""
    shelf = Library.open(library)
    for name, path in shelf.task_files().items():
        if pattern is None or pattern in name:
            click.echo(f"{name:<22} {parse_task(name, path).description}")


@command.command("show")
@library_flag
@click.argument("name")
def show(library: Sequence[Path], name: str) -> None:
    """Show what a task is made of: data, answers, metrics, prompts."""
    shelf = Library.open(library)
    click.echo("\n\n".join(_card(shelf, task) for task in find_tasks(shelf, [name])))


def _card(shelf: Library, task: Task) -> str:
    data = task.data
    pinned = f"{data.path} ({data.name}) at {data.revision}"
    shots = f"{data.shots_task or task.name}, {data.shots}" if data.shots else "none to be had"
    lines = [
        task.name,
        f"  {task.description}",
        f"  paper     {task.source}",
        f"  data      {pinned}",
        f"  items     {data.evaluation}",
        f"  shots     {shots}",
        f"  metrics   {', '.join(task.metrics)}",
        *(f"  {key:<9} {value.source}" for key in ("unit", "group") if (value := getattr(task, key)) is not None),
        f"  file      {task.path}",
        "  prompts",
    ]
    return "\n".join([*lines, *(_prompt_line(shelf, task, name) for name in shelf.prompt_names(task.prompt_folder))])


def _prompt_line(shelf: Library, task: Task, name: str) -> str:
    from evalkit.prompts.template import load

    settings = task.settings(name)
    prompt = load(f"{task.prompt_folder}/{name}", shelf.prompt_roots())
    ranked = settings.normalisation or task.answers[settings.answer].normalisation
    facts = [
        settings.answer.replace("_", " ") + (f", ranked by {ranked}" if ranked != "none" else ""),
        *([f"K = {settings.shots} in the paper"] if settings.shots else []),
        *([f"{settings.mode} shots"] if settings.mode != "random" else []),
    ]
    return f"    {name:<10} {'; '.join(facts)}\n               {prompt.note}\n               {prompt.path}"
