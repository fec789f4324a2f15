"""Carries out a job on units of a corpus: by the engine that is asked for, with progress."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from evalkit.contamination.base import Unit
from evalkit.contamination.engines import ENGINES, Finished, Job, cores, on_ray, pooled, serial
from evalkit.contamination.scan import Scanner
from evalkit.contamination.state import State
from evalkit.errors import UsageError


class Watcher(Protocol):
    """Is told how far a pass over a corpus has come."""

    def begin(self, what: str, total: int, done: int) -> None:
        """A pass begins: so many bytes to read, of which so many are done already."""

    def read(self, count: int) -> None:
        """So many more bytes are read."""


class Unwatched:
    """A watcher that does nothing."""

    def begin(self, what: str, total: int, done: int) -> None:
        """See `Watcher.begin`."""

    def read(self, count: int) -> None:
        """See `Watcher.read`."""


@dataclass(frozen=True, slots=True)
class Crew:
    """`engine` is one of `ENGINES`; `workers` are processes (None: one for each processor); `shard` (i, N) takes every
    Nth unit, from the ith on.
    """

    engine: str = "process"
    workers: int | None = None
    shard: tuple[int, int] | None = None

    def check(self) -> None:
        """See whether it can be.

        Raises:
            UsageError: it cannot.
        """
        if self.engine not in ENGINES:
            raise UsageError(f"engine {self.engine!r}: give one of {', '.join(ENGINES)}")
        if self.workers is not None and self.workers < 1:
            raise UsageError("workers: at least one is needed")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise UsageError(f"shard {self.shard[0]}/{self.shard[1]}: the first is 1/N, the last N/N")

    def share(self, units: Sequence[Unit]) -> Sequence[Unit]:
        """The units that are ours."""
        return units if self.shard is None else units[self.shard[0] - 1 :: self.shard[1]]


def carry_out(state: State, job: Job, units: Sequence[Unit], crew: Crew, watcher: Watcher) -> Iterator[Finished]:
    """Do a job on units, and hand out each that is finished.

    Raises:
        ContaminationError: a unit fails.
    """
    if not units:
        return
    workers = min(crew.workers or cores(), len(units))
    if crew.engine == "ray":
        yield from on_ray(Scanner.of(state.index()), units, job, watcher.read, crew.workers)
    elif crew.engine == "serial" or workers == 1:
        yield from serial(Scanner.of(state.index()), units, job, watcher.read)
    else:
        yield from pooled(Scanner.of(state.index()), units, job, watcher.read, workers)
