"""Results of other tools to run folders: files in, one run for each model out."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import InterchangeError
from evalkit.interchange.lm_eval_read import Read, is_lm_eval, read
from evalkit.runs import manifest
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import FORMAT, Manifest
from evalkit.schema import Result, Work

FORMATS = ("lm-eval",)

Key = tuple[str, str, str]  # a model's name, version and number format

_LARGEST = 512 * 2**20  # bytes of one file: results, not samples


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and what it tells."""

    path: Path
    digest: str
    read: Read


@dataclass(frozen=True, slots=True)
class Imported:
    """A run folder that was written, of how many numbers, and what of the files is not in it, with the reason."""

    path: Path
    model: str
    numbers: int
    skipped: Mapping[str, str]


def import_files(paths: Sequence[Path], output: Path, overwrite: bool, command: str) -> list[Imported]:
    """Write a run folder at `output`; where the files are of several models, one for each below it.

    Raises:
        InterchangeError: a file is none of lm_eval's, is damaged, or says otherwise than another one.
        RunError: there is something at the place already.
    """
    models: dict[Key, list[Source]] = {}
    for path in _files(paths):
        source = _open(path)
        name, version, dtype = (source.read.model[key] for key in ("name", "version", "dtype"))
        models.setdefault((name, version, dtype), []).append(source)
    places = {key: output if len(models) == 1 else output / _folder(key, models) for key in models}
    contents = {key: (_manifest(sources, command), _results(sources)) for key, sources in models.items()}
    for place in places.values():  # all or nothing
        RunFolder.check(place, overwrite)
    for key, (content, results) in contents.items():
        folder = RunFolder.create(places[key], overwrite)
        folder.write_results(results)
        folder.write_manifest(content)
    return [
        Imported(places[key], key[0], len(results), _skipped(models[key])) for key, (_, results) in contents.items()
    ]


def _files(paths: Sequence[Path]) -> list[Path]:
    """The files themselves; of a folder, every `results*.json` below it, as lm_eval names them."""
    files: list[Path] = []
    for path in paths:
        found = sorted(path.rglob("results*.json")) if path.is_dir() else [path]
        if not found:
            raise InterchangeError(f"{path}: no results*.json in this folder. Name the files themselves")
        files.extend(found)
    return files


def _open(path: Path) -> Source:
    try:
        if path.stat().st_size > _LARGEST:
            raise InterchangeError(
                f"{path}: larger than {_LARGEST >> 20} MB. Is it a file of samples? Give results*.json"
            )
        raw = path.read_bytes()
        content = json.loads(raw)
    except OSError as error:
        raise InterchangeError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InterchangeError(f"{path}: no JSON: {error}. Give the results*.json that lm_eval wrote") from None
    if not is_lm_eval(content):
        raise InterchangeError(f"{path}: {_what(content)}")
    return Source(path, hashlib.sha256(raw).hexdigest(), read(content, str(path)))


def _what(content: object) -> str:
    """What a document is, that is not lm_eval's, and what to do."""
    if isinstance(content, dict) and isinstance(content.get("format"), int) and "results" in content:
        return "evalkit's own results.json. Its folder is a run already: nothing has to be imported"
    if isinstance(content, dict) and "evaluation_results" in content:
        return "Every Eval Ever: evalkit writes it (evalkit export) and does not read it"
    found = f"an object with {', '.join(map(repr, list(content)[:5]))}" if isinstance(content, dict) else "no object"
    return f"not lm_eval's results: {found}; `results` was expected, and `config`, `configs` or `versions` beside it"


def _folder(key: Key, models: Mapping[Key, object]) -> str:
    """The model's name as a folder's, with its version and number format where several models have that name."""
    several = sum(other[0] == key[0] for other in models) > 1
    return re.sub(r"[^\w.@-]+", "__", "@".join(key) if several else key[0]).strip("._") or "model"


def _results(sources: Sequence[Source]) -> list[Result]:
    """The numbers of all files; one that two files have is there once, if both say the same."""
    kept: dict[tuple[Any, ...], tuple[Result, Path]] = {}
    for source in sources:
        for one in source.read.results:
            key = (one.task, one.prompt, one.shots, one.seed, one.metric, one.subset, one.scorer)
            earlier, path = kept.setdefault(key, (one, source.path))
            if (earlier.value, earlier.n) != (one.value, one.n):
                raise InterchangeError(
                    f"{source.path}: {one.metric} of {one.task} at {one.shots} shots is {one.value:g} here (n {one.n}) "
                    f"and {earlier.value:g} in {path} (n {earlier.n}). Import them apart, each to its own --output"
                )
    return [result for result, _ in kept.values()]


def _manifest(sources: Sequence[Source], command: str) -> Manifest:
    entries: dict[tuple[str, str], Mapping[str, Any]] = {}
    for source in sources:
        for entry in source.read.tasks:
            entries.setdefault((entry["task"], entry["prompt"]), entry)
    first = sources[0].read
    files = [
        {
            "format": source.read.program,
            "file": source.path.name,
            "sha256": source.digest,
            "config": dict(source.read.settings),
        }
        for source in sources
    ]
    started = [source.read.started for source in sources if source.read.started]
    programs = sorted({source.read.program.partition(":")[2] for source in sources})
    return Manifest(
        format=FORMAT,
        status="complete",
        command=command,
        arguments={"imported": files, "library": [], "limit": first.settings.get("limit")},
        model=first.model,
        tasks=list(entries.values()),
        skipped={},
        versions={"evalkit": manifest.versions()["evalkit"], "lm_eval": ", ".join(programs)},
        machine={},
        started=min(started) if started else manifest.now(),
        seconds=sum(source.read.seconds for source in sources),
        work=Work(),
    )


def _skipped(sources: Sequence[Source]) -> dict[str, str]:
    return {key: reason for source in sources for key, reason in source.read.skipped.items()}
