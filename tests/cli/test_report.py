"""`evalkit report`: one run, several runs, and where the samples are."""

import json

import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.sample_links import decoded
from tests.report.browsed import blocks_of


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three runs: two that answer alike, and one that likes another word."""
    place = tmp_path_factory.mktemp("runs")
    for name, liked in (("first", {}), ("second", {}), ("third", {" yes": True})):
        evalkit.evaluate(FakeModel(liked=liked), "superglue/boolq", data_dir="samples", output=place / name)
    return [place / name for name in ("first", "second", "third")]


def test_one_run_has_its_report_in_its_folder(run, runs):
    code, out, err = run("report", runs[0])
    assert (code, err) == (0, "")
    assert out == f"report: {runs[0] / 'report.html'}\n"


def test_several_runs_have_one_page_here_and_their_differences_on_it(run, runs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("report", *runs)
    assert (code, out) == (0, "report: report.html\n")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(f"fake ({one.name})" in page for one in runs)
    for words in ("The runs against each other", "B against A", "C against A"):
        assert words in page
    index = decoded(blocks_of(page)["index"])
    assert {one["keys"]["run"] for part in index["sections"] for one in part["settings"]} == {
        f"fake ({one.name})" for one in runs
    }


def test_output_says_where(run, runs, tmp_path):
    code, out, _ = run("report", runs[0], "--output", tmp_path / "elsewhere.html")
    assert (code, out) == (0, f"report: {tmp_path / 'elsewhere.html'}\n")
    assert (tmp_path / "elsewhere.html").is_file()


@pytest.mark.parametrize(
    ("samples", "blocks", "beside"), [("all", True, False), ("beside", False, True), ("none", False, False)]
)
def test_samples_are_in_the_page_or_beside_it_or_nowhere(run, runs, tmp_path, samples, blocks, beside):
    code, _, _ = run("report", runs[0], "--output", tmp_path / "report.html", "--samples", samples)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert code == 0
    assert bool(blocks_of(page)) is blocks
    assert (tmp_path / "report-samples" / "index.js").is_file() is beside
    assert ("script-src 'sha256-" in page, "'self'" in page) == (True, beside)


def test_what_is_of_one_run_is_not_told_of_two(run, runs):
    for form in ("json", "markdown"):
        code, out, err = run("report", *runs[:2], "--format", form)
        assert (code, out) == (2, "")
        assert "2 are given" in err
        assert "evalkit compare" in err


def test_a_run_is_named_once(run, runs):
    code, _, err = run("report", runs[0], runs[0])
    assert code == 2
    assert "named 2 times" in err


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_what_is_no_run(run, tmp_path, name):
    (tmp_path / "file.txt").write_text("text")
    code, out, err = run("report", tmp_path / name)
    assert (code, out) == (1, "")
    assert "no run here" in err


def test_a_page_that_cannot_be_written(run, runs, tmp_path):
    code, _, err = run("report", runs[0], "--output", tmp_path / "no" / "folder" / "x.html")
    assert code == 1
    assert "x.html: cannot be written" in err


def test_json_of_one_run_goes_to_standard_output_alone(run, runs):
    code, out, err = run("report", runs[0], "--json")
    assert code == 0
    assert json.loads(out)["results"]
    assert err == f"report: {runs[0] / 'report.html'}\n"


def test_pages_of_one_folder_have_samples_of_their_own(run, runs, tmp_path):
    for name in ("one", "other"):
        run("report", runs[0], "--output", tmp_path / f"{name}.html", "--samples", "beside")
    run("report", runs[0], "--output", tmp_path / "other.html")
    assert (tmp_path / "one-samples" / "index.js").is_file()
    assert not (tmp_path / "other-samples").exists()


def test_a_report_of_whatever_evalkit_is_made_anew(run, runs, tmp_path):
    (runs[1] / "report.html").write_text("<!doctype html><title>x</title>")  # a run's own report is evalkit's file
    (tmp_path / "old.html").write_text("<!doctype html><title>m: evalkit report</title>")
    assert run("report", runs[1])[0] == 0
    assert run("report", runs[1], "--output", tmp_path / "old.html")[0] == 0
    assert "Scores" in (tmp_path / "old.html").read_text()


def test_what_is_no_report_is_not_written_over(run, runs, tmp_path):
    (tmp_path / "notes.html").write_text("mine")
    code, _, err = run("report", runs[0], "--output", tmp_path / "notes.html")
    assert code == 2
    assert "is no report of evalkit" in err
    assert (tmp_path / "notes.html").read_text() == "mine"
