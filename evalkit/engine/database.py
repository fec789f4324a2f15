"""The file under a cache: SQLite, opened, read, written, and set aside when it is damaged.

What cannot be read counts as not there, and what cannot be written is said once and then left. Several processes and
threads may use one file at a time. Every value is sealed: it carries a checksum of itself and its key.
"""

import logging
import os
import sqlite3
import struct
import time
import weakref
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

VARIABLE = "EVALKIT_CACHE_DIR"
ENDINGS = (".sqlite", ".sqlite-wal", ".sqlite-shm", ".damaged")

_PATIENCE = 60  # seconds to wait for another process that writes
_DAMAGE = (sqlite3.DatabaseError, UnicodeDecodeError)  # the second when SQLite quotes damaged bytes in its message
_log = logging.getLogger("evalkit")


class Database:
    """One file with its tables; without a connection where it can be neither written nor read."""

    def __init__(self, path: Path, tables: str) -> None:
        """Open the file, or find that it cannot be."""
        self.path = path
        self.connection: sqlite3.Connection | None = None
        self._tables, self._can_write = tables, True
        self._open()

    def close(self) -> None:
        """Let go of the file; from here on nothing is there, and nothing is kept."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def read(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that a query gives; none where nothing can be read."""
        if self.connection is None:
            return []
        try:
            return self.connection.execute(query, values).fetchall()
        except _DAMAGE as error:
            if self._can_write and not isinstance(error, sqlite3.OperationalError):
                self._set_aside(error)
            else:
                _log.warning("cache %s cannot be read (%s): its answers are computed anew", self.path, error)
                self.close()
            return []

    def write(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows; they are on disk when this returns, or it has been said that they cannot be."""
        if self.connection is None or not self._can_write:
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self.connection.executemany(query, rows)
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            self._cannot_write(error)
        except _DAMAGE as error:
            self._set_aside(error)

    def _open(self) -> None:
        try:
            self.connection = self._connect()
        except (sqlite3.OperationalError, OSError) as error:  # it cannot be written; perhaps it can be read
            self._cannot_write(error)
            with suppress(*_DAMAGE):
                self.connection = self._finalised(to_read(self.path))
        except _DAMAGE as error:
            self._set_aside(error)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._finalised(
            sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        )
        try:
            _switch_to_log(connection)
            connection.text_factory = bytes  # what is damaged may not be text
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(self._tables)
        except BaseException:
            connection.close()
            raise
        return connection

    def _finalised(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """The connection, which is closed with this cache: Python warns of one that nobody closes."""
        weakref.finalize(self, connection.close)
        return connection

    def _set_aside(self, error: Exception) -> None:
        """A damaged file is kept under another name, and a new one begun."""
        _log.warning("cache %s is damaged (%s): it is set aside, and its answers are computed anew", self.path, error)
        self.close()
        try:
            os.replace(self.path, self.path.with_suffix(".damaged"))
            for ending in ENDINGS[1:3]:
                self.path.with_suffix(ending).unlink(missing_ok=True)
            self.connection = self._connect()
        except (OSError, *_DAMAGE) as problem:
            self._cannot_write(problem)

    def _cannot_write(self, error: Exception) -> None:
        self._can_write = False
        _log.warning(
            "cache %s cannot be written (%s): answers are not kept; free its disk, or set %s to another folder",
            self.path,
            error,
            VARIABLE,
        )


def to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing: not even locks, where these cannot be written either."""
    try:
        return _tried(f"{path.absolute().as_uri()}?mode=ro")
    except sqlite3.OperationalError:
        return _tried(f"{path.absolute().as_uri()}?mode=ro&immutable=1")


def _tried(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, timeout=_PATIENCE, uri=True, check_same_thread=False)
    connection.text_factory = bytes
    try:
        connection.execute("SELECT 1 FROM responses LIMIT 1").fetchall()
    except BaseException:
        connection.close()
        raise
    return connection


def _switch_to_log(connection: sqlite3.Connection) -> None:
    """To SQLite's write-ahead log, which several processes can use; who opens a new file beside others waits for them,
    which SQLite does of itself everywhere but here.
    """
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def seal(key: bytes, body: bytes) -> bytes:
    """What is stored under a key: a checksum of both, and the body."""
    return struct.pack("<I", zlib.crc32(key + body)) + body


def unseal(key: bytes, value: Any) -> bytes | None:
    """What was sealed under the key, None if it is not that any more."""
    if isinstance(value, bytes) and value[:4] == struct.pack("<I", zlib.crc32(key + value[4:])):
        return value[4:]
    return None
