"""Runs are found wherever they are, read once, and a bad one is named and left out."""

import functools
import http.server
import json
import os
import threading

import fsspec
import pytest

from evalkit.errors import RunError
from evalkit.leaderboard.gather import gather
from evalkit.leaderboard.places import find_places
from evalkit.runs.manifest import FORMAT
from tests.leaderboard.made_up import make_run, number


@pytest.fixture
def runs(tmp_path):
    for day, name in enumerate(("a", "b", "deep/c"), 1):
        make_run(tmp_path / "runs" / name, [number(value=day / 10)], model=name, day=day)
    return tmp_path / "runs"


def upload(folder, address):
    files, inner = fsspec.core.url_to_fs(address)
    for path in folder.rglob("*.*"):
        files.pipe(f"{inner}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return files, inner


@pytest.fixture
def memory():
    files = fsspec.filesystem("memory")
    yield "memory://bucket/runs"
    files.rm("/bucket", recursive=True)


@pytest.fixture
def served(runs):
    asked = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=runs))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_paths_folders_and_patterns_name_each_run_once(runs):
    words = [str(runs / "b"), str(runs), str(runs / "*"), os.path.relpath(runs / "a")]
    gathered = gather(words, {})
    assert [run.entry.model for run in gathered.runs] == ["a", "b", "deep/c"]
    assert (gathered.read, gathered.reused, gathered.left_out) == (3, 0, {})


@pytest.mark.parametrize("word", ["nothing", "no-*"])
def test_a_word_that_names_no_run_is_an_error(tmp_path, word):
    with pytest.raises(RunError, match=r"no run there \(no manifest.json\)"):
        gather([str(tmp_path / word)], {})


def test_what_has_not_changed_is_not_read_again(runs):
    first = gather([str(runs)], {})
    make_run(runs / "b", [number(value=0.75)], model="b", day=2)
    os.utime(runs / "b" / "results.json", ns=(1, 1))  # even within one tick of the clock
    second = gather([str(runs)], first.kept)
    assert (second.read, second.reused) == (1, 2)
    assert [run.entry.numbers[0].value for run in second.runs] == [0.1, 0.75, pytest.approx(0.3)]


def test_a_run_that_is_gone_is_forgotten(runs):
    first = gather([str(runs)], {})
    second = gather([str(runs / "a")], first.kept)
    assert len(second.kept) == len(second.runs) == 1


def test_runs_at_an_address(runs, memory):
    files, inner = upload(runs, memory)
    first = gather([memory], {})
    assert [run.entry.model for run in first.runs] == ["a", "b", "deep/c"]
    assert first.runs[0].place.path == "memory:///bucket/runs/a"
    assert [len(gather([word], {}).runs) for word in (f"{memory}/a", f"{memory}/*", f"{memory}/a/")] == [1, 3, 1]
    assert (gather([memory], first.kept).read, gather([memory], first.kept).reused) == (0, 3)
    files.pipe(f"{inner}/a/results.json", (runs / "b" / "results.json").read_bytes())
    assert gather([memory], first.kept).read == 1
    with pytest.raises(RunError, match="no run there"):
        gather([f"{memory}/z"], {})


def test_runs_over_http(runs, served):
    address, asked = served
    first = gather([f"{address}/a", address], {})
    assert [run.entry.model for run in first.runs] == ["a", "b", "deep/c"]
    assert first.runs[0].place.path == f"{address}/a"
    asked.clear()
    second = gather([f"{address}/a"], first.kept)
    assert (second.read, second.reused) == (0, 1)


def test_an_address_that_nobody_answers_is_an_error():
    with pytest.raises(RunError, match="cannot be reached"):
        gather(["http://127.0.0.1:9/runs"], {})


def test_an_unknown_protocol_and_a_missing_library_are_said():
    with pytest.raises(RunError, match="xyz"):
        find_places(["xyz://bucket/run"])
    with pytest.raises(RunError, match=r"pip install gcsfs$"):
        find_places(["gs://bucket/run"])


def doctored(folder, name, change):
    values = json.loads((folder / name).read_text())
    change(values)
    (folder / name).write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("results.json", None, "no results.json; the run has not finished"),
        ("results.json", "{", "results.json is damaged: "),
        ("results.json", '{"format": 5}', "missing required field `results`"),
        ("results.json", '{"format": 5, "results": [{"task": 7}]}', "Expected `str`, got `int`"),
        ("manifest.json", "[]", "manifest.json is damaged: Expected `object`"),
        ("manifest.json", "{}", "missing required field"),
        ("manifest.json", '"\\ud800"', "manifest.json is damaged"),
        ("manifest.json", "[" * 100_000, "manifest.json is damaged"),
    ],
)
def test_a_damaged_run_is_left_out(runs, name, content, message):
    path = runs / "b" / name
    path.unlink() if content is None else path.write_text(content)
    gathered = gather([str(runs)], {})
    assert [run.entry.model for run in gathered.runs] == ["a", "deep/c"]
    assert list(gathered.left_out) == [str(runs / "b")]
    assert message in gathered.left_out[str(runs / "b")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one.update(status="running"), "the run is running"),
        (lambda one: one.update(format=FORMAT + 1), f"a run of format {FORMAT + 1}; this evalkit reads up to {FORMAT}"),
        (lambda one: one.update(started="yesterday"), "started is 'yesterday', and no ISO 8601 time"),
    ],
)
def test_an_unfinished_run_is_left_out(runs, change, message):
    doctored(runs / "a", "manifest.json", change)
    assert message in gather([str(runs)], {}).left_out[str(runs / "a")]


def test_a_damaged_run_at_an_address_is_left_out(runs, memory):
    files, inner = upload(runs, memory)
    files.rm(f"{inner}/a/results.json")
    assert gather([memory], {}).left_out == {"memory:///bucket/runs/a": "no results.json; the run has not finished"}


def test_a_copy_is_left_out(runs, tmp_path):
    make_run(tmp_path / "z", [number(value=0.1)], model="a", day=1)
    gathered = gather([str(runs), str(tmp_path / "z")], {})
    assert gathered.left_out == {str(tmp_path / "z"): f"a copy of {runs / 'a'}"}


def test_numbers_that_are_not_finite_are_left_out_and_said(tmp_path):
    rows = [number("lm/a", value=float("inf"), half=None), number("lm/b"), number("lm/c", low=float("nan"))]
    gathered = gather([str(make_run(tmp_path / "run", rows))], {})
    assert [(one.task, one.low) for one in gathered.runs[0].entry.numbers] == [("lm/b", 0.45), ("lm/c", None)]
    assert gathered.notes == [f"{tmp_path / 'run'}: 1 numbers are not finite and were left out"]


def test_times_of_other_zones_are_put_in_order(tmp_path):
    for name, started in (("late", "2026-11-01T09:00:00-05:00"), ("early", "2026-11-01T13:00:00+00:00")):
        folder = make_run(tmp_path / name, [number()], model=name)
        doctored(folder, "manifest.json", lambda one, at=started: one.update(started=at))
    assert [run.entry.model for run in gather([str(tmp_path)], {}).runs] == ["early", "late"]
