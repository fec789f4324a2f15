"""The public Python API of scans: tasks and a corpus in, `Overlaps` out, and a folder of them that reports read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evalkit.contamination.base import Unit
from evalkit.contamination.carry import Crew, Unwatched, Watcher, carry_out
from evalkit.contamination.cleaned import Cleaned
from evalkit.contamination.cleaning import Cutting, clean
from evalkit.contamination.conclude import conclude
from evalkit.contamination.corpus import Reading, find_units
from evalkit.contamination.index import build
from evalkit.contamination.overlaps import Overlaps
from evalkit.contamination.profiles import PROFILES, Profile
from evalkit.contamination.scanning import Scan
from evalkit.contamination.state import Plan, State, join
from evalkit.contamination.verdict import Name, Rule
from evalkit.errors import ContaminationError, UsageError
from evalkit.evaluation.items import TaskItems, read_items

_FOLDER = "state"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan gave. `overlaps` are in the folder too; `skipped` names the tasks whose data could not be had, with
    the reason; `left` counts the pieces of the corpus that are still to be scanned; `cleaned` tells what became of its
    documents, where it was written anew.
    """

    overlaps: Overlaps
    skipped: Mapping[str, str]
    left: int = 0
    cleaned: Cleaned | None = None

    def __repr__(self) -> str:
        dirty = sum(bool(one.dirty) for one in self.overlaps.examples.values())
        told = f"{dirty:,} of {len(self.overlaps.examples):,} examples dirty"
        return f"<Scanned: {told}, {self.left:,} pieces left, in {self.overlaps.path}>"


def decontaminate(
    tasks: str | Sequence[str],
    corpus: str | Sequence[str],
    output: str | Path,
    *,
    profile: str = "gpt3",
    n: int | None = None,
    threshold: float | None = None,
    max_documents: int | None = None,
    split: str | None = None,
    limit: int | None = None,
    protocol: str | None = None,
    data_dir: str | Path | None = None,
    library: Sequence[str | Path] = (),
    reading: Reading | None = None,
    spans: bool = False,
    write_clean: str | Path | None = None,
    cutting: Cutting | None = None,
    crew: Crew | None = None,
    watcher: Watcher | None = None,
) -> Scanned:
    """Look for the examples of tasks in a corpus, which is read once. What is done is kept: the same call goes on where
    it was stopped, and reads only what is new or has changed.

    Args:
        tasks: names of tasks or of folders of tasks, as `evaluate` takes them.
        corpus: files, folders, patterns, addresses (`s3://`, `hf://`, `https://` ...) or `hub:owner/name`.
        output: the folder that is written.
        profile: a paper's definition: one of `PROFILES`.
        n: words of an n-gram; None is what the profile says.
        threshold: the share from which on an example is dirty; None is what the profile says.
        max_documents: ignore n-grams that more documents hold; None ignores none.
        split: the split to look for; None is what the protocol says, or else the task.
        limit: the first so many examples of each task.
        protocol: a paper's way of asking, for its prompts and splits.
        data_dir: where the tasks' rows are, as in `evaluate`.
        library: folders with more `tasks/` and `prompts/`.
        reading: how documents are read; None reads their column `text`, and stops at a bad record.
        spans: write `spans.parquet` too: every span of the corpus that an example shares with it.
        write_clean: a folder to write the corpus to, without what was found; it is read once more for that.
        cutting: how that is cut out; None is GPT-3's way.
        crew: who does the work; None: a process for each processor.
        watcher: is told of progress.

    Raises:
        EvalkitError: bad input of any kind, a corpus that cannot be read, or results that cannot be written.
    """
    crew, reading, watcher = crew or Crew(), reading or Reading(), watcher or Unwatched()
    rule = _rule(profile, n, threshold, max_documents)
    crew.check()
    folders = [Path(folder) for folder in (output, write_clean) if folder is not None]
    units = _units([corpus] if isinstance(corpus, str) else corpus, reading, folders)
    items, skipped = read_items(
        [tasks] if isinstance(tasks, str) else tasks,
        data_dir=data_dir,
        library=library,
        split=split,
        limit=limit,
        protocol=protocol,
    )
    state = _begun(Path(output), items, rule.profile, n, reading, spans, units)
    del items  # the index has what is needed of them
    _scan(state, reading, crew, watcher)
    overlaps, cleaned = conclude(state, folders[0], rule), None
    if write_clean is not None:
        cleaned = clean(state, folders[1], reading, cutting or Cutting(), crew, watcher)
    return Scanned(overlaps, skipped, _left(state), cleaned)


def merge(
    folders: Sequence[str | Path],
    output: str | Path,
    *,
    profile: str | None = None,
    n: int | None = None,
    threshold: float | None = None,
    max_documents: int | None = None,
) -> Scanned:
    """Put scans of the same tasks together, of shards or of several corpora; or ask one again, without reading the
    corpus: for a larger n, with a cap, another threshold, or another profile. The same unit counts once. Scans keep
    their profile and n, and no threshold or cap: these are said anew.

    Args:
        folders: what `decontaminate` has written.
        output: the folder that is written; it may be one of them.
        profile: another paper's definition; None is that of the scan.
        n: words of an n-gram, at least those of the scan.
        threshold: see `decontaminate`.
        max_documents: see `decontaminate`.

    Raises:
        ContaminationError: the scans are of different examples, or cannot answer this.
    """
    states = [State.open(Path(folder) / _FOLDER) for folder in folders]
    if not states:
        raise UsageError("give at least one folder that `evalkit decontaminate` has written")
    first = states[0].plan
    if n is None and profile in (None, first.profile):
        n = first.n
    rule = _rule(profile or first.profile, n, threshold, max_documents)
    state = join(states, Path(output) / _FOLDER)
    overlaps = conclude(state, Path(output), rule)
    return Scanned(overlaps, {}, _left(state))


def _rule(name: str, n: int | None, threshold: float | None, max_documents: int | None) -> Rule:
    if name not in PROFILES:
        raise UsageError(f"profile {name!r}: give one of {', '.join(PROFILES)}")
    if threshold is not None and not 0 <= threshold <= 1:
        raise UsageError(f"threshold {threshold}: a share lies between 0 and 1")
    if max_documents is not None and max_documents < 1:
        raise UsageError(f"max_documents {max_documents}: at least 1")
    if n is not None and n < 2:
        raise UsageError(f"n {n}: an n-gram has at least 2 words")
    profile = PROFILES[name] if n is None else replace(PROFILES[name], n=n)
    return Rule(profile, threshold, max_documents)


def _units(corpora: Sequence[str], reading: Reading, folders: Sequence[Path]) -> Sequence[Unit]:
    """The units of a corpus, which has none of the folders that are written in it.

    Raises:
        ContaminationError: it has one, or cannot be found.
    """
    units = find_units(corpora, reading)
    for folder in folders:
        own = folder.resolve()
        around = [named for named in corpora if Path(named).is_dir() and own.is_relative_to(Path(named).resolve())]
        beside = [unit.source for unit in units if Path(unit.source).resolve().parent in (own, own / _FOLDER)]
        if found := around + beside:
            raise ContaminationError(
                f"{folder}: what is written there would be read as corpus ({found[0]}). Give a folder outside of it"
            )
    return units


def _begun(
    output: Path,
    items: Sequence[TaskItems],
    profile: Profile,
    n: int | None,
    reading: Reading,
    spans: bool,
    units: Sequence[Unit],
) -> State:
    """The state of a scan that begins or goes on."""
    tasks = [_asked(one, profile) for one in items]
    sizes = {task["name"]: int(task["n"]) for task in tasks}
    index = build(((item, sizes[one.task]) for one in items for item in one.items), profile.normaliser, profile.samples)
    names = [Name(item.task, item.id) for one in items for item in one.items]
    plan = Plan(
        profile=profile.name,
        n=n,
        normaliser=profile.normaliser,
        tasks=tuple(tasks),
        index=index.digest,
        column=reading.column,
        name=reading.name,
        spans=spans,
        units=tuple(units),
    )
    return State.begin(output / _FOLDER, plan, names, index)


def _asked(own: TaskItems, profile: Profile) -> dict[str, Any]:
    """What the plan says of a task; `length` is that of its shorter items, in words: one in twenty is no longer."""
    length = sorted(own.lengths)[int(0.05 * (len(own.lengths) - 1))] if own.lengths else 0
    return {
        "name": own.task,
        "data": own.data,
        "split": own.split,
        "prompt": own.prompt,
        "offensive": own.offensive,
        "n": profile.size(own.task, length),
        "length": length,
        "examples": len(own.items),
    }


def _left(state: State) -> int:
    """How many units are still to be scanned."""
    return sum(not state.is_done(unit) for unit in state.plan.units)


def _scan(state: State, reading: Reading, crew: Crew, watcher: Watcher) -> None:
    """Scan what is not done yet of our share."""
    ours = crew.share(state.plan.units)
    left = [unit for unit in ours if not state.is_done(unit)]
    total = sum(unit.bytes for unit in ours)
    watcher.begin("scanning", total, total - sum(unit.bytes for unit in left))
    kept = len(ours) - len(left)
    try:
        for unit, done in carry_out(state, Scan(reading, state.plan.spans), left, crew, watcher):
            state.keep(unit, done)
            kept += 1
    except ContaminationError as error:
        told = f"{kept:,} of {len(ours):,} pieces of the corpus are done and kept; the same command goes on from there"
        raise ContaminationError(f"{error}\n{told}") from None
