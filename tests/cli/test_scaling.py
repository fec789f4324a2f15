"""`evalkit scaling` as a user meets it."""

import json

import pytest
from rich.console import Console

from tests.scaling.conftest import COPA, RTE, family, original

__all__ = ["family", "original"]  # fixtures of the fits' own tests are these tests' too


@pytest.fixture
def file(tmp_path):
    """Points on Besiroglu's law but for a little, and one that is not."""
    lines = ["N,D,nll,odd"]
    for place in range(24):
        n, d = 5e7 * 1.4**place, 1e9 * 1.7 ** (place % 8)
        loss = (1.8172 + 482.01 / n**0.3478 + 2085.43 / d**0.3658) * (1 + 0.003 * (-1) ** place)
        lines.append(f"{n:.6g},{d:.6g},{loss:.6g},no")
    path = tmp_path / "points.csv"
    path.write_text("\n".join([*lines, "1e9,1e9,9.5,yes", ""]))
    return path


def named(file):
    return "--points", file, "--columns", "parameters=N,tokens=D,loss=nll", "--drop", "odd=yes", "--bootstrap", 60


def test_a_file_and_the_frontier(run, file, tmp_path) -> None:
    out_dir = tmp_path / "out"
    words = ("--law", "chinchilla", "--at", "70B:1.4T", "--budgets", "5.76e23", "--output", out_dir)
    code, out, err = run("scaling", *named(file), *words)
    assert (code, err) == (0, "")
    assert out.startswith(
        "loss (nats per token) of points.csv: 24 points, 50M to 115B parameters and 1B to 41B training"
    )
    (alpha,) = [line.split() for line in out.splitlines() if line.startswith(" alpha")]
    assert float(alpha[1]) == pytest.approx(0.3478, abs=0.05)
    assert alpha[-5:] == ["0.34", "0.3392", "0.3478", "±", "0.02"]
    (budget,) = [line.split() for line in out.splitlines() if line.startswith(" 5.76e23")]
    assert budget[-3:] == ["92.6", "58.9", "18.4"]
    assert " 70B parameters, 1.4T training tokens" in out
    assert "- 1 lines were left out" in out
    assert out.splitlines()[-1] == f"scaling: {out_dir / 'scaling.html'}"
    assert json.loads((out_dir / "scaling.json").read_text())["fits"][0]["dropped"] == 1


def test_json_pipes(run, file, tmp_path) -> None:
    code, out, err = run("scaling", *named(file), "--against", "compute", "--json", "--output", tmp_path / "out")
    assert code == 0
    assert err == f"scaling: {tmp_path / 'out' / 'scaling.html'}\n"
    (told,) = json.loads(out)["fits"]
    assert (told["law"], told["sizes"], told["seed"]) == ("power", ["compute"], 0)
    assert out == (tmp_path / "out" / "scaling.json").read_text()
    again = run("scaling", *named(file), "--against", "compute", "--json")[1]
    assert again == out
    assert run("scaling", *named(file), "--against", "compute", "--json", "--seed", 1)[1] != out


def test_every_task_of_a_family_has_a_line(run, family) -> None:
    runs = family()
    code, out, err = run("scaling", *runs, "--at", "12B,70B", "--bootstrap", 40)
    assert (code, err) == (0, "")
    rows = [line.split() for line in out.splitlines() if line.startswith((f" {COPA}", f" {RTE}"))]
    assert [row[0] for row in rows] == [f"{COPA},", f"{RTE},"]
    assert all(row[4:6] == ["6", "0.1000"] for row in rows)
    assert all(row[-2:] == [f"{50 * (12e9 / 70e6) ** -0.1:.1f}", f"{50 * 1000**-0.1:.1f}"] for row in rows)
    assert out.count("chance not removed") == 1


def test_one_task_with_tokens(run, family) -> None:
    runs = family()
    words = (
        "--task",
        COPA,
        "--shots",
        0,
        "--tokens",
        "m0=1B,m1=2B,m2=3B,m3=4B,org/m4=5B,m5=6e9",
        "--against",
        "tokens",
    )
    code, out, _ = run("scaling", *runs, *words, "--bootstrap", 0)
    assert code == 0
    assert f"error in percent (1 − accuracy) of {COPA}, accuracy, 0 shots: 6 points, 1B to 6B training tokens" in out
    assert "No draws, so no intervals." in out


def test_tables_fit_80_columns(run, family, file, monkeypatch) -> None:
    monkeypatch.setattr("evalkit.cli.scaled.stdout", lambda: Console(width=80, soft_wrap=True))
    for words in (
        (*family(), "--at", "12B", "--bootstrap", 20),
        (*named(file), "--law", "chinchilla", "--at", "70B:1.4T"),
        (*named(file), "--against", "compute"),
    ):
        code, out, _ = run("scaling", *words)
        assert code == 0
        table = [line for line in out.splitlines() if line.startswith(" ")]
        assert len(table) >= 4
        assert max(map(len, table)) <= 80
        assert "…" not in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "nothing to fit: give run folders"),
        (("nowhere",), 1, "nowhere: no run here"),
        (("--points", "none.csv"), 1, "none.csv: cannot be read"),
        (("--points", "none.csv", "--at", "70G"), 2, "--at: '70G' is no positive number"),
        (("--points", "none.csv", "--columns", "loss"), 2, "--columns loss: expected NAME=VALUE"),
        (("x", "--tokens", "a=1,a=2"), 2, "--tokens a=1,a=2: a twice"),
        (("--points", "none.csv", "--law", "chinchilla", "--at", "70B"), 2, "such as 70B:1.4T"),
        (("--law", "cubic"), 2, "Invalid value for '--law'"),
        (("--against", "width"), 2, "Invalid value for '--against'"),
    ],
)
def test_what_is_wrong_is_an_error(run, words, code, said) -> None:
    left, out, err = run("scaling", *words)
    assert (left, out) == (code, "")
    assert said in err
    assert "Traceback" not in err


def test_the_laws_of_the_flag_are_those_that_there_are() -> None:
    from evalkit.cli import scaling as cli
    from evalkit.scaling.law import LAWS
    from evalkit.scaling.points import SIZES

    assert (cli._LAWS, cli._SIZES) == (LAWS, SIZES)
