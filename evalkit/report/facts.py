"""A run's manifest on the page: a manifest in, pairs of names and texts out."""

from collections.abc import Mapping, Sequence
from typing import Any

from evalkit.report.summary import work_text
from evalkit.runs.manifest import Manifest

_DIGEST = 12  # characters of a hash that tell files apart

Fact = tuple[str, str]


def facts(manifest: Manifest) -> list[Fact]:
    """What one asks first of a run: the model, the machine, the time, and the versions."""
    if imported := manifest.arguments.get("imported"):
        return _imported(manifest, imported)
    model = manifest.model
    return [
        ("model", f"{model['name']} at {model['version']}, {model['parameters']:,} parameters, {model['dtype']}"),
        ("window", f"{model['window']:,} tokens"),
        ("device", f"{model['device']} ({manifest.machine['processor']}, {manifest.machine['cores']} cores)"),
        ("started", manifest.started),
        ("took", f"{manifest.seconds:,.1f} s"),
        ("scored", work_text(manifest.work)),
        *manifest.versions.items(),
    ]


def _imported(manifest: Manifest, imported: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """What the files of another tool told, which may be little."""
    model = manifest.model
    size = [f"{model['parameters']:,} parameters"] if model["parameters"] else []
    return [
        ("model", ", ".join([f"{model['name']} at {model['version']}", *size, model["dtype"]])),
        *([("window", f"{model['window']:,} tokens")] if model["window"] else []),
        *(("imported from", f"{one['file']} ({one['format']}, sha256 {one['sha256'][:_DIGEST]})") for one in imported),
        ("started", manifest.started),
        *manifest.versions.items(),
    ]
