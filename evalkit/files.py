"""Files that are there whole or not at all: a path and content in, a file in its place out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evalkit.errors import EvalkitError


@contextmanager
def written(path: Path, failure: type[EvalkitError]) -> Iterator[Path]:
    """Write to the path that is given, a name of this process's own; what is whole is then put in its place.

    Raises:
        EvalkitError: the file cannot be written: a `failure`.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise failure(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def put(path: Path, content: bytes, failure: type[EvalkitError]) -> None:
    """Write a file whole under another name and then put it in its place.

    Raises:
        EvalkitError: it cannot be written: a `failure`.
    """
    with written(path, failure) as unfinished:
        unfinished.write_bytes(content)
