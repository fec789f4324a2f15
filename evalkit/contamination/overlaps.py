"""What a scan found, as a folder: written by `evalkit decontaminate`, read by reports.

overlaps/manifest.json      profile, tasks, sources, and how much of the corpus was read
overlaps/examples.parquet   one row per example: how much of it was found
overlaps/matches.parquet    one row per match that is kept: the text, and the document that it stands in
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from evalkit.contamination.files import put_rows, rows_of
from evalkit.errors import ContaminationError
from evalkit.files import put

FORMAT = 1
CLEAN, DIRTY, UNSCORED = "clean", "dirty", "unscored"


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of one example the corpus holds. `words` are its words (tokens, in profiles of characters) without those
    of the template, `n` is the n-gram's size.

    `ngram_share` is the share of its n-grams that are found, `token_share` of its words that lie in one, and
    `token_extend_share` the same where a match may go on over a few words that differ. `longest` and `longest_extended`
    are words of the longest match, `documents` counts those that hold one of its n-grams: of the text of its that is
    found most often. `parts` names what was found: of "prompt", "passage", "choices", "answer". `dirty` follows the
    profile's rule; it is None where the example has no n-gram: too short to be scored.
    """

    task: str
    id: str
    words: int
    n: int
    ngrams: int
    ngram_share: float
    token_share: float
    token_extend_share: float
    longest: int
    longest_extended: int
    documents: int
    parts: tuple[str, ...]
    dirty: bool | None

    @property
    def status(self) -> str:
        """`clean`, `dirty` or `unscored`."""
        return UNSCORED if self.dirty is None else DIRTY if self.dirty else CLEAN


@dataclass(frozen=True, slots=True)
class Match:
    """Words that an example shares with a document: `length` of them in a row, `extended` with a few that differ.

    `source` and `place` say where the document stands (a byte offset in JSON Lines, else a row number), `document` is
    its own id, if it has one; the match begins at its word `word` and is bytes `start` to `end` of its text. `text` is
    these bytes, cut off after 2000 characters; `before` and `after` are some of what stands around them.
    """

    task: str
    id: str
    part: str
    length: int
    extended: int
    source: str
    place: int
    document: str
    word: int
    start: int
    end: int
    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class Overlaps:
    """A scan's results. `manifest` has `signature` (a text that goes into signatures), `profile`, `normaliser`, `rule`
    (in words), `tasks` (of each its name, `data`, `prompt`, `n`, `examples`), `sources` (of each `source`, `documents`,
    `bytes`, `words`, `bad`), `complete`, and `left` (what was not read, with the reason).
    """

    path: Path
    manifest: Mapping[str, Any]
    examples: Mapping[tuple[str, str], Overlap]
    matches: Mapping[tuple[str, str], tuple[Match, ...]]

    @classmethod
    def read(cls, path: Path) -> "Overlaps":
        """Read the folder.

        Raises:
            ContaminationError: it is not there, not finished, damaged, or of a later format.
        """
        manifest = _manifest(path)
        examples = [
            Overlap(**{**row, "parts": tuple(row["parts"])})
            for row in rows_of(path / "examples.parquet", _columns(Overlap))
        ]
        matches: dict[tuple[str, str], list[Match]] = {}
        for row in rows_of(path / "matches.parquet", _columns(Match)):
            matches.setdefault((row["task"], row["id"]), []).append(Match(**row))
        return cls(
            path,
            manifest,
            {(one.task, one.id): one for one in examples},
            {key: tuple(several) for key, several in matches.items()},
        )


def write(path: Path, manifest: Mapping[str, Any], examples: Sequence[Overlap], matches: Sequence[Match]) -> None:
    """Write the folder's files; equal content gives equal bytes.

    Raises:
        ContaminationError: one cannot be written.
    """
    put_rows(path / "examples.parquet", [asdict(one) for one in examples], get_type_hints(Overlap))
    put_rows(path / "matches.parquet", [asdict(one) for one in matches], get_type_hints(Match))
    text = json.dumps({"format": FORMAT, **manifest}, indent=1, ensure_ascii=False) + "\n"
    put(path / "manifest.json", text.encode(), ContaminationError)


def _manifest(path: Path) -> dict[str, Any]:
    file = path / "manifest.json"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContaminationError(
            f"{path}: no overlaps here (no manifest.json). Give the --output of `evalkit decontaminate`, finished"
        ) from None
    except (OSError, ValueError) as error:
        raise ContaminationError(f"{file}: cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ContaminationError(f"{file}: not overlaps of format {FORMAT}, which is what this evalkit reads")
    return manifest


def _columns(kind: type) -> list[str]:
    return [field.name for field in fields(kind)]
