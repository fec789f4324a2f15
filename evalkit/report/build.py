"""The HTML report: one self-contained file, made from run folders alone.

In: the paths of runs. Out: the path of the page. Everything that comes from data, models or file names is escaped by
the template engine; the page's policy lets in its own style and script and nothing else, and no request.
"""

from collections.abc import Sequence
from pathlib import Path

from evalkit.errors import RunError, UsageError
from evalkit.files import put
from evalkit.report.content import content
from evalkit.report.diff import Differ
from evalkit.report.loaded import load
from evalkit.report.page import asset, dressed, environment
from evalkit.report.samples import Most, browser

_MARK = b": evalkit report</title>"  # by which a report is known
_STYLES = ("report.css", "samples.css")
_SCRIPTS = ("table.js", "samples.js")


def build(
    runs: Path | Sequence[Path],
    overlaps: Path | None = None,
    *,
    output: Path | None = None,
    samples: Most = "some",
    differ: Differ | None = None,
) -> Path:
    """Write the report of a run, or one of several.

    Args:
        runs: run folders; of several, the first is what `differ` holds the others against.
        overlaps: what `evalkit decontaminate` found; the runs are held against it, and keep it in their folders.
        output: where to write the page; None is `report.html` in the folder of the one run.
        samples: which samples the page carries: `browser` says what there is.
        differ: compares several runs; without it, they stand beside each other.

    Raises:
        UsageError: there are several runs and no place for their page, or a run is named twice, or something else than
            a report stands in the page's place.
        RunError: there is no run, or it is damaged or unfinished, or the page cannot be written.
        ContaminationError: the overlaps cannot be read, or are of other data than a run.
    """
    loaded = load([runs] if isinstance(runs, Path) else runs, overlaps)
    if output is None and len(loaded) != 1:
        raise UsageError(f"{len(loaded)} runs and no file for their report. Give one with --output")
    place = output if output is not None else loaded[0].folder.report
    if output is not None:
        _check(place)
    browsed = browser(loaded, samples, place)
    diff = differ(loaded, browsed.addresses) if differ is not None and len(loaded) > 1 else None
    scripts = "".join(f"(() => {{\n{asset(name)}}})();\n" for name in _SCRIPTS)  # each with names of its own
    page = environment().get_template("report.html.jinja")
    dress = dressed(asset(*_STYLES), scripts, "'self'" if browsed.beside else "")
    put(place, page.render({**content(loaded, diff), "samples": browsed, **dress}).encode(), RunError)
    return place


def _check(place: Path) -> None:
    """See that nothing of the user's is written over."""
    if place.is_dir():
        raise UsageError(f"{place}: is a folder. Give --output a file")
    if place.is_file() and _MARK not in place.read_bytes():
        raise UsageError(f"{place} exists already, and is no report of evalkit. Choose another --output")
