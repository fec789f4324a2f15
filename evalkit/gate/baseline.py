"""A baseline: what a gate needs of a run, and no text. A run folder or a baseline file in, `Baseline` out; and a run to
the small JSON file that is committed.

What single items got (`Outcomes`) is packed: a number's column as the different values in it and, for each item, which
of them (a bit where there are two), or as 32-bit floats where there are more than 256; names of items as runs of whole
numbers or compressed, names that could be texts as hashes; groups as numbers. Settings that share items share their
names. The file ends with a hash of its content, so that damage is noticed.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.errors import RunError
from evalkit.files import put
from evalkit.gate.packing import pack_column, pack_groups, pack_names, unpack_column, unpack_groups, unpack_names
from evalkit.runs.folder import RunFolder
from evalkit.runs.outcomes import Key, Outcomes, outcomes
from evalkit.schema import Result, Setting

KIND = "evalkit baseline"
FORMAT = 1
_NAME = re.compile(r"[!-~]{1,40}")  # what may stand in a file that holds no text


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a gate needs of a run, whether it was read from the run or from a file. `first` are the keys of each
    setting's first metric; `notes` say what could not be kept.
    """

    name: str
    model: Mapping[str, str]
    outcomes: tuple[Outcomes, ...]
    first: frozenset[Key]
    notes: tuple[str, ...]


def load(path: Path) -> Baseline:
    """A run folder or a baseline file.

    Raises:
        RunError: there is neither, or it is damaged.
    """
    return of_run(path) if path.is_dir() else of_file(path)


def of_run(path: Path) -> Baseline:
    """A run, its numbers counted anew from its log. Items and groups have the names that they have in a file.

    Raises:
        RunError: there is no run, or it is damaged or unfinished.
    """
    folder = RunFolder.open(path)
    manifest = folder.read_manifest()
    found, notes = outcomes(folder)
    first: dict[Setting, Key] = {}
    for result in folder.read_results():
        if not result.subset and result.metric != "average":
            setting = Setting(result.task, result.prompt, result.shots, result.seed)
            first.setdefault(setting, Key.of(result))
    model = {key: str(manifest.model[key]) for key in ("name", "version", "dtype")}
    kept = tuple(_without_text(one) for one in found)
    return Baseline(path.resolve().name, model, kept, frozenset(first.values()), tuple(notes))


def write(baseline: Baseline, path: Path) -> int:
    """Write a baseline's file, and give its size in bytes.

    Raises:
        RunError: it cannot be written.
    """
    content = _as_json(baseline)
    text = json.dumps({**content, "sha256": _digest(content)}, ensure_ascii=True, indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror}") from None
    put(path, text.encode(), RunError)
    return len(text)


def of_file(path: Path) -> Baseline:
    """A baseline's file.

    Raises:
        RunError: there is none, it is of another format, or it is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: neither a run folder nor a file that `evalkit gate baseline` wrote") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path}: cannot be read as a baseline: {error}") from None
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise RunError(f'{path}: no baseline (its "kind" is not {KIND!r}). `evalkit gate baseline RUN` writes one')
    if content.get("format") != FORMAT:
        raise RunError(f"{path}: a baseline of format {content.get('format')!r}; this evalkit reads {FORMAT}")
    if content.pop("sha256", None) != _digest(content):
        raise RunError(
            f"{path}: the file is damaged: its content has another hash than the one it ends with. Write it anew"
        )
    try:
        return _from_json(content)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise RunError(f"{path}: the file is wrong: {error}") from None


def _as_json(baseline: Baseline) -> dict[str, Any]:
    tables: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    numbers = []
    for one in baseline.outcomes:
        table = tables.setdefault((one.ids, one.groups), len(tables))
        columns = [pack_column(column) for column in one.values.T]
        is_first = one.key in baseline.first
        numbers.append({"result": asdict(one.result), "first": is_first, "items": table, "columns": columns})
    items = [
        {"n": len(groups), "ids": pack_names(ids) if ids else None, **_groups(groups, ids)} for ids, groups in tables
    ]
    head = {"kind": KIND, "format": FORMAT, "name": baseline.name, "model": dict(baseline.model)}
    return {**head, "notes": list(baseline.notes), "items": items, "numbers": numbers}


def _groups(groups: Sequence[str], ids: Sequence[str]) -> dict[str, Any]:
    """Which items are of one group; where groups are all that two runs can be paired by, their names too."""
    if ids and groups == ids:
        return {"groups": "ids"}
    names = tuple(dict.fromkeys(groups))
    return {"groups": pack_groups(groups), "names": None if ids else pack_names(names)}


def _from_json(content: Mapping[str, Any]) -> Baseline:
    tables = [_table(one) for one in content["items"]]
    found, first = [], []
    for one in content["numbers"]:
        result = Result(**one["result"])
        ids, groups = tables[one["items"]]
        found.append(Outcomes(Key.of(result), ids, groups, _values(one["columns"], len(groups)), result))
        if one["first"]:
            first.append(Key.of(result))
    model = {str(key): str(value) for key, value in content["model"].items()}
    return Baseline(content["name"], model, tuple(found), frozenset(first), tuple(content["notes"]))


def _table(values: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    n = values["n"]
    ids = unpack_names(values["ids"], n) if values["ids"] is not None else ()
    if values["groups"] == "ids":
        return ids, ids
    places = unpack_groups(values["groups"], n)
    count = max(places, default=-1) + 1
    names = unpack_names(values["names"], count) if values["names"] is not None else [str(one) for one in range(count)]
    return ids, tuple(names[place] for place in places)


def _values(columns: Sequence[Any], n: int) -> Any:
    import numpy as np  # heavy: loaded only when something is gated

    return np.stack([unpack_column(column, n) for column in columns], axis=1)


def _without_text(one: Outcomes) -> Outcomes:
    """The same with names and values as a file keeps them, so that a run and its file are held against each other
    without a difference: no name is a text, and values that are no few are 32-bit floats.
    """
    import numpy as np

    ids, groups = _plain(one.ids), _plain(one.groups)
    columns = [unpack_column(pack_column(column), len(column)) for column in one.values.T]
    if one.ids and one.groups != one.ids:
        places = {group: str(place) for place, group in enumerate(dict.fromkeys(groups))}
        groups = tuple(places[group] for group in groups)
    return replace(one, ids=ids, groups=groups, values=np.stack(columns, axis=1))


def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names; where one of them could be a text, hashes of all."""
    if all(_NAME.fullmatch(name) for name in names):
        return names
    return tuple(hashlib.sha256(name.encode()).hexdigest()[:12] for name in names)


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
