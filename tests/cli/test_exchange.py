"""`evalkit export` and `evalkit import`, as one types them; runs are made by import, which needs no model."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.cli.export import DOCUMENT_SCHEMA, SCHEMA, command
from evalkit.interchange.formats import FORMATS

CONTENT: dict[str, Any] = {
    "results": {
        "sglue_rte": {"acc,none": 0.55, "acc_stderr,none": 0.05},
        "swag": {"acc,none": 0.5, "acc_stderr,none": 0.0503, "acc_norm,none": "N/A"},
    },
    "configs": {"sglue_rte": {"dataset_path": "aps/super_glue", "dataset_name": "rte"}},
    "n-shot": {"sglue_rte": 0, "swag": 5},
    "n-samples": {"sglue_rte": {"original": 277, "effective": 100}, "swag": {"original": 100, "effective": 100}},
    "config": {"model": "hf", "model_args": "pretrained=gpt2"},
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "results_2026.json"
    path.write_text(json.dumps(CONTENT), encoding="utf-8")
    return path


@pytest.fixture
def folder(run, old: Path, tmp_path: Path) -> Path:
    code, out, err = run("import", old, "--output", tmp_path / "old")
    assert (code, out) == (0, f"run: {tmp_path / 'old'} (gpt2, 2 numbers)\n")
    assert err == "left out: swag: acc_norm,none: no number: 'N/A'\n"
    return tmp_path / "old"


def test_every_format_can_be_chosen() -> None:
    choice = next(one for one in command.params if one.name == "kind").type
    assert tuple(choice.choices) == (*FORMATS, SCHEMA, DOCUMENT_SCHEMA)  # type: ignore[attr-defined]


def test_an_imported_run_is_reported(run, folder: Path) -> None:
    code, out, _ = run("report", folder)
    assert (code, out) == (0, f"report: {folder / 'report.html'}\n")


def test_the_command_that_repeats_it_is_kept(folder: Path, old: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == f"evalkit import {old} --output {folder}"


@pytest.mark.parametrize(
    ("kind", "beginning"),
    [
        ("csv", "model,model_version,dtype,task,"),
        ("latex", "% needs \\usepackage{booktabs}"),
        ("markdown", "gpt2: shares in percent"),
        ("lm-eval", '{\n  "results"'),
    ],
)
def test_text_goes_to_standard_output(run, folder: Path, kind: str, beginning: str) -> None:
    code, out, err = run("export", folder, "--format", kind, "--shots", "5")
    assert (code, err) == (0, "")
    assert out.startswith(beginning)


@pytest.mark.parametrize(
    ("kind", "title"), [("schema", "results.json of an evalkit run"), ("json-schema", "evalkit run --json")]
)
def test_a_schema_needs_no_run(run, kind: str, title: str) -> None:
    code, out, _ = run("export", "--format", kind)
    assert code == 0
    assert json.loads(out)["title"] == title


def test_files_are_written_where_one_says(run, folder: Path, tmp_path: Path) -> None:
    assert run("export", folder, "--format", "csv", "--output", tmp_path / "a.csv")[1] == f"{tmp_path / 'a.csv'}\n"
    code, out, _ = run("export", folder, "--format", "lm-eval", "--output", tmp_path / "out")
    assert code == 0
    assert sorted(out.split()) == [str(tmp_path / "out" / f"results_{shots}-shot.seed0.json") for shots in (0, 5)]
    assert run("export", folder, "--format", "every-eval-ever", "--output", tmp_path / "eee")[0] == 0
    assert len(list((tmp_path / "eee" / "data" / "evalkit").rglob("*.json"))) == 1
    assert run("export", folder, "--format", "parquet", "--output", tmp_path / "out")[0] == 0
    assert (tmp_path / "out" / "results.parquet").read_bytes()[:4] == b"PAR1"


def test_files_that_are_there_are_kept(run, folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "README.md"
    place.write_text("mine", encoding="utf-8")
    code, _, err = run("export", folder, "--format", "markdown", "--output", place)
    assert (code, err) == (1, f"evalkit: {place} exists already. Choose another --output, or give --overwrite\n")
    assert place.read_text(encoding="utf-8") == "mine"
    assert run("export", folder, "--format", "markdown", "--output", place, "--overwrite")[0] == 0
    code, _, err = run("export", folder, "--format", "lm-eval", "--output", place)
    assert code == 1
    assert "is a file, and 2 are to be written" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--format", "lm-eval"), 2, "makes 2 files of this run: results_0-shot.seed0.json, results_5-shot.seed0.json"),
        (("--format", "parquet"), 2, "--format parquet is no text alone. Give --output"),
        (("--format", "csv", "--shots", "3"), 1, "It has: shots 0, 5; prompts lm_eval; seeds 0"),
        (("--format", "csv", "--shots", "x"), 2, "'x' is not a list of whole numbers"),
        (("--format", "hub"), 1, "no result is of a data set on the hub"),
        (("--format", "pdf"), 2, "'pdf' is not one of"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_exported_is_said(run, folder: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = run("export", folder, *words)
    assert done[0] == code
    assert said in done[2]
    assert "Traceback" not in done[2]


def test_a_run_has_to_be_named_and_to_be_there(run, tmp_path: Path) -> None:
    code, _, err = run("export", "--format", "csv")
    assert (code, err) == (
        2,
        "evalkit: --format csv: which run? Give its folder: evalkit export runs/demo --format csv\n",
    )
    code, _, err = run("export", tmp_path, "--format", "csv")
    assert code == 1
    assert "no run here" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("{", "no JSON: Expecting"),
        ('{"results": [], "format": 5}', "evalkit's own results.json"),
        ('{"results": {}, "config": {"model": "hf"}}', "no numbers in it"),
    ],
    ids=["missing", "damaged", "ours", "empty"],
)
def test_what_cannot_be_imported_is_said(run, tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    code, _, err = run("import", path, "--output", tmp_path / "run")
    assert code == 1
    assert err.startswith(f"evalkit: {path}: ")
    assert said in err
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_there_is_kept(run, old: Path, folder: Path) -> None:
    code, _, err = run("import", old, "--output", folder)
    assert (code, err) == (1, f"evalkit: {folder} exists already. Choose another --output, or give --overwrite\n")
    assert run("import", old, "--output", folder, "--overwrite")[0] == 0


def test_a_folder_without_results_is_said(run, tmp_path: Path) -> None:
    code, _, err = run("import", tmp_path, "--output", tmp_path / "run")
    assert (code, err) == (1, f"evalkit: {tmp_path}: no results*.json in this folder. Name the files themselves\n")


def test_other_verbs_open_an_imported_run_or_refuse_it_clearly(run, folder: Path, tmp_path: Path) -> None:
    code, out, _ = run("leaderboard", folder, "--output", tmp_path / "site")
    assert code == 0
    assert "0 left out" in out
    assert run("compare", folder, folder)[0] == 0  # nothing can be paired, which it says
    code, _, err = run("gate", "--baseline", folder, "--candidate", folder)
    assert code == 1
    assert "no number that can be held against another" in err
