"""Rows from `<folder>/<task>/<split>.jsonl` or `.parquet`, in the data set's Hugging Face columns."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from evalkit.data.rows import Rows
from evalkit.errors import DataError, DataNotFoundError
from evalkit.schema import Row


def read_split(folder: Path, label: str, task: str, split: str) -> Rows:
    """The rows of one split.

    Args:
        folder: the folder that holds a folder for each task.
        label: what the folder is called in signatures.

    Raises:
        DataNotFoundError: the task has no folder there, or no such split; the message says what is there.
        DataError: the file is no valid JSON Lines or Parquet.
    """
    if not folder.is_dir():
        raise DataNotFoundError(f"--data-dir {folder}: no such folder")
    place = folder / task
    if not place.is_dir():
        raise DataNotFoundError(f"no data for {task} in {folder}: there is no folder {place}")
    files = [path for suffix in _READERS if (path := place / f"{split}{suffix}").is_file()]
    if not files:
        there = sorted({path.stem for path in place.iterdir() if path.suffix in _READERS})
        raise DataNotFoundError(
            f"{place}: no split {split!r}; there is {', '.join(there) or 'no .jsonl or .parquet file'}"
        )
    if len(files) > 1:
        raise DataError(f"{place}: both {files[0].name} and {files[1].name} are there; keep one")
    path = files[0]
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    digest = hashlib.sha256(content).hexdigest()
    return Rows(_READERS[path.suffix](content, path), str(path), f"{label}@{digest[:12]}")


def _read_jsonl(content: bytes, path: Path) -> list[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}") from None
    rows: list[Row] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: not valid JSON: {error}") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}, line {number}: a row has to be an object, and is {line.strip()[:80]}")
        rows.append(row)
    return rows


def _read_parquet(content: bytes, path: Path) -> list[Row]:
    import pyarrow  # heavy, and needed only for Parquet files
    import pyarrow.parquet

    try:
        rows: list[Row] = pyarrow.parquet.read_table(pyarrow.BufferReader(content)).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:  # OSError: the file breaks off
        raise DataError(f"{path}: not a valid Parquet file: {error}") from None
    return rows


_READERS: Mapping[str, Callable[[bytes, Path], list[Row]]] = {".jsonl": _read_jsonl, ".parquet": _read_parquet}
