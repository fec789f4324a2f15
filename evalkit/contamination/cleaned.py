"""The folder of a cleaned corpus: which of its files are written, and what became of the documents in them.

manifest.json   the counts of all of it; there is none while a pass has not come to its end
NNNNN-*         a file for each unit of the corpus
counts/         of each file, the key of what it was made of, and its counts
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import msgspec

from evalkit.contamination.base import Unit
from evalkit.errors import ContaminationError
from evalkit.files import put

MANIFEST, ENDING = "manifest.json", ".jsonl.zst"
_COUNTS = "counts"


@dataclass(slots=True)
class Cleaned:
    """What became of a corpus's documents: `whole` are as they were, of those that are `cut` a piece at least is left,
    of those that are `emptied` none, `shredded` ones would be too many pieces; `dropped` counts short pieces. Bytes are
    of text.
    """

    documents: int = 0
    whole: int = 0
    cut: int = 0
    emptied: int = 0
    shredded: int = 0
    pieces: int = 0
    dropped: int = 0
    bytes: int = 0
    bytes_left: int = 0
    bad: int = 0

    def add(self, other: "Cleaned") -> None:
        """Count what another has counted."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


class _Kept(msgspec.Struct):
    """Counts, and the key of what they are of."""

    key: str
    counts: Cleaned


@dataclass(frozen=True, slots=True)
class Folder:
    """`files` names the units' files, by source and start."""

    path: Path
    files: Mapping[tuple[str, int], str]

    @classmethod
    def open(cls, path: Path, files: Mapping[tuple[str, int], str]) -> "Folder":
        """Make the folder, or go on with it.

        Raises:
            ContaminationError: it has files of another corpus, or cannot be written.
        """
        names = set(files.values())
        try:
            (path / _COUNTS).mkdir(parents=True, exist_ok=True)
            others = sorted(file.name for file in path.glob(f"*{ENDING}") if file.name not in names)
        except OSError as error:
            raise ContaminationError(f"{path}: cannot be written: {error.strerror}") from None
        if others:
            raise ContaminationError(
                f"{path}: has files of another corpus, or of this one before it changed ({others[0]}). Give another "
                "folder to --write-clean, or delete it"
            )
        return cls(path, files)

    def is_done(self, unit: Unit, key: str) -> bool:
        """Whether a unit's file is there, and made of what the key says."""
        kept = self._kept(unit)
        return kept is not None and kept.key == key and (self.path / self._name(unit)).exists()

    def begin(self, units: Iterable[Unit]) -> None:
        """A pass that writes these units anew begins: what tells of them does so no more."""
        for unit in units:
            (self.path / MANIFEST).unlink(missing_ok=True)
            self._file(unit).unlink(missing_ok=True)

    def keep(self, unit: Unit, key: str, counts: bytes) -> None:
        """Keep the counts of a unit whose file is written.

        Raises:
            ContaminationError: they cannot be written.
        """
        kept = _Kept(key, msgspec.json.decode(counts, type=Cleaned))
        put(self._file(unit), msgspec.json.encode(kept), ContaminationError)

    def counts(self, unit: Unit) -> Cleaned:
        """The counts of a unit that is done."""
        kept = self._kept(unit)
        assert kept is not None
        return kept.counts

    def _kept(self, unit: Unit) -> _Kept | None:
        try:
            return msgspec.json.decode(self._file(unit).read_bytes(), type=_Kept)
        except (OSError, msgspec.MsgspecError):
            return None

    def _name(self, unit: Unit) -> str:
        return self.files[unit.source, unit.start]

    def _file(self, unit: Unit) -> Path:
        return self.path / _COUNTS / f"{self._name(unit)}.json"
