"""Rows and models from an imitation of the hub, in processes of their own: the libraries read their environment once,
when they are imported.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import evalkit
from tests.hub_server import Hub, Repository
from tests.models import tiny

PINNED = "3de24cf8022e94f4ee4b9d55a6f539891524d646"
OTHER, THIRD, MODEL = "b" * 40, "c" * 40, "a1" * 20
TASKS = "superglue/rte,superglue/wsc"
WAYS_OUT = ("HF_HUB_OFFLINE=1", "--data-dir DIR")
NOBODY = "http://127.0.0.1:9"  # the discard port: nothing listens there

SEVERAL = """
import contextlib, io, json, sys
from evalkit.cli import main
for arguments in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as leaving:
            code = leaving.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""

READ = """
import json, sys
from evalkit.data.hub import read_split
from evalkit.errors import EvalkitError
for arguments in json.loads(sys.argv[1]):
    try:
        rows = read_split(*arguments)
        print(json.dumps([len(rows.rows), rows.version, rows.rows[0]]))
    except EvalkitError as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""


@dataclass(frozen=True)
class Client:
    """Runs commands with a home of its own, so that nothing of this machine's cache or settings is seen."""

    home: Path
    address: str

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if key in os.environ}
        environment = {
            **kept,
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "cache"),
            "HF_ENDPOINT": self.address,
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_UPDATE_DOWNLOAD_COUNTS": "0",
            "NO_PROXY": "*",
            "OMP_NUM_THREADS": "1",
            **more,
        }
        command = [sys.executable, *words]
        return subprocess.run(
            command, env=environment, cwd=self.home, capture_output=True, text=True, timeout=300, check=False
        )

    def evalkit(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "evalkit", *words, **more)

    def script(self, script: str, given: Sequence[Sequence[str]], **more: str) -> list[Any]:
        done = self.run("-c", script, json.dumps(given), **more)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("models") / "tiny")


@dataclass(frozen=True)
class Finished:
    """A run through the hub that was up, and is down by now."""

    client: Client
    done: subprocess.CompletedProcess[str]
    log: Sequence[str]


@pytest.fixture(scope="module")
def finished(super_glue: Any, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    files = {path.name: path.read_bytes() for path in model.iterdir()}
    with Hub([super_glue(), Repository("models", "org/tiny", MODEL, files)]) as hub:
        client = Client(tmp_path_factory.mktemp("home"), hub.address)
        done = client.evalkit("run", "--model", "org/tiny", "--tasks", TASKS, "--shots", "0,1", "--output", "online")
    return Finished(client, done, tuple(hub.log))


def load(client: Client, run: str, name: str) -> Any:
    return json.loads((client.home / run / name).read_text())


def test_a_run_from_end_to_end(finished: Finished, model: Path) -> None:
    assert finished.done.returncode == 0, finished.done.stderr
    assert (finished.client.home / "online" / "report.html").is_file()
    manifest = load(finished.client, "online", "manifest.json")
    assert manifest["status"] == "complete"
    assert (manifest["model"]["name"], manifest["model"]["version"]) == ("org/tiny", MODEL[:12])
    pinned = f"aps/super_glue@{PINNED[:12]}"
    assert [task["data"] for task in manifest["tasks"]] == [f"{pinned}+{pinned}"] * 2
    results = load(finished.client, "online", "results.json")["results"]
    assert len(results) == 4
    for result in results:
        data = f"{pinned}+{pinned}" if result["shots"] else pinned
        assert f"|data:{data}|model:org/tiny@{MODEL[:12]}|" in result["signature"]
    here = evalkit.evaluate(str(model), TASKS.split(","), shots=(0, 1), data_dir="samples", device="cpu")
    assert [result["value"] for result in results] == [result.value for result in here]


def test_the_revision_asked_for_is_the_pinned_one(finished: Finished) -> None:
    asked = [line for line in finished.log if "aps/super_glue" in line]
    assert any("rte/validation-00000-of-00001.parquet" in line for line in asked)
    assert any("wsc.fixed/train-00000-of-00001.parquet" in line for line in asked)
    assert [line for line in asked if PINNED not in line] == []


def test_a_model_comes_whole_from_the_commit_at_which_its_branch_stood(finished: Finished) -> None:
    asked = {line for line in finished.log if "org/tiny" in line}
    assert f"GET /org/tiny/resolve/{MODEL}/model.safetensors" in asked
    assert f"GET /org/tiny/resolve/{MODEL}/tokenizer.json" in asked
    assert {line for line in asked if MODEL not in line} == {
        "HEAD /org/tiny/resolve/main/config.json",
        "GET /org/tiny/resolve/main/config.json",
    }


def test_the_same_run_without_the_hub(finished: Finished) -> None:
    words = ("run", "--model", "org/tiny", "--tasks", TASKS, "--shots", "0,1", "--output", "offline")
    done = finished.client.evalkit(*words, HF_HUB_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert "cached" not in done.stderr
    assert load(finished.client, "offline", "results.json") == load(finished.client, "online", "results.json")


def test_what_is_pinned_and_cached_needs_no_hub_and_no_flag(finished: Finished) -> None:
    given = [["aps/super_glue", "rte", PINNED, "validation"], ["aps/super_glue", "wsc.fixed", PINNED, "train"]]
    rows, others = finished.client.script(READ, given)
    assert rows[:2] == [28, f"aps/super_glue@{PINNED[:12]}"]
    assert rows[2]["label"] in (0, 1)  # a number, as in the sample files, and no name
    assert others[0] == 14


@pytest.mark.parametrize("offline", ["0", "1"])
def test_nothing_cached_and_no_hub(tmp_path: Path, offline: str) -> None:
    """Two tasks: `datasets` alone would try for half a minute for each."""
    began = time.monotonic()
    done = Client(tmp_path, NOBODY).evalkit(
        "run", "--model", "org/tiny", "--tasks", TASKS, "--output", "x", HF_HUB_OFFLINE=offline
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("evalkit: aps/super_glue (rte) on the hub, validation: cannot be fetched")
    assert done.stderr.count("\n") == 1
    assert all(way in done.stderr for way in WAYS_OUT)
    assert time.monotonic() - began < 40


def test_another_revision_in_the_cache_is_not_taken_for_the_pinned_one(super_glue: Any, tmp_path: Path) -> None:
    older, newer = super_glue(OTHER, 3), super_glue(PINNED, 5)
    with Hub([older, newer]) as hub:
        client = Client(tmp_path, hub.address)
        given = [["aps/super_glue", "rte", revision, "train"] for revision in (PINNED, OTHER, "main")]
        counts = client.script(READ, given)
    assert [count[:2] for count in counts] == [
        [5, f"aps/super_glue@{PINNED[:12]}"],
        [3, f"aps/super_glue@{OTHER[:12]}"],
        [5, f"aps/super_glue@{PINNED[:12]}"],  # a branch is called by its commit
    ]
    given = [["aps/super_glue", "rte", revision, "train"] for revision in (PINNED, OTHER, THIRD)]
    pinned, other, (error, message) = client.script(READ, given, HF_HUB_OFFLINE="1")
    assert (pinned[0], other[0]) == (5, 3)
    assert error == "DataNotFoundError"
    assert f"does not give revision {THIRD[:12]}" in message
    assert all(way in message for way in WAYS_OUT)


def test_a_script_is_read_as_the_hub_has_converted_it(super_glue: Any, tmp_path: Path) -> None:
    whole = super_glue(PINNED, 5)
    files = {f"pairs/{split}/0000.parquet": whole.files[f"rte/{split}-00000-of-00001.parquet"] for split in ("train",)}
    files |= {"other/train/0000.parquet": b"not asked for"}
    script = Repository("datasets", "org/converted", OTHER, {"converted.py": b"import datasets"})
    with Hub([script, Repository("datasets", "org/converted", PINNED, files, "refs/convert/parquet")]) as hub:
        client = Client(tmp_path, hub.address)
        given = [["org/converted", "pairs", OTHER, split] for split in ("train", "train[:2]", "test")]
        train, first, (error, message) = client.script(READ, given)
        assert not hub.asked("other/train")
    version = f"org/converted@{PINNED[:12]} (Parquet)"
    assert (train[:2], first[:2]) == ([5, version], [2, version])
    assert (error, "as a script, which is not run" in message) == ("DataNotFoundError", True)
    again, (error, message) = client.script(READ, [given[0], given[2]], HF_HUB_OFFLINE="1")
    assert again == train
    assert error == "DataNotFoundError"
    (mark,) = tmp_path.rglob("*.evalkit-complete")
    mark.unlink()  # as if the download had been stopped
    ((error, _),) = client.script(READ, given[:1], HF_HUB_OFFLINE="1")
    assert error == "DataNotFoundError"


@pytest.fixture(scope="module")
def refusals(super_glue: Any, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Code, output and errors of commands that ask for what the hub does not have, in one process."""
    home = tmp_path_factory.mktemp("home")
    rte = (Path(evalkit.__file__).parents[1] / "tasks" / "superglue" / "rte.toml").read_text(encoding="utf-8")
    folder = home / "library" / "tasks" / "my"
    folder.mkdir(parents=True)
    changes = {
        "nowhere": ("aps/super_glue", "org/nowhere"),
        "script": ("aps/super_glue", "org/script"),
        "damaged": ("aps/super_glue", "org/damaged"),
        "revision": (PINNED, THIRD),
        "configuration": ('name = "rte"', 'name = "rte2"'),
        "split": ('"validation"', '"dev"'),
    }
    for name, (old, new) in changes.items():
        assert old in rte
        text = rte.replace(old, new).replace('id = "idx"', 'id = "idx"\nprompt_folder = "superglue/rte"')
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    words = {name: ("--tasks", f"my/{name}", "--library", "library") for name in changes}
    words["partial"] = ("--tasks", "superglue/rte,superglue/cb", "--output", "partial")
    words["model"] = ("--tasks", "superglue/rte", "--data-dir", "samples", "--model", "org/nothing")
    words["branch"] = ("--tasks", "superglue/rte", "--data-dir", "samples", "--model", "org/tiny", "--revision", "v9")
    commands = [
        ["run", "--model", str(model), "--output", name, "--device", "cpu", *more] for name, more in words.items()
    ]
    with Hub(list(_repositories(super_glue, model))) as hub:
        given = Client(home, hub.address).script(SEVERAL, commands)
    return {"home": home, **dict(zip(words, given, strict=True))}


def _repositories(super_glue: Any, model: Path) -> Iterator[Repository]:
    good = super_glue()
    yield good
    yield Repository("datasets", "org/script", PINNED, {"script.py": b"import datasets"})
    damaged = {path: content[:-40] if "validation" in path else content for path, content in good.files.items()}
    yield Repository("datasets", "org/damaged", PINNED, damaged)
    yield Repository("models", "org/tiny", MODEL, {path.name: path.read_bytes() for path in model.iterdir()})


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "Dataset 'org/nowhere' doesn't exist on the Hub or cannot be accessed"),
        ("revision", f"Revision '{THIRD}' doesn't exist for dataset 'aps/super_glue'"),
        ("configuration", "'rte2' not found"),
        ("split", 'Unknown split "dev"'),
        ("script", "the hub has it as a script, which is not run"),
        ("damaged", "cannot be read (DatasetGenerationError"),
        ("model", "cannot load the model 'org/nothing'"),
        ("branch", "cannot load the model 'org/tiny'"),
    ],
)
def test_what_the_hub_does_not_have(refusals: Mapping[str, Any], name: str, says: str) -> None:
    code, output, errors = refusals[name]
    assert (code, output) == (1, "")
    assert errors.startswith("evalkit: ")
    assert says in errors
    assert errors.count("\n") == 1
    if name in ("nowhere", "revision", "configuration", "split"):
        assert all(way in errors for way in WAYS_OUT)


def test_a_part_of_what_was_asked_for(refusals: Mapping[str, Any]) -> None:
    code, output, _ = refusals["partial"]
    assert code == 5
    manifest = json.loads((refusals["home"] / "partial" / "manifest.json").read_text())
    assert manifest["status"] == "partial"
    assert list(manifest["skipped"]) == ["superglue/cb"]
    assert "'cb' not found" in manifest["skipped"]["superglue/cb"]
    assert "- superglue/cb was left out: aps/super_glue (cb) on the hub, validation: " in output


def test_a_suite_of_which_a_folder_has_two(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from evalkit.cli import main

    monkeypatch.chdir(tmp_path)
    there = {"rte", "copa"}
    for task in there:
        folder = tmp_path / "data" / "superglue" / task
        folder.mkdir(parents=True)
        samples = Path(evalkit.__file__).parent / "samples" / "superglue" / task / "validation.jsonl"
        (folder / samples.name).write_bytes(samples.read_bytes())
    words = ["--tasks", "superglue", "--data-dir", "data", "--device", "cpu", "--limit", "4", "--output", "x"]
    with pytest.raises(SystemExit) as leaving:
        main(["run", "--model", str(model), *words])
    assert leaving.value.code == 5
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text())
    missing = {"axb", "axg", "boolq", "cb", "multirc", "record", "wic", "wsc"}
    assert set(manifest["skipped"]) == {f"superglue/{task}" for task in missing}
    output = capsys.readouterr().out
    for task in missing:
        reason = manifest["skipped"][f"superglue/{task}"]
        assert reason == f"no data for superglue/{task} in data: there is no folder data/superglue/{task}"
        assert f"- superglue/{task} was left out: {reason}\n" in output
    assert {task["task"] for task in manifest["tasks"]} == {f"superglue/{task}" for task in there}
