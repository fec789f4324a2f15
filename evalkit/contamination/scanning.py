"""The job of a scan: a unit of a corpus in; what was found in it out, and every span of it where they are asked for."""

from dataclasses import dataclass

import msgspec

from evalkit.contamination.base import Unit
from evalkit.contamination.corpus import Account, Reading, read_unit
from evalkit.contamination.engines import Done, Tell
from evalkit.contamination.packed import encode
from evalkit.contamination.scan import Scanner
from evalkit.contamination.spans import Spans, of_batch
from evalkit.contamination.tally import Tally


@dataclass(frozen=True, slots=True)
class Scan:
    """Looks for the texts of the index; keeps every span if `spans` is true."""

    reading: Reading
    spans: bool = False

    def do(self, scanner: Scanner, unit: Unit, tell: Tell) -> Done:
        """See `engines.Job`."""
        tally, account = Tally(scanner.index, unit.source), Account()
        spans: list[Spans] = []
        for batch in read_unit(unit, self.reading, account):
            scanned = scanner.scan(batch)
            tally.add(batch, scanned)
            if self.spans and len(scanned.runs):
                spans.append(of_batch(batch, scanned.runs))
            tell(batch.read)
        tally.counts.bad, tally.counts.first_bad = account.bad, account.first_bad
        return Done(encode(tally.found(), tally.counts), msgspec.msgpack.encode(spans) if self.spans else b"")
