"""Before a model is asked anything: finds rows and prompts, and reads every row.

In: what is to be asked, and a source of rows. Out: one `Prepared` for each task and prompt, or the first thing that is
wrong. What cannot be had at all is set aside with the reason, so that a suite can be run in part and say so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalkit.answers import decoding
from evalkit.answers.base import AnswerKind
from evalkit.data.rows import Rows
from evalkit.data.source import Source
from evalkit.errors import DataNotFoundError, EvalkitError, ShotsError
from evalkit.evaluation.options import Options
from evalkit.evaluation.wishes import Wish, wishes
from evalkit.library import Library
from evalkit.prompts.template import Prompt, load
from evalkit.schema import Decoding, Example
from evalkit.scorers.base import Scorer
from evalkit.shots import Pool
from evalkit.tasks.definition import PromptSettings, Task
from evalkit.tasks.examples import read_examples
from evalkit.tasks.parse import find_tasks
from evalkit.tasks.protocol import Protocol
from evalkit.tasks.rows import Found, Reader


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task with one of its prompts, read and checked; `data` says in signatures where the rows come from,
    `scored` where those do that are scored, of the `split`. `decoding` is None where nothing is written; `scorers`
    judge what is.
    """

    task: Task
    prompt: Prompt
    settings: PromptSettings
    kind: AnswerKind
    examples: tuple[Example, ...]
    pool: Pool | None
    data: str
    scored: str
    split: str
    shots: tuple[int, ...]
    normalisation: str
    mode: str
    metrics: tuple[str, ...]
    decoding: Decoding | None
    stride: int | None
    wish: Wish
    scorers: tuple[Scorer, ...] = ()

    @property
    def chance(self) -> float:
        """The accuracy of guessing."""
        return sum(map(self.kind.chance, self.examples)) / len(self.examples)


def prepare(
    library: Library, names: Sequence[str], source: Source, options: Options, protocol: Protocol | None = None
) -> tuple[list[Prepared], dict[str, str]]:
    """Everything that can be asked, and the reasons why the rest cannot be: by task, or by task and shots.

    Raises:
        EvalkitError: a name stands for nothing, a file or a row is wrong, or no task at all has data.
    """
    options.check()
    reader = Reader(source)
    prepared: list[Prepared] = []
    missing: dict[str, str] = {}
    first: EvalkitError | None = None
    for wish in wishes(library, names, options, protocol):
        try:
            (rows, parts), split = _to_score(reader, wish)
            kind = wish.task.answers[wish.task.settings(wish.prompt).answer]
            pool, without = _pool(reader, library, wish, kind, rows, options)
        except (DataNotFoundError, ShotsError) as error:
            missing[wish.task.name], first = str(error), first or error
            continue
        if parts:
            count = f"{len(parts)} of {len(wish.task.data.parts or wish.task.data.folder_parts)}"
            missing[f"{wish.task.name}, part of it ({count})"] = f"{', '.join(parts)} ({next(iter(parts.values()))})"
        missing.update({f"{wish.task.name}, {setting}": reason for setting, reason in without.items()})
        shots = tuple(count for count in wish.shots if f"{count}-shot" not in without)
        if shots:
            prepared.append(_prepare(library, wish, kind, rows, (split, shots, pool), options))
    if not prepared:
        assert first is not None
        raise first
    return prepared, missing


def _prepare(
    library: Library,
    wish: Wish,
    kind: AnswerKind,
    rows: Rows,
    found: tuple[str, tuple[int, ...], "_Shots"],
    options: Options,
) -> Prepared:
    task, (split, shots, (pool, origin)) = wish.task, found
    settings = task.settings(wish.prompt)
    return Prepared(
        task=task,
        prompt=load(f"{task.prompt_folder}/{wish.prompt}", library.prompt_roots()),
        settings=settings,
        kind=kind,
        examples=_first_units(read_examples(task, kind, rows), options.limit, bool(task.data.parts)),
        pool=pool,
        data=origin,
        scored=rows.version,
        split=split,
        shots=shots,
        normalisation=wish.normalisation or settings.normalisation or kind.normalisation,
        mode=wish.mode or settings.mode,
        metrics=settings.metrics or task.metrics,
        decoding=_decoding(wish, kind, settings),
        stride=options.stride if kind.rolls else None,
        wish=wish,
    )


def _decoding(wish: Wish, kind: AnswerKind, settings: PromptSettings) -> Decoding | None:
    if kind.decoding is None:
        return None
    return decoding.applied(kind.decoding, {**settings.decoding, **wish.decoding}, wish.task.name)


class _Shots(NamedTuple):
    """A pool of shots, None where none are asked for, and what signatures call the data with it."""

    pool: Pool | None
    data: str


def _pool(
    reader: Reader, library: Library, wish: Wish, kind: AnswerKind, rows: Rows, options: Options
) -> tuple[_Shots, dict[str, str]]:
    """The pool, and the numbers of shots that cannot be had, with the reasons: where items can be asked without shots
    all others, under a protocol those that are too many for the pool.
    """
    task = wish.task
    if max(wish.shots) == 0:
        return _Shots(None, rows.version), {}
    try:
        if task.data.shots is None:
            raise ShotsError(f"{task.name}: it has no split to draw shots from; run it with --shots 0")
        shown_by = find_tasks(library, [task.data.shots_task])[0] if task.data.shots_task else task
        from_rows = reader.read(shown_by, task.data.shots).rows
    except (DataNotFoundError, ShotsError) as error:
        if min(wish.shots) > 0:
            raise
        return _Shots(None, rows.version), {f"{count}-shot": str(error) for count in wish.shots if count}
    shown = read_examples(shown_by, kind, from_rows)
    showable = [example for example in shown if kind.shown(example) is not None]
    pool = Pool.of(task.name, from_rows.where, showable, from_rows is rows, task.data.shots_within)
    if options.curated is not None:
        pool = pool.curate(options.curated.get(task.name, ()))
    too_many = {
        f"{count}-shot": f"{pool.name} has {pool.room}"
        for count in wish.shots
        if wish.entry is not None and count > pool.room
    }
    return _Shots(pool, f"{rows.version}+{from_rows.version}"), too_many


def _to_score(reader: Reader, wish: Wish) -> tuple[Found, str]:
    """The rows to score, and their split: the wished one; or the task's own, where a protocol's cannot be had."""
    own = wish.task.data.evaluation
    split = wish.split or own
    try:
        return reader.read(wish.task, split), split
    except DataNotFoundError:
        if wish.entry is None or split != wish.entry.split or split == own:
            raise
        return reader.read(wish.task, own), own  # what is held against the paper says so


def _first_units(examples: Sequence[Example], limit: int | None, has_parts: bool) -> tuple[Example, ...]:
    """The examples of the first so many units; where a task has several parts, of all of them in turn."""
    units = {example.unit: str(example.row["part"]) if has_parts else "" for example in examples}
    turns: Counter[str] = Counter()
    order = []
    for unit, part in units.items():
        order.append((turns[part], unit))
        turns[part] += 1
    kept = {unit for _, unit in sorted(order, key=lambda one: one[0])[:limit]}
    return tuple(example for example in examples if example.unit in kept)
