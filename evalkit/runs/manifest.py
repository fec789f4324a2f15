"""What has to be known to repeat a run: versions, arguments, machine, model, tasks, and the command itself."""

import importlib.metadata
import os
import platform
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from evalkit.schema import Work
from evalkit.version import __version__

FORMAT = 5
_PACKAGES = ("torch", "transformers", "tokenizers", "accelerate", "datasets", "numpy", "scipy", "pandas", "jinja2")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run took beside its work; of each 0 where it is not known, as in the manifests of an older evalkit.
    `memory` is the most bytes that its process held at once since that began, and `device_memory` the most that tensors
    held on each GPU during the run, added up though these peaks need not coincide; both are of the first process where
    there were several `processes`. `text_bytes` counts the UTF-8 bytes of all texts asked that fitted, and
    `text_tokens` the tokens that they became, those that texts begin with among them.
    """

    memory: int = 0
    device_memory: int = 0
    text_bytes: int = 0
    text_tokens: int = 0
    processes: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """A run's manifest. `status` is running, complete, partial or failed; `skipped` gives the reason for each task
    that was asked for and not run; `seconds` is wall time, model loading included; `work` is what scoring took;
    `redacted` says that the sample log holds no text; `usage` is memory, and how texts became tokens.
    """

    format: int
    status: str
    command: str
    arguments: Mapping[str, Any]
    model: Mapping[str, Any]
    tasks: Sequence[Mapping[str, Any]]
    skipped: Mapping[str, str]
    versions: Mapping[str, str]
    machine: Mapping[str, Any]
    started: str
    seconds: float
    work: Work
    redacted: bool = False
    usage: Usage = Usage()


def versions() -> dict[str, str]:
    """The versions of evalkit, Python and the packages that bear on a score."""
    found = {"evalkit": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


def machine() -> dict[str, Any]:
    """What kind of machine this is, without its name."""
    return {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()}


def now() -> str:
    """The time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def command_line(words: Sequence[str]) -> str:
    """The words of a command as one can paste them into a shell."""
    return shlex.join(words)


def as_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON has it."""
    return asdict(manifest)


def from_json(values: Mapping[str, Any]) -> Manifest:
    """The manifest from its JSON.

    Raises:
        KeyError, TypeError: a field is missing or unknown.
    """
    usage = Usage(**values.get("usage", {}))
    return Manifest(**{**values, "work": Work(**values["work"]), "usage": usage})
