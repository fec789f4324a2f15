"""The other direction: a corpus without what was found of evaluation examples in it (Brown et al. 2020, appendix C).

Each n-gram is cut out with a window around it; pieces that are short are dropped, and so are documents that would be
cut into many. N-grams that stand in many documents are no reason to cut: they are phrases that everybody uses.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.capping import documents_of
from evalkit.contamination.carry import Crew, Watcher, carry_out
from evalkit.contamination.cleaned import ENDING, MANIFEST, Cleaned, Folder
from evalkit.contamination.corpus import Account, Reading, read_unit
from evalkit.contamination.engines import Done, Tell
from evalkit.contamination.scan import DOCUMENT, END, LENGTH, PLACE, START, WORD, N, Scanner
from evalkit.contamination.state import State
from evalkit.contamination.tally import merged
from evalkit.errors import ContaminationError
from evalkit.files import put, written

if TYPE_CHECKING:  # numpy is heavy, and `evalkit --help` needs none of it
    import numpy as np
    from numpy.typing import NDArray

    Runs = NDArray[np.int64]
    Truths = NDArray[np.bool_]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Cutting:
    """GPT-3's numbers. `window` characters go before and after each n-gram; pieces of fewer than `min_piece` are
    dropped; documents of more than `max_pieces` too, short ones included; n-grams of more than `ignore_above` documents
    stay.
    """

    window: int = 200
    min_piece: int = 200
    max_pieces: int = 10
    ignore_above: int = 10


@dataclass(frozen=True, slots=True)
class Clean:
    """The job: writes a unit's documents to a file of their own, below `path`. `unwanted` [W] says of each word of the
    index whether the n-gram that begins there is to be cut; `files` names the units' files, by source and start.
    """

    reading: Reading
    cutting: Cutting
    path: Path
    unwanted: "Truths"
    files: Mapping[tuple[str, int], str]

    def do(self, scanner: Scanner, unit: Unit, tell: Tell) -> Done:
        """See `engines.Job`."""
        import pyarrow

        cleaned, account = Cleaned(), Account()
        target = self.path / self.files[unit.source, unit.start]
        with (
            written(target, ContaminationError) as unfinished,
            pyarrow.CompressedOutputStream(unfinished, "zstd") as sink,
        ):
            for batch in read_unit(unit, self.reading, account):
                sink.write(b"".join(self._lines(scanner, unit.source, batch, cleaned)))
                tell(batch.read)
        cleaned.bad = account.bad
        return Done(msgspec.json.encode(cleaned))

    def _lines(self, scanner: Scanner, source: str, batch: Batch, cleaned: Cleaned) -> list[bytes]:
        """The records of a batch."""
        import numpy as np

        runs = scanner.scan(batch).runs
        borders = np.searchsorted(runs[:, DOCUMENT], np.arange(len(batch.places) + 1)).tolist()
        lines = []
        for number, (first, last) in enumerate(pairwise(borders)):
            content = batch.text[batch.offsets[number] : batch.offsets[number + 1]].tobytes()
            spans = self._spans(scanner, content, runs[first:last]) if last > first else []
            pieces = cut(content, spans, self.cutting, cleaned)
            name = {"id": batch.names[number]} if batch.names[number] else {}
            where = {"source": source, "place": int(batch.places[number])}
            for place, piece in enumerate(pieces):
                record = {"text": piece, **name, **where, **({"piece": place} if spans else {})}
                lines.append(msgspec.json.encode(record) + b"\n")
        return lines

    def _spans(self, scanner: Scanner, content: bytes, runs: "Runs") -> list[Span]:
        """The bytes of a document that are to be cut out."""
        import numpy as np

        spans: list[Span] = []
        edges: list[Span] | None = None
        for run in runs:
            n, word = int(run[N]), int(run[WORD])
            unwanted = self.unwanted[word : word + int(run[LENGTH]) - n + 1]
            if unwanted.all():
                spans.append((int(run[START]), int(run[END])))
                continue
            edges = edges if edges is not None or not unwanted.any() else scanner.edges(content)
            for first in np.flatnonzero(unwanted) + int(run[PLACE]):
                assert edges is not None  # some are unwanted
                spans.append((edges[first][0], edges[first + n - 1][1]))
        return spans


def cut(content: bytes, spans: Sequence[Span], cutting: Cutting, cleaned: Cleaned) -> list[str]:
    """What is left of a document, in pieces; `cleaned` counts it.

    Args:
        content: valid UTF-8.
        spans: bytes to cut out, in any order; they may overlap.
        cutting: how.
        cleaned: is told.
    """
    import numpy as np

    text = content.decode()
    cleaned.documents += 1
    cleaned.bytes += len(content)
    if not spans:
        cleaned.whole += 1
        cleaned.bytes_left += len(content)
        return [text]
    begins = np.r_[0, np.cumsum((np.frombuffer(content, np.uint8) & 0xC0) != 0x80)]  # characters before each byte
    pieces, at = [], 0
    for first, last in sorted((int(begins[first]), int(begins[last])) for first, last in spans):
        if first - cutting.window > at:
            pieces.append(text[at : first - cutting.window])
        at = max(at, last + cutting.window)
    if at < len(text):
        pieces.append(text[at:])
    kept = [piece for piece in pieces if len(piece) >= cutting.min_piece]
    if len(pieces) > cutting.max_pieces:
        cleaned.shredded += 1
        return []
    cleaned.dropped += len(pieces) - len(kept)
    cleaned.pieces += len(kept)
    cleaned.bytes_left += sum(len(piece.encode()) for piece in kept)
    if kept:
        cleaned.cut += 1
    else:
        cleaned.emptied += 1
    return kept


def clean(state: State, path: Path, reading: Reading, cutting: Cutting, crew: Crew, watcher: Watcher) -> Cleaned:
    """Write the corpus of a scan without what it found: a file of JSON Lines for each unit, with `text`, `id`, `source`
    and `place` of each document (and `piece`, where it was cut), and `manifest.json` with the counts. What is done is
    kept.

    Raises:
        ContaminationError: some of the corpus is not scanned yet, or something cannot be read or written.
    """
    units = state.plan.units
    if missing := sum(not state.is_done(unit) for unit in units):
        raise ContaminationError(
            f"--write-clean: {missing:,} of {len(units):,} pieces of the corpus are not scanned yet, so it is "
            "not known how many documents hold an n-gram. Scan the other shards, `merge` them, and go on there"
        )
    folder = Folder.open(path, {(unit.source, unit.start): _file(place, unit) for place, unit in enumerate(units)})
    index = state.index()
    documents = documents_of(merged(state.result(unit)[0] for unit in units), len(index.hashes))
    unwanted = (documents > 0) & (documents <= cutting.ignore_above)
    what = hashlib.sha256(unwanted.tobytes() + json.dumps(asdict(cutting)).encode()).hexdigest()
    keys = {unit: hashlib.sha256(f"{what}{state.plan.key(unit)}".encode()).hexdigest()[:32] for unit in units}
    ours = crew.share(units)
    left = [unit for unit in ours if not folder.is_done(unit, keys[unit])]
    folder.begin(left)
    total = sum(unit.bytes for unit in ours)
    watcher.begin("cleaning", total, total - sum(unit.bytes for unit in left))
    job = Clean(reading, cutting, path.absolute(), unwanted, folder.files)
    for unit, done in carry_out(state, job, left, crew, watcher):
        folder.keep(unit, keys[unit], done.result)
    cleaned = Cleaned()
    there = [unit for unit in units if folder.is_done(unit, keys[unit])]
    for unit in there:
        cleaned.add(folder.counts(unit))
    ignored = int((documents > cutting.ignore_above).sum())
    manifest: dict[str, Any] = {
        **asdict(cutting),
        "profile": state.plan.profile,
        "normaliser": state.plan.normaliser,
        "ngrams_cut": int(unwanted.sum()),
        "ngrams_ignored": ignored,
        "complete": len(there) == len(units),
        **asdict(cleaned),
        "files": [folder.files[unit.source, unit.start] for unit in there],
    }
    put(path / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode(), ContaminationError)
    return cleaned


def _file(place: int, unit: Unit) -> str:
    """A name that says what of, in the order of the corpus."""
    stem = unit.source.rstrip("/").rpartition("/")[2].split(".")[0]
    return f"{place:05d}-{stem}{ENDING}"
