"""What a site remembers of the runs it was made of and of the pages it wrote, so that the next time only what has
changed is read and written. It gives no path away, for it is published with the site.
"""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evalkit.errors import RunError
from evalkit.files import put
from evalkit.leaderboard.entry import Entry
from evalkit.version import __version__

_LAYOUT = f"1 of evalkit {__version__}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was read, and the stamp that its files had then."""

    stamp: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Memory:
    """The runs by their keys, and of each page that was written a digest of what it shows."""

    layout: str = _LAYOUT
    runs: dict[str, Kept] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)


def memory_file(site: Path) -> Path:
    """Where a site keeps what it remembers."""
    return site / ".cache" / "runs.json"


def recall(site: Path) -> Memory:
    """What the site remembers; nothing where that is damaged or of another version: all is then read anew."""
    try:
        memory = msgspec.json.decode(memory_file(site).read_bytes(), type=Memory)
    except (OSError, msgspec.DecodeError):
        return Memory()
    return memory if memory.layout == _LAYOUT else Memory(pages=memory.pages)


def remember(site: Path, memory: Memory) -> None:
    """Keep it for the next time.

    Raises:
        OSError, RunError: it cannot be written.
    """
    path = memory_file(site)
    path.parent.mkdir(exist_ok=True)
    put(path, msgspec.json.encode(memory), RunError)
