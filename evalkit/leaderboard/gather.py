"""Runs from wherever they are: words of the user and what the site remembers in; runs out, and what was left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from evalkit.errors import RunError
from evalkit.leaderboard.cache import Kept
from evalkit.leaderboard.entry import Entry, read
from evalkit.leaderboard.places import Place, contents, find_places


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run and where it is."""

    place: Place
    entry: Entry


@dataclass(frozen=True, slots=True)
class Gathered:
    """The runs, oldest first; how many were read anew and how many taken as remembered; by path, why others were left
    out; notes on those that were not; and what is to be remembered.
    """

    runs: Sequence[Run]
    read: int
    reused: int
    left_out: Mapping[str, str]
    notes: Sequence[str]
    kept: dict[str, Kept]


def gather(words: Sequence[str], known: Mapping[str, Kept], tell: Callable[[int, int], None] | None = None) -> Gathered:
    """Find the runs that the words name, and read those that are not known as they are now.

    Args:
        words: paths, folders of run folders, patterns and addresses.
        known: runs read before, by the key of their place.
        tell: is told how many runs are read, and of how many.

    Raises:
        RunError: a word names no run, or an address cannot be reached.
    """
    places = find_places(words)
    kept = {place.key: known[place.key] for place in places if _is_same(place, known.get(place.key))}
    reused, left_out = len(kept), dict[str, str]()
    unread = [place for place in places if place.key not in kept]
    for count, (place, files) in enumerate(contents(unread), 1):
        try:
            kept[place.key] = Kept(place.stamp, read(files))
        except RunError as error:
            left_out[place.path] = str(error)
        if tell is not None:
            tell(count, len(unread))
    runs: list[Run] = []
    digests: dict[str, str] = {}
    for place in places:
        if place.key not in kept:
            continue
        entry = kept[place.key].entry
        if (first := digests.setdefault(entry.digest, place.path)) != place.path:
            left_out[place.path] = f"a copy of {first}"
        else:
            runs.append(Run(place, entry))
    runs.sort(key=lambda run: (run.entry.started, run.place.path))
    notes = [
        f"{run.place.path}: {run.entry.infinite} numbers are not finite and were left out"
        for run in runs
        if run.entry.infinite
    ]
    return Gathered(runs, len(kept) - reused, reused, left_out, notes, kept)


def _is_same(place: Place, kept: Kept | None) -> bool:
    return kept is not None and bool(place.stamp) and kept.stamp == place.stamp
