"""The house of DESIGN.md: imports only go down, there is no circle, and nothing heavy is loaded before it is needed."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import evalkit

PACKAGE = Path(evalkit.__file__).parent
FLOORS = {
    "schema": 1,
    "metrics": 1,
    "published": 1,
    "statistics": 1,
    "errors": 1,
    "finite": 1,
    "files": 1,
    "library": 1,
    "reach": 1,
    "tables": 1,
    "version": 1,
    "prompts": 2,
    "shots": 2,
    "contamination": 2,
    "data": 2,
    "models": 2,
    "scorers": 2,
    "engine": 2,
    "answers": 3,
    "tasks": 3,
    "runs": 4,
    "leaderboard": 5,
    "gate": 5,
    "report": 5,
    "interchange": 5,
    "comparison": 5,
    "scaling": 5,
    "evaluation": 6,
    "validation": 6,
    "cli": 7,
    "__main__": 8,
    "": 8,  # evalkit/__init__.py: the public names, imported when they are first used
}
HEAVY = ("torch", "transformers", "accelerate")
LATE = (
    *HEAVY,
    "numpy",
    "pandas",
    "datasets",
    "matplotlib",
    "pyarrow",
    "scipy",
    "rich",
    "sacrebleu",
    "rouge_score",
    "nltk",
    "httpx",
    "vaderSentiment",
    "numba",
    "msgspec",
    "isal",
    "ray",
)
QUICK = 0.5  # seconds of processor time


def name_of(path: Path) -> str:
    parts = ("evalkit", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def room(module: str) -> str:
    return f"{module}.".split(".")[1]


def imported(module: str) -> Iterator[tuple[str, int]]:
    """The modules that a module imports, inside functions too, with the line. A name may be a module of a package."""
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}, line {node.lineno}: a relative import"
            assert node.module is not None
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if inner in FILES else node.module), node.lineno


def inside() -> Iterator[tuple[str, str, int]]:
    """Imports of evalkit's own modules: who, whom, line."""
    for module in FILES:
        for target, line in imported(module):
            if target.split(".")[0] == "evalkit":
                yield module, target, line


def test_every_room_has_a_floor_and_every_floor_its_rooms() -> None:
    assert {room(module) for module in FILES} == set(FLOORS)


def test_imports_are_of_modules_that_are_there() -> None:
    """Else the tests below would not see them."""
    edges = list(inside())
    assert len(edges) > 100
    assert {target for _, target, _ in edges} <= set(FILES)


def test_imports_only_go_down() -> None:
    up = [
        f"{module}, line {line}: {target}"
        for module, target, line in inside()
        if FLOORS[room(target)] > FLOORS[room(module)]
    ]
    assert not up


@pytest.mark.parametrize("of", [str, room], ids=["modules", "rooms"])
def test_there_is_no_circle(of: Callable[[str], str]) -> None:
    graph: dict[str, set[str]] = {}
    for module, target, _ in inside():
        if of(module) != of(target):
            graph.setdefault(of(module), set()).add(of(target))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_models_and_engine_alone_know_the_heavy_libraries() -> None:
    found = {
        (room(module), target.split(".")[0])
        for module in FILES
        for target, _ in imported(module)
        if target.split(".")[0] in HEAVY
    }
    assert {one for one, _ in found} == {"models", "engine"}
    assert {library for _, library in found} == set(HEAVY)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [module for module in FILES if module.rpartition(".")[2] in ("utils", "helpers", "common", "misc")]


def run(*arguments: str) -> str:
    """What a new Python process prints; development mode's environment does not reach it."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("EVALKIT_", "PYTHON", "COV"))}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=True, env=environment, timeout=120
    )
    return done.stdout


TELL = "; import sys, json; print(); print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
LIGHT = {
    "import evalkit": "import evalkit",
    "import evalkit.cli": "import evalkit.cli",
    "the task files": "from evalkit.library import Library; from evalkit.tasks.parse import find_tasks; "
    "print([task.name for task in find_tasks(Library.open(), ['superglue'])])",
    "evalkit --help": "from evalkit.cli import cli; cli(['--help'], standalone_mode=False)",
    "evalkit tasks list": "from evalkit.cli import cli; cli(['tasks', 'list'], standalone_mode=False)",
    "evalkit tasks show": "from evalkit.cli import cli; cli(['tasks', 'show', 'superglue/rte'], standalone_mode=False)",
}


@pytest.mark.parametrize("code", LIGHT.values(), ids=list(LIGHT))
def test_nothing_heavy_is_loaded_early(code: str) -> None:
    loaded = json.loads(run("-c", code + TELL).splitlines()[-1])
    assert "evalkit" in loaded
    assert not set(LATE) & set(loaded)


def test_the_public_names_are_there() -> None:
    assert all(getattr(evalkit, name) is not None for name in evalkit.__all__)
    with pytest.raises(AttributeError, match="module 'evalkit' has no attribute 'evaluat'"):
        evalkit.evaluat  # noqa: B018


def cost(*arguments: str) -> float:
    """Seconds of processor time that evalkit takes in a process of its own: the best of three."""
    code = (
        "import resource, subprocess, sys; done = subprocess.run([sys.executable, '-m', 'evalkit', *sys.argv[1:]], "
        "stdout=subprocess.DEVNULL); used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(used.ru_utime + used.ru_stime if done.returncode == 0 else 'failed')"
    )
    return min(float(run("-c", code, *arguments)) for _ in range(3))


@pytest.mark.parametrize("arguments", [("--help",), ("tasks", "list")], ids=" ".join)
def test_evalkit_answers_at_once(arguments: tuple[str, ...]) -> None:
    assert cost(*arguments) < QUICK
