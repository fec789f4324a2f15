"""Data sets of the Hugging Face hub: `hub:owner/name[:configuration][@revision][#split]`.

Where the hub has files of a form known here, they are read as such, a unit each or several; else `datasets` streams the
rows, and all of them are one unit.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from evalkit.contamination.base import Batch, Unit
from evalkit.contamination.corpus.fields import name_of
from evalkit.contamination.corpus.forms import ARROW, HUB, JSONL, PARQUET, base_of, form_of
from evalkit.contamination.corpus.reading import Account, Gather, Reading
from evalkit.contamination.corpus.sources import brief
from evalkit.errors import ContaminationError
from evalkit.reach import knock

PREFIX = "hub:"
_SPELLED = re.compile(r"hub:(?P<path>[^:@#]+)(:(?P<name>[^@#]*))?(@(?P<revision>[^#]*))?(#(?P<split>.*))?")
_MISSING: Any = object()


class _DataSet(NamedTuple):
    path: str
    name: str | None
    revision: str | None
    split: str


def hub_files(named: str) -> tuple[str, ...]:
    """The addresses of a data set's files, pinned to a commit; none if not all are of a form that is read here.

    Raises:
        ContaminationError: the hub cannot be reached, or has no such data set or split.
    """
    wanted = _parsed(named)
    builder = _builder(wanted, named)
    splits = getattr(builder.config, "data_files", None) or {}
    files = tuple(map(str, splits.get(wanted.split, ())))
    if splits and not files:
        raise ContaminationError(f"{named}: no split {wanted.split!r}. It has: {', '.join(map(str, splits))}")
    is_known = all(base_of(form_of(file)) in (JSONL, PARQUET, ARROW) for file in files)
    return files if is_known else ()


def hub_unit(named: str) -> Unit:
    """The whole data set as one unit of rows; its size is the hub's word for it, 0 if it says none."""
    wanted = _parsed(named)
    builder = _builder(wanted, named)
    split = (builder.info.splits or {}).get(wanted.split)
    rows, size = (split.num_examples or 0, split.num_bytes or 0) if split else (0, 0)
    return Unit(named, HUB, 0, rows, size, str(builder.hash or ""))


def read_hub(unit: Unit, reading: Reading, account: Account) -> Iterator[Batch]:
    """The documents of a data set that `datasets` streams; a place is a row number.

    Raises:
        ContaminationError: the hub cannot be reached, or a row is bad and bad ones are not to be skipped.
    """
    gather, consumed = Gather(unit, reading, account), 0
    for number, row in enumerate(_rows(unit.source)):
        text = _value(row, reading.column)
        fault = ""
        if isinstance(text, str):
            try:
                packed = text.encode()
            except UnicodeEncodeError as error:
                fault = f"no valid UTF-8 ({error.reason})"
            else:
                fault = f"longer than {reading.record_limit} bytes" if len(packed) > reading.record_limit else ""
        elif text is _MISSING:
            fault = f"no column {reading.column!r}. Its columns: {', '.join(row)}"
        else:
            fault = f"{reading.column} is {type(text).__name__}, and has to be a text"
        if fault:
            gather.refuse(f"row {number}", fault)
            continue
        consumed += len(packed)
        gather.add([packed], [number], [name_of(_value(row, reading.name))])
        if gather.is_full:
            yield gather.batch(consumed)
    yield from gather.rest()


def _parsed(named: str) -> _DataSet:
    found = _SPELLED.fullmatch(named)
    if not found:
        raise ContaminationError(
            f"{named}: no data set's name; it is hub:OWNER/NAME[:CONFIGURATION][@REVISION][#SPLIT]"
        )
    return _DataSet(found["path"], found["name"] or None, found["revision"] or None, found["split"] or "train")


def _builder(wanted: _DataSet, named: str) -> Any:
    import datasets  # heavy: loaded only when a corpus comes from the hub

    _quiet(wanted, named)
    try:
        return datasets.load_dataset_builder(wanted.path, wanted.name, revision=wanted.revision)
    except Exception as error:  # `datasets` has no root error of its own
        raise ContaminationError(f"{named}: cannot be had ({brief(error)})") from None


def _rows(named: str) -> Iterator[dict[str, Any]]:
    import datasets

    wanted = _parsed(named)
    _quiet(wanted, named)
    try:
        yield from datasets.load_dataset(
            wanted.path, wanted.name, revision=wanted.revision, split=wanted.split, streaming=True
        )
    except Exception as error:
        raise ContaminationError(f"{named}: cannot be read ({brief(error)})") from None


def _quiet(wanted: _DataSet, named: str) -> None:
    import datasets

    datasets.disable_progress_bars()
    datasets.logging.set_verbosity_error()
    is_asked = not Path(wanted.path).exists() and not datasets.config.HF_HUB_OFFLINE
    if is_asked and (silence := knock(datasets.config.HF_ENDPOINT)):
        raise ContaminationError(f"{named}: {silence}. Make the hub reachable, or name files on this machine")


def _value(row: Any, column: str) -> Any:
    if column in row:
        return row[column]
    for part in column.split("."):
        if not isinstance(row, dict) or part not in row:
            return _MISSING
        row = row[part]
    return row
