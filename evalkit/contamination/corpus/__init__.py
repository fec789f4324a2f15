"""A training corpus as units of work, and the documents of a unit in batches."""

from evalkit.contamination.corpus.reading import Account, Reading
from evalkit.contamination.corpus.units import find_units, read_unit

__all__ = ["Account", "Reading", "find_units", "read_unit"]
