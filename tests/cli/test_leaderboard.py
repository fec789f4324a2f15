"""`evalkit leaderboard`: what it says."""

import pytest

from tests.leaderboard.made_up import make_run, number


@pytest.fixture
def runs(tmp_path):
    for day, name in enumerate("abc", 1):
        make_run(tmp_path / "runs" / name, [number(value=day / 10)], model=name, day=day)
    return tmp_path / "runs"


def test_it_says_what_was_read_known_and_left_out(run, runs, tmp_path):
    (runs / "b" / "results.json").unlink()
    site = tmp_path / "site"
    code, out, err = run("leaderboard", runs, "--output", site)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "2 runs: 2 read, 0 known from before, 1 left out; 2 models, 1 column; 2 model pages written, 0 as they were",
        f"- {runs / 'b'} was left out: no results.json; the run has not finished",
        f"leaderboard: {site / 'index.html'}",
    ]
    make_run(runs / "b", [number()], model="b")
    _, out, _ = run("leaderboard", runs / "*", "--output", site)
    assert out.splitlines()[0].startswith("3 runs: 1 read, 2 known from before, 0 left out; 3 models, 1 column; ")


def test_errors_are_told_without_a_traceback(run, runs, tmp_path):
    code, _, err = run("leaderboard", tmp_path / "none", "--output", tmp_path / "site")
    assert code == 1
    assert err.startswith(f"evalkit: {tmp_path / 'none'}: no run there")
    assert run("leaderboard", runs, "--output", runs)[0] == 1
    assert run("leaderboard")[0] == 2
