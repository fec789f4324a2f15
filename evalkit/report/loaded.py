"""Runs as a page shows them: run folders in, everything that is read of each but its samples out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.contamination.join import Contamination
from evalkit.errors import UsageError
from evalkit.report.joined import joined
from evalkit.runs.diagnostics import Diagnosis, Variation
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result

_SHORT = 12  # characters of a version


@dataclass(frozen=True, slots=True)
class Loaded:
    """One run on a page. `label` is the model's name, with as much more as tells it from the page's other runs;
    `beside` are comparisons with a paper's figures, as a run folder keeps them.
    """

    label: str
    folder: RunFolder
    manifest: Manifest
    results: Sequence[Result]
    beside: Sequence[Mapping[str, Any]] = ()
    diagnoses: Sequence[Diagnosis] = ()
    variations: Sequence[Variation] = ()
    contamination: Contamination | None = None


def load(paths: Sequence[Path], overlaps: Path | None = None) -> list[Loaded]:
    """Read finished runs; held against overlaps if these are given, which is then kept in their folders too.

    Raises:
        UsageError: a run is named twice.
        RunError: there is no run, or it is damaged or unfinished.
        ContaminationError: the overlaps cannot be read, or are of other data than a run.
    """
    for path, count in Counter(path.resolve() for path in paths).items():
        if count > 1:
            raise UsageError(f"{path}: this run is named {count} times. Name each run once")
    folders = [RunFolder.open(path) for path in paths]
    manifests = [folder.read_manifest() for folder in folders]
    results = [folder.read_results() for folder in folders]
    if overlaps is not None:
        for folder, manifest, own in zip(folders, manifests, results, strict=True):
            folder.write_contamination(joined(manifest, own, folder.read_samples(), overlaps))
    return [
        Loaded(
            label,
            folder,
            manifest,
            own,
            folder.read_beside(),
            *folder.read_diagnostics(),
            folder.read_contamination(),
        )
        for label, folder, manifest, own in zip(labels(folders, manifests), folders, manifests, results, strict=True)
    ]


def labels(folders: Sequence[RunFolder], manifests: Sequence[Manifest]) -> list[str]:
    """A name for each run, all of them different: the model's, or with its version and format of numbers, or with the
    folder's name and a count.
    """
    for told in zip(*(_ways(*one) for one in zip(folders, manifests, strict=True)), strict=True):
        if len(set(told)) == len(told):
            return list(told)
    return [f"{manifest.model['name']} ({place})" for place, manifest in enumerate(manifests, 1)]


def _ways(folder: RunFolder, manifest: Manifest) -> Iterator[str]:
    model = manifest.model
    yield model["name"]
    yield f"{model['name']} at {model['version'][:_SHORT]}"
    yield f"{model['name']} in {model['dtype']}"
    yield f"{model['name']} ({folder.path.resolve().name})"
