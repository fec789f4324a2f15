"""The sample log as Every Eval Ever 0.3 stores samples: one JSON line for each judged sample, of its task's first
metric.

`input.raw` is the item alone, `input.formatted` all that the model saw; the hash of item and references is that
schema's own recipe, which lets the same item be found in other harnesses' logs.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from evalkit.interchange.finished import Finished
from evalkit.schema import Result

_METHODS = {"multiple_choice": "highest log-likelihood", "cloze": "highest log-likelihood"}


def lines(run: Finished, evaluation: str, model: str, version: str) -> tuple[list[str], list[str]]:
    """The lines, and what is left out."""
    if run.manifest.redacted:
        return [], ["samples: this run keeps no text (--redact)"]
    linked = {
        (one.task, one.prompt, one.shots, one.seed): one for one in reversed(run.results) if not one.subset
    }  # the first of each
    kinds = {(one["task"], one["prompt"]): one for one in run.manifest.tasks}
    written: list[str] = []
    unjudged = 0
    for row in run.samples():
        result = linked.get((row["task"], row["prompt"], row["shots"], row["seed"]))
        if result is None:
            continue
        entry = kinds[row["task"], row["prompt"]]
        if not entry["judged"]:
            unjudged += 1
            continue
        head = {
            "schema_version": version,
            "evaluation_id": evaluation,
            "model_id": model,
            "evaluation_name": result.task.replace("/", "."),
            "evaluation_result_id": result_id(result),
        }
        written.append(json.dumps({**head, **_sample(row, entry)}, allow_nan=False))  # ASCII: no text breaks a line
    return written, [f"{unjudged:,} samples that are not right or wrong"] if unjudged else []


def result_id(result: Result) -> str:
    """What samples name their number by."""
    of = (result.task, result.prompt, result.shots, result.seed, result.metric, result.subset, result.scorer)
    return "|".join(map(str, of))


def _sample(row: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    item, references = "\n".join(row["contexts"]), [row["choices"][target] for target in row["targets"]]
    answered, given = _output(row), _given(row)
    hashed = json.dumps({"raw": item, "reference": references}, sort_keys=True, separators=(",", ":"))
    is_ranked = bool(row["completions"])
    return {
        "sample_id": row["id"],
        "sample_hash": hashlib.sha256(hashed.encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {
            "raw": item,
            "formatted": row["instruction"] + "".join(row["shot_texts"]) + item,
            "reference": references,
            "choices": row["choices"] if is_ranked else None,
        },
        "output": {"raw": answered},
        "messages": None,
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": given,
                "extraction_method": _METHODS.get(entry["answer"], entry["answer"]),
                "is_terminal": True,
            }
        ],
        "evaluation": {"score": float(row["correct"]), "is_correct": bool(row["correct"])},
        "metadata": {
            "prompt": row["prompt"],
            "shots": str(row["shots"]),
            "effective_shots": str(row["effective_shots"]),
            "seed": str(row["seed"]),
            "group": row["group"],
            "tied": json.dumps(row["tied"]),
            **({"logprobs": json.dumps(row["logprobs"])} if is_ranked else {}),
            **({"contamination": row["contamination"]} if row["contamination"] else {}),
        },
    }


def _output(row: Mapping[str, Any]) -> list[str]:
    """What was written, or the completion that was ranked first."""
    if row["written"]:
        return list(row["written"])
    place = row["prediction"]
    return [row["completions"][place]] if place is not None and place < len(row["completions"]) else []


def _given(row: Mapping[str, Any]) -> str:
    """The answer that was judged: a choice, or the text found in what was written."""
    if row["text"] or row["written"]:
        return str(row["text"])
    place = row["prediction"]
    return str(row["choices"][place]) if place is not None and place < len(row["choices"]) else ""
