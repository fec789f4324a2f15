"""Parquet and Arrow: kinds of columns, bad rows, damaged files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evalkit.contamination.corpus import Reading
from evalkit.errors import ContaminationError
from tests.contamination.corpus.conftest import DOCUMENTS, read, table

TEXTS = [text for _, text in DOCUMENTS]
SKIP = Reading(skip_bad=True, batch_bytes=100)
BYTES = [text.encode() for text in TEXTS]


def write(path: Path, made: pa.Table, rows: int = 9) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(made, path, row_group_size=rows)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, made.schema) as writer:
            writer.write_table(made, max_chunksize=rows)
    return path


KINDS = {
    "string": pa.array(TEXTS, pa.string()),
    "large": pa.array(TEXTS, pa.large_string()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "view": pa.array(TEXTS, pa.string_view()),
    "binary": pa.array(BYTES, pa.binary()),
    "large binary": pa.array(BYTES, pa.large_binary()),
    "slice": pa.array(["before", *TEXTS, "after"])[1:-1],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("batch_bytes", [1, 100, 1 << 20])
def test_a_column_of_texts_of_any_kind(tmp_path: Path, kind: str, name: str, batch_bytes: int) -> None:
    path = write(tmp_path / name, pa.table({"text": KINDS[kind], "id": range(len(TEXTS))}))
    found = read(path, Reading(batch_bytes=batch_bytes))
    assert found.texts == TEXTS
    assert found.names == [str(number) for number in range(len(TEXTS))]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_a_column_inside_another_and_one_with_a_dot(tmp_path: Path, name: str) -> None:
    rows = [{"body": text, "key": key, "more": 1} for key, text in DOCUMENTS]
    path = write(tmp_path / name, pa.table({"n": range(len(rows)), "meta": rows, "a.b": TEXTS}))
    assert read(path, Reading(column="meta.body", name="meta.key")).documents == list(DOCUMENTS)
    assert read(path, Reading(column="meta.body", name="meta.body")).documents == [(text, text) for text in TEXTS]
    assert read(path, Reading(column="meta.body", name="meta")).documents == [("", text) for text in TEXTS]
    assert read(path, Reading(column="a.b", name="meta.none")).documents == [("", text) for text in TEXTS]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("skip_bad", [False, True])
def test_a_column_that_is_not_there(tmp_path: Path, name: str, skip_bad: bool) -> None:
    path = write(tmp_path / name, table())
    with pytest.raises(ContaminationError, match=rf"{name}: no column 'body' of texts. Its columns: id, number, text"):
        read(path, Reading(column="body", skip_bad=skip_bad))
    with pytest.raises(ContaminationError, match="column 'number' holds int64, and has to hold texts"):
        read(path, Reading(column="number", skip_bad=skip_bad))


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_bad_rows(tmp_path: Path, name: str) -> None:
    values = [b"a", None, b"b\xff", b"c" * 50, b"", None]
    path = write(tmp_path / name, pa.table({"text": pa.array(values, pa.binary()), "id": list("uvwxyz")}), rows=4)
    with pytest.raises(ContaminationError, match=r"row 1: no text \(null\).*--skip-bad"):
        read(path)
    found = read(path, Reading(skip_bad=True, record_limit=40))
    assert found.documents == [("u", "a"), ("y", "")]
    assert found.places == [0, 4]
    assert [message.partition(", ")[2] for message in found.account.first_bad] == [
        "row 1: no text (null)",
        "row 2: no valid UTF-8 (invalid start byte)",
        "row 3: longer than 40 bytes",
        "row 5: no text (null)",
    ]


def test_a_null_above_is_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"meta": [{"body": "a"}, None, {"body": "b"}]}))
    found = read(path, Reading(column="meta.body", skip_bad=True))
    assert (found.texts, found.account.bad) == (["a", "b"], 1)


def test_units_are_row_groups(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", table(), rows=9)
    one, each = read(path), read(path, Reading(range_bytes=1))
    assert [(unit.start, unit.end) for unit in one.units] == [(0, 5)]
    assert [(unit.start, unit.end) for unit in each.units] == [(number, number + 1) for number in range(5)]
    assert sum(unit.bytes for unit in each.units) == one.units[0].bytes < path.stat().st_size


def test_a_table_without_rows(tmp_path: Path) -> None:
    for name in ("a.parquet", "a.arrow"):
        assert read(write(tmp_path / name, table().slice(0, 0))).texts == []


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_a_file_that_breaks_off(tmp_path: Path, name: str, keep: float) -> None:
    path = write(tmp_path / name, table())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    with pytest.raises(ContaminationError, match=rf"{name}, about byte \d+: .*damaged"):
        read(path)
    found = read(path, SKIP)
    assert (found.texts, found.account.bad) == ([], 1)


def test_a_stream_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table().schema) as writer:
        writer.write_table(table(), max_chunksize=7)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(ContaminationError, match="after 42 rows: broken off or damaged"):
        read(path)
    found = read(path, SKIP)
    assert found.documents == list(DOCUMENTS[:42])
    assert found.account.bad == 1


def test_a_damaged_row_group_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(), path, row_group_size=9, compression="zstd", use_dictionary=False, write_page_checksum=True)
    column = pq.ParquetFile(path).metadata.row_group(2).column(2)
    content = bytearray(path.read_bytes())
    for place in range(column.data_page_offset, column.data_page_offset + column.total_compressed_size):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(ContaminationError, match="row group 2: cannot be read after 0 rows"):
        read(path)
    found = read(path, SKIP)
    assert found.documents == [*DOCUMENTS[:18], *DOCUMENTS[27:]]
    assert found.places == [*range(18), *range(27, len(DOCUMENTS))]
    assert found.account.bad == 1
