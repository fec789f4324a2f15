"""From a page of the site to a run's report: relative where the run is on this machine, its address otherwise."""

import os
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from evalkit.contamination.corpus.forms import is_remote
from evalkit.leaderboard.places import REPORT, RESULTS, Place


def link(place: Place, site: str) -> str:
    """Where a run's report is, as seen from the first page of the site at this path (links followed); its results where
    it has no report.
    """
    name = REPORT if place.has_report else RESULTS
    if is_remote(place.path):
        return _address(place.path, name)
    try:
        relative = os.path.relpath(place.real, site)
    except ValueError:  # another drive
        return (Path(place.real) / name).as_uri()
    return quote(f"{relative.replace(os.sep, '/')}/{name}")


def from_below(address: str) -> str:
    """The same as seen from a page in a folder of the site."""
    return address if is_remote(address) else f"../{address}"


def _address(path: str, name: str) -> str:
    """The address of a file, without the user's name and password, which are not for the page."""
    parts = urlsplit(path)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, f"{quote(parts.path, safe='/%')}/{name}", parts.query, ""))
