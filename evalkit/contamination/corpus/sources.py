"""The files that a corpus names: paths, patterns, folders and addresses, each file once."""

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from evalkit.contamination.corpus.forms import KNOWN, form_of, is_remote
from evalkit.errors import ContaminationError
from evalkit.reach import knock

_LIBRARIES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs"}  # by protocol, what reads from there
_STAMPS = (
    *("ETag", "etag", "md5Hash", "blob_id", "Content-MD5", "content_md5", "generation", "checksum"),
    *("LastModified", "Last-Modified", "last_modified", "mtime", "created"),
)
_STREAMS = ("http://", "https://")  # a server may not give parts of a file

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its path as named, or its address; its size in bytes; what changes when the content may have; and a key
    that is the same however the file is named.
    """

    path: str
    size: int
    version: str
    key: str


def find_sources(named: str) -> list[Source]:
    """The files that one word of the user names, in order.

    Raises:
        ContaminationError: there are none, one has an unknown ending, or the place cannot be reached.
    """
    found = list(_remote(named) if is_remote(named) else _local(named))
    for source in found:
        if not form_of(source.path):
            raise ContaminationError(f"{source.path}: unknown form of file. Known endings: {KNOWN}")
    if not found:
        raise ContaminationError(f"{named}: no files to read there. Known endings: {KNOWN}")
    return sorted(found, key=lambda source: source.path)


def open_source(path: str, *, in_order: bool = False) -> Any:
    """A file to read from: unbuffered if it is local; `in_order` if it is only read from beginning to end.

    Raises:
        ContaminationError: it cannot be opened.
    """
    if not is_remote(path):
        try:
            return open(path, "rb", buffering=0)
        except OSError as error:
            raise ContaminationError(f"{path}: cannot be read: {error.strerror}") from None
    streamed = {"block_size": 0} if in_order and path.startswith(_STREAMS) else {}
    files, inner = _reached(path, lambda: _filesystem(path))
    return _reached(path, lambda: files.open(inner, "rb", **streamed))


def missing(address: str, error: ImportError) -> str:
    """What is said where the library that reads from an address is not installed."""
    library = _LIBRARIES.get(address.partition("://")[0])
    return f"a library is missing to read from there: {f'pip install {library}' if library else brief(error)}"


def brief(error: BaseException) -> str:
    """An error of a library on one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"


def _local(named: str) -> Iterator[Source]:
    paths = [named] if os.path.exists(named) else sorted(glob.glob(named, recursive=True))
    if not paths:
        raise ContaminationError(f"{named}: nothing matches. Name files, folders, or quoted patterns (books/*.jsonl)")
    for path in paths:
        for file in _below(path) if os.path.isdir(path) else [path]:
            try:
                status = os.stat(file)
            except OSError as error:
                raise ContaminationError(f"{file}: cannot be read: {error.strerror}") from None
            yield Source(file, status.st_size, f"{status.st_size}-{status.st_mtime_ns}", os.path.realpath(file))


def _below(folder: str) -> Iterator[str]:
    """The files of a known form in a folder and those inside it; a link back to a folder above is not followed."""
    seen: set[str] = set()
    for where, folders, files in os.walk(folder, followlinks=True):
        here = os.path.realpath(where)
        folders[:] = [] if here in seen else sorted(name for name in folders if not name.startswith("."))
        if here not in seen:
            yield from (os.path.join(where, name) for name in sorted(files) if _is_wanted(name))
        seen.add(here)


def _is_wanted(name: str) -> bool:
    """Whether a file of a folder is read: not a hidden one, nor what `datasets` keeps beside a saved data set."""
    return (
        bool(form_of(name)) and not name.startswith(".") and not (name.startswith("cache-") and name[-6:] == ".arrow")
    )


def _remote(named: str) -> Iterator[Source]:
    if named.startswith("hf://"):
        from huggingface_hub import constants  # heavy: loaded only when the hub is asked

        if silence := knock(constants.ENDPOINT):
            raise ContaminationError(f"{named}: {silence}")
    files, inner = _reached(named, lambda: _filesystem(named))
    infos = _reached(named, lambda: _infos(files, inner))
    for info in infos:
        address = files.unstrip_protocol(info["name"])
        path = named if len(infos) == 1 and info["name"] == inner else address
        if info.get("size") is None:
            raise ContaminationError(f"{path}: the server does not tell its size. Download it, and name the file")
        stamp = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
        yield Source(path, int(info["size"]), f"{info['size']}-{stamp}".rstrip("-"), _key(address))


def _key(address: str) -> str:
    local = address.removeprefix("file://")
    return address if is_remote(local) else os.path.realpath(local)


def _infos(files: Any, inner: str) -> Sequence[dict[str, Any]]:
    """What the file system says of each file that a path in it names."""
    if "*" in inner:
        found = files.glob(inner, detail=True)
    elif form_of(inner) or not files.isdir(inner):
        return [files.info(inner)]
    else:
        found = {
            path: info
            for path, info in files.find(inner, detail=True).items()
            if _is_wanted(path.rpartition("/")[2]) and "/." not in path.removeprefix(inner)
        }
    return [info for info in found.values() if info["type"] == "file"]


def _filesystem(path: str) -> tuple[Any, str]:
    import fsspec

    files, inner = fsspec.core.url_to_fs(path)
    return files, inner


def _reached(path: str, ask: Callable[[], T]) -> T:
    """What the file system answers; its errors, which are of every kind, as one that names the path."""
    try:
        return ask()
    except ImportError as error:
        raise ContaminationError(f"{path}: {missing(path, error)}") from None
    except FileNotFoundError as error:  # of HTTP, whatever went wrong
        cause = error.__cause__
        fault = "there is no such file"
        if cause and getattr(cause, "status", None) != HTTPStatus.NOT_FOUND:
            fault = f"cannot be reached ({brief(cause)})"
        raise ContaminationError(f"{path}: {fault}") from None
    except Exception as error:
        raise ContaminationError(f"{path}: cannot be reached ({brief(error)})") from None
