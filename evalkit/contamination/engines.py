"""Who does the work: this process, a pool of processes, or a Ray cluster. The same results from each, unit by unit.

When a unit fails, those that are under way are finished and handed out, and then the first failure is raised.
"""

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from evalkit.contamination.base import Unit
from evalkit.contamination.scan import Scanner
from evalkit.errors import ContaminationError

if TYPE_CHECKING:
    from ctypes import c_byte
    from multiprocessing.sharedctypes import Synchronized

ENGINES = ("process", "serial", "ray")
_POLL = 0.2  # seconds
_PATIENCE = 5  # seconds in which a worker may end by itself; one that waits for a network does not
_AHEAD = 2  # units in the queue for each worker

Tell = Callable[[int], None]


class Job(Protocol):
    """What is done with a unit. It is sent to the processes that do it."""

    def do(self, scanner: Scanner, unit: Unit, tell: Tell) -> "Done":
        """Do it, and tell how many bytes are read as they are.

        Raises:
            ContaminationError: the unit cannot be read, or its results not be written.
        """


class Done(NamedTuple):
    """What a job has made of a unit: `result`, and `more` where it was asked for."""

    result: bytes
    more: bytes = b""


class Finished(NamedTuple):
    """A unit, and what was made of it."""

    unit: Unit
    done: Done


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def serial(scanner: Scanner, units: Sequence[Unit], job: Job, tell: Tell) -> Iterator[Finished]:
    """Do it here, one unit after the other.

    Raises:
        ContaminationError: a unit fails.
    """
    for unit in units:
        yield Finished(unit, job.do(scanner, unit, tell))


def pooled(scanner: Scanner, units: Sequence[Unit], job: Job, tell: Tell, workers: int) -> Iterator[Finished]:
    """Do it in so many processes, which share the index's pages.

    Raises:
        ContaminationError: a unit fails, or a process dies.
    """
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("spawn")
    read, stop = context.Value("q", 0), context.Value("b", 0, lock=False)
    told, is_over = 0, False
    others = set(multiprocessing.active_children())

    def finished(running: "Collection[Future[_Answer]]") -> "Collection[Future[_Answer]]":
        nonlocal told
        done = wait(running, timeout=_POLL, return_when=FIRST_COMPLETED).done
        now = read.get_obj().value  # without its lock, which a worker that is killed never gives back
        tell(now - told)
        told = now
        return done

    folder = tempfile.TemporaryDirectory(prefix="evalkit-", ignore_cleanup_errors=True)
    scanner.save(Path(folder.name))
    del scanner
    pool = ProcessPoolExecutor(workers, context, _begin, (Path(folder.name), job, read, stop))
    try:
        yield from _in_turn(
            units, lambda unit: pool.submit(_do, unit), finished, lambda future: future.result(), _AHEAD * workers
        )
        is_over = True
    except BrokenProcessPool:
        raise ContaminationError(
            "a worker process died, perhaps for want of memory (fewer --workers need less). What is finished is kept: "
            "run the same command again to go on"
        ) from None
    finally:
        stop.value = 1
        pool.shutdown(wait=is_over, cancel_futures=True)
        for process in () if is_over else set(multiprocessing.active_children()) - others:
            process.join(_PATIENCE)  # one that is ended while it hands over a result leaves the pool waiting for ever
            process.terminate()
        folder.cleanup()


def on_ray(scanner: Scanner, units: Sequence[Unit], job: Job, tell: Tell, workers: int | None) -> Iterator[Finished]:
    """Do it as tasks of a Ray cluster: the one at RAY_ADDRESS, or one on this machine with so many processors.

    Raises:
        ContaminationError: a unit fails, or Ray is not installed or cannot be reached.
    """
    try:
        import ray
    except ImportError:
        raise ContaminationError("--engine ray needs Ray: pip install ray") from None
    is_ours = not ray.is_initialized()
    if is_ours:
        settings: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if not os.environ.get("RAY_ADDRESS"):  # without "local", Ray would look for any cluster on this machine
            settings |= {"address": "local", "num_cpus": workers or cores(), "include_dashboard": False}
        try:
            ray.init(**settings)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise ContaminationError(f"--engine ray: no cluster can be reached: {error}") from None
    try:
        yield from _in_cluster(ray, scanner, units, job, tell)
    finally:
        if is_ours:
            ray.shutdown()


def _in_cluster(ray: Any, scanner: Scanner, units: Sequence[Unit], job: Job, tell: Tell) -> Iterator[Finished]:
    held = ray.put((scanner.index, scanner.layers, job))
    task = ray.remote(num_cpus=1)(_do_held)
    digest = scanner.index.digest
    sizes: dict[Any, int] = {}

    def submit(unit: Unit) -> Any:
        handle = task.remote(held, digest, unit)
        sizes[handle] = unit.bytes
        return handle

    def finished(running: Collection[Any]) -> Collection[Any]:
        done: list[Any] = ray.wait(list(running), timeout=_POLL)[0]
        tell(sum(sizes.pop(handle) for handle in done))
        return done

    most = _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))
    try:
        yield from _in_turn(units, submit, finished, ray.get, most)
    except ray.exceptions.RayError as error:
        raise ContaminationError(f"--engine ray: {str(error).splitlines()[0]}. What is finished is kept") from None


class _Answer(NamedTuple):
    """What came of a unit: results, or else a fault in words (an exception does not always survive the way back)."""

    done: Done
    fault: str = ""


def _in_turn(
    units: Sequence[Unit],
    submit: Callable[[Unit], Any],
    finished: Callable[[Collection[Any]], Collection[Any]],
    answer: Callable[[Any], _Answer],
    most: int,
) -> Iterator[Finished]:
    """Submit units, so many at most at a time, and hand out what is finished."""
    left, fault = iter(units), ""
    running: dict[Any, Unit] = {}
    while True:
        while not fault and len(running) < most and (unit := next(left, None)) is not None:
            running[submit(unit)] = unit
        if not running:
            break
        for handle in finished(running.keys()):
            given, unit = answer(handle), running.pop(handle)
            if given.fault:
                fault = fault or given.fault
            else:
                yield Finished(unit, given.done)
    if fault:
        raise ContaminationError(fault)


def _attempt(job: Job, scanner: Scanner, unit: Unit, tell: Tell) -> _Answer:
    try:
        return _Answer(job.do(scanner, unit, tell))
    except ContaminationError as error:
        return _Answer(Done(b""), str(error))


class _Worker:
    """A process of the pool: what it was given when it began."""

    scanner: Scanner
    job: Job
    read: "Synchronized[int]"
    stop: "c_byte"


class _StoppedError(Exception):
    """The first process wants no more results."""


def _begin(index: Path, job: Job, read: "Synchronized[int]", stop: "c_byte") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process says when it is over
    threading.Thread(target=_follow_parent, daemon=True).start()
    _Worker.scanner, _Worker.job, _Worker.read, _Worker.stop = Scanner.load(index), job, read, stop


def _follow_parent() -> None:
    """End with the process that began this one, even if that was killed."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(unit: Unit) -> _Answer:
    def tell(count: int) -> None:
        if _Worker.stop.value:
            raise _StoppedError
        with _Worker.read.get_lock():
            _Worker.read.value += count

    try:
        return _attempt(_Worker.job, _Worker.scanner, unit, tell)
    except _StoppedError:
        return _Answer(Done(b""), "stopped")


_SCANNERS: dict[str, Scanner] = {}  # of a Ray worker, which lives for many units


def _do_held(held: Any, digest: str, unit: Unit) -> _Answer:
    index, layers, job = held
    if digest not in _SCANNERS:
        _SCANNERS.clear()
        _SCANNERS[digest] = Scanner.of(index, layers)
    return _attempt(job, _SCANNERS[digest], unit, lambda count: None)
