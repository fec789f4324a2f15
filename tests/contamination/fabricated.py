"""Overlaps that no scan has found: written for tests, of examples that are there."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evalkit.contamination.overlaps import Match, Overlap, Overlaps, write
from evalkit.data.source import Source
from evalkit.evaluation.options import Options
from evalkit.evaluation.prepare import prepare
from evalkit.library import Library

N = 13
Choose = Callable[[int], bool | None]


def overlap(task: str, name: str, dirty: bool | None, longest: int = 30, share: float = 0.9) -> Overlap:
    """An example that is found (with a match of so many words, and shares), not found, or too short."""
    words = 8 if dirty is None else 40
    return Overlap(
        task=task,
        id=name,
        words=words,
        n=N,
        ngrams=0 if dirty is None else words - N + 1,
        ngram_share=share if dirty else 0.0,
        token_share=share if dirty else 0.0,
        token_extend_share=share if dirty else 0.0,
        longest=longest if dirty else 0,
        longest_extended=longest if dirty else 0,
        documents=1 if dirty else 0,
        parts=("prompt",) if dirty else (),
        dirty=dirty,
    )


def match(task: str, name: str, text: str, length: int = 30) -> Match:
    return Match(
        task=task,
        id=name,
        part="prompt",
        length=length,
        extended=length + 3,
        source="corpus/books-07.jsonl.zst",
        place=1_048_576,
        document=f"doc-{name}",
        word=12,
        start=80,
        end=80 + len(text.encode()),
        before="the page before it says that ",
        text=text,
        after=" and it goes on after that",
    )


def manifest(tasks: Sequence[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    source = {
        "source": "corpus/books-07.jsonl.zst",
        "documents": 1200,
        "bytes": 48_000_000,
        "words": 8_000_000,
        "bad": 2,
    }
    return {
        "signature": "overlaps:gpt3@1a2b",
        "profile": "gpt3",
        "normaliser": "words/v1",
        "rule": "one 13-gram is found",
        "tasks": list(tasks),
        "sources": [source],
        "complete": False,
        "left": [{"source": "corpus/books-08.jsonl.zst", "reason": "truncated"}],
        **changed,
    }


def task(name: str, data: str = "data", **changed: Any) -> dict[str, Any]:
    return {"name": name, "data": data, "prompt": "gpt3", "n": N, "examples": 10, **changed}


def fabricate(path: Path, names: Sequence[str], choose: Choose = lambda place: place % 3 == 0, **changed: Any) -> Path:
    """Overlaps of the samples of these tasks; `choose` says of each example, by its place, whether it is dirty."""
    prepared, _ = prepare(Library.open(), names, Source.open("samples"), Options())
    examples, matches = [], []
    for one in prepared:
        for place, example in enumerate(one.examples):
            dirty = choose(place)
            share = (0.15, 0.5, 1.0)[place % 3 if place % 2 else 2]
            examples.append(overlap(one.task.name, example.id, dirty, longest=13 + 7 * (place % 10), share=share))
            if dirty:
                text = " ".join(str(value) for value in example.row.values())[:400]
                matches.append(match(one.task.name, example.id, text, 13 + 7 * (place % 10)))
    path.mkdir(parents=True, exist_ok=True)
    tasks = [task(one.task.name, one.data) for one in prepared]
    write(path, manifest(tasks, **changed), examples, matches)
    return path


def kept(tasks: Sequence[dict[str, Any]], examples: Sequence[Overlap], matches: Sequence[Match] = ()) -> Overlaps:
    """Overlaps that are nowhere on disk."""
    by_id: dict[tuple[str, str], tuple[Match, ...]] = {}
    for one in matches:
        by_id[one.task, one.id] = (*by_id.get((one.task, one.id), ()), one)
    return Overlaps(Path("overlaps"), manifest(tasks), {(one.task, one.id): one for one in examples}, by_id)
