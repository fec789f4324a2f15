"""`--contamination` as a user gives it: to a run, to a report, and wrongly."""

from tests.contamination.fabricated import fabricate

ASK = ("run", "--model", "demo", "--tasks", "superglue/copa", "--data-dir", "samples", "--limit", "12")


def test_a_run_tells_clean_from_dirty(run, tmp_path):
    overlaps = fabricate(tmp_path / "overlaps", ["superglue/copa"], lambda place: None if place == 1 else place < 5)
    code, out, err = run(*ASK, "--contamination", overlaps, "--output", tmp_path / "run")
    assert code == 0, err
    assert "Contamination" in out
    (line,) = [line.split() for line in out.splitlines() if line.startswith("superglue/copa  ")][-1:]
    assert line[:6] == ["superglue/copa", "gpt3", "0", "0", "accuracy", "13"]
    assert [word for word in line if word in ("(12)", "(7)", "(4)", "58", "1")][:4] == ["(12)", "(7)", "(4)", "58"]
    assert line[-1] == "1"
    assert "1,200 documents" in out
    assert "lower bound" in out
    assert out.splitlines()[-1].startswith("report: ")


def test_a_report_tells_it_of_a_run_that_is_there(run, tmp_path):
    assert run(*ASK, "--output", tmp_path / "run")[0] == 0
    overlaps = fabricate(tmp_path / "overlaps", ["superglue/copa"])
    code, out, _ = run("report", tmp_path / "run", "--contamination", overlaps)
    assert code == 0
    assert "Contamination" in out
    assert (tmp_path / "run" / "contamination.json").is_file()
    code, out, _ = run("report", tmp_path / "run")
    assert (code, out) == (0, f"report: {tmp_path / 'run' / 'report.html'}\n")


def test_what_is_no_overlaps_is_refused_at_once(run, tmp_path):
    code, _, err = run(*ASK, "--contamination", tmp_path, "--output", tmp_path / "run")
    assert code == 1
    assert "no overlaps here" in err
    assert not (tmp_path / "run").exists()
