"""What the sample browser reads: a task and prompt with its logs in, an index and pieces that each hold some examples
out.

A piece is a list with one entry per example, `{"same": {...}, "each": {...}}`: what all its samples have in common, and
by the number of the setting what they have not; `sample_view` says what this is. The shots, which come back in prompt
after prompt, stand once for all, in a list of units and texts.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.report.sample_log import Section
from evalkit.report.sample_view import shown
from evalkit.runs.folder import RunFolder

TITLE = 90  # characters of an example's title

_PIECE = 200_000  # characters of a piece, about: opening a sample reads one piece
_BATCH = 64  # examples that are taken out of the tables at once


Shot = tuple[str, str]  # its unit and its text


@dataclass(frozen=True, slots=True)
class Held:
    """A section's logs in memory: one table for each setting, whose rows are those of the `examples` that it has."""

    section: Section
    examples: tuple[int, ...]
    tables: tuple[Any, ...]

    def only(self, examples: Sequence[int]) -> "Held":
        """The same of some of the examples."""
        wanted = set(examples)
        tables = []
        for asked, table in zip(self.section.asked, self.tables, strict=True):
            own = [place for place in self.examples if place in asked.rows]
            tables.append(table.take([row for row, place in enumerate(own) if place in wanted]))
        return Held(self.section, tuple(examples), tuple(tables))


@dataclass(frozen=True, slots=True)
class Encoded:
    """A section as the browser reads it, but for compression: its part of the index and its blocks by their names."""

    index: dict[str, Any]
    blocks: Iterator[tuple[str, str]]


def held(section: Section, examples: Sequence[int]) -> Held:
    """Read the logs of some examples, which are given in the order of the data.

    Raises:
        RunError: a log is damaged.
    """
    tables = []
    for asked in section.asked:
        table = RunFolder.read_sample_table(asked.file)
        tables.append(table.take([asked.rows[place] for place in examples if place in asked.rows]))
    return Held(section, tuple(examples), tuple(tables))


def encoded(part: Held, name: str) -> Encoded:
    """The section for the browser, its blocks called `name-shots`, `name-0`, `name-1` ... The index is whole only when
    all blocks have been taken.
    """
    section = part.section
    index: dict[str, Any] = {
        "name": name,
        **{key: section.told[key] for key in ("task", "prompt", "description", "offensive")},
        "ids": [section.examples[place] for place in part.examples],
        "parts": [section.parts[place] for place in part.examples],
        "titles": [],
        "starts": [],
        "settings": [_setting(part, number) for number in range(len(section.asked))],
    }
    return Encoded(index, _blocks(part, name, index))


def title(texts: Sequence[str]) -> str:
    """The beginning of the first text that says something, on one line."""
    words = " ".join(next((text for text in texts if text), "")[: 100 * TITLE].split())
    return words if len(words) <= TITLE else words[: TITLE - 1] + "…"


def compact(value: Any) -> str:
    """JSON in as few characters as it can have."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _setting(part: Held, number: int) -> dict[str, Any]:
    asked = part.section.asked[number]
    own = [here for here, place in enumerate(part.examples) if place in asked.rows]
    return {
        "run": asked.run,
        "examples": own if len(own) < len(part.examples) else None,  # None: each of them
        "flags": [asked.flags[part.examples[here]] for here in own],
    }


def _blocks(part: Held, name: str, index: dict[str, Any]) -> Iterator[tuple[str, str]]:
    shots: dict[Shot, int] = {}
    numbers = [iter(list(_numbered(table, shots))) for table in part.tables]
    yield f"{name}-shots", compact(list(shots))
    piece: list[str] = []
    size = 0
    for place, rows in enumerate(_by_example(part)):
        texts = [(*row["contexts"], *row["completions"], *row["written"]) for row in rows.values()]
        index["titles"].append(title([text for own in texts for text in own]))  # of the first run that keeps texts
        samples = {number: shown(row, part.section.told, next(numbers[number])) for number, row in rows.items()}
        if not piece:
            index["starts"].append(place)
        piece.append(compact(_parted(samples)))
        size += len(piece[-1])
        if size > _PIECE:
            yield f"{name}-{len(index['starts']) - 1}", f"[{','.join(piece)}]"
            piece, size = [], 0
    if piece:
        yield f"{name}-{len(index['starts']) - 1}", f"[{','.join(piece)}]"


def _parted(samples: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """What the samples of an example have in common, and what they have not."""
    first = next(iter(samples.values()))
    same = {key for key in first if all(sample[key] == first[key] for sample in samples.values())}
    return {
        "same": {key: value for key, value in first.items() if key in same},
        "each": {
            number: {key: value for key, value in sample.items() if key not in same}
            for number, sample in samples.items()
        },
    }


def _numbered(table: Any, shots: dict[Shot, int]) -> Iterator[list[int]]:
    """The shots of each row by their numbers; one that is not in `shots` comes in."""
    for unit_lists, text_lists in zip(table["shot_units"].chunks, table["shot_texts"].chunks, strict=True):
        units, texts = unit_lists.flatten(), text_lists.flatten()
        if not len(texts):  # no row has a shot, so that Arrow knows no type
            yield from ([] for _ in text_lists)
            continue
        known = list(zip(units.indices.to_pylist(), texts.indices.to_pylist(), strict=True))
        numbers = {}
        for unit, text in dict.fromkeys(known):
            shot = units.dictionary[unit].as_py(), texts.dictionary[text].as_py()
            numbers[unit, text] = shots.setdefault(shot, len(shots))
        done = 0
        for length in text_lists.value_lengths().to_pylist():
            yield [numbers[pair] for pair in known[done : done + length]]
            done += length


def _by_example(part: Held) -> Iterator[dict[int, dict[str, Any]]]:
    """The rows of each example by the number of the setting, without the texts of the shots."""
    tables = [table.drop_columns(["shot_texts", "shot_units"]) for table in part.tables]
    done = [0] * len(tables)
    for start in range(0, len(part.examples), _BATCH):
        batch = part.examples[start : start + _BATCH]
        rows: list[dict[int, dict[str, Any]]] = [{} for _ in batch]
        for number, (asked, table) in enumerate(zip(part.section.asked, tables, strict=True)):
            own = [here for here, place in enumerate(batch) if place in asked.rows]
            for here, row in zip(own, table.slice(done[number], len(own)).to_pylist(), strict=True):
                rows[here][number] = row
            done[number] += len(own)
        yield from rows
