import gzip
from pathlib import Path

import pytest

from evalkit.contamination.corpus import Reading
from evalkit.errors import ContaminationError
from tests.contamination.corpus.conftest import read, zst

TEXT = "A whole file.\r\n\nIs one document: Grüße.\n"


def test_a_file_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "c.txt.zst").write_bytes(zst(b"\xef\xbb\xbf" + TEXT.encode()))
    found = read(tmp_path)
    assert found.documents == [("", TEXT)] * 3
    assert found.places == [0, 0, 0]
    assert len(found.units) == 3


BAD = {
    "a.txt": (b"ab\xff", r"byte 2: no valid UTF-8 \(invalid start byte\)"),
    "b.txt": (b"a" * 200, "the whole file: longer than 100 bytes"),
    "c.txt.gz": (gzip.compress(b"abc")[:-2], r"about byte \d+: the gzip file breaks off"),
    "d.txt.zst": (zst(b"abc")[:-2], r"about byte \d+: the Zstandard file breaks off"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file(tmp_path: Path, name: str) -> None:
    content, fault = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ContaminationError, match=f"{name}, {fault}"):
        read(tmp_path, Reading(record_limit=100))
    found = read(tmp_path, Reading(record_limit=100, skip_bad=True))
    assert (found.texts, found.account.bad) == ([], 1)
