"""Links from a comparison to the samples in the runs' reports: run folders in, addresses relative to a page out."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from evalkit.comparison.record import Comparison, Flip

_ANCHOR = re.compile(rb'id="(s-[0-9a-f]{12})"')


@dataclass(frozen=True, slots=True)
class Links:
    """By the label of a run: its report's address, and the anchors that it has."""

    reports: Mapping[str, str]
    anchors: Mapping[str, frozenset[str]]

    def of(self, flip: Flip, labels: tuple[str, str]) -> list[tuple[str, str]]:
        """The labels of the runs whose reports show an item, each with the address."""
        return [
            (label, f"{self.reports[label]}#{anchor}")
            for label, anchor in zip(labels, flip.anchors, strict=True)
            if anchor in self.anchors.get(label, ())
        ]


def links(comparison: Comparison, page: Path) -> Links:
    """What the reports of all runs have, as seen from the folder `page`. A report carries only some of a run's samples,
    and one of an earlier evalkit has no anchors.
    """
    reports, anchors = {}, {}
    for run in comparison.runs:
        report = run.path / "report.html"
        if report.is_file():
            reports[run.label] = _address(report, page)
            anchors[run.label] = frozenset(found.decode() for found in _ANCHOR.findall(report.read_bytes()))
    return Links(reports, anchors)


def _address(report: Path, page: Path) -> str:
    try:
        return quote(Path(os.path.relpath(report, page)).as_posix())
    except ValueError:  # on another drive
        return report.resolve().as_uri()
