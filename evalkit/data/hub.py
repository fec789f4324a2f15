"""Rows from the Hugging Face hub: a pinned revision, data files only (a data set that is a script is refused)."""

from evalkit.data.rows import Rows
from evalkit.errors import DataError, DataNotFoundError

_WAYS_OUT = (
    "Either make the hub reachable (or fill its cache on a machine that reaches it, and set HF_HUB_OFFLINE=1), "
    "or give the rows as files: --data-dir DIR holding <task>/<split>.jsonl or .parquet"
)


def read_split(path: str, name: str, revision: str, split: str) -> Rows:
    """The rows of one split of a data set on the hub, from its cache where it is there.

    Raises:
        DataNotFoundError: no connection, no such data set, revision, configuration or split.
        DataError: the data set is a script, or its files are damaged.
    """
    import datasets  # heavy: loaded only when rows come from the hub

    where = f"{path} ({name}) on the hub, {split}"
    datasets.disable_progress_bars()
    try:
        loaded = datasets.load_dataset(path, name, revision=revision, split=split)
    except (ConnectionError, TimeoutError, datasets.exceptions.DatasetNotFoundError, OSError) as error:
        raise DataNotFoundError(f"{where}: cannot be fetched ({_brief(error)}). {_WAYS_OUT}") from None
    except ValueError as error:  # an unknown split or configuration; also a cache without the wanted one, offline
        raise DataNotFoundError(f"{where}: {_brief(error)}. {_WAYS_OUT}") from None
    except Exception as error:  # datasets has no root error of its own
        raise DataError(f"{where}: cannot be read ({_brief(error)})") from None
    return Rows([dict(row) for row in loaded], where, f"{path}@{revision[:12]}")


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
