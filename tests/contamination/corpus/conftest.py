"""Documents, the same in each form that a corpus can have, and what is read of them."""

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus import Account, Reading, find_units, read_unit

DOCUMENTS: Sequence[tuple[str, str]] = (
    ("a", "The cat sat on the mat."),
    ("b", ""),
    ("c", 'Grüße, 世界! \U0001f600 "quoted" \\ and\nlines\r\n'),
    ("d", "x" * 3000),
    ("e", "\u2028 a line separator is none in JSON Lines \u0085"),
    *((f"n{number}", f"document {number} " * (number % 7)) for number in range(40)),
)


class Found(NamedTuple):
    """What a corpus was read to hold."""

    units: list[Unit]
    names: list[str]
    texts: list[str]
    places: list[int]
    batches: list[Batch]
    account: Account

    @property
    def documents(self) -> list[tuple[str, str]]:
        return list(zip(self.names, self.texts, strict=True))


def read(corpora: str | Path | Sequence[str], reading: Reading | None = None) -> Found:
    """All documents of a corpus; on the way, what holds of every batch is checked."""
    reading, account = reading or Reading(), Account()
    named = [str(corpora)] if isinstance(corpora, str | Path) else corpora
    found = Found(find_units(named, reading), [], [], [], [], account)
    for unit in found.units:
        batches = list(read_unit(unit, reading, account))
        assert sum(batch.read for batch in batches) == unit.bytes
        assert all(batch.read >= 0 for batch in batches)
        for batch in batches:
            check(batch)
            text, edges = batch.text.tobytes(), batch.offsets.tolist()
            found.texts.extend(text[a:b].decode() for a, b in pairwise(edges))
            found.places.extend(batch.places.tolist())
            found.names.extend(batch.names)
        found.batches.extend(batches)
    assert account.documents == len(found.texts)
    return found


def check(batch: Batch) -> None:
    assert (batch.text.dtype, batch.offsets.dtype, batch.places.dtype) == ("uint8", "int64", "int64")
    assert len(batch.offsets) == len(batch.places) + 1 == len(batch.names) + 1
    assert batch.offsets[0] == 0
    assert batch.offsets[-1] == len(batch.text)
    assert not batch.text.flags.writeable


def lines(documents: Sequence[tuple[str, str]] = DOCUMENTS) -> bytes:
    rows = ({"id": name, "other": [1, {"text": "no"}], "text": text} for name, text in documents)
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def table(documents: Sequence[tuple[str, str]] = DOCUMENTS) -> pa.Table:
    names, texts = zip(*documents, strict=True)
    return pa.table({"id": names, "number": range(len(names)), "text": texts})


def _stream(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table().schema) as writer:
        writer.write_table(table(), max_chunksize=7)


def _file(path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table().schema) as writer:
        writer.write_table(table(), max_chunksize=7)


def zst(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(content)


def frames(content: bytes) -> bytes:
    """Zstandard of several frames, the first empty, cut where no line ends."""
    return zst(b"") + zst(content[:100]) + zst(content[100:])


def members(content: bytes) -> bytes:
    """Gzip of several members."""
    return gzip.compress(content[:100]) + gzip.compress(b"") + gzip.compress(content[100:])


FORMS: Mapping[str, Callable[[Path], object]] = {
    "a.jsonl": lambda path: path.write_bytes(lines()),
    "a.ndjson": lambda path: path.write_bytes(lines().replace(b"\n", b"\r\n")),
    "marked.jsonl": lambda path: path.write_bytes(b"\xef\xbb\xbf" + lines()),
    "blank.jsonl": lambda path: path.write_bytes(b"\n" + lines().replace(b"\n", b"\n \n\r\n")),
    "no-newline.jsonl": lambda path: path.write_bytes(lines()[:-1]),
    "a.jsonl.gz": lambda path: path.write_bytes(gzip.compress(lines())),
    "a.json.gz": lambda path: path.write_bytes(members(lines())),
    "a.jsonl.zst": lambda path: path.write_bytes(zst(lines())),
    "a.ndjson.zstd": lambda path: path.write_bytes(frames(lines())),
    "a.parquet": lambda path: pq.write_table(table(), path, row_group_size=9, compression="zstd"),
    "stream.arrow": _stream,
    "file.feather": _file,
}


@pytest.fixture(params=FORMS, ids=str)
def corpus(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file with DOCUMENTS, of every form in turn."""
    path = tmp_path / str(request.param)
    FORMS[request.param](path)
    return path
