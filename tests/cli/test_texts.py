"""Texts that are written, judged, and kept: the toxicity walk from one end to the other, killed on the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.runs.folder import RunFolder
from tests.cli.test_cache import kill_when, work
from tests.journal import answers
from tests.models import judges, tiny
from tests.scorers import imitation

TEXTS = 8 * 25  # of eight prompts


@pytest.fixture
def asked(tmp_path: Path) -> tuple[str, ...]:
    """RealToxicityPrompts of a tiny model, judged by a tiny classifier."""
    model, judge = tiny.save(tmp_path / "model"), judges.save(tmp_path / "judge")
    return (
        *("run", "--model", str(model), "--tasks", "toxicity/real_toxicity_prompts", "--data-dir", "samples"),
        *("--scorer", f"classifier:{judge}#toxic", "--limit", "8", "--batch-tokens", "256"),
    )


def results(folder: Path) -> list[dict[str, object]]:
    return list(json.loads((folder / "results.json").read_text())["results"])


def log(folder: Path) -> list[dict[str, Any]]:
    return RunFolder.open(folder).read_samples()


def test_a_killed_walk_goes_on_with_its_texts_and_with_their_scores(process, asked, tmp_path, cache_dir):
    code, _, err = process(*asked, "--no-cache", "--output", tmp_path / "whole")
    assert code == 0, err
    before = 0
    for count in (TEXTS // 4, TEXTS + TEXTS // 4):  # while they are written, and while they are judged
        kept = kill_when(cache_dir, count, *asked, "--output", str(tmp_path / f"killed{count}"))
        assert before < kept < 2 * TEXTS
        before = kept
    code, out, err = process(*asked, "--output", tmp_path / "resumed")
    assert code == 0, err
    assert f"{TEXTS} requests" in out
    assert "all answered before" in out  # the texts; some of the scores were yet to come
    assert answers(cache_dir) > before
    assert results(tmp_path / "resumed") == results(tmp_path / "whole")
    logs = [log(tmp_path / name) for name in ("resumed", "whole")]
    for column in ("id", "written", "reasons", "written_tokens", "scores"):
        assert [row[column] for row in logs[0]] == [row[column] for row in logs[1]]


def test_the_numbers_are_of_the_texts_in_the_log(process, asked, tmp_path):
    code, out, err = process(*asked, "--output", tmp_path / "run")
    assert code == 0, err
    scores = [row["scores"][0]["values"] for row in log(tmp_path / "run")]
    assert [len(one) for one in scores] == [25] * 8
    found = {row["metric"]: row["value"] for row in results(tmp_path / "run") if not row["subset"]}
    assert found["expected_maximum_toxicity"] == pytest.approx(sum(max(one) for one in scores) / 8)
    assert found["toxicity_probability"] == pytest.approx(sum(max(one) >= 0.5 for one in scores) / 8)
    assert found["mean_toxicity"] == pytest.approx(sum(sum(one) / 25 for one in scores) / 8)
    assert work(tmp_path / "run")["requests"] == TEXTS
    for row in log(tmp_path / "run"):
        for text in row["written"]:
            assert len(text) < 10 or text not in out + err  # the console never shows them


def test_what_judged_stands_in_every_column_and_signature(process, asked, tmp_path):
    code, out, err = process(*asked, "--output", tmp_path / "run")
    assert code == 0, err
    (label,) = {str(row["scorer"]) for row in results(tmp_path / "run")}
    assert label.startswith("classifier:judge@")
    assert label.endswith("#toxic")
    assert f"mean_toxicity ({label})" in out
    assert all(str(row["signature"]).endswith(f"|scorer:{label}") for row in results(tmp_path / "run"))


def test_perspective_is_asked_once_for_each_text_over_two_runs(run, tmp_path, monkeypatch):
    """The service refuses when ten texts are judged; the same command goes on from there."""
    asked = ("run", "--model", "demo", "--tasks", "toxicity/toxigen_prompts", "--limit", "20", "--data-dir", "samples")
    asked = (*asked, "--scorer", "perspective")
    monkeypatch.setenv("EVALKIT_PERSPECTIVE_KEY", imitation.KEY)
    monkeypatch.setenv("EVALKIT_PERSPECTIVE_QPS", "1000")

    def reply(text: str, before: int) -> imitation.Reply:
        return imitation.failed(403, "quota") if before == 10 else imitation.scored(0.25)

    with imitation.Service(reply) as service:
        monkeypatch.setenv("EVALKIT_PERSPECTIVE_URL", service.address)
        code, _, err = run(*asked, "--output", tmp_path / "first")
        assert code == 1
        assert "they are kept, and the same command goes on from there" in err
        code, out, err = run(*asked, "--output", tmp_path / "second")
        assert code == 0, err
    refused = service.asked[10]
    assert sorted(service.asked) == sorted([*set(service.asked), refused])
    (row,) = [row for row in results(tmp_path / "second") if (row["metric"], row["subset"]) == ("mean_toxicity", "")]
    assert row["value"] == pytest.approx(0.25)
    assert str(row["scorer"]).startswith("perspective:TOXICITY@20")
    assert str(row["scorer"]).endswith(" (drifts)")
    assert f"mean_toxicity ({row['scorer']})" in out
    manifest = json.loads((tmp_path / "second" / "manifest.json").read_text())
    assert manifest["tasks"][0]["scorers"] == [{"attribute": "toxicity", "label": row["scorer"], "drifts": True}]
    assert imitation.KEY not in out + err + json.dumps(manifest)


@pytest.mark.parametrize("task", ["bias/crows_pairs", "toxicity/hatecheck"])
def test_offensive_texts_are_shown_in_a_file_alone(run, tmp_path, task):
    code, out, err = run("prompt", task, "--data-dir", "samples")
    assert (code, out) == (2, "")
    assert f"{task}: its texts are offensive and are not shown here; give --to FILE" in err
    code, out, err = run("prompt", task, "--data-dir", "samples", "--to", tmp_path / "prompt.txt")
    assert (code, out, err) == (0, "", "")
    assert f"{task}, prompt" in (tmp_path / "prompt.txt").read_text(encoding="utf-8")
    code, _, err = run("prompt", task, "--data-dir", "samples", "--to", tmp_path / "no" / "prompt.txt")
    assert code == 2
    assert "cannot be written: No such file or directory" in err


def test_redact_leaves_no_text_in_the_run_folder(run, tmp_path):
    asked = ("run", "--model", "demo", "--tasks", "bias/crows_pairs", "--data-dir", "samples", "--limit", "3")
    code, _, err = run(*asked, "--redact", "--output", tmp_path / "run")
    assert code == 0, err
    for path in (tmp_path / "run").rglob("*"):
        assert path.is_dir() or b" map" not in path.read_bytes()  # a word of the first pair
    code, _, err = run(*asked, "--output", tmp_path / "other")
    assert b"map" in (tmp_path / "other" / "report.html").read_bytes()
