"""Where task files and templates are found."""

from pathlib import Path

import pytest

from evalkit.errors import UsageError
from evalkit.library import SAMPLES, Library, home


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{folder.name}: {name}", encoding="utf-8")
    return folder


def test_evalkits_own_library_has_superglue() -> None:
    library = Library.open()
    names = ["axb", "axg", "boolq", "cb", "copa", "multirc", "record", "rte", "wic", "wsc"]
    tasks = [f"superglue/{name}" for name in names]
    assert [task for task in library.task_files() if task.startswith("superglue/")] == tasks
    assert library.prompt_names("superglue/rte") == ("gpt3", "follows", "reporter")
    assert library.suite_file("superglue") == home() / "tasks" / "superglue" / "suite.toml"
    assert (SAMPLES / "superglue").is_dir()


def test_a_users_folder_comes_first(tmp_path: Path) -> None:
    one = fill(tmp_path / "one", "tasks/s/a.toml", "tasks/s/suite.toml", "prompts/s/a/mine.jinja")
    two = fill(tmp_path / "two", "tasks/s/a.toml", "tasks/s/b.toml", "tasks/top.toml", "prompts/s/a/gpt3.jinja")
    fill(two, "prompts/s/a/also.jinja", "prompts/s/a/mine.jinja")
    library = Library((one, two))
    assert library.task_files() == {
        "s/a": one / "tasks/s/a.toml",
        "s/b": two / "tasks/s/b.toml",
        "top": two / "tasks/top.toml",
    }
    assert list(library.task_files()) == ["s/a", "s/b", "top"]
    assert library.prompt_names("s/a") == ("gpt3", "also", "mine")
    assert library.prompt_roots() == (one / "prompts", two / "prompts")
    assert library.suite_file("s") == one / "tasks/s/suite.toml"


def test_a_folder_may_have_one_of_the_two(tmp_path: Path) -> None:
    tasks = fill(tmp_path / "one", "tasks/a.toml")
    prompts = fill(tmp_path / "two", "prompts/a/x.jinja")
    library = Library.open([str(tasks), prompts])
    assert library.folders == (tasks, prompts, home())
    assert library.task_files()["a"] == tasks / "tasks/a.toml"
    assert library.prompt_names("a") == ("x",)
    assert "superglue/rte" in library.task_files()


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["prompts/t/b.jinja", "prompts/t/a.jinja"], ("a", "b")),
        (["prompts/t/b.jinja", "prompts/t/gpt3.jinja", "prompts/t/a.jinja"], ("gpt3", "a", "b")),
        (["prompts/t/a.jinja", "prompts/t/notes.txt", "prompts/t/deep/c.jinja"], ("a",)),
        (["prompts/other/a.jinja"], ()),
    ],
)
def test_prompts_are_named_gpt3_first(tmp_path: Path, files: list[str], names: tuple[str, ...]) -> None:
    assert Library((fill(tmp_path, *files),)).prompt_names("t") == names


def test_what_is_no_task_is_not_listed(tmp_path: Path) -> None:
    library = Library((fill(tmp_path, "tasks/s/suite.toml", "tasks/s/a.py", "tasks/s/README.md", "tasks/s/a.toml"),))
    assert list(library.task_files()) == ["s/a"]
    assert library.suite_file("other") is None


@pytest.mark.parametrize("make", [False, True])
def test_a_folder_without_either_is_refused(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "mine"
    if make:
        fill(folder, "task/a.toml")
    with pytest.raises(UsageError) as caught:
        Library.open([folder])
    assert str(caught.value) == f"--library {folder}: no folder with tasks/ or prompts/ in it"
