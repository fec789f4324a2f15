"""A corpus behind HTTP, on servers that give parts of a file and such that do not, and of the hub's imitation."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from evalkit.contamination.corpus import Account, Reading, find_units, read_unit
from evalkit.contamination.corpus.sources import missing
from evalkit.errors import ContaminationError
from tests.contamination.corpus.conftest import DOCUMENTS, FORMS, lines, read
from tests.hub_server import Hub, Repository
from tests.local_server import LocalServer


class _Files(BaseHTTPRequestHandler):
    files: Mapping[str, bytes]
    ranges: bool = True
    given: int | None = None  # bytes after which the connection breaks off

    def do_HEAD(self) -> None:
        self._reply()

    def do_GET(self) -> None:
        content = self._reply()
        self.wfile.write(content[: self.given])

    def log_message(self, *args: Any) -> None:
        """Nothing on stderr."""

    def _reply(self) -> bytes:
        content = self.files.get(self.path)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        status = 404 if content is None else 206 if wanted and self.ranges else 200
        content = content or b""
        self.send_response(status)
        self.send_header("ETag", f'"{len(content)}"')
        if status == 206 and wanted:
            start, end = int(wanted[1]), int(wanted[2])
            self.send_header("Content-Range", f"bytes {start}-{min(end, len(content) - 1)}/{len(content)}")
            content = content[start : end + 1]
        self.send_header("Accept-Ranges", "bytes" if self.ranges else "none")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return content


def test_over_http(corpus: Path) -> None:
    with LocalServer(_Files, files={f"/x/{corpus.name}": corpus.read_bytes()}) as server:
        found = read(f"http://{server.where}/x/{corpus.name}", Reading(range_bytes=1500, batch_bytes=200))
    assert found.documents == list(DOCUMENTS)
    assert len(found.units) > 1 or corpus.suffix not in (".jsonl", ".ndjson", ".parquet")
    assert all(unit.version.startswith(f"{corpus.stat().st_size}-") for unit in found.units)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
def test_over_http_from_beginning_to_end(tmp_path: Path, name: str) -> None:
    """A server that gives no parts of a file."""
    FORMS[name](tmp_path / name)
    with LocalServer(_Files, files={f"/{name}": (tmp_path / name).read_bytes()}, ranges=False) as server:
        address = f"http://{server.where}/{name}"
        assert read(address, Reading(batch_bytes=200)).documents == list(DOCUMENTS)
        if name == "a.jsonl":
            with pytest.raises(ContaminationError, match=r"cannot be read further.*download it"):
                read(address, Reading(range_bytes=1500))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "stream.arrow"])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_connection_that_breaks_off_is_no_bad_file(tmp_path: Path, name: str, skip_bad: bool) -> None:
    FORMS[name](tmp_path / name)
    told: dict[str, Any] = {"files": {f"/{name}": (tmp_path / name).read_bytes()}}
    with LocalServer(_Files, **told) as server:
        address, reading = f"http://{server.where}/{name}", Reading(skip_bad=skip_bad)
        units = find_units([address], reading)
        server._server.RequestHandlerClass.given = 50
        account = Account()
        with pytest.raises(ContaminationError, match=f"{name}: cannot be read further, at byte"):
            list(read_unit(units[0], reading, account))
    assert account.bad == 0


def test_what_a_server_does_not_have() -> None:
    with LocalServer(_Files, files={}) as server, pytest.raises(ContaminationError, match="there is no such file"):
        find_units([f"http://{server.where}/a.jsonl"], Reading())
    with pytest.raises(ContaminationError, match="cannot be reached"):
        find_units(["http://127.0.0.1:9/a.jsonl"], Reading())


SCRIPT = """
import json, sys
from evalkit.contamination.corpus import Account, Reading, find_units, read_unit
from evalkit.errors import EvalkitError
for named in json.loads(sys.argv[1]):
    reading, account, texts = Reading(batch_bytes=500), Account(), []
    try:
        units = find_units([named], reading)
        for unit in units:
            for batch in read_unit(unit, reading, account):
                edges = batch.offsets.tolist()
                texts += [batch.text[a:b].tobytes().decode() for a, b in zip(edges, edges[1:])]
        print(json.dumps([sorted({unit.source for unit in units}), sorted({unit.form for unit in units}), texts]))
    except EvalkitError as error:
        print(json.dumps([type(error).__name__, str(error), []]))
"""
COMMIT = "d" * 40


class RangeHub(Hub):
    """The imitation of the hub, with parts of files: what reads of it as of a file system asks for them."""

    def __init__(self, repositories: list[Repository]) -> None:
        super().__init__(repositories)
        handler: Any = self._server.RequestHandlerClass

        class Ranged(handler):  # type: ignore[misc]
            def do_GET(self) -> None:
                wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
                if not wanted:
                    handler.do_GET(self)
                    return
                path = self.path.partition("?")[0]
                self.hub.log.append(f"GET {self.path}")
                content = self.hub.answer(path, "", []).content[int(wanted[1]) : int(wanted[2]) + 1]
                self.send_response(206)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self._server.RequestHandlerClass = Ranged


def ask(home: Path, address: str, named: list[str]) -> list[Any]:
    """What a process of its own reads: the hub's libraries read their environment once, when they are imported."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR") if key in os.environ}
    told = {"HOME": str(home), "HF_HOME": str(home / "cache"), "HF_ENDPOINT": address, "NO_PROXY": "*"}
    told |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0"}
    command = [sys.executable, "-c", SCRIPT, json.dumps(named)]
    done = subprocess.run(command, env=kept | told, cwd=home, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_data_sets_of_the_hub(tmp_path: Path) -> None:
    FORMS["a.parquet"](tmp_path / "a.parquet")
    parquet = {"data/train-00000-of-00001.parquet": (tmp_path / "a.parquet").read_bytes()}
    rows = {"train.jsonl": lines(), "test.jsonl": lines(DOCUMENTS[:3])}
    table = {"train.csv": b"text,id\nhello,1\nyou,2\n"}
    contents = {"parquet": parquet, "rows": rows, "table": table}
    repositories = [Repository("datasets", f"org/{name}", COMMIT, files) for name, files in contents.items()]
    named = ["hub:org/parquet", "hub:org/rows#test", "hub:org/rows:default@main#train", "hub:org/table"]
    named += ["hub:org/rows#dev", "hub:org/none", f"hf://datasets/org/rows@{COMMIT}/t*.jsonl"]
    with RangeHub(repositories) as hub:
        found = ask(tmp_path, hub.address, named)
    texts = [text for _, text in DOCUMENTS]
    assert found[0] == [[f"hf://datasets/org/parquet@{COMMIT}/{name}" for name in parquet], ["parquet"], texts]
    assert found[1] == [[f"hf://datasets/org/rows@{COMMIT}/test.jsonl"], ["jsonl"], texts[:3]]
    assert found[2] == [[f"hf://datasets/org/rows@{COMMIT}/train.jsonl"], ["jsonl"], texts]
    assert found[3] == [["hub:org/table"], ["hub"], ["hello", "you"]]
    assert found[4][0] == "ContaminationError"
    assert "no split 'dev'. It has: " in found[4][1]
    assert found[5][0] == "ContaminationError"
    assert "hub:org/none: cannot be had" in found[5][1]
    assert found[6][1:] == [["jsonl"], texts[:3] + texts]


def test_a_hub_that_nobody_answers_for(tmp_path: Path) -> None:
    for kind, message, _ in ask(tmp_path, "http://127.0.0.1:9", ["hub:org/rows", "hf://datasets/org/rows/a.jsonl"]):
        assert kind == "ContaminationError"
        assert "cannot be reached" in message


def test_a_data_set_that_was_saved(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    rows = {"text": [text for _, text in DOCUMENTS], "id": [name for name, _ in DOCUMENTS]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "saved")
    assert read(tmp_path / "saved").documents == list(DOCUMENTS)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://bucket/a.jsonl", "pip install s3fs"),
        ("gs://bucket/a.jsonl", "pip install gcsfs"),
        ("abfs://bucket/a.jsonl", "ImportError: Install adlfs"),
    ],
)
def test_a_library_that_is_missing_is_named(address: str, said: str) -> None:
    error = ImportError("Install adlfs\nand so on")
    assert missing(address, error) == f"a library is missing to read from there: {said}"
