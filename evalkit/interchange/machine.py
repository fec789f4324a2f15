"""A finished run as one JSON document, for `--json` of `evalkit run` and `evalkit report`: its folder in, JSON out.

The form, version 1 (`schema` is the JSON Schema that it keeps to):

    {"format": 1, "evalkit": "0.1.0", "run": "runs/x", "report": "runs/x/report.html", "status": "complete",
     "command": "evalkit run ...", "started": "2026-01-31T12:00:00+00:00", "seconds": 12.5,
     "model": {"name": ..., "version": ..., "dtype": ..., "parameters": ..., ...},
     "skipped": {task: reason},
     "results": [{every field of `Result`, "baselines": [...], "flags": [...]}],
     "averages": [those of the results that are the averages of suites],
     "components": [...], "beside": [...], "contamination": {...} or null, "work": {...}}

Numbers are as in `results.json`: shares from 0 to 1, all else in its own unit. What is no number (an infinite
perplexity) is null. A later version adds fields and never changes what one means; `format` rises if one has to go.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evalkit.contamination.join import Contamination
from evalkit.finite import finite
from evalkit.interchange.formats import results_schema
from evalkit.runs.diagnostics import Diagnosis
from evalkit.runs.folder import RunFolder
from evalkit.schema import Result
from evalkit.version import __version__

FORMAT = 1
_AVERAGE = "average"
_SIDES = ("all", "clean", "dirty", "unscored")
_SPLIT = (
    *("task", "prompt", "shots", "seed", "metric", "scorer", "ngram", "clean_percent"),
    *("epg", "epg_low", "epg_high", "z", "p", "why", "signature"),
)


def document(run: Path) -> str:
    """The run as one JSON document and a newline.

    Raises:
        RunError: there is no run, or it is damaged or unfinished.
    """
    folder = RunFolder.open(run)
    manifest, (diagnoses, components) = folder.read_manifest(), folder.read_diagnostics()
    results = [_result(one, diagnoses) for one in folder.read_results()]
    content = {
        "format": FORMAT,
        "evalkit": __version__,
        "run": str(folder.path),
        "report": str(folder.report) if folder.report.is_file() else None,
        "status": manifest.status,
        "command": manifest.command,
        "started": manifest.started,
        "seconds": manifest.seconds,
        "model": manifest.model,
        "skipped": manifest.skipped,
        "results": results,
        "averages": [one for one in results if one["metric"] == _AVERAGE],
        "components": [asdict(one) for one in components],
        "beside": folder.read_beside(),
        "contamination": _contamination(folder.read_contamination()),
        "work": asdict(manifest.work),
    }
    return json.dumps(finite(content), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document; what it has in common with `results.json` is of that schema."""
    defs: dict[str, Any] = json.loads(results_schema())["$defs"]
    result = defs["result"]
    told = {
        "baselines": _list_of("baseline", "What the metric would be without a model."),
        "flags": _list_of("flag", "What has to be known of the number."),
    }
    result = {
        **result,
        "required": [*result["properties"], *told],
        "properties": {**result["properties"], **told},
    }
    result["properties"]["value"] = {**result["properties"]["value"], "type": ["number", "null"]}
    text, any_object = {"type": "string"}, {"type": "object"}
    properties = {
        "format": {"const": FORMAT},
        **dict.fromkeys(("evalkit", "run", "command", "started"), text),
        "report": {"type": ["string", "null"]},
        "status": {"enum": ["complete", "partial", "running", "failed"]},
        "seconds": {"type": "number", "minimum": 0},
        "model": any_object,
        "skipped": {"type": "object", "additionalProperties": text},
        "results": _list_of("reported", "Every number, with what stands beside it."),
        "averages": _list_of("reported", "Those that are averages of suites."),
        "components": _list_of("variation", "Variance of numbers over several seeds or prompts."),
        "beside": _list_of("comparison", "Numbers beside those of the paper whose protocol was followed."),
        "contamination": {"type": ["object", "null"]},
        "work": any_object,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "evalkit run --json",
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
        "$defs": {**defs, "reported": result},
    }


def _list_of(name: str, description: str) -> dict[str, Any]:
    return {"type": "array", "description": description, "items": {"$ref": f"#/$defs/{name}"}}


def _result(result: Result, diagnoses: list[Diagnosis]) -> dict[str, Any]:
    """A result's fields, with the baselines and flags of its metric where it is of all samples."""
    own = next((one for one in diagnoses if one.is_of(result)), None)
    return {
        **asdict(result),
        "baselines": [asdict(one) for one in own.baselines if one.metric == result.metric] if own else [],
        "flags": [asdict(one) for one in own.flags if one.metric in ("", result.metric)] if own else [],
    }


def _contamination(joined: Contamination | None) -> dict[str, Any] | None:
    """The corpus, the numbers split, and the notes; no text of examples or of the corpus."""
    if joined is None:
        return None
    told = {key: joined.manifest[key] for key in ("profile", "rule", "complete", "signature")}
    scores = [
        {key: getattr(one, key) for key in _SPLIT} | {side: asdict(getattr(one, side)) for side in _SIDES}
        for one in joined.scores
    ]
    return {**told, "scores": scores, "notes": list(joined.notes)}
