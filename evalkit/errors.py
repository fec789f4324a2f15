"""The errors a user can meet: one root, printed without a traceback in `cli/` only.

Each message says where (file, row, field), what was found, what was expected, and what to do.
"""


class EvalkitError(Exception):
    """Root of every error that evalkit raises on purpose."""


class UsageError(EvalkitError):
    """The command or call asks for something that does not exist or does not fit together."""


class ShotsError(UsageError):
    """A task has nothing to draw shots from."""


class TaskError(EvalkitError):
    """A task or suite file is wrong."""


class PromptError(EvalkitError):
    """A prompt template is wrong, or does not fit the row it is given."""


class DataError(EvalkitError):
    """A data set is wrong: a row lacks a field, a label is out of range, a split is empty."""


class DataNotFoundError(DataError):
    """A data set cannot be had at all: no such folder, no such split, no connection to the hub."""


class ModelError(EvalkitError):
    """A model cannot be loaded, or gave numbers that cannot be used."""


class CacheError(EvalkitError):
    """Answers that are kept are not there, or cannot be deleted."""


class ContaminationError(EvalkitError):
    """A corpus, or what a scan of it left, cannot be read or written."""


class RunError(EvalkitError):
    """A run folder cannot be read or written."""


class InterchangeError(EvalkitError):
    """A file of another tool cannot be read, or a run cannot be told in its format."""
