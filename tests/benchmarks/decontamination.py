"""Scanning a corpus: the kernel beside lm-evaluation-harness's janitor, the whole beside what decoders can do alone,
memory, processes, and the time before the first byte.

    .venv/bin/python tests/benchmarks/decontamination.py --output tests/benchmarks/results/decontamination-cpu.md

Needs `make peer` for the janitor's line. Takes about ten minutes and 8 GB of disk. All text is made from this project's
own: runs of 1 to 7 words of it, one after the other, so that words and short phrases are as frequent as in any text,
and long ones are not. One document in a hundred holds one of the examples.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.ipc
import pyarrow.parquet
from side_by_side import PEER, ROOT, SHARED

from evalkit.contamination import kernel
from evalkit.contamination.base import Batch, Item, Piece, Unit
from evalkit.contamination.corpus import Account, Reading, find_units, read_unit
from evalkit.contamination.fold import normaliser
from evalkit.contamination.index import Index, build
from evalkit.contamination.scan import Scanner
from evalkit.contamination.scanning import Scan

EXAMPLES, WORDS, N = 104_200, 60, 13  # 5.0 M n-grams
DOCUMENT = 900  # words
PLANTED = 100  # every so many documents hold an example
MB = 1_000_000
BOOKS = SHARED / "corpus" / "books-02.parquet"
_WORD = re.compile(r"[^\W_]+[\W_]+")
_ENDINGS = ("*.md", "*.py", "*.toml", "*.jinja")

_TASK = """description = "For a benchmark."
source = "https://example.org"
metrics = ["accuracy"]

[dataset]
path = "bench"
name = "default"
revision = "main"
evaluation = "test"

[generation]
references = "[answer]"
match = "exact"
max_tokens = 4
"""

_PROMPT = "{{ text }}\n{% cue %}Right?{% completion %} {{ choice }}\n"

_JANITOR = """
import contextlib, io, json, sys, time
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from lm_eval.decontamination.janitor import Janitor
examples, documents = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
janitor = Janitor(ngram_n=13)
for example in examples:
    janitor.register_contaminant_python(example)
began = time.process_time()
found = [place for place, text in enumerate(documents) if janitor.clean_python(text) != [text]]
took = time.process_time() - began
print(json.dumps({"seconds": took, "found": found}))
"""


class Writer:
    """Makes text of this project's own words."""

    def __init__(self, seed: int) -> None:
        texts = [path.read_text() for ending in _ENDINGS for path in sorted(_sources(ending))]
        self._words = np.array(_WORD.findall(" ".join(texts)), dtype=object)
        self._random = np.random.default_rng(seed)

    def words(self, count: int) -> list[str]:
        """So many words: runs of 1 to 7."""
        lengths = self._random.integers(1, 8, count)
        lengths = lengths[: int(np.searchsorted(np.cumsum(lengths), count)) + 1]
        starts = self._random.integers(0, len(self._words) - lengths.max(), len(lengths))
        firsts = np.cumsum(lengths) - lengths
        places = np.repeat(starts - firsts, lengths) + np.arange(lengths.sum())
        words: list[str] = self._words[places[:count]].tolist()
        return words

    def texts(self, count: int, length: int) -> list[str]:
        """So many texts of so many words."""
        words = self.words(count * length)
        return ["".join(words[place * length : (place + 1) * length]) for place in range(count)]


def documents(seed: int, examples: list[str], size: int) -> Iterator[str]:
    """Documents of so many bytes in all."""
    writer, made, number = Writer(seed), 0, seed
    while made < size:
        for text in writer.texts(200, DOCUMENT):
            number += 1
            planted = number % PLANTED == 0
            whole = f"{text} {examples[number * 7919 % len(examples)]} {text[:300]}" if planted else text
            made += len(whole.encode())
            yield whole


def _sources(ending: str) -> Iterator[Path]:
    for folder in (ROOT, ROOT / "evalkit", ROOT / "tasks", ROOT / "prompts", ROOT / "tests"):
        yield from folder.glob(ending) if folder == ROOT else folder.rglob(ending)


def batch_of(texts: list[str]) -> Batch:
    """Documents as a scan takes them."""
    content = [text.encode() for text in texts]
    offsets = np.r_[0, np.cumsum([len(one) for one in content])]
    joined = np.frombuffer(b"".join(content), np.uint8)
    return Batch(joined, offsets, np.arange(len(texts)), ("",) * len(texts), len(joined))


def speed(size: int, act: Callable[[], Any], times: int = 5) -> float:
    """MB a second of processor time, the best of some."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        act()
        best = min(best, time.process_time() - began)
    return size / best / MB


def kernels(examples: list[str], folder: Path) -> Iterator[str]:
    """The kernel on text in memory, and the janitor on some of it."""
    batches = [batch_of(part) for part in _parts(list(documents(1, examples, 96 * MB)), 180)]
    size = sum(len(batch.text) for batch in batches)
    index = _index(examples, "words/v1")
    scanner, fold = Scanner.of(index), normaliser("words/v1")
    room = np.empty(4 * MB, np.uint64), np.empty(4 * MB, np.uint32)
    scanner.scan(batches[0])
    tokens = speed(size, lambda: [_tokenise(batch, fold, room) for batch in batches])
    yield _line(f"words alone, {size // MB} MB", f"{tokens:,.0f}")
    ours = speed(size, lambda: [scanner.scan(batch) for batch in batches])
    yield _line(f"kernel, {index.ngrams:,} 13-grams", f"{ours:,.0f}", "400")
    if BOOKS.exists():
        books = 16 * pyarrow.parquet.read_table(BOOKS, columns=["text"])["text"].to_pylist()
        batch = batch_of(books)
        yield _line(
            f"kernel, on books, {len(batch.text) // MB} MB",
            f"{speed(len(batch.text), lambda: scanner.scan(batch)):,.0f}",
        )
    if PEER.exists():
        yield from janitor(examples, folder, ours)


def janitor(examples: list[str], folder: Path, ours: float) -> Iterator[str]:
    """lm-evaluation-harness's janitor beside the kernel with its normaliser: speed, and equal documents."""
    texts = list(documents(2, examples, 6 * MB))
    (folder / "examples.json").write_text(json.dumps(examples))
    (folder / "documents.json").write_text(json.dumps(texts))
    command = [str(PEER), "-c", _JANITOR, str(folder / "examples.json"), str(folder / "documents.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout.splitlines()[-1])
    size = sum(len(text.encode()) for text in texts)
    scanner = Scanner.of(_index(examples, "deleted/v1"))
    found = sorted(set(scanner.scan(batch_of(texts)).runs[:, 0].tolist()))
    peer = size / theirs["seconds"] / MB
    missed = len(set(theirs["found"]) - set(found))
    yield _line(f"lm-evaluation-harness's janitor, {size // MB} MB", f"{peer:.2f}")
    yield _line("ratio", f"{ours / peer:,.0f}", "100")
    yield _line(
        "dirty documents: evalkit / janitor / missed by evalkit", f"{len(found)} / {len(theirs['found'])} / {missed}"
    )


def forms(examples: list[str], folder: Path) -> Iterator[str]:
    """Each form of file: what its decoder can do, the reader, and the whole."""
    texts = list(documents(3, examples, 128 * MB))
    size = sum(len(text.encode()) for text in texts)
    scanner = Scanner.of(_index(examples, "words/v1"))
    for ending, decode in (
        ("jsonl", lambda path: path.read_bytes()),
        ("jsonl.zst", _unzstd),
        ("jsonl.gz", _ungzip),
        ("parquet", lambda path: pyarrow.parquet.read_table(path, columns=["text"], use_threads=False)),
        ("arrow", lambda path: pyarrow.ipc.open_file(pyarrow.memory_map(str(path))).read_all()),
    ):
        path = folder / f"corpus.{ending}"
        _write(path, texts)
        reading = Reading()
        units = find_units([str(path)], reading)
        decoder = speed(size, partial(decode, path))
        reader = speed(size, partial(_read, units, reading))
        whole = speed(size, partial(_scan, scanner, units, reading))
        yield _line(
            f"{ending}: decoder / with its records / end to end",
            f"{decoder:,.0f} / {reader:,.0f} / {whole:,.0f}",
            "150" if ending == "jsonl.zst" else "",
        )
        path.unlink()


def wholes(examples: list[str], folder: Path) -> Iterator[str]:
    """The command itself: memory over corpora of 0.3 and 3 GB, two processes, and the time before the first byte."""
    library, data = folder / "library", folder / "data"
    (library / "tasks" / "bench").mkdir(parents=True)
    (library / "tasks" / "bench" / "texts.toml").write_text(_TASK)
    (library / "prompts" / "bench" / "texts").mkdir(parents=True)
    (library / "prompts" / "bench" / "texts" / "plain.jinja").write_text(_PROMPT)
    (data / "bench" / "texts").mkdir(parents=True)
    rows = [{"text": text, "answer": "yes"} for text in examples]
    (data / "bench" / "texts" / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    corpus = folder / "corpus"
    corpus.mkdir()
    for part in range(10):
        _write(corpus / f"part-{part}.jsonl.zst", list(documents(100 + part, examples, 300 * MB)))
    command = [sys.executable, "-m", "evalkit", "decontaminate", "--tasks", "bench", "--library", str(library)]
    command += ["--data-dir", str(data), "--n", str(N)]

    def run(name: str, what: str, *more: str) -> tuple[float, float]:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--corpus", what, "--output", str(folder / name), *more], stdout=subprocess.DEVNULL
        )
        most = 0
        while process.poll() is None:
            most = max(most, _peak(process.pid))
            time.sleep(0.02)
        if process.returncode:
            raise SystemExit(f"{name} failed")
        return time.perf_counter() - began, most / 1024

    empty = folder / "empty.jsonl"
    empty.write_text("")
    begin, _ = run("nothing", str(empty), "--engine", "serial")
    _, little = run("small", str(corpus / "part-0.jsonl.zst"), "--engine", "serial")
    large, much = run("large", str(corpus), "--engine", "serial")
    two, _ = run("two", str(corpus), "--workers", "2")
    command[5:] = ["superglue/copa", "--data-dir", "samples"]
    start = min(run(f"start-{time_}", str(empty), "--engine", "serial")[0] for time_ in range(3))
    yield _line("peak memory: 0.3 GB / 3 GB of corpus, 5 M 13-grams", f"{little:,.0f} MB / {much:,.0f} MB", "±5 %, 800")
    yield _line("3 GB of jsonl.zst, one process: MB/s after the index is made", f"{3000 / (large - begin):,.0f}")
    yield _line("two processes against one, after the index is made", f"{(large - begin) / (two - begin):.2f}", "1.8")
    yield _line(f"{EXAMPLES:,} examples read and indexed, with the results written", f"{begin:.1f} s")
    yield _line("start to end with COPA's samples and an empty corpus", f"{start:.1f} s", "3")


def _peak(process: int) -> int:
    """The most memory that a process has held, in kB (what `wait4` tells includes that of whoever began it)."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+)", status)
    return int(found[1]) if found else 0


def _index(examples: list[str], name: str) -> Index:
    items = (Item("bench/texts", str(place), ((Piece(text, "prompt"),),)) for place, text in enumerate(examples))
    return build(((item, N) for item in items), name)


def _tokenise(batch: Batch, fold: Any, room: tuple[Any, Any]) -> None:
    for first, last in zip(batch.offsets, batch.offsets[1:], strict=False):
        kernel.tokenise(batch.text, first, last, fold.table, fold.simple, *room)


def _read(units: list[Unit], reading: Reading) -> None:
    for unit in units:
        for _ in read_unit(unit, reading, Account()):
            pass


def _scan(scanner: Scanner, units: list[Unit], reading: Reading) -> None:
    for unit in units:
        Scan(reading).do(scanner, unit, lambda count: None)


def _parts(texts: list[str], count: int) -> Iterator[list[str]]:
    for first in range(0, len(texts), count):
        yield texts[first : first + count]


def _write(path: Path, texts: list[str]) -> None:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.table({"text": texts}), path, compression="zstd", row_group_size=5000)
    elif path.suffix == ".arrow":
        table = pyarrow.table({"text": texts})
        with pyarrow.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=1000)
    else:
        lines = b"".join(
            json.dumps({"id": str(place), "text": text}).encode() + b"\n" for place, text in enumerate(texts)
        )
        if path.suffix == ".gz":
            lines = gzip.compress(lines, 6)
        elif path.suffix == ".zst":
            lines = pyarrow.Codec("zstd", compression_level=3).compress(lines, asbytes=True)
        path.write_bytes(lines)


def _unzstd(path: Path) -> None:
    with pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd") as stream:
        while stream.read(1 << 20):
            pass


def _ungzip(path: Path) -> None:
    from isal import igzip

    with igzip.open(path) as stream:
        while stream.read(1 << 20):
            pass


def _line(what: str, found: str, bar: str = "") -> str:
    return f"| {what} | {found} | {bar} |"


def main() -> None:
    """Print the table, line by line, and write it where asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--output", type=Path)
    parser.add_argument("--only", choices=("kernels", "forms", "wholes"))
    options = parser.parse_args()
    examples = Writer(0).texts(EXAMPLES, WORDS)
    lines = ["| one core; MB of text a second of processor time | found | bar |", "| --- | --- | --- |"]
    print("\n".join(lines), flush=True)
    for part in (kernels, forms, wholes):
        if options.only in (None, part.__name__):
            with tempfile.TemporaryDirectory() as scratch:
                for line in part(examples, Path(scratch)):
                    print(line, flush=True)
                    lines.append(line)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
