"""The runs of one report against the first of them: runs as a page has them in, a `Diff` out."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from evalkit.comparison.compare import compare
from evalkit.comparison.links import within
from evalkit.comparison.page import parts
from evalkit.comparison.words import headline, run_text
from evalkit.report.diff import Diff
from evalkit.report.loaded import Loaded


def against(runs: Sequence[Loaded], carried: Collection[tuple[int, str]]) -> Diff:
    """The first run against every other one, item by item.

    Args:
        runs: as the page has them.
        carried: the places of runs, and the addresses of their samples that the page carries.

    Raises:
        UsageError: there are more runs than there are letters.
        RunError: a run is damaged or unfinished.
    """
    compared = compare(*(run.folder.path for run in runs))
    labels = [one.label for one in compared.runs]
    names = {one.label: run.label for one, run in zip(compared.runs, runs, strict=True)}
    baseline, *others = (replace(one, label=names[one.label]) for one in compared.runs)
    return Diff(
        headlines=[
            headline(replace(contrast, run=other), baseline)
            for contrast, other in zip(compared.contrasts, others, strict=True)
        ],
        runs=[(one.label, f"{run_text(one)}, {one.started[:10]}, {one.path}") for one in compared.runs],
        parts=parts(compared),
        link=within(names, {(labels[place], address) for place, address in carried}),
    )
