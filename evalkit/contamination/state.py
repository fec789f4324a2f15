"""The folder of a scan, as it goes on: what is looked for and where, and the result of each unit that is done.

state/plan.json         the tasks, the profile, and the units of the corpus
state/examples.parquet  the names of the index's items
state/index/            the index
state/units/            one file for each unit that is done, under a key that says what of; with --spans, another
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any, get_type_hints

from evalkit.contamination.base import Unit
from evalkit.contamination.engines import Done
from evalkit.contamination.files import put_rows, rows_of
from evalkit.contamination.index import Index
from evalkit.contamination.packed import decode
from evalkit.contamination.tally import Counts, Found
from evalkit.contamination.verdict import Name
from evalkit.errors import ContaminationError
from evalkit.files import put

FORMAT = 1
_NAMES = "examples.parquet"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a scan is of. `tasks` has of each its `name`, `data`, `split`, `prompt`, `offensive`, `n`, `length` (the
    5th percentile of its examples' words) and `examples`. `n` is what was asked for, None where the profile said.
    `index` is the index's digest; `column` and `name` are where documents have their text and id.
    """

    profile: str
    n: int | None
    normaliser: str
    tasks: tuple[Mapping[str, Any], ...]
    index: str
    column: str
    name: str
    spans: bool
    units: tuple[Unit, ...]

    def key(self, unit: Unit) -> str:
        """The name of a unit's result: another one if anything may have changed."""
        what = [self.normaliser, self.index, self.column, self.name, self.spans, *asdict(unit).values()]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class State:
    """A scan's folder."""

    path: Path
    plan: Plan

    @classmethod
    def begin(cls, path: Path, plan: Plan, names: Sequence[Name], index: Index) -> "State":
        """Begin a scan there, or go on with one of the same tasks.

        Raises:
            ContaminationError: the folder holds something else, or cannot be written.
        """
        try:
            (path / "units").mkdir(parents=True, exist_ok=True)
            (path / "index").mkdir(exist_ok=True)
        except OSError as error:
            raise ContaminationError(f"{path}: cannot be written: {error.strerror}") from None
        if (path / "plan.json").exists() and (there := _read_plan(path)).index != plan.index:
            raise ContaminationError(
                f"{path.parent}: holds a scan for other examples ({_brief(there)}; now {_brief(plan)}). Give another "
                "--output, or delete it"
            )
        put_rows(path / _NAMES, [name._asdict() for name in names], get_type_hints(Name))
        index.save(path / "index")
        text = json.dumps({"format": FORMAT, **asdict(plan)}, indent=1) + "\n"
        put(path / "plan.json", text.encode(), ContaminationError)
        return cls(path, plan)

    @classmethod
    def open(cls, path: Path) -> "State":
        """The state of a scan that was begun.

        Raises:
            ContaminationError: there is none, or it is damaged.
        """
        return cls(path, _read_plan(path))

    def index(self) -> Index:
        """The index."""
        return Index.load(self.path / "index")

    def names(self) -> list[Name]:
        """The items' names.

        Raises:
            ContaminationError: they cannot be read.
        """
        return [Name(**row) for row in rows_of(self.path / _NAMES, Name._fields)]

    def is_done(self, unit: Unit) -> bool:
        """Whether there is a result."""
        return self._file(unit).exists() and (not self.plan.spans or self.spans_of(unit).exists())

    def keep(self, unit: Unit, done: Done) -> None:
        """Keep a result.

        Raises:
            ContaminationError: it cannot be written.
        """
        if self.plan.spans:
            put(self.spans_of(unit), done.more, ContaminationError)
        put(self._file(unit), done.result, ContaminationError)

    def result(self, unit: Unit) -> tuple[Found, Counts]:
        """The result of a unit that is done.

        Raises:
            ContaminationError: it cannot be read.
        """
        file = self._file(unit)
        try:
            return decode(file.read_bytes())
        except (OSError, ValueError) as error:
            raise ContaminationError(
                f"{file}: cannot be read ({error}). Delete it and run `evalkit decontaminate` again: that unit "
                "alone is scanned anew"
            ) from None

    def done(self) -> Iterator[Unit]:
        """The units that are done, in order."""
        return filter(self.is_done, self.plan.units)

    def spans_of(self, unit: Unit) -> Path:
        """The file of a unit's spans."""
        return self._file(unit).with_suffix(".spans")

    def _file(self, unit: Unit) -> Path:
        return self.path / "units" / f"{self.plan.key(unit)}.found"


def join(states: Sequence[State], path: Path) -> State:
    """One state with what is in several: each unit once, wherever it is done.

    Raises:
        ContaminationError: they are of different examples, or a file cannot be written.
    """
    first = states[0]
    by_source: dict[str, list[Unit]] = {}
    for state in states:
        differ = [field.name for field in fields(Plan) if not _is_same(state.plan, first.plan, field.name)]
        if differ:
            raise ContaminationError(
                f"{state.path.parent} and {first.path.parent}: scans for different {', '.join(differ)} "
                f"({_brief(state.plan)}; {_brief(first.plan)}) cannot be merged"
            )
        own: dict[str, list[Unit]] = {}
        for unit in state.plan.units:
            own.setdefault(unit.source, []).append(unit)
        for source, several in own.items():
            if by_source.setdefault(source, several) != several:
                raise ContaminationError(
                    f"{source}: has changed between the scans that are to be merged. Scan it again"
                )
    units = chain.from_iterable(by_source.values())
    plan = replace(first.plan, units=tuple(sorted(units, key=lambda unit: (unit.source, unit.start))))
    joined = State.begin(path, plan, first.names(), first.index())
    for state in states:
        if state.path.resolve() != path.resolve():
            _copy(state, joined)
    return joined


def _is_same(one: Plan, other: Plan, name: str) -> bool:
    return name == "units" or getattr(one, name) == getattr(other, name)


def _copy(state: State, joined: State) -> None:
    for unit in state.done():
        if not joined.is_done(unit):
            more = state.spans_of(unit).read_bytes() if state.plan.spans else b""
            joined.keep(unit, Done(state._file(unit).read_bytes(), more))


def _brief(plan: Plan) -> str:
    tasks = [str(task["name"]) for task in plan.tasks]
    shown = ", ".join(tasks[:3]) + (f" and {len(tasks) - 3} more" if len(tasks) > 3 else "")
    return f"{plan.profile}, {shown}"


def _read_plan(path: Path) -> Plan:
    file = path / "plan.json"
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        if values.pop("format") != FORMAT:
            raise ContaminationError(f"{file}: not a scan of format {FORMAT}, which is what this evalkit reads")
        units = tuple(Unit(**unit) for unit in values.pop("units"))
        return Plan(**{**values, "tasks": tuple(values["tasks"])}, units=units)
    except FileNotFoundError:
        raise ContaminationError(
            f"{path.parent}: no scan here (no {path.name}/plan.json). Give the --output of `evalkit decontaminate`"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ContaminationError(f"{file}: cannot be read: {error}") from None
