"""Files that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from evalkit.errors import DataError, EvalkitError, RunError
from evalkit.files import put, written


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    put(tmp_path / "a", b"old", RunError)
    put(tmp_path / "a", b"new", RunError)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_what_fails_half_way_leaves_the_old_one(tmp_path: Path) -> None:
    put(tmp_path / "a", b"old", RunError)

    def half() -> None:
        with written(tmp_path / "a", RunError) as unfinished:
            unfinished.write_bytes(b"half")
            assert len(os.listdir(tmp_path)) == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert (tmp_path / "a").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("failure", [RunError, DataError])
def test_a_file_that_cannot_be_written_is_the_failure_that_the_caller_names(
    tmp_path: Path, failure: type[EvalkitError]
) -> None:
    with pytest.raises(failure, match=r"missing/a: cannot be written: No such file or directory"):
        put(tmp_path / "missing" / "a", b"", failure)
    (tmp_path / "full" / "inside").mkdir(parents=True)
    with pytest.raises(failure, match=r"full: cannot be written"):
        put(tmp_path / "full", b"", failure)
    assert sorted(os.listdir(tmp_path)) == ["full"]
