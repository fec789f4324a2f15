"""A corpus with samples of tasks planted in it: written for tests, in files of several forms."""

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from evalkit.contamination.carry import Crew
from evalkit.contamination.corpus import Reading
from evalkit.evaluation.decontaminate import Scanned, decontaminate
from evalkit.evaluation.items import read_items

TASKS = ("superglue/copa", "superglue/rte")
RESULTS = ("manifest.json", "examples.parquet", "matches.parquet", "spans.parquet")
SMALL = Reading(range_bytes=2000, batch_bytes=700)
Document = tuple[str, str]


def noise(chance: random.Random, count: int) -> str:
    return " ".join(f"{chance.choice('abcé漢')}{chance.randrange(10**6)}" for _ in range(count))


def samples(tasks: Sequence[str] = TASKS) -> list[str]:
    """The texts of the samples of tasks, whole."""
    items, _ = read_items(tasks, data_dir="samples")
    texts = ["".join(piece.text for piece in pieces) for one in items for item in one.items for pieces in item.texts]
    return [text for text in texts if len(text.split()) >= 13]


def documents(seed: int, count: int, words: int = 60) -> list[Document]:
    """Documents with ids: in some of them, whole samples or some of their words, between other words."""
    chance, texts = random.Random(seed), samples()
    made = []
    for number in range(count):
        parts = [noise(chance, chance.randint(0, words))]
        for _ in range(chance.choice((0, 0, 1, 1, 2))):
            spoken = chance.choice(texts).split()
            first = chance.choice((0, 0, chance.randrange(len(spoken))))
            parts += [" ".join(spoken[first:]).upper() if chance.random() < 0.3 else " ".join(spoken[first:])]
            parts += [noise(chance, chance.randint(1, words))]
        made.append((f"doc-{seed}-{number}", "\n".join(parts)))
    return made


def lines(several: Sequence[Document]) -> bytes:
    return b"".join(json.dumps({"id": name, "text": text}).encode() + b"\n" for name, text in several)


def table(several: Sequence[Document]) -> pa.Table:
    return pa.table({"id": [name for name, _ in several], "text": [text for _, text in several]})


def write(folder: Path, seed: int = 0) -> Path:
    """A corpus of four forms."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.jsonl").write_bytes(lines(documents(seed, 40)))
    (folder / "b.jsonl.zst").write_bytes(zstandard.compress(lines(documents(seed + 1, 20))))
    (folder / "c.jsonl.gz").write_bytes(gzip.compress(lines(documents(seed + 2, 20))))
    pq.write_table(table(documents(seed + 3, 30)), folder / "d.parquet", row_group_size=4)
    (folder / "e.txt").write_text(documents(seed + 4, 1)[0][1])
    return folder


def results(folder: Path) -> dict[str, bytes]:
    """The files that a scan has written for its user."""
    return {name: (folder / name).read_bytes() for name in RESULTS if (folder / name).exists()}


def units(folder: Path) -> dict[str, tuple[int, int]]:
    """What is kept of each unit: a file that was written again is another one."""
    files = sorted((folder / "state" / "units").glob("*.found"))
    return {file.name: (file.stat().st_ino, file.stat().st_mtime_ns) for file in files}


def scan(corpus: Path | Sequence[Path], output: Path, **changed: Any) -> Scanned:
    """Scan a corpus for the samples, in this process."""
    named = [str(one) for one in (corpus if isinstance(corpus, Sequence) else [corpus])]
    settings: dict[str, Any] = {"data_dir": "samples", "reading": SMALL, "crew": Crew("serial"), "spans": True}
    return decontaminate(changed.pop("tasks", TASKS), named, output, **{**settings, **changed})
