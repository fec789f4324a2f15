"""The journal of responses: what comes back is what was put, and whatever goes wrong changes no result."""

import ast
import json
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evalkit
from evalkit.engine import cache as module
from evalkit.engine import database
from evalkit.engine.cache import Cache, Entry, clear, entries, folder
from evalkit.schema import Request, Response

Pairs = list[tuple[Request, Response]]

PACKAGE = Path(evalkit.__file__).parent
PICKLES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}


def made(count: int, seed: int = 0) -> Pairs:
    """Different requests with their responses."""
    generator = random.Random(seed)
    return [
        (
            Request((seed, number), (number,) * (1 + number % 3)),
            Response(tuple(-10 * generator.random() for _ in range(1 + number % 3)), generator.random() < 0.5),
        )
        for number in range(count)
    ]


def asked(pairs: Pairs) -> list[Request]:
    return [request for request, _ in pairs]


def file(cache_dir: Path) -> Path:
    """The only cache that is there."""
    (path,) = cache_dir.glob("responses/*.sqlite")
    return path


def filled(cache_dir: Path, pairs: Pairs) -> Path:
    """The file of a cache with some responses, that nobody has open."""
    cache = Cache("identity", "model")
    cache.put(pairs)
    cache.close()
    return file(cache_dir)


def alter(path: Path, statement: str, *values: Any) -> None:
    """Change a cache behind its back."""
    connection = sqlite3.connect(path, isolation_level=None)
    assert connection.execute(statement, values).rowcount == 1
    connection.close()


def stored(path: Path, query: str) -> Any:
    connection = sqlite3.connect(path)
    (row,) = connection.execute(query)
    connection.close()
    return row[0]


def still_open(ending: str) -> list[str]:
    """The files that this process has open."""
    return [opened.path for opened in psutil.Process().open_files() if opened.path.endswith(ending)]


@pytest.fixture
def warned(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What evalkit has warned of since it was last asked."""

    def take() -> list[str]:
        messages = [record.getMessage() for record in caplog.records if record.name == "evalkit"]
        caplog.clear()
        return messages

    return take


VALUES = [
    (-1 / 3,),
    (0.0, -0.0),
    (-5e-324, -2.2250738585072014e-308, -1e-300),
    (-1.7976931348623157e308, 1.7976931348623157e308),
    (float("-inf"), float("inf")),
    (float("nan"),),
    tuple(-number / 7 for number in range(2000)),
]


@pytest.mark.parametrize("greedy", [True, False])
@pytest.mark.parametrize("values", VALUES, ids=str)
def test_every_bit_comes_back(values: tuple[float, ...], greedy: bool) -> None:
    request = Request((1, 2, 2**40), tuple(range(len(values))))
    Cache("identity", "model").put([(request, Response(values, greedy))])
    response = Cache("identity", "model").get([request])[request]
    assert struct.pack(f"{len(values)}d", *response.token_logprobs) == struct.pack(f"{len(values)}d", *values)
    assert response.greedy is greedy


def test_what_is_not_there_is_not_found() -> None:
    pairs = made(20)
    cache = Cache("identity", "model")
    assert cache.get(asked(pairs)) == {}
    assert cache.get([]) == {}
    cache.put(pairs[:5])
    cache.put([])
    assert cache.get(asked(pairs)) == dict(pairs[:5])


def test_the_last_response_counts() -> None:
    cache = Cache("identity", "model")
    request, second = Request((1,), (2,)), Response((-2.0,), False)
    cache.put([(request, Response((-1.0,), True))])
    cache.put([(request, second)])
    assert cache.get([request]) == {request: second}


@pytest.mark.parametrize("count", [499, 500, 501, 1234])
def test_any_number_of_requests(count: int) -> None:
    pairs = made(count)
    cache = Cache("identity", "model")
    cache.put(pairs[::2])
    assert cache.get([*asked(pairs), *asked(pairs)]) == dict(pairs[::2])
    cache.put(pairs[1::2])
    assert cache.get(asked(pairs)) == dict(pairs)


def test_another_identity_never_hits(cache_dir: Path) -> None:
    pairs = made(5)
    path = filled(cache_dir, pairs)
    for identity in ("another", "", "identity ", "identity\0"):
        other = Cache(identity, "model")
        assert other.get(asked(pairs)) == {}
        other.close()
    assert len(entries()) == 5
    for entry in entries():
        if entry.path != path:
            shutil.copy(path, entry.path)
    assert Cache("another", "model").get(asked(pairs)) == {}  # not even in the same file
    assert Cache("identity", "other").get(asked(pairs)) == dict(pairs)  # a name is not an identity


def test_another_scorer_never_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = made(5)
    Cache("identity", "model").put(pairs)
    monkeypatch.setattr(module, "SCORER", module.SCORER + 1)
    assert Cache("identity", "model").get(asked(pairs)) == {}


SAME_TEXT = [
    Request((1, 2, 3), (4,)),
    Request((1, 2), (3, 4)),
    Request((1,), (2, 3, 4)),
    Request((1, 2, 3, 4), (5,)),
    Request((1, 2, 3), (4, 5)),
    Request((1, 2, 3), (5,)),
    Request((0, 1, 2, 3), (4,)),
]


@pytest.mark.parametrize("request_", SAME_TEXT)
def test_another_boundary_never_hits(request_: Request) -> None:
    cache = Cache("identity", "model")
    cache.put([(request_, Response((-1.0,) * len(request_.completion), True))])
    assert set(cache.get(SAME_TEXT)) == {request_}


def test_keys_are_of_the_request_alone() -> None:
    """Whichever request stands before it, with the same context or with an equal one."""
    cache = Cache("identity", "model")
    texts = st.lists(st.integers(0, 3) | st.integers(0, 2**62), min_size=1, max_size=4).map(tuple)
    requests = st.lists(st.builds(Request, st.sampled_from([(1,), (1, 2), (1, 2, 3)]) | texts, texts), max_size=12)

    @settings(deadline=None, max_examples=100)
    @given(requests)
    def check(requests: list[Request]) -> None:
        keys = list(cache.keys(requests))
        assert keys == [key for request in requests for key in cache.keys([request])]
        assert {len(key) for key in keys} <= {16}
        assert len(set(keys)) == len(set(requests))

    check()


def test_two_caches_on_one_file(warned: Callable[[], list[str]]) -> None:
    one, other = Cache("identity", "model"), Cache("identity", "model")
    pairs = made(40)
    for place, pair in enumerate(pairs):
        (one, other)[place % 2].put([pair])
        assert one.get(asked(pairs)) == other.get(asked(pairs)) == dict(pairs[: place + 1])
    assert warned() == []


def test_a_closed_cache_has_nothing_and_keeps_nothing(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    pairs = made(3)
    path = filled(cache_dir, pairs)
    assert [part.name for part in path.parent.iterdir()] == [path.name]  # no log is left beside it
    cache = Cache("identity", "model")
    cache.close()
    cache.close()
    cache.put(made(3, seed=1))
    assert cache.get(asked(pairs)) == {}
    assert Cache("identity", "model").get(asked(made(3, seed=1))) == {}
    assert warned() == []


def test_a_cache_that_nobody_closes_closes_itself(cache_dir: Path) -> None:
    cache = Cache("identity", "model")
    connection = cache._database.connection
    assert connection is not None
    del cache
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_another_thread_may_use_it(warned: Callable[[], list[str]]) -> None:
    cache, pairs = Cache("identity", "model"), made(3)
    found: dict[Request, Response] = {}

    def work() -> None:
        cache.put(pairs)
        found.update(cache.get(asked(pairs)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == cache.get(asked(pairs)) == dict(pairs)
    assert warned() == []


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process that knows `made` and `Cache`, with arguments."""
    head = "import json, os, sys, time\nfrom evalkit.engine.cache import Cache\nfrom tests.engine.test_cache import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def finished(*processes: subprocess.Popen[str]) -> list[str]:
    """What processes have printed; they succeeded, and warned of nothing."""
    told = [process.communicate(timeout=60) for process in processes]
    assert [errors for _, errors in told] == [""] * len(told)
    assert [process.returncode for process in processes] == [0] * len(told)
    return [output for output, _ in told]


def test_processes_write_at_once(tmp_path: Path) -> None:
    """Each opens the same new files as the others do, at the same times, and writes into them."""
    code = (
        "seed, files, go = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])\n"
        "(go / str(seed)).touch()\n"
        "while len(list(go.iterdir())) < 3: time.sleep(0.001)\n"
        "start = max(path.stat().st_mtime for path in go.iterdir()) + 0.1\n"
        "for number in range(files):\n"
        "    while time.time() < start + 0.04 * number: pass\n"
        "    cache = Cache(f'identity {number}', 'model')\n"
        "    for pair in made(4, seed): cache.put([pair])\n"
    )
    files = 30
    finished(*(start(code, seed, files, tmp_path) for seed in range(3)))
    for number in range(files):
        cache = Cache(f"identity {number}", "model")
        for seed in range(3):
            assert cache.get(asked(made(4, seed))) == dict(made(4, seed))


def test_a_file_that_another_process_is_making(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    """SQLite says at once that it is locked, however long it is told to wait."""
    path = filled(cache_dir, [])
    path.unlink()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE unfinished (something)")
    timer = threading.Timer(0.1, connection.execute, ["COMMIT"])
    timer.start()
    cache = Cache("identity", "model")
    cache.put(made(3))
    assert cache.get(asked(made(3))) == dict(made(3))
    assert warned() == []
    timer.join()
    connection.close()


def test_what_was_put_outlives_a_killed_process(warned: Callable[[], list[str]]) -> None:
    process = start(
        "cache = Cache('identity', 'model')\n"
        "for number, pair in enumerate(made(10_000)):\n"
        "    cache.put([pair])\n"
        "    print(number, flush=True)\n"
    )
    assert process.stdout is not None
    told = -1
    while told < 30:
        told = int(process.stdout.readline())
    process.kill()
    rest, _ = process.communicate()
    told = max([told, *map(int, rest.split("\n")[:-1])])
    found = Cache("identity", "model").get(asked(made(10_000)))
    assert found == dict(made(10_000)[: len(found)])
    assert len(found) in (told + 1, told + 2)  # the last one is put before it is told
    assert warned() == []


CUTS = [0, 1, 15, 16, 20, 99, 100, 101, 512, 1000, 4095, 4096, 4097, 8192, 9000, 12288, -4096, -100, -1]


@pytest.mark.parametrize("cut", CUTS)
def test_a_truncated_file(cache_dir: Path, cut: int, warned: Callable[[], list[str]]) -> None:
    pairs = made(200)
    path = filled(cache_dir, pairs)
    content = path.read_bytes()
    assert len(content) > 3 * 4096
    path.write_bytes(content[:cut])
    cache = Cache("identity", "model")
    assert cache.get(asked(pairs)).items() <= dict(pairs).items()
    cache.put(pairs)
    cache.put(pairs)  # the first may be lost with the file that turns out to be damaged
    assert cache.get(asked(pairs)) == dict(pairs)
    assert len(warned()) == (cut not in (0, 1))  # to SQLite these are empty files
    assert Cache("identity", "model").get(asked(pairs)) == dict(pairs)
    assert warned() == []


GARBAGE = [
    b"garbage\n" * 1000,
    bytes(random.Random(0).randrange(256) for _ in range(5000)),
    b"SQLite format 3\0" + b"\xff" * 5000,
    b"\0" * 5000,
]


@pytest.mark.parametrize("content", GARBAGE, ids=["text", "noise", "after the header", "zeros"])
def test_a_file_of_garbage_is_set_aside(cache_dir: Path, content: bytes, warned: Callable[[], list[str]]) -> None:
    pairs = made(5)
    path = filled(cache_dir, pairs)
    path.write_bytes(content)
    cache = Cache("identity", "model")
    (message,) = warned()
    assert message.startswith(f"cache {path} is damaged (")
    assert message.endswith("): it is set aside, and its answers are computed anew")
    assert path.with_suffix(".damaged").read_bytes() == content
    assert not still_open(".damaged")
    assert cache.get(asked(pairs)) == {}
    cache.put(pairs)
    assert Cache("identity", "model").get(asked(pairs)) == dict(pairs)
    assert warned() == []


def test_a_file_that_becomes_garbage_while_it_is_open(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    pairs = made(2000)
    path = filled(cache_dir, pairs)
    cache = Cache("identity", "model")
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    assert cache.get(asked(pairs)) == {}
    assert len(warned()) == 1
    assert not still_open(".damaged")
    cache.put(pairs)
    assert cache.get(asked(pairs)) == dict(pairs)
    assert warned() == []


def test_a_schema_of_garbage_is_set_aside(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    """SQLite quotes it in its message, which then is no text."""
    pairs = made(5)
    path = filled(cache_dir, pairs)
    path.write_bytes(path.read_bytes().replace(b"WITHOUT ROWID", b"WITHOUT ROWI\xc4"))
    cache = Cache("identity", "model")
    assert len(warned()) == 1
    cache.put(pairs)
    assert cache.get(asked(pairs)) == dict(pairs)
    assert warned() == []


@pytest.mark.parametrize("kind", ["a folder", "another database"])
def test_what_is_no_cache_is_left_alone(cache_dir: Path, kind: str, warned: Callable[[], list[str]]) -> None:
    pairs = made(5)
    path = filled(cache_dir, pairs)
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    else:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE responses (something)")
        connection.close()
    cache = Cache("identity", "model")
    assert cache.get(asked(pairs)) == {}
    cache.put(pairs)
    assert cache.get(asked(pairs)) == {}
    assert cache.begin(asked(pairs), asked(pairs), "") == asked(pairs)
    assert len(warned()) == 1
    assert not path.with_suffix(".damaged").exists()


def test_a_flipped_byte_of_an_entry_is_noticed(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    pairs = made(3)
    path = filled(cache_dir, pairs)
    cache = Cache("identity", "model")
    request, response = pairs[2]
    (key,) = cache.keys([request])
    value = stored(path, f"SELECT value FROM responses WHERE key = x'{key.hex()}'")
    assert len(value) == 4 + 1 + 3 * 8
    for place in range(len(value)):
        flipped = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        alter(path, "UPDATE responses SET value = ? WHERE key = ?", flipped, key)
        assert cache.get(asked(pairs)) == dict(pairs[:2])
        assert warned() == [f"cache {path}: 1 damaged entries are computed anew"]
        cache.put([(request, response)])
        assert cache.get(asked(pairs)) == dict(pairs)
        assert warned() == []


DAMAGED = [b"", b"\0\0\0\0", b"\0" * 29, "text", "x" * 29, 5, 0.5]


@pytest.mark.parametrize("value", DAMAGED, ids=repr)
def test_an_entry_of_another_shape_is_noticed(cache_dir: Path, value: object, warned: Callable[[], list[str]]) -> None:
    pairs = made(3)
    path = filled(cache_dir, pairs)
    cache = Cache("identity", "model")
    alter(path, "UPDATE responses SET value = ? WHERE key = ?", value, next(cache.keys([pairs[2][0]])))
    assert cache.get(asked(pairs)) == dict(pairs[:2])
    assert warned() == [f"cache {path}: 1 damaged entries are computed anew"]


def test_an_entry_of_another_length_is_noticed(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    pairs = made(3)
    path = filled(cache_dir, pairs)
    cache = Cache("identity", "model")
    (key,) = cache.keys([pairs[2][0]])
    body = struct.pack("<?d", True, -1.0)
    sealed = struct.pack("<I", zlib.crc32(key + body)) + body
    alter(path, "UPDATE responses SET value = ? WHERE key = ?", sealed, key)
    assert cache.get(asked(pairs)) == dict(pairs[:2])
    assert len(warned()) == 1


def test_an_entry_that_seems_to_be_text_hides_no_other(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    """As one flipped bit makes it; its bytes are no UTF-8."""
    pairs = made(3)
    path = filled(cache_dir, pairs)
    alter(path, "UPDATE responses SET value = CAST(value AS TEXT) WHERE value = (SELECT min(value) FROM responses)")
    assert Cache("identity", "model").get(asked(pairs)) == dict(pairs)
    assert warned() == []


def test_a_right_entry_under_another_key_is_noticed(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    pairs = made(4)
    path = filled(cache_dir, pairs)
    cache = Cache("identity", "model")
    first, last = cache.keys([pairs[0][0], pairs[3][0]])
    assert len(pairs[0][0].completion) == len(pairs[3][0].completion)
    alter(path, "UPDATE responses SET value = (SELECT value FROM responses WHERE key = ?) WHERE key = ?", first, last)
    assert cache.get(asked(pairs)) == dict(pairs[:3])
    assert len(warned()) == 1


def test_no_flipped_bit_of_the_file_changes_a_result(cache_dir: Path) -> None:
    """One bit or several, wherever they are: in a value, a key, SQLite's pages, its schema."""
    pairs, generator = made(40), random.Random(0)
    requests, truth = asked(pairs), dict(pairs)
    cache = Cache("identity", "model")
    cache.note("speed", {"tokens": 0.5})
    cache.begin(requests, requests[::2], "")
    cache.close()
    content = filled(cache_dir, pairs).read_bytes()
    places = [place for place, byte in enumerate(content) if byte]
    for _ in range(250):
        damaged = bytearray(content)
        for place in generator.sample(places, generator.choice([1, 1, 3])):
            damaged[place] ^= 1 << generator.randrange(8)
        for left in cache_dir.glob("responses/*"):
            left.unlink()
        (cache_dir / "responses" / cache._database.path.name).write_bytes(damaged)
        again = Cache("identity", "model")
        found = again.get(requests)
        assert found.items() <= truth.items()
        assert again.recall("speed") in ({"tokens": 0.5}, None)
        pending = [request for request in requests if request not in found]
        assert set(again.begin(requests, pending, "")) >= set(pending)
        again.put(pairs)
        assert again.get(requests).items() <= truth.items()
        assert len(entries()) == 1
        again.close()


def useless(cache: Cache, pairs: Pairs) -> None:
    """A cache that is none still answers: it has nothing, and keeps nothing."""
    requests = asked(pairs)
    for _ in range(2):
        assert cache.get(requests) == {}
        assert cache.begin(requests, requests[1:], "") == requests[1:]
        cache.put(pairs)
        cache.note("speed", 1)
        assert cache.recall("speed") is None
        cache.finish()


@pytest.mark.parametrize("place", ["{file}", "{file}/below/it", "/proc/evalkit", "/dev/null/evalkit", "{loop}/in"])
def test_a_place_that_cannot_be_written(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch, warned: Callable[[], list[str]]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.setenv(module.VARIABLE, place.format(file=tmp_path / "file", loop=tmp_path / "loop"))
    useless(Cache("identity", "model"), made(3))
    (message,) = warned()
    assert " cannot be written (" in message
    assert message.endswith("): answers are not kept; free its disk, or set EVALKIT_CACHE_DIR to another folder")
    assert entries() == []
    assert clear() == 0


def only_reads(cache: Cache, old: Pairs, new: Pairs) -> None:
    """A cache that cannot be written still knows what was in it."""
    for _ in range(2):
        cache.put(new)
        assert cache.get(asked(old + new)) == dict(old)
        cache.note("speed", 1)
        assert cache.recall("speed") is None
        assert cache.begin(asked(old + new), asked(new), "") == asked(new)
        cache.finish()


def write_protected(path: Path) -> None:
    """By its header: a later version of SQLite may be needed to write it."""
    content = path.read_bytes()
    path.write_bytes(content[:18] + b"\x03" + content[19:])


def without_locks(path: Path) -> None:
    """Neither a log nor locks can be made beside it, as in a folder that is read-only."""
    for ending in ("-wal", "-shm"):
        path.with_suffix(f".sqlite{ending}").mkdir()


@pytest.mark.parametrize("protect", [write_protected, without_locks])
def test_a_file_that_can_only_be_read(
    cache_dir: Path, protect: Callable[[Path], None], warned: Callable[[], list[str]]
) -> None:
    old, new = made(5), made(5, seed=1)
    path = filled(cache_dir, old)
    size = path.stat().st_size
    protect(path)
    without_more = [entry.bytes for entry in entries()]
    only_reads(Cache("identity", "model"), old, new)
    (message,) = warned()
    assert " cannot be written (" in message
    (entry,) = entries()
    assert (entry.model, entry.responses) == ("model", 5)
    assert without_more == [size]  # folders beside it have none


def test_a_damaged_file_that_can_only_be_read_stays_where_it_is(
    cache_dir: Path, warned: Callable[[], list[str]]
) -> None:
    pairs = made(2000)
    path = filled(cache_dir, pairs)
    content = path.read_bytes()
    half = len(content) // 2
    path.write_bytes(content[:half] + b"\xff" * half)
    without_locks(path)
    cache = Cache("identity", "model")
    assert cache.get(asked(pairs)).items() <= dict(pairs).items()
    useless(cache, pairs)
    assert [" cannot be written (" in message for message in warned()] == [True, False]
    assert path.exists()
    assert not path.with_suffix(".damaged").exists()


def test_a_file_that_another_process_holds(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch, warned: Callable[[], list[str]]
) -> None:
    """What that one has written and not yet moved from its log is read all the same."""
    monkeypatch.setattr(database, "_PATIENCE", 0.01)
    old, new = made(5), made(5, seed=1)
    other = Cache("identity", "model")
    other.put(old)
    other._database.connection.execute("BEGIN IMMEDIATE")
    only_reads(Cache("identity", "model"), old, new)
    (message,) = warned()
    assert " cannot be written (database is locked)" in message
    other._database.connection.execute("ROLLBACK")
    late = Cache("identity", "model")
    late.put(new)
    assert other.get(asked(old + new)) == dict(old + new)
    assert warned() == []


def test_a_full_disk(cache_dir: Path, warned: Callable[[], list[str]]) -> None:
    old, new = made(100), made(1000, seed=1)
    cache = Cache("identity", "model")
    cache.put(old)
    (pages,) = cache._database.connection.execute("PRAGMA page_count").fetchone()
    cache._database.connection.execute(f"PRAGMA max_page_count = {pages}")
    only_reads(cache, old, new)
    assert warned() == [
        f"cache {file(cache_dir)} cannot be written (database or disk is full): answers are not kept; free its disk, "
        "or set EVALKIT_CACHE_DIR to another folder"
    ]
    later = Cache("identity", "model")  # when there is room again
    later.put(new)
    assert later.get(asked(old + new)) == dict(old + new)
    assert warned() == []


def test_a_disk_that_is_full_from_the_beginning(cache_dir: Path) -> None:
    """No file may be longer than some bytes, from none at all to enough for all."""
    filled(cache_dir, made(100))
    code = (
        "import logging, resource\n"
        "messages = []\n"
        "logging.getLogger('evalkit').addFilter(lambda record: messages.append(record.getMessage()))\n"
        "for limit in (0, 100, 5000, 40_000, 100_000, 1 << 30):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))\n"
        "    messages.clear()\n"
        "    cache = Cache('identity', 'model')\n"
        "    right = cache.get(asked(made(100))) == dict(made(100))\n"
        "    for seed in range(1, 30): cache.put(made(100, seed=seed))\n"
        "    right = right and cache.get(asked(made(100))) == dict(made(100))\n"
        "    cache.close()\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "    print(json.dumps([limit, right, messages]))\n"
    )
    (output,) = finished(start(code))
    told = [json.loads(line) for line in output.splitlines()]
    assert [(right, len(messages)) for _, right, messages in told] == [(True, 1)] * 5 + [(True, 0)]


OTHER = [*made(4), *made(1, seed=1)]


@pytest.mark.parametrize(
    ("done", "wanted", "pending", "name", "expected"),
    [
        (False, [0, 1, 2, 3], [2, 3], "", [1, 2, 3]),
        (False, [0, 1, 2, 3], [], "", [1, 2, 3]),
        (False, [0, 1, 2, 3], [3, 1, 2], "", [1, 2, 3]),
        (False, [3, 2, 1, 0], [2, 3], "", [3, 2, 1]),  # the same requests in another order
        (False, [0, 1, 2, 3], [0, 2, 3], "", [0, 2, 3]),  # more is missing than then
        (False, [0, 1, 2, 3], [2, 3], "other", [2, 3]),
        (False, [0, 1, 2], [2], "", [2]),
        (False, [0, 1, 2, 3, 4], [2, 3], "", [2, 3]),
        (True, [0, 1, 2, 3], [2, 3], "", [2, 3]),
    ],
)
def test_an_interrupted_run_gets_back_what_was_before_it(
    done: bool, wanted: list[int], pending: list[int], name: str, expected: list[int]
) -> None:
    requests = asked(OTHER)
    before = Cache("identity", "model")
    assert before.begin(requests[:4], requests[1:4], "") == requests[1:4]
    before.put(OTHER[1:2])
    if done:
        before.finish()
    before.close()
    again = Cache("identity", "model")
    found = again.begin([requests[number] for number in wanted], [requests[number] for number in pending], name)
    assert found == [requests[number] for number in expected]


def test_a_run_that_is_interrupted_twice_goes_on_as_it_began() -> None:
    requests = asked(made(6))
    for left in (requests, requests[2:], requests[4:]):
        assert Cache("identity", "model").begin(requests, left, "") == requests
    last = Cache("identity", "model")
    last.begin(requests, requests[5:], "")
    last.finish()
    assert last.begin(requests, requests[5:], "") == requests[5:]


def test_what_is_missing_anew_begins_anew() -> None:
    requests = asked(made(4))
    Cache("identity", "model").begin(requests, requests[:2], "")
    Cache("identity", "model").begin(requests, requests[1:3], "")
    assert Cache("identity", "model").begin(requests, requests[2:3], "") == requests[1:3]


def test_a_damaged_plan_is_none(cache_dir: Path) -> None:
    requests = asked(made(4))
    cache = Cache("identity", "model")
    cache.begin(requests, requests, "")
    path = file(cache_dir)
    keys = stored(path, "SELECT keys FROM plans")
    for place in (0, 4, len(keys) - 1):
        alter(path, "UPDATE plans SET keys = ?", keys[:place] + bytes([keys[place] ^ 1]) + keys[place + 1 :])
        assert cache.begin(requests, requests[3:], "") == requests[3:]
        cache.finish()
        cache.begin(requests, requests, "")


FACTS = [1, 0.1 + 0.2, "naïve \0 東京", None, True, [], {"tokens": 512, "bytes": [1, 2.5]}]


@pytest.mark.parametrize("fact", FACTS, ids=repr)
def test_facts_are_recalled(fact: object) -> None:
    cache = Cache("identity", "model")
    assert cache.recall("speed of 東京") is None
    cache.note("speed of 東京", "another")
    cache.note("speed of 東京", fact)
    assert Cache("identity", "model").recall("speed of 東京") == fact
    assert Cache("identity", "model").recall("speed") is None
    assert Cache("another", "model").recall("speed of 東京") is None


def test_a_damaged_fact_is_none(cache_dir: Path) -> None:
    cache = Cache("identity", "model")
    cache.note("tokens", 512)
    path = file(cache_dir)
    value = stored(path, "SELECT value FROM facts WHERE name = 'tokens'")
    for damaged in (value.replace(b"5", b"7"), value[:-1], b"", "512", 512):
        alter(path, "UPDATE facts SET value = ? WHERE name = 'tokens'", damaged)
        assert cache.recall("tokens") is None
    cache.note("tokens", 256)
    assert cache.recall("tokens") == 256


def test_the_folder_is_what_the_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for value, expected in [(str(tmp_path / "mine"), tmp_path / "mine"), ("~/mine", tmp_path / "mine")]:
        monkeypatch.setenv(module.VARIABLE, value)
        assert folder() == expected
    for undo in (lambda: monkeypatch.setenv(module.VARIABLE, ""), lambda: monkeypatch.delenv(module.VARIABLE)):
        undo()
        assert folder() == platformdirs.user_cache_path("evalkit", appauthor=False)
        assert folder().is_relative_to(tmp_path)
        assert "evalkit" in folder().parts


@pytest.mark.parametrize("name", ["with space", "a?mode=memory&b#c%41", "naïve 東京"])
def test_a_folder_may_have_any_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, warned: Callable[[], list[str]]
) -> None:
    monkeypatch.setenv(module.VARIABLE, str(tmp_path / name))
    write_protected(filled(tmp_path / name, made(5)))
    assert Cache("identity", "model").get(asked(made(5))) == dict(made(5))
    assert len(warned()) == 1
    assert [entry.responses for entry in entries()] == [5]


def test_entries_are_listed_and_cleared(cache_dir: Path) -> None:
    assert entries() == []
    responses = cache_dir / "responses"
    Cache("identity", "naïve 東京").put(made(3))
    Cache("other", "other").put(made(7))
    open_one = Cache("open", "other")
    open_one.put(made(11))
    (responses / "aaa.sqlite").write_bytes(b"garbage")
    (responses / "aaa.damaged").write_bytes(b"more")
    (responses / "notes.txt").write_bytes(b"mine")
    bytes_there = {
        path.stem: sum(part.stat().st_size for part in responses.glob(f"{path.stem}.*"))
        for path in responses.glob("*.sqlite")
    }
    found = {(entry.model, entry.responses): entry for entry in entries()}
    assert set(found) == {("naïve 東京", 3), ("other", 7), ("other", 11), ("unreadable", None)}
    assert found["unreadable", None] == Entry(responses / "aaa.sqlite", "unreadable", None, 11)
    assert {entry.path.stem: entry.bytes for entry in found.values()} == bytes_there
    assert clear("nobody") == 0
    assert clear("other") >= found["other", 7].bytes + found["other", 11].bytes
    assert {(entry.model, entry.responses) for entry in entries()} == {("naïve 東京", 3), ("unreadable", None)}
    assert clear() >= found["naïve 東京", 3].bytes + 11
    assert entries() == []
    assert [path.name for path in responses.iterdir()] == ["notes.txt"]


def test_a_cache_that_is_cleared_while_it_is_open(warned: Callable[[], list[str]]) -> None:
    cache, pairs = Cache("identity", "model"), made(5)
    cache.put(pairs)
    clear()
    cache.put(made(5, seed=1))
    assert cache.get(asked(pairs)).items() <= dict(pairs).items()
    fresh = Cache("identity", "model")
    assert fresh.get(asked(pairs)) == {}
    fresh.put(pairs)
    cache.close()
    assert fresh.get(asked(pairs)) == dict(pairs)
    assert len(warned()) <= 1


def test_what_cannot_be_deleted_is_said(cache_dir: Path) -> None:
    path = filled(cache_dir, made(3))
    path.with_suffix(".damaged").mkdir()
    with pytest.raises(OSError, match="damaged"):
        clear()


def test_nothing_is_pickled() -> None:
    """Neither by import, nor through torch or numpy, which pickle where they are not told otherwise."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not PICKLES & {name.split(".")[0] for name in names}, path
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in {("torch", "save"), ("torch", "load"), ("np", "load")}, path
