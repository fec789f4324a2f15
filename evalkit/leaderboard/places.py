"""Where runs are: paths, folders of run folders, patterns and addresses in; run folders and their two files out.

Of a run, `manifest.json` and `results.json` alone are read. Those of an address are asked for many at once.
"""

import glob
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from itertools import islice
from typing import Any

from evalkit.contamination.corpus.forms import is_remote
from evalkit.contamination.corpus.sources import brief, missing
from evalkit.errors import RunError
from evalkit.reach import knock

MANIFEST, RESULTS, REPORT = "manifest.json", "results.json", "report.html"
_STAMPS = (
    *("ETag", "etag", "md5Hash", "blob_id", "Content-MD5", "generation", "checksum"),
    *("LastModified", "Last-Modified", "last_modified", "mtime", "created"),
)
_AT_ONCE = 200  # runs asked of an address together


@dataclass(frozen=True, slots=True)
class Place:
    """A run folder: its path or address as it was named, and what that truly is (links followed); a key that is the
    same however it is named, and gives no path away; what changes when its files do, empty where nobody tells; and
    whether its report is there.
    """

    path: str
    real: str
    key: str
    stamp: str
    has_report: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """The two files of a run, or what stood in the way."""

    manifest: bytes
    results: bytes
    fault: str = ""


def find_places(words: Iterable[str]) -> list[Place]:
    """The run folders that the words name, each once, in order.

    Raises:
        RunError: a word names no run folder, or an address cannot be reached.
    """
    found: dict[str, Place] = {}
    for word in words:
        count = 0
        for place in _remote(word) if is_remote(word) else _local(word):
            found.setdefault(place.key, place)
            count += 1
        if not count:
            raise RunError(
                f"{word}: no run there (no {MANIFEST}). Name run folders, folders of them, quoted patterns "
                "('runs/*') or addresses (s3://bucket/runs)"
            )
    return list(found.values())


def contents(places: Sequence[Place]) -> Iterator[tuple[Place, Contents]]:
    """The files of each run."""
    remote = [place for place in places if is_remote(place.path)]
    for place in places:
        if not is_remote(place.path):
            yield place, _local_contents(place)
    waiting = iter(remote)
    while chunk := list(islice(waiting, _AT_ONCE)):
        yield from _remote_contents(chunk)


def _local(word: str) -> Iterator[Place]:
    for path in [word] if os.path.exists(word) else sorted(glob.glob(word, recursive=True)):
        if os.path.isdir(path):
            yield from _below(path)


def _below(folder: str) -> Iterator[Place]:
    """The run folders in a folder, itself included. A run holds no other, and a link back is not followed."""
    waiting, seen = [(folder, os.path.realpath(folder))], set[str]()
    while waiting:
        path, real = waiting.pop()
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(path) as listed:
                entries = {one.name: one for one in listed}
        except OSError as error:
            raise RunError(f"{path}: cannot be read: {error.strerror}") from None
        if MANIFEST in entries:
            yield _local_place(path, real, entries)
            continue
        for name in sorted(entries, reverse=True):
            one = entries[name]
            if not name.startswith(".") and one.is_dir():
                inner = os.path.realpath(one.path) if one.is_symlink() else os.path.join(real, name)
                waiting.append((one.path, inner))


def _local_place(path: str, real: str, entries: Mapping[str, "os.DirEntry[str]"]) -> Place:
    stamps = []
    for name in (MANIFEST, RESULTS):
        try:
            status = entries[name].stat()
        except (KeyError, OSError):
            stamps.append("none")
        else:
            stamps.append(f"{status.st_size}-{status.st_mtime_ns}")
    return Place(path, real, _hashed(real), " ".join(stamps), REPORT in entries)


def _local_contents(place: Place) -> Contents:
    read: dict[str, bytes] = {}
    for name in (MANIFEST, RESULTS):
        try:
            with open(os.path.join(place.path, name), "rb") as file:
                read[name] = file.read()
        except FileNotFoundError:
            return Contents(b"", b"", _absent(name))
        except OSError as error:
            return Contents(b"", b"", f"{name} cannot be read: {error.strerror}")
    return Contents(read[MANIFEST], read[RESULTS])


def _remote(word: str) -> Iterator[Place]:
    files, inner = _filesystem(word)
    try:
        for place in sorted(files.glob(inner)) if glob.has_magic(inner) else [inner.rstrip("/")]:
            yield from _remote_below(files, place)
    except RunError:
        raise
    except Exception as error:  # of every kind, by the file system
        raise RunError(f"{word}: cannot be reached ({brief(error)})") from None


def _remote_below(files: Any, folder: str) -> Iterator[Place]:
    """The run folders at an address: it is one, or they are found in the list of all that is below it."""
    direct = {name: info for name in (MANIFEST, RESULTS) if (info := _info(files, f"{folder}/{name}"))}
    if MANIFEST in direct:
        yield _remote_place(files, folder, direct, _info(files, f"{folder}/{REPORT}") is not None)
        return
    try:
        listed = files.find(folder, detail=True)
    except FileNotFoundError as error:
        _unless_absent(folder, error)
        return
    runs: dict[str, dict[str, Any]] = {}
    for path, info in listed.items():
        parent, _, name = path.rpartition("/")
        if name in (MANIFEST, RESULTS, REPORT):
            runs.setdefault(parent, {})[name] = info
    for path in sorted(runs):
        if MANIFEST in runs[path]:
            yield _remote_place(files, path, runs[path], REPORT in runs[path])


def _remote_place(files: Any, path: str, infos: dict[str, dict[str, Any]], has_report: bool) -> Place:
    address = str(files.unstrip_protocol(path))
    stamps = [_stamp(infos[name]) if name in infos else "none" for name in (MANIFEST, RESULTS)]
    return Place(address, address, _hashed(address), " ".join(stamps) if all(stamps) else "", has_report)


def _stamp(info: dict[str, Any]) -> str:
    """The size and what changes when the content may have; empty where the server tells only a size, or not even it."""
    told = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
    return f"{info.get('size')}-{told}" if told else ""


def _info(files: Any, path: str) -> dict[str, Any] | None:
    """What the file system says of a file; None where it is not there."""
    try:
        info: dict[str, Any] = files.info(path)
    except FileNotFoundError as error:
        _unless_absent(path, error)
        return None
    return info if info.get("type", "file") == "file" else None


def _unless_absent(path: str, error: FileNotFoundError) -> None:
    """Over HTTP every fault is a file not found, with the true one as its cause."""
    cause = error.__cause__
    if cause and getattr(cause, "status", None) not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.FORBIDDEN):
        raise RunError(f"{path}: cannot be reached ({brief(cause)})") from None


def _remote_contents(places: Sequence[Place]) -> Iterator[tuple[Place, Contents]]:
    groups: dict[int, tuple[Any, list[tuple[Place, str]]]] = {}
    for place in places:
        files, inner = _filesystem(place.path)
        groups.setdefault(id(files), (files, []))[1].append((place, inner))
    for files, group in groups.values():
        wanted = [f"{inner}/{name}" for _, inner in group for name in (MANIFEST, RESULTS)]
        files.invalidate_cache()
        read = files.cat(wanted, on_error="return")
        for place, inner in group:
            yield place, _taken(read.get(f"{inner}/{MANIFEST}"), read.get(f"{inner}/{RESULTS}"))


def _taken(manifest: Any, results: Any) -> Contents:
    for name, one in ((MANIFEST, manifest), (RESULTS, results)):
        if one is None or isinstance(one, FileNotFoundError):
            return Contents(b"", b"", _absent(name))
        if isinstance(one, BaseException):
            return Contents(b"", b"", f"{name} cannot be read: {brief(one)}")
    return Contents(manifest, results)


def _absent(name: str) -> str:
    return f"no {name}; the run has not finished" if name == RESULTS else f"no {name}"


def _filesystem(address: str) -> tuple[Any, str]:
    import fsspec

    try:
        if address.startswith("hf://"):
            from huggingface_hub import constants  # heavy: loaded only when the hub is asked

            if silence := knock(constants.ENDPOINT):
                raise RunError(f"{address}: {silence}")
        files, inner = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise RunError(f"{address}: {missing(address, error)}") from None
    except ValueError as error:
        raise RunError(f"{address}: {error}") from None
    return files, str(inner)


def _hashed(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
