"""Links from a comparison to the samples in the runs' reports: run folders in, addresses relative to a page out."""

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from evalkit.comparison.record import Comparison, Flip
from evalkit.report.sample_links import carried


@dataclass(frozen=True, slots=True)
class Links:
    """By the label of a run: its report's address, and those of the samples in it."""

    reports: Mapping[str, str]
    samples: Mapping[str, frozenset[str]]

    def of(self, flip: Flip, labels: tuple[str, str]) -> list[tuple[str, str]]:
        """The labels of the runs whose reports show an item, each with the address."""
        return [
            (label, f"{self.reports[label]}#{address}")
            for label, address in zip(labels, flip.addresses, strict=True)
            if address in self.samples.get(label, ())
        ]


def within(
    names: Mapping[str, str], carried: Collection[tuple[str, str]]
) -> Callable[[Flip, tuple[str, str]], list[tuple[str, str]]]:
    """Links within a page of all runs, as `Links.of` gives them; `names` are what the runs are called there, by their
    labels, `carried` the labels and addresses of the samples that it has.
    """

    def of(flip: Flip, labels: tuple[str, str]) -> list[tuple[str, str]]:
        return [
            (label, f"#{address}&{urlencode({'run': names[label]}, quote_via=quote)}")
            for label, address in zip(labels, flip.addresses, strict=True)
            if (label, address) in carried
        ]

    return of


def links(comparison: Comparison, page: Path) -> Links:
    """What the reports of all runs have, as seen from the folder `page`. A report carries only some of a run's samples,
    and one of an earlier evalkit has none that can be linked to.
    """
    reports, samples = {}, {}
    for run in comparison.runs:
        report = run.path / "report.html"
        if report.is_file():
            reports[run.label] = _address(report, page)
            samples[run.label] = carried(report)
    return Links(reports, samples)


def _address(report: Path, page: Path) -> str:
    try:
        return quote(Path(os.path.relpath(report, page)).as_posix())
    except ValueError:  # on another drive
        return report.resolve().as_uri()
