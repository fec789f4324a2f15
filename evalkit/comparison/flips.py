"""The items that one model has right and the other wrong, in words: pairs and rows of the logs in, flips out."""

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.comparison.record import Flip
from evalkit.report.sample_links import address
from evalkit.report.samples import title
from evalkit.runs.log import setting_of
from evalkit.runs.pairs import Pair
from evalkit.schema import Result, Setting

Row = Mapping[str, Any]
Log = Mapping[Setting, Sequence[Row]]

_LONG = 90  # characters of a text


def log_of(rows: Sequence[Row]) -> Log:
    """The rows of each setting."""
    found: dict[Setting, list[Row]] = {}
    for row in rows:
        found.setdefault(setting_of(row), []).append(row)
    return found


def flips(
    paired: Pair, results: tuple[Result, Result], logs: tuple[Log, Log]
) -> tuple[tuple[Flip, ...], tuple[Flip, ...]]:
    """The items that went from right to wrong, and those that went the other way, in the order of the first run."""
    first, second = (_by_name(one, log) for one, log in zip(results, logs, strict=True))
    ways: tuple[list[Flip], list[Flip]] = ([], [])
    for place, name in enumerate(paired.ids):
        before, after = paired.first[place, 0], paired.second[place, 0]
        if {before, after} == {0.0, 1.0}:
            ways[0 if before > after else 1].append(_flip(name, first[name], second[name]))
    return tuple(ways[0]), tuple(ways[1])


def _by_name(result: Result, log: Log) -> Mapping[str, Sequence[Row]]:
    """The rows of each item of a number, which is an example, or else a unit."""
    rows = log[Setting(result.task, result.prompt, result.shots, result.seed)]
    column = "id" if len(rows) == result.n else "unit"
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(row)
    return found


def _flip(name: str, first: Sequence[Row], second: Sequence[Row]) -> Flip:
    return Flip(
        id=name,
        text=title(first[0]) or title(second[0]),
        target=_joined(_target(row) or _target(other) for row, other in zip(first, second, strict=False)),
        first=_joined(map(_said, first)),
        second=_joined(map(_said, second)),
        addresses=(_address(first[0]), _address(second[0])),
    )


def _address(row: Row) -> str:
    return address(setting_of(row), row["id"])


def _said(row: Row) -> str:
    """What the model said: the choice's text, or what it wrote. A redacted log has the choice's number alone."""
    if row["text"]:
        return str(row["text"])
    if row["prediction"] is None:
        return "none"
    return row["choices"][row["prediction"]] or f"choice {row['prediction'] + 1}"


def _target(row: Row) -> str:
    return " or ".join(row["choices"][place] or f"choice {place + 1}" for place in row["targets"]) or "none"


def _joined(texts: Any) -> str:
    words = " ".join("; ".join(texts).split())
    return words if len(words) <= _LONG else words[: _LONG - 1] + "…"
