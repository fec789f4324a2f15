"""A run as Every Eval Ever 0.3 stores one: an aggregate JSON with every number, and one line for each judged sample.

Field names and rules are those of github.com/evaleval/every_eval_ever, `eval.schema.json` 0.3.0: extra facts are texts,
an unbounded score has "Infinity" for a bound, samples lie beside their aggregate below
`data/<collection>/<developer>/<model>/` under one UUID (version 4), which is made from what the run is of, so that the
same run exported again is the same file.
"""

import hashlib
import json
import math
import re
import uuid
from collections.abc import Mapping
from typing import Any

from evalkit.interchange.every_eval_samples import lines, result_id
from evalkit.interchange.finished import Exported, Finished
from evalkit.metrics import METRICS, better_of
from evalkit.runs.signatures import parse
from evalkit.schema import Result

VERSION = "0.3.0"
_UNIT = (0.0, 1.0)
_BOUNDS: Mapping[str, tuple[float | str, float | str]] = {
    **dict.fromkeys(("f1", "macro_f1", "choice_macro_f1", "bleu", "bleu_multi", "bleu_zh", "bleu_char", "chrf"), _UNIT),
    **dict.fromkeys(("icat", "gap_f1", "mean_toxicity", "expected_maximum_toxicity", "toxicity_95th"), _UNIT),
    **dict.fromkeys(("matthews", "average", "bias_ambiguous", "bias_disambiguated", "stereotype_gap"), (-1.0, 1.0)),
    **dict.fromkeys(("ter", "bits_per_byte", "likelihood_difference"), (0.0, "Infinity")),
    **{f"{unit}perplexity": (1.0, "Infinity") for unit in ("", "token_", "word_", "byte_")},
}
_IDS = {"macro_f1": "f1_macro", "exact_match": "exact_match", "matthews": "matthews_correlation"}
_COLLECTION = "evalkit"


def export(run: Finished, organisation: str) -> Exported:
    """The aggregate, and its samples where the run's log has texts of judged ones."""
    model, times = _model(run), _times(run)
    results = [one for one in run.results if math.isfinite(one.value)]
    identity = f"{_COLLECTION}/{model['id'].replace('/', '_')}/{times['started']}"
    digest = hashlib.sha256("\n".join([identity, *(one.signature for one in run.results)]).encode()).digest()
    name = str(uuid.UUID(bytes=digest[:16], version=4))
    folder = "/".join(["data", _COLLECTION, *(_plain(part) for part in _developer_and_name(model))])
    content: dict[str, Any] = {
        "schema_version": VERSION,
        "evaluation_id": f"{identity}/{digest.hex()[:8]}",
        "evaluation_timestamp": times["started"],
        "retrieved_timestamp": times["ended"],
        "source_metadata": {
            "source_name": "evalkit",
            "source_type": "evaluation_run",
            "source_organization_name": organisation,
            "evaluator_relationship": "other",
        },
        "eval_library": _library(run),
        "model_info": model,
        "evaluation_results": [_result(run, one, times["started"]) for one in results],
    }
    rows, left_out = lines(run, content["evaluation_id"], model["id"], VERSION)
    if len(results) < len(run.results):
        left_out.append(f"{len(run.results) - len(results)} numbers that are not finite")
    if not rows:
        return Exported({f"{folder}/{name}.json": _text(content)}, left_out)
    samples = "".join(f"{row}\n" for row in rows).encode()
    content["detailed_evaluation_results"] = {
        "format": "jsonl",
        "file_path": f"{folder}/{name}_samples.jsonl",
        "hash_algorithm": "sha256",
        "checksum": hashlib.sha256(samples).hexdigest(),
        "total_rows": len(rows),
    }
    return Exported({f"{folder}/{name}.json": _text(content), f"{folder}/{name}_samples.jsonl": samples}, left_out)


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _times(run: Finished) -> dict[str, str]:
    started = run.started.timestamp()
    return {"started": str(int(started)), "ended": str(int(started + run.manifest.seconds))}


def _library(run: Finished) -> dict[str, Any]:
    versions = run.manifest.versions
    name = "lm_eval" if "lm_eval" in versions else "evalkit"
    return {"name": name, "version": versions[name], "additional_details": dict(versions)}


def _model(run: Finished) -> dict[str, Any]:
    model = run.manifest.model
    name = str(model["name"])
    known = {key: str(value) for key, value in model.items() if key != "name" and value}
    transformers = run.manifest.versions.get("transformers")
    return {
        "name": name,
        "id": name,
        "developer": name.rpartition("/")[0].partition("/")[0] or "unknown",
        **({"inference_engine": {"name": "transformers", "version": transformers}} if transformers else {}),
        "additional_details": {
            **known,
            "deployment_type": "self_deployed" if transformers else "unknown",
            "model_availability": "unknown",
        },
    }


def _developer_and_name(model: Mapping[str, Any]) -> tuple[str, str]:
    developer, _, name = model["id"].partition("/")
    return (developer, name.replace("/", "_")) if name else (model["developer"], developer)


def _plain(part: str) -> str:
    """A part of a path that every file system takes."""
    return re.sub(r"[^\w@+.-]+", "_", part).strip("._ ") or "model"


def _result(run: Finished, result: Result, started: str) -> dict[str, Any]:
    entry = run.entry(result)
    told = {"signature": result.signature, "shots": str(result.shots), "seed": str(result.seed)}
    told |= {"prompt": result.prompt, "effective_shots": str(result.effective_shots), "groups": str(result.groups)}
    told |= {"ties": str(result.ties), "truncated": str(result.truncated)}
    return {
        "evaluation_result_id": result_id(result),
        "evaluation_name": ".".join([result.task.replace("/", "."), *([result.subset] if result.subset else [])]),
        "source_data": _data(run, result),
        "evaluation_timestamp": started,
        "metric_config": _metric(result, entry),
        "score_details": {"score": result.value, "details": told, "uncertainty": _uncertainty(run, result)},
        "generation_config": _generation(run, result, entry),
    }


def _data(run: Finished, result: Result) -> dict[str, Any]:
    details = {"data": str(run.entry(result).get("data", ""))}
    if (data := run.data.get(result.task)) is None:
        return {"dataset_name": result.task, "source_type": "other", "additional_details": details}
    revision = {"revision": data.revision} if data.revision else {}
    return {
        "dataset_name": result.task,
        "source_type": "hf_dataset",
        "hf_repo": data.path,
        "hf_split": data.split,
        **({"samples_number": result.n} if result.n else {}),
        "additional_details": {**details, **revision, "config": data.name},
    }


def _metric(result: Result, entry: Mapping[str, Any]) -> dict[str, Any]:
    metric = METRICS.get(result.metric)
    is_unit = metric is not None and metric.is_mean and metric.percent
    bounds = _BOUNDS.get(result.metric, _UNIT if is_unit else ("-Infinity", "Infinity"))
    details = {"better": better_of(result.metric), **({"scorer": result.scorer} if result.scorer else {})}
    return {
        "evaluation_description": str(entry.get("description", f"Average over the tasks of {result.task}")),
        "metric_id": _IDS.get(result.metric, result.metric),
        "metric_name": result.metric,
        "metric_kind": _IDS.get(result.metric, result.metric),
        "metric_unit": "proportion" if is_unit else "points",
        "lower_is_better": details["better"] == "lower",
        "score_type": "continuous",
        "min_score": bounds[0],
        "max_score": bounds[1],
        "additional_details": details,
    }


def _uncertainty(run: Finished, result: Result) -> dict[str, Any]:
    counted = {"num_samples": result.n} if result.n else {}
    if result.low is None or result.high is None:
        return counted
    metric = METRICS.get(result.metric)
    method = "Wilson score, cluster-robust where examples are grouped" if metric and metric.is_mean else "BCa bootstrap"
    if "imported" in run.manifest.arguments:
        method = "from the standard error of an imported result"
    return {
        "confidence_interval": {
            "lower": result.low,
            "upper": result.high,
            "confidence_level": 0.95,
            "method": "percentile bootstrap over tasks" if result.metric == "average" else method,
        },
        **counted,
    }


def _generation(run: Finished, result: Result, entry: Mapping[str, Any]) -> dict[str, Any]:
    decoding = entry.get("decoding") or {}
    typed = {key: decoding[key] for key in ("temperature", "top_p", "top_k", "max_tokens") if key in decoding}
    details = {key: value for key, value in parse(result.signature).items() if value and key != "task"}
    details |= {key: json.dumps(value) for key, value in decoding.items() if key not in typed}
    details |= {key: str(entry[key]) for key in ("answer", "shot_mode", "prompt_digest", "digest") if entry.get(key)}
    return {
        "generation_args": {**typed, "execution_command": run.manifest.command},
        "additional_details": details,
    }
