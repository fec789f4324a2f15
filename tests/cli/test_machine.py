"""`--json` and Markdown as a user pipes them: one document on standard output, all that is human on standard error."""

import json

import jsonschema
import pytest

from evalkit.interchange.machine import schema

ASK = ("run", "--model", "demo", "--data-dir", "samples", "--device", "cpu", "--limit", "4")


@pytest.fixture(scope="module")
def checker():
    return jsonschema.Draft202012Validator(schema())


def test_a_run_is_one_document(run, tmp_path, checker):
    code, out, err = run(*ASK, "--tasks", "superglue/cb", "--shots", "0,1", "--json", "--output", tmp_path / "r")
    assert code == 0
    content = json.loads(out)
    checker.validate(content)
    assert content["report"] == str(tmp_path / "r" / "report.html")
    assert {(one["shots"], one["metric"]) for one in content["results"]} == {
        (shots, metric) for shots in (0, 1) for metric in ("accuracy", "macro_f1")
    }
    for human in ("macro_f1", "report: ", "Shares in percent"):
        assert human in err
    again = run("report", tmp_path / "r", "--json")
    assert again[:2] == (0, out)
    assert again[2] == f"report: {tmp_path / 'r' / 'report.html'}\n"
    assert run("report", tmp_path / "r", "--format", "json")[1] == out


def test_what_was_left_out_is_told_and_leaves_with_5(run, tmp_path, checker):
    code, out, _ = run(*ASK, "--tasks", "bias/bbq", "--shots", "0,1", "--json", "--output", tmp_path / "r")
    assert code == 5
    content = json.loads(out)
    checker.validate(content)
    assert content["status"] == "partial"
    assert list(content["skipped"]) == ["bias/bbq, 1-shot"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((*ASK, "--tasks", "nothing", "--json"), 2),
        ((*ASK, "--tasks", "superglue/cb", "--json", "--dry-run"), 2),
        (("report", "nowhere", "--json"), 1),
        (("report", "nowhere", "--format", "markdown"), 1),
    ],
)
def test_an_error_leaves_standard_output_empty(run, words, code):
    got, out, err = run(*words)
    assert (got, out) == (code, "")
    assert err.startswith("evalkit: ")


def test_markdown_goes_where_it_is_piped(run, tmp_path):
    assert run(*ASK, "--tasks", "superglue/cb", "--output", tmp_path / "r")[0] == 0
    code, out, err = run("report", tmp_path / "r", "--format", "markdown")
    assert code == 0
    assert out.startswith("## evalkit: evalkit-demo\n")
    assert "| cb | macro\\_f1 | 4 |" in out
    assert err == f"report: {tmp_path / 'r' / 'report.html'}\n"
