"""Task and suite files: what they say, and every way in which they can be wrong."""

import hashlib
from pathlib import Path

import pytest

from evalkit.answers.cloze import Cloze
from evalkit.answers.multiple_choice import MultipleChoice
from evalkit.errors import TaskError, UsageError
from evalkit.library import Library
from evalkit.tasks.definition import DataSet, PromptSettings, Suite
from evalkit.tasks.parse import find_suites, find_tasks, parse_task

TASK = """\
description = "A task."
source = "https://example.org"
metrics = ["accuracy"]

[dataset]
path = "org/data"
name = "config"
revision = "abc"
evaluation = "validation"

[multiple_choice]
choices = ["no", "yes"]
gold = "label"
"""
FULL = """\
description = "A task."
source = "https://example.org"
metrics = ["accuracy", "f1"]
id = "idx.a"
unit = "idx.b"
group = "idx.c"
prompt_folder = "other/folder"

[dataset]
path = "org/data"
name = "config"
revision = "abc"
evaluation = "test"
shots = "train"
shots_task = "suite/other"
rename = { one = "two" }

[cloze]
target = "word"

[multiple_choice]
choices = "words"
gold = "label"
normalisation = "byte"

[prompts.gpt3]
answer = "multiple_choice"
shots = 32
mode = "fixed"
separator = "\\n###\\n"
normalisation = "unconditional"

[prompts.bare]
"""


def write(folder: Path, text: str, name: str = "suite/task") -> Path:
    path = folder / "tasks" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_task_with_what_it_must_have(tmp_path: Path) -> None:
    path = write(tmp_path, TASK)
    task = parse_task("suite/task", path)
    assert (task.name, task.path, task.description) == ("suite/task", path, "A task.")
    assert task.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (task.source, task.metrics) == ("https://example.org", ("accuracy",))
    assert task.data == DataSet("org/data", "config", "abc", "validation", None, None, {})
    assert (task.id, task.unit, task.group) == (None, None, None)
    assert {name: type(kind) for name, kind in task.answers.items()} == {"multiple_choice": MultipleChoice}
    assert task.prompt_folder == "suite/task"
    assert task.settings("any") == PromptSettings("multiple_choice", None, "random", "\n\n", None)


def test_a_task_with_all_it_can_have(tmp_path: Path) -> None:
    task = parse_task("suite/task", write(tmp_path, FULL))
    assert task.metrics == ("accuracy", "f1")
    assert task.data == DataSet("org/data", "config", "abc", "test", "train", "suite/other", {"one": "two"})
    keys = [expression.source for expression in (task.id, task.unit, task.group) if expression is not None]
    assert keys == ["idx.a", "idx.b", "idx.c"]
    assert {name: type(kind) for name, kind in task.answers.items()} == {
        "cloze": Cloze,
        "multiple_choice": MultipleChoice,
    }
    assert task.answers["multiple_choice"].normalisation == "byte"
    assert task.prompt_folder == "other/folder"
    assert task.settings("gpt3") == PromptSettings("multiple_choice", 32, "fixed", "\n###\n", "unconditional")
    first = PromptSettings("cloze", None, "random", "\n\n", None)  # the first table in the file is the default
    assert task.settings("bare") == task.settings("any") == first


WRONG = [
    ('description = "A task."\n', "", "the key 'description' is missing"),
    ('source = "https://example.org"\n', "", "the key 'source' is missing"),
    ('metrics = ["accuracy"]\n', "", "the key 'metrics' is missing"),
    ('metrics = ["accuracy"]', "metrics = []", "metrics is empty"),
    ('metrics = ["accuracy"]', 'metrics = "accuracy"', "metrics has to be a list, and 'accuracy' is none"),
    ('metrics = ["accuracy"]', 'metrics = ["acuracy"]', "no metric 'acuracy'; there are accuracy, exact_match, "),
    ("[dataset]", "idd = 'idx'\n[dataset]", "unknown key 'idd'. Known here: breakdown, breakdown_groups, "
     "dataset, default_prompt, description, group, id, masked_normalisation, metrics, multiple_choice, offensive, "
     "passage, prompt_folder, prompts, source, unit"),
    ("[dataset]", "id = 3\n[dataset]", "id has to be a text, and 3 is none"),
    ("[dataset]", "id = 'a b'\n[dataset]", "id = 'a b' is no Jinja expression: "),
    ("[dataset]", "unit = '('\n[dataset]", "unit = '(' is no Jinja expression: "),
    ("[dataset]", "[data]", " [dataset]: the key 'path' is missing"),
    ('path = "org/data"\n', "", " [dataset]: the key 'path' is missing"),
    ('name = "config"\n', "", " [dataset]: the key 'name' is missing"),
    ('revision = "abc"\n', "", " [dataset]: the key 'revision' is missing"),
    ('evaluation = "validation"\n', "", " [dataset]: the key 'evaluation' is missing"),
    ('revision = "abc"', "revision = 3", " [dataset]: revision has to be a text, and 3 is none"),
    ('revision = "abc"', 'revision = "abc"\nshot = "train"', " [dataset]: unknown key 'shot'. Known here: cut, "
     "earlier, evaluation, fields, file, folder, folder_parts, join, joiner, lookup, name, parts, path, rename, "
     "revision, shots, shots_task, shots_within"),
    ('revision = "abc"', 'revision = "abc"\nrename = "a"', " [dataset]: rename has to be a table, and 'a' is none"),
    ('revision = "abc"', 'revision = "abc"\nrename = {a = 1}',
     " [dataset] [rename]: a has to be a text, and 1 is none"),
    ("[multiple_choice]", "[multiple_choices]",
     "one table has to say how the task is answered: 'multiple_choice', 'cloze'"),
    ("[multiple_choice]", "[multiple_choice]\nlabels = ['a']", " [multiple_choice]: unknown key 'labels'. Known here: "
     "answers, choices, gold, normalisation"),
    ('gold = "label"\n', "", " [multiple_choice]: give either gold (an index) or answers (a list of texts)"),
    ("[multiple_choice]", "[cloze]\ngold = 'a'\n[multiple_choice]", " [cloze]: the key 'target' is missing"),
    ("[multiple_choice]", "[generating]\n[multiple_choice]", "unknown key 'generating'"),
    ("[multiple_choice]", "[generation]\n[multiple_choice]", " [generation]: the key 'references' is missing"),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\nmatch = 'words'\n[multiple_choice]",
     " [generation]: match = 'words' is not one of exact, "),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\nextract = '('\n[multiple_choice]",
     " [generation]: extract is no regular expression: "),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\nextract = 'a'\n[multiple_choice]",
     " [generation]: extract needs a group in parentheses, which is the answer"),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\nbeams = 4\ntemperature = 1\n[multiple_choice]",
     " [generation]: beams and a temperature do not go together"),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\nsamples = 4\n[multiple_choice]",
     " [generation]: several samples need a temperature"),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\ntop_p = 1.5\n[multiple_choice]",
     " [generation]: top_p = 1.5 is not between 0 and 1"),
    ("[multiple_choice]", "[generation]\nreferences = 'a'\npenalty = 'none'\n[multiple_choice]",
     " [generation]: penalty = 'none' is not one of gnmt, transformers"),
    ("[multiple_choice]", "[prompts.gpt3.decoding]\nbeams = 4\n[multiple_choice]",
     " [prompts] [gpt3] [decoding]: this prompt's answer is not written"),
    ("[multiple_choice]", "[prompts.gpt3]\nmetrics = ['acuracy']\n[multiple_choice]",
     " [prompts] [gpt3]: no metric 'acuracy'; there are accuracy, "),
    ("[multiple_choice]", "[dataset.earlier]\nsame = 'a'\n[multiple_choice]",
     " [dataset] [earlier]: the key 'question' is missing"),
    ("[multiple_choice]", "[prompts.gpt3]\nshot = 1\n[multiple_choice]", " [prompts] [gpt3]: unknown key 'shot'. "
     "Known here: answer, decoding, metrics, mode, normalisation, separator, shots"),
    ("[multiple_choice]", "[prompts.gpt3]\nshots = -1\n[multiple_choice]",
     " [prompts] [gpt3]: shots = -1 has to be a number of at least 0"),
    ("[multiple_choice]", "[prompts.gpt3]\nmode = 'best'\n[multiple_choice]",
     " [prompts] [gpt3]: mode = 'best' is not one of random, fixed, balanced, curated"),
    ("[multiple_choice]", "[prompts.gpt3]\nanswer = 'cloze'\n[multiple_choice]",
     " [prompts] [gpt3]: answer = 'cloze' is not one of multiple_choice"),
    ("[multiple_choice]", "[prompts.gpt3]\nnormalisation = 'words'\n[multiple_choice]",
     " [prompts] [gpt3]: normalisation = 'words' is not one of none, token, byte, char, unconditional"),
    ("[multiple_choice]", "[prompts]\ngpt3 = 32\n[multiple_choice]",
     " [prompts]: gpt3 has to be a table, and 32 is none"),
    ("[multiple_choice]", "[multiple_choice", "not valid TOML: "),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "reason"), WRONG, ids=[case[2] for case in WRONG])
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert TASK.count(old) == 1
    path = write(tmp_path, TASK.replace(old, new))
    with pytest.raises(TaskError) as caught:
        parse_task("suite/task", path)
    place = str(path) if reason.startswith(" [") else f"{path}: "
    assert str(caught.value).startswith(place + reason)


def shelf(folder: Path) -> Library:
    for name in ("suite/a", "suite/b", "suite/deep/c", "suites/d", "top"):
        write(folder, TASK, name)
    return Library((folder,))


FOUND = [
    (["suite/a"], ["suite/a"]),
    (["suite"], ["suite/a", "suite/b", "suite/deep/c"]),
    (["suite/deep"], ["suite/deep/c"]),
    (["top", "suite/b"], ["top", "suite/b"]),
    (["suite/b", "suite"], ["suite/b", "suite/a", "suite/deep/c"]),
    (["suites", "suites/d", "suites"], ["suites/d"]),
    ([], []),
]


@pytest.mark.parametrize(("names", "expected"), FOUND)
def test_a_name_stands_for_a_task_or_a_folder(tmp_path: Path, names: list[str], expected: list[str]) -> None:
    assert [task.name for task in find_tasks(shelf(tmp_path), names)] == expected


UNKNOWN = [
    ("superglu", "no task or suite 'superglu'. Did you mean superglue or "),
    ("superglue/bolq", "no task or suite 'superglue/bolq'. Did you mean superglue/boolq"),
    ("boolq", "no task or suite 'boolq'. Did you mean superglue/boolq"),
    ("qwertyuiop", "no task or suite 'qwertyuiop'. `evalkit tasks list` shows them all"),
    ("", "no task or suite ''. `evalkit tasks list` shows them all"),
]


@pytest.mark.parametrize(("name", "message"), UNKNOWN)
def test_an_unknown_name_offers_the_nearest(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_tasks(Library.open(), ["superglue/rte", name])
    assert str(caught.value).startswith(message)


SUITE = 'description = "A suite."\nsource = "https://example.org"\n'


def test_a_suite_says_what_its_average_is(tmp_path: Path) -> None:
    library = shelf(tmp_path)
    write(tmp_path, SUITE + '[average]\ntasks = ["a", "deep/c"]\n', "suite/suite")
    write(tmp_path, SUITE, "suites/suite")
    assert find_suites(library, ["suites", "top", "suite"]) == [
        Suite("suites", "A suite.", "https://example.org", ()),
        Suite("suite", "A suite.", "https://example.org", ("suite/a", "suite/deep/c")),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the key 'description' is missing"),
        (SUITE + "tasks = []", "unknown key 'tasks'. Known here: average, description, source"),
        (SUITE + "[average]\ntask = []", " [average]: unknown key 'task'. Known here: tasks"),
        (SUITE + "[average]\ntasks = 'a'", " [average]: tasks has to be a list, and 'a' is none"),
    ],
)
def test_a_wrong_suite_is_named_with_what_is_wrong(tmp_path: Path, text: str, reason: str) -> None:
    library = shelf(tmp_path)
    path = write(tmp_path, text, "suite/suite")
    with pytest.raises(TaskError) as caught:
        find_suites(library, ["suite"])
    assert str(caught.value).startswith((str(path) if reason.startswith(" [") else f"{path}: ") + reason)


def test_superglue_averages_its_eight_tasks() -> None:
    (suite,) = find_suites(Library.open(), ["superglue"])
    tasks = find_tasks(Library.open(), ["superglue"])
    assert {task.name for task in tasks} - set(suite.average) == {"superglue/axb", "superglue/axg"}
    assert len(suite.average) == 8


@pytest.mark.parametrize("task", find_tasks(Library.open(), [*Library.open().task_files()]), ids=lambda task: task.name)
def test_a_shipped_task_is_pinned_and_says_what_it_is(task) -> None:  # type: ignore[no-untyped-def]
    if (
        task.data.file is None and task.data.revision != "main"
    ):  # of some data sets no commit is known: signatures name the one that was read
        assert len(task.data.revision) == 40
        assert int(task.data.revision, 16) >= 0
    assert task.description.endswith((".", "?"))
    assert task.source.startswith(("https://", "http://"))
    names = Library.open().prompt_names(task.prompt_folder)
    assert set(task.prompts) <= set(names)  # no settings for a prompt that is not there
    if task.data.shots_task is not None:
        (other,) = find_tasks(Library.open(), [task.data.shots_task])
        assert other.prompt_folder == task.prompt_folder
