"""What differs between the manifests of two runs: versions, arguments, machine and model."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.comparison.record import Change
from evalkit.runs.manifest import Manifest

_PARTS = ("model", "arguments", "versions", "machine")
_KNOWN = ("model: name", "model: version", "model: dtype")  # said where the runs are named


def changes(first: Manifest, second: Manifest) -> tuple[Change, ...]:
    """Everything that two manifests have differently, part by part; times and what scoring took are none of it."""
    one, other = dict(_facts(first)), dict(_facts(second))
    names = [name for name in dict.fromkeys([*one, *other]) if name not in _KNOWN]
    return tuple(
        Change(name, one.get(name, ""), other.get(name, ""))
        for name in names
        if one.get(name, "") != other.get(name, "")
    )


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield "redacted", _text(manifest.redacted)
    for part in _PARTS:
        values: Mapping[str, Any] = getattr(manifest, part)
        yield from ((f"{part}: {name}", _text(value)) for name, value in values.items())


def _text(value: Any) -> str:
    """A value in words; nothing where there is none, so that none is not told from not being there."""
    if value is None or value in ("", [], {}):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
