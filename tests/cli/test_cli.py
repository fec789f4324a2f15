"""Every verb as a user meets it: output, exit codes, errors without tracebacks."""

import json
import re

import pytest


def test_help_names_every_verb(run):
    code, out, _ = run("--help")
    assert code == 0
    for verb in ("run", "report", "tasks", "prompt"):
        assert f"  {verb} " in out


def test_tasks_list(run):
    code, out, _ = run("tasks", "list")
    assert code == 0
    assert len([line for line in out.splitlines() if line.startswith("superglue/")]) == 10
    assert run("tasks", "list", "ax")[1].count("superglue/") == 2


def test_tasks_show_is_a_card(run):
    code, out, _ = run("tasks", "show", "superglue/wsc")
    assert code == 0
    for words in (
        "aps/super_glue (wsc.fixed)",
        "accuracy",
        "gpt3",
        "K = 32 in the paper",
        "fixed shots",
        "figure G.33",
    ):
        assert words in out


def test_prompt_marks_the_completion(run):
    code, out, _ = run("prompt", "superglue/boolq", "--shots", 1, "--data-dir", "samples")
    assert code == 0
    assert "answer:┃" in out
    assert "┃ no" in out
    assert "┃ yes" in out
    assert out.count("question:") == 2


def test_prompt_marks_tokens_with_a_model(run):
    code, out, _ = run("prompt", "superglue/copa", "--data-dir", "samples", "--model", "demo", "--device", "cpu")
    assert code == 0
    tokens = [line for line in out.splitlines() if "|" in line]
    assert len(tokens) == 2
    assert all("┃" in line for line in tokens)


def test_prompt_of_a_chosen_example(run):
    code, out, _ = run("prompt", "superglue/rte", "--example", "7", "--prompt", "reporter", "--data-dir", "samples")
    assert code == 0
    assert "item 7" in out
    assert "The source┃" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("prompt", "superglue/boolk", "--data-dir", "samples"), 2, "Did you mean superglue/boolq"),
        (("prompt", "superglue", "--data-dir", "samples"), 2, "give one task"),
        (("prompt", "superglue/rte", "--example", "99", "--data-dir", "samples"), 2, "no item with the id '99'"),
        (("prompt", "superglue/rte", "--data-dir", "nowhere"), 1, "nowhere: no such folder"),
        (("run", "--model", "demo", "--tasks", "superglue/rte", "--shots", "a"), 2, "not a list of whole numbers"),
        (("run", "--model", "demo"), 2, "--tasks"),
        (("report", "nowhere"), 1, "no run here"),
        (("tasks", "show", "nothing"), 2, "no task or suite 'nothing'"),
        (("tasks", "list", "--library", "nowhere"), 2, "--library nowhere"),
    ],
)
def test_errors_say_what_is_wrong_without_a_traceback(run, words, code, message):
    got, _, err = run(*words)
    assert got == code
    assert message in err
    assert "Traceback" not in err


def test_a_run_ends_with_its_report(process, tmp_path):
    code, out, err = process(
        "run", "--model", "demo", "--tasks", "superglue/cb,superglue/copa", "--shots", "0,2", "--limit", "6",
        "--data-dir", "samples", "--output", "first", "--device", "cpu",
    )  # fmt: skip
    assert code == 0, err
    assert out.splitlines()[-1] == "report: first/report.html"
    assert "macro_f1" in out
    assert "[4/4] superglue/copa" in err
    manifest = json.loads((tmp_path / "first" / "manifest.json").read_text())
    assert manifest["status"] == "complete"
    assert manifest["command"].startswith("evalkit run --model demo")
    assert manifest["model"]["name"] == "evalkit-demo"
    results = json.loads((tmp_path / "first" / "results.json").read_text())["results"]
    assert len(results) == 6
    assert all("|model:evalkit-demo@" in result["signature"] for result in results)
    before = (tmp_path / "first" / "report.html").read_text()
    code, out, _ = process("report", "first")
    assert (code, out) == (0, "report: first/report.html\n")
    assert (tmp_path / "first" / "report.html").read_text() == before


def test_flags_come_from_the_environment_too(process):
    code, out, err = process("prompt", "superglue/rte", EVALKIT_DATA_DIR="samples", EVALKIT_PROMPT_SHOTS="1")
    assert code == 0, err
    assert out.count("question:") == 2


@pytest.mark.parametrize("verb", ["run", "prompt"])
def test_every_variable_has_the_name_of_a_flag(run, verb):
    code, out, _ = run(verb, "--help")
    assert code == 0
    joined = re.sub(r"\s+", " ", out)
    variables = set(re.findall(r"env var: ?(\S+?)[;\]]", joined))
    assert len(variables) > 8
    assert all(re.fullmatch(r"EVALKIT_[A-Z]+(_[A-Z]+)*", variable) for variable in variables)


def test_missing_tasks_make_a_run_partial(run, tmp_path):
    folder = tmp_path / "data" / "superglue" / "copa"
    folder.mkdir(parents=True)
    row = {"premise": "It rained.", "choice1": "It was wet.", "choice2": "It was dry.", "question": "effect"}
    (folder / "validation.jsonl").write_text(json.dumps({**row, "idx": 0, "label": 0}) + "\n")
    code, out, _ = run(
        "run", "--model", "demo", "--tasks", "superglue", "--data-dir", tmp_path / "data", "--output", tmp_path / "r"
    )
    assert code == 5
    assert "superglue/boolq was left out" in out


def test_a_library_of_ones_own(run, tmp_path):
    """The README's example: one TOML and one Jinja file make a task."""
    (tmp_path / "lib/tasks").mkdir(parents=True)
    (tmp_path / "lib/prompts/weather").mkdir(parents=True)
    (tmp_path / "data/weather").mkdir(parents=True)
    (tmp_path / "lib/tasks/weather.toml").write_text(
        'description = "Is it a sentence about the weather?"\nsource = "https://example.org"\nmetrics = ["accuracy"]\n'
        '[dataset]\npath = "me/weather"\nname = "default"\nrevision = "main"\nevaluation = "test"\nshots = "train"\n'
        '[multiple_choice]\nchoices = ["no", "yes"]\ngold = "label"\n'
    )
    (tmp_path / "lib/prompts/weather/plain.jinja").write_text("{{ text }}\nWeather?{% completion %} {{ choice }}\n")
    rows = [{"text": "It snows.", "label": 1}, {"text": "The cat sleeps.", "label": 0}]
    for split in ("train", "test"):
        lines = "\n".join(json.dumps({**row, "text": f"{split}: {row['text']}"}) for row in rows)
        (tmp_path / f"data/weather/{split}.jsonl").write_text(lines)
    where = ("--library", tmp_path / "lib", "--data-dir", tmp_path / "data")
    code, out, err = run("prompt", "weather", "--shots", 1, *where)
    assert code == 0, err
    assert "test: It snows.\nWeather?┃" in out
    code, out, err = run(
        "run", "--model", "demo", "--tasks", "weather", "--shots", "0,1", *where, "--output", tmp_path / "r"
    )
    assert code == 0, err
    assert "weather" in out
