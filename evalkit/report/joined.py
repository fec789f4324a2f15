"""A run that is there, held against overlaps: its log and its numbers in, `Contamination` out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.contamination.join import Contamination, join, opened
from evalkit.runs.log import from_rows, setting_of
from evalkit.runs.manifest import Manifest
from evalkit.schema import Result, Setting


def joined(
    manifest: Manifest, results: Sequence[Result], rows: Sequence[Mapping[str, Any]], overlaps: Path
) -> Contamination:
    """The run's numbers, split.

    Raises:
        ContaminationError: the overlaps cannot be read, or are of other data.
    """
    settings: dict[Setting, list[Mapping[str, Any]]] = {}
    for row in rows:
        settings.setdefault(setting_of(row), []).append(row)
    asked = (Setting(one.task, one.prompt, one.shots, one.seed) for one in results)
    samples = {setting: from_rows(settings[setting]) for setting in dict.fromkeys(asked) if setting in settings}
    return join(opened(overlaps), manifest.tasks, samples, results, manifest.redacted, anew=True)
