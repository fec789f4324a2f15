"""JSON Lines: every record once whatever the ranges; bad records; packed files that break off."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.contamination.corpus import Reading
from evalkit.errors import ContaminationError
from tests.contamination.corpus.conftest import DOCUMENTS, frames, lines, members, read, zst

RECORDS = st.lists(
    st.one_of(
        st.text(max_size=30).map(lambda text: json.dumps({"text": text, "id": 1}, ensure_ascii=False)),
        st.sampled_from(["", " ", '{"text":"a"}', '{"text":"{}\\n{"}', '{"text":""}']),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    records=RECORDS,
    size=st.integers(1, 60),
    piece=st.integers(1, 60),
    newline=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    closed=st.booleans(),
)
def test_ranges_together_give_every_record_once(
    records: list[str], size: int, piece: int, newline: str, mark: bool, closed: bool
) -> None:
    content = b"\xef\xbb\xbf" * mark + (newline.join(records) + newline * closed).encode()
    places, at = [], 0
    for record in content.removeprefix(b"\xef\xbb\xbf" * mark).split(b"\n"):
        if record.strip():
            places.append(at + 3 * mark * (at > 0))
        at += len(record) + 1
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        path.write_bytes(content)
        found = read(path, Reading(range_bytes=size, batch_bytes=piece))
    assert found.texts == [json.loads(record)["text"] for record in records if record.strip()]
    assert found.places == places


def test_one_object_on_two_lines_and_two_on_one_are_no_json_lines(tmp_path: Path) -> None:
    """As many records as lines; a decoder that knows no lines would take them."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text":\n"a"}\n{"text":"b"} {"text":"c"}\n')
    found = read(path, Reading(skip_bad=True))
    assert (found.texts, found.account.bad) == ([], 3)


BAD = {
    "no JSON": (b'{"text": "a', "no valid JSON"),
    "trailing": (b'{"text":"a"} x', "no valid JSON"),
    "no object": (b'["text"]', "Expected `object`, got `array`"),
    "UTF-8": (b'{"text":"a\xff"}', r"no valid UTF-8 \(invalid start byte\)"),
    "surrogate": (b'{"text":"\\ud800"}', "no valid"),
    "missing": (b'{"id":1,"body":"a"}', "missing required field `text`. It has: id, body"),
    "null": (b'{"text":null}', "Expected `str`, got `null`"),
    "number": (b'{"text":3}', "Expected `str`, got `int`"),
    "deep": (b'{"text":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deep"),
    "long": (b'{"text":"' + b"a" * 300_000 + b'"}', "longer than 250000 bytes; a corpus of one line"),
}


@pytest.mark.parametrize(("record", "fault"), BAD.values(), ids=list(BAD))
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zst], ids=["", ".gz", ".zst"])
def test_a_bad_record_is_an_error_or_counted(
    tmp_path: Path, pack: Callable[[bytes], bytes], record: bytes, fault: str
) -> None:
    path = tmp_path / {bytes: "a.jsonl", gzip.compress: "a.jsonl.gz", zst: "a.jsonl.zst"}[pack]
    before, after = lines(DOCUMENTS[:2]), lines(DOCUMENTS[2:])
    path.write_bytes(pack(before + record + b"\n" + after))
    with pytest.raises(ContaminationError, match=fault) as error:
        read(path, Reading(record_limit=250_000))
    place = f"{path}, record at byte {len(before)}: "
    assert str(error.value).startswith(place)
    assert "--skip-bad" in str(error.value)
    found = read(path, Reading(record_limit=250_000, skip_bad=True, range_bytes=1000))
    assert found.documents == list(DOCUMENTS)
    assert found.account.bad == 1
    assert found.account.first_bad[0].startswith(place)


def test_five_messages_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{}\n" * 12 + lines())
    account = read(tmp_path / "a.jsonl", Reading(skip_bad=True)).account
    assert (account.documents, account.bad, len(account.first_bad)) == (len(DOCUMENTS), 12, 5)
    assert "record at byte 12: " in account.first_bad[4]


@pytest.mark.parametrize("limit", [20, 21, 22, 100])
@pytest.mark.parametrize("piece", [1, 7, 21, 22, 1000])
def test_a_record_of_the_limit_is_good_and_one_above_it_bad(tmp_path: Path, limit: int, piece: int) -> None:
    for closed in (b"", b"\n"):
        (tmp_path / "a.jsonl").write_bytes(b'{"text":"first"}\n{"text":"a" , "b":1}' + closed)  # 16 and 20 bytes
        found = read(tmp_path / "a.jsonl", Reading(record_limit=limit - 1, batch_bytes=piece, skip_bad=True))
        assert found.texts == ["first", "a"][: 1 if limit == 20 else 2]
        assert found.account.bad == (limit == 20)


def test_a_line_without_end_is_not_held(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zst(b'{"text":"' + b"x" * (64 << 20) + b'"}\n') + zst(lines()))
    read(path, Reading(record_limit=1 << 20, skip_bad=True))
    tracemalloc.start()
    try:
        found = read(path, Reading(record_limit=1 << 20, skip_bad=True))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.documents == list(DOCUMENTS)
    assert "longer than 1 MB" in found.account.first_bad[0]
    assert peak < 8 << 20


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl.gz", members), ("a.jsonl.zst", frames)])
@pytest.mark.parametrize("cut", [3, 40, -1, -9, 0.7])
def test_a_packed_file_that_breaks_off(tmp_path: Path, name: str, pack: Callable[[bytes], bytes], cut: float) -> None:
    whole = pack(lines())
    broken = whole[: int(len(whole) * cut) if isinstance(cut, float) else cut]
    path = tmp_path / name
    path.write_bytes(broken)
    with pytest.raises(ContaminationError, match=rf"{name}, about byte \d+: the .* file breaks off or is damaged"):
        read(path)
    found = read(path, Reading(skip_bad=True, batch_bytes=500))
    assert found.account.bad == 1
    assert found.documents == list(DOCUMENTS)[: len(found.texts)]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_all_before_a_break_is_read(tmp_path: Path, name: str) -> None:
    pack = gzip.compress if name.endswith("gz") else zst
    (tmp_path / name).write_bytes(pack(lines()) + b"garbage, " * 9)
    found = read(tmp_path / name, Reading(skip_bad=True))
    assert found.documents == list(DOCUMENTS)
    assert found.account.bad == 1


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.zst"])
def test_what_is_not_packed_at_all(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(lines())
    with pytest.raises(ContaminationError, match="breaks off or is damaged"):
        read(tmp_path / name)


NAMES = [
    ('{"text":"a","id":7}', "text", "id", "7"),
    ('{"text":"a","id":"x"}', "text", "id", "x"),
    ('{"text":"a","id":null}', "text", "id", ""),
    ('{"text":"a","id":[1]}', "text", "id", ""),
    ('{"text":"a","id":123456789012345678901234567890}', "text", "id", "123456789012345678901234567890"),
    ('{"text":"a"}', "text", "id", ""),
    ('{"meta":{"body of it":"a","key":"k"}}', "meta.body of it", "meta.key", "k"),
    ('{"body":"a","meta":{"key":3}}', "body", "meta.key", "3"),
    ('{"body":"a","meta":null}', "body", "meta.key", ""),
    ('{"body":"a","meta":"m"}', "body", "meta.key", ""),
    ('{"body":"a"}', "body", "meta.key", ""),
    ('{"text":"a"}', "text", "text", "a"),
    ('{"meta":{"text":"a"}}', "meta.text", "meta", ""),
    ('{"text":"a"}', "text", "text.id", ""),
]


@pytest.mark.parametrize(("record", "column", "name", "expected"), NAMES)
def test_ids_come_along(tmp_path: Path, record: str, column: str, name: str, expected: str) -> None:
    (tmp_path / "a.jsonl").write_text(f"{record}\n{record}", encoding="utf-8")  # the last is decoded by itself
    found = read(tmp_path / "a.jsonl", Reading(column=column, name=name, batch_bytes=len(record) + 1))
    assert found.documents == [(expected, "a")] * 2


def test_a_name_that_no_field_can_have(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    with pytest.raises(ContaminationError, match=r"column 'te\"xt', id column 'id': a field cannot be called so"):
        read(tmp_path / "a.jsonl", Reading(column='te"xt'))
