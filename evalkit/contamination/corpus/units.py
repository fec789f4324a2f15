"""A corpus, as the user names it, into units of work: they depend on the files and on the sizes asked for alone."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.forms import ARROW, HUB, JSONL, PARQUET, TEXT, base_of, form_of
from evalkit.contamination.corpus.hub import PREFIX, hub_files, hub_unit, read_hub
from evalkit.contamination.corpus.jsonl import read_jsonl
from evalkit.contamination.corpus.reading import Account, Reading
from evalkit.contamination.corpus.sources import Source, find_sources
from evalkit.contamination.corpus.tables import parquet_units, read_arrow, read_parquet
from evalkit.contamination.corpus.text import read_text
from evalkit.errors import ContaminationError

_AT_ONCE = 16  # files that are asked what is in them; far away ones answer slowly
_READERS: dict[str, Callable[[Unit, Reading, Account], Iterator[Batch]]] = {
    JSONL: read_jsonl,
    TEXT: read_text,
    PARQUET: read_parquet,
    ARROW: read_arrow,
    HUB: read_hub,
}


def find_units(corpora: Sequence[str], reading: Reading) -> list[Unit]:
    """The units of a corpus: of paths, quoted patterns, folders, addresses (s3://, hf://, https://, ...), or data sets
    of the hub (`hub:owner/name[:configuration][@revision][#split]`). They are sorted by their source; a file that is
    named twice is read once.

    Raises:
        ContaminationError: something that is named has no files, an unknown ending, or cannot be reached or read.
    """
    if not corpora:
        raise ContaminationError(
            "no corpus is named. Name files, folders, quoted patterns, addresses or hub:OWNER/NAME"
        )
    sources: list[Source] = []
    units: list[Unit] = []
    for named in dict.fromkeys(corpora):
        if not named.startswith(PREFIX):
            sources += find_sources(named)
        elif files := hub_files(named):
            sources += (source for file in files for source in find_sources(file))
        else:
            units.append(hub_unit(named))
    once: dict[str, Source] = {}
    for source in sorted(sources, key=lambda source: source.path):
        once.setdefault(source.key, source)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for found in pool.map(lambda source: _units(source, reading), once.values()):
            units += found
    return sorted(units, key=lambda unit: (unit.source, unit.start))


def read_unit(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The documents of a unit in order; `account` is told of them, and of bad ones that are skipped. What the batches
    `read` is the unit's `bytes` in sum; one at the end may be without documents.

    Raises:
        ContaminationError: the unit cannot be read, or something in it is bad and not to be skipped.
    """
    if unit.bytes or unit.form == HUB:
        yield from _READERS[base_of(unit.form)](unit, reading, account)


def _units(source: Source, reading: Reading) -> list[Unit]:
    """The units of one file: an empty one is one unit without documents."""
    form = form_of(source.path)
    if form == PARQUET and source.size:
        return parquet_units(source, reading)
    step = reading.range_bytes if form == JSONL else source.size
    starts = range(0, source.size, step) if source.size else (0,)
    return [
        Unit(source.path, form, start, end, end - start, source.version)
        for start in starts
        for end in [min(start + step, source.size)]
    ]
