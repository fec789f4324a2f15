"""One run as the board has it: the bytes of its manifest and results in, its model and its numbers out."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

import msgspec

from evalkit.errors import RunError
from evalkit.leaderboard.places import MANIFEST, RESULTS, Contents
from evalkit.runs.manifest import FORMAT

FINISHED = ("complete", "partial")

T = TypeVar("T")


class Number(NamedTuple):
    """One number of a run, as `Result` has it; `asked` is its signature without the run's `identity`: numbers of equal
    `asked` were asked alike. It stood before the character `cut`; -1 if it did not.
    """

    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    subset: str
    scorer: str
    asked: str
    value: float
    low: float | None
    high: float | None
    n: int
    cut: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished run. `started` is in UTC. `identity` is what its signatures say of the model, its dtype and evalkit's
    version (in numbers of another tool that tool's version stays in what was asked). `digest` is of all the rest, so
    that a copy is known as one; `infinite` counts the numbers that are left out because they are not finite.
    """

    model: str
    version: str
    dtype: str
    parameters: int
    started: str
    evalkit: str
    status: str
    identity: str
    digest: str
    numbers: tuple[Number, ...]
    infinite: int = 0

    def signature(self, number: Number) -> str:
        """The whole signature of one of the numbers."""
        if number.cut < 0:
            return number.asked
        return number.asked[: number.cut] + self.identity + number.asked[number.cut :]


@dataclass(frozen=True, slots=True)
class _Model:
    name: str
    version: str
    dtype: str
    parameters: int = 0


@dataclass(frozen=True, slots=True)
class _Manifest:
    format: int
    status: str
    model: _Model
    started: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    task: str
    prompt: str
    shots: int
    seed: int
    metric: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    signature: str
    subset: str = ""
    scorer: str = ""


@dataclass(frozen=True, slots=True)
class _Results:
    format: int
    results: list[_Row]


def read(files: Contents) -> Entry:
    """The run that the two files tell of.

    Raises:
        RunError: a file is damaged, of a later format, or the run has not finished. The path is for the caller to say.
    """
    if files.fault:
        raise RunError(files.fault)
    manifest = _decoded(MANIFEST, files.manifest, _Manifest)
    if not 1 <= manifest.format <= FORMAT:
        raise RunError(f"a run of format {manifest.format}; this evalkit reads up to {FORMAT}")
    if manifest.status not in FINISHED:
        raise RunError(f"the run is {manifest.status[:40]}")
    rows = _decoded(RESULTS, files.results, _Results).results
    model, version = manifest.model, manifest.versions.get("evalkit", "")
    identity = f"|model:{model.name}@{model.version}|dtype:{model.dtype}"
    if any(f"{identity}|evalkit:{version}" in row.signature for row in rows):
        identity = f"{identity}|evalkit:{version}"
    numbers = tuple(_number(row, identity) for row in rows if _is_finite(row))
    started = _utc(manifest.started)
    told = (model.name, model.version, model.dtype, model.parameters, started, version, manifest.status, identity)
    digest = sha256(msgspec.json.encode((told, numbers))).hexdigest()[:32]
    return Entry(*told, digest, numbers, infinite=len(rows) - len(numbers))


def _decoded(name: str, content: bytes, form: type[T]) -> T:
    try:
        try:
            return msgspec.json.decode(content, type=form)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:  # Python writes NaN and Infinity, which JSON does not know
            plain = json.loads(content, parse_constant=lambda _: None)
            return msgspec.convert(msgspec.json.decode(msgspec.json.encode(plain)), form)
    except (ValueError, RecursionError) as error:
        raise RunError(f"{name} is damaged: {error}") from None


def _number(row: _Row, identity: str) -> Number:
    value, low, high = row.value, row.low, row.high
    assert value is not None  # `_is_finite` has seen to it
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        low = high = None
    return Number(
        *(row.task, row.prompt, row.shots, row.seed, row.metric, row.subset, row.scorer),
        *(row.signature.replace(identity, "", 1), value, low, high, row.n, row.signature.find(identity)),
    )


def _is_finite(row: _Row) -> bool:
    return row.value is not None and math.isfinite(row.value)


def _utc(started: str) -> str:
    """A time as UTC to the second, so that times can be put in order as texts.

    Raises:
        RunError: it is no time.
    """
    try:
        time = datetime.fromisoformat(started)
    except ValueError:
        raise RunError(f"{MANIFEST} is damaged: started is {started[:40]!r}, and no ISO 8601 time") from None
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
