"""`evalkit gate` as a pipeline calls it; the action and the examples that call it; the baseline that is committed."""

# ruff: noqa: F401, F811 - fixtures of the gate's own tests are these tests' too

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.gate.conftest import doctored, losing, original, seven_of_ten

CHECKOUT = Path(__file__).parents[2]
BASELINE = CHECKOUT / "reports" / "baselines" / "superglue-samples.json"
GITHUB = CHECKOUT / ".github"
COPA, RTE = "superglue/copa", "superglue/rte"


@pytest.fixture
def base(doctored, seven_of_ten, tmp_path, run, monkeypatch):
    """A run, and the file that was made of it."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    path = doctored("base", seven_of_ten)
    file = tmp_path / "baselines" / "base.json"
    code, out, _ = run("gate", "baseline", path, "--output", file)
    assert (code, out) == (0, f"baseline: {file} (2 numbers, {file.stat().st_size / 1e3:.0f} kB)\n")
    return path, file


def test_a_repeat_leaves_with_0(run, base, doctored, seven_of_ten) -> None:
    again = doctored("again", seven_of_ten)
    for baseline in base:
        code, out, err = run("gate", "--baseline", baseline, "--candidate", again)
        assert (code, err) == (0, "")
        assert "pass: 3 of 3 pass; again (fake, float64) against base (fake, float64)" in out


def test_a_regression_leaves_with_3_and_writes_everything(
    run,
    base,
    doctored,
    seven_of_ten,
    tmp_path,
    monkeypatch,
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    worse = doctored("worse", losing(seven_of_ten, 37, 12, COPA))
    files = [tmp_path / "out" / name for name in ("gate.md", "gate.xml", "gate.json")]
    words = [word for pair in zip(("--summary", "--junit", "--json"), files, strict=True) for word in pair]
    code, out, _ = run("gate", "--baseline", base[1], "--candidate", worse, *words)
    assert code == 3
    (row,) = [line for line in out.splitlines() if line.startswith("superglue/copa ")]
    assert "−5.00" in row
    assert "regression" in row
    assert summary.read_text() == "before\n" + files[0].read_text()
    assert ElementTree.parse(files[1]).getroot().attrib["failures"] == "2"
    assert json.loads(files[2].read_text())["exit_code"] == 3


def test_too_few_items_leave_with_4_and_the_n(run, base, doctored, seven_of_ten) -> None:
    other = doctored("other", losing(seven_of_ten, 20, 18, COPA))
    code, out, _ = run("gate", "--baseline", base[0], "--candidate", other)
    assert code == 4
    assert "6.5k" in out
    assert "neither of the two can be shown" in out
    code, out, _ = run("gate", "--baseline", base[0], "--candidate", other, "--max-drop", "0.05")
    assert code == 0
    assert "no more than 5 points" in out


def test_the_table_fits_80_columns(run, base, doctored, seven_of_ten, monkeypatch) -> None:
    for key, value in {"COLUMNS": "80", "TTY_COMPATIBLE": "1", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(key, value)
    other = doctored("other", losing(seven_of_ten, 20, 18, COPA, RTE))
    code, out, _ = run("gate", "--baseline", base[1], "--candidate", other)
    assert code == 4
    table = out.splitlines()
    assert len(table) >= 5
    assert max(map(len, table)) <= 80
    assert [line.split()[0] for line in table if " inconclusive " in line and ":" not in line] == [
        "copa",
        "rte",
        "overall",
    ]


def test_what_is_missing_or_different_is_an_error(run, base, tmp_path) -> None:
    code, _, err = run("gate", "--baseline", BASELINE, "--candidate", base[0])
    assert code == 1
    assert "not in the candidate: superglue/axb, superglue/axg, superglue/boolq, superglue/cb, superglue/multirc" in err
    assert f"{COPA}: data is samples/superglue/copa/validation@" in err
    assert run("gate", "--baseline", BASELINE, "--candidate", base[0], "--allow-different")[0] == 4
    code, _, err = run("gate", "--baseline", tmp_path / "none.json", "--candidate", base[0])
    assert code == 1
    assert "neither a run folder nor a file that `evalkit gate baseline` wrote" in err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--baseline", "x"),
        ("--baseline", "x", "--candidate", "y", "--alpha", "0"),
        ("--baseline", "x", "--candidate", "y", "--max-drop", "1"),
        ("baseline",),
        ("baseline", "x"),
    ],
)
def test_wrong_usage_leaves_with_2(run, words) -> None:
    assert run("gate", *words)[0] == 2


def test_a_metric_can_be_chosen(run, base) -> None:
    assert run("gate", "--baseline", base[1], "--candidate", base[0], "--metric", "accuracy")[0] == 0
    code, _, err = run("gate", "--baseline", base[1], "--candidate", base[0], "--metric", "f1")
    assert code == 2
    assert "--metric f1: the baseline has no such number. It has: accuracy" in err


def test_our_own_baseline_is_of_what_is_asked_today(run, tmp_path) -> None:
    """If it is not, the example fails: write it anew, as .github/examples/gate.yml says."""
    path = tmp_path / "run"
    tasks = "superglue/copa"
    assert run("run", "--model", "demo", "--tasks", tasks, "--data-dir", "samples", "--output", path)[0] == 0
    report = tmp_path / "gate.json"
    code, out, _ = run("gate", "--baseline", BASELINE, "--candidate", path, "--allow-different", "--json", report)
    notes = json.loads(report.read_text())["notes"]
    assert [note.partition(":")[0] for note in notes] == ["not in the candidate"]
    assert code == 0, out


def steps(path: Path) -> dict:
    return yaml.safe_load((GITHUB / path).read_text(encoding="utf-8"))


def test_the_examples_call_what_is_there() -> None:
    action = steps(Path("actions/gate/action.yml"))
    (job,) = steps(Path("examples/gate.yml"))["jobs"].values()
    (used,) = [step["with"] for step in job["steps"] if step["uses"].endswith("actions/gate")]
    needed = {name for name, given in action["inputs"].items() if given.get("required")}
    assert needed <= set(used) <= set(action["inputs"])
    assert CHECKOUT / used["baseline"] == BASELINE
    lab = steps(Path("examples/gate.gitlab-ci.yml"))["gate"]
    assert lab["allow_failure"] == {"exit_codes": [4]}
    assert BASELINE.relative_to(CHECKOUT).as_posix() in "".join(lab["script"])
    assert all("${{" not in step["run"] for step in action["runs"]["steps"])


@pytest.mark.parametrize(
    ("lost", "gained", "mode", "code", "verdict"),
    [
        (37, 12, "warn", 3, "regression"),
        (6, 6, "fail", 4, "inconclusive"),
        (6, 6, "warn", 0, "inconclusive"),
    ],
)
def test_the_action_leaves_as_it_was_told(
    base,
    doctored,
    seven_of_ten,
    tmp_path,
    lost,
    gained,
    mode,
    code,
    verdict,
) -> None:
    candidate = doctored("candidate", losing(seven_of_ten, lost, gained, COPA))
    (script,) = [
        step["run"] for step in steps(Path("actions/gate/action.yml"))["runs"]["steps"] if step["name"] == "Gate"
    ]
    outputs = tmp_path / "outputs"
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "EVALKIT_BASELINE": str(base[1]),
        "EVALKIT_MAX_DROP": "0.01",
        "EVALKIT_ALPHA": "0.05",
        "EVALKIT_PASS_ON": "all",
        "INCONCLUSIVE": mode,
        "OUTPUT": str(candidate),
        "GITHUB_OUTPUT": str(outputs),
    }
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert outputs.read_text() == f"verdict={verdict}\n"
    assert ("::warning::" in done.stdout) == (verdict == "inconclusive" and mode == "warn")
    assert (candidate / "gate.xml").is_file()
