"""Every Eval Ever 0.3: both schemas allow what is written, and what its datastore checks beside them holds.

`formats/*.schema.json` are its schemas without their descriptions; the rules of paths and companions are those of its
`validator/validation_core.py`, which passed the same files when these tests were written.
"""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evalkit.interchange.every_eval_ever import export
from evalkit.interchange.finished import Finished

FORMATS = Path(__file__).parent / "formats"
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


def checker(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((FORMATS / f"{name}.schema.json").read_text(encoding="utf-8")))


AGGREGATE, SAMPLE = checker("every_eval_ever"), checker("every_eval_ever_samples")


def written(run: Finished) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str | bytes]]:
    files = export(run, "tests").files
    aggregate = next(content for path, content in files.items() if path.endswith(".json"))
    lines = [content for path, content in files.items() if path.endswith(".jsonl")]
    rows = [json.loads(line) for content in lines for line in bytes(content).splitlines()]  # type: ignore[arg-type]
    return json.loads(aggregate), rows, dict(files)


def test_both_files_are_as_the_schemas_have_it(run: Finished) -> None:
    aggregate, rows, _ = written(run)
    AGGREGATE.validate(aggregate)
    for row in rows:
        SAMPLE.validate(row)


def test_the_schemas_would_see_a_fault(run: Finished) -> None:
    aggregate, rows, _ = written(run)
    aggregate["evaluation_results"][0]["score_details"]["score"] = "half"
    assert not AGGREGATE.is_valid(aggregate)
    assert not SAMPLE.is_valid({**rows[0], "extra": 1})


def test_numbers_and_intervals_are_those_of_the_run(run: Finished) -> None:
    told = written(run)[0]["evaluation_results"]
    for result, one in zip(run.results, told, strict=True):
        bounds = one["score_details"]["uncertainty"]["confidence_interval"]
        assert (one["score_details"]["score"], bounds["lower"], bounds["upper"]) == (
            *(result.value, result.low, result.high),
        )
        metric = one["metric_config"]
        assert metric["min_score"] <= result.value <= metric["max_score"]
        assert one["source_data"]["hf_repo"] == "aps/super_glue"
        assert one["score_details"]["details"]["signature"] == result.signature


def test_samples_lie_beside_their_aggregate_and_say_the_same(run: Finished) -> None:
    aggregate, rows, files = written(run)
    first, second = sorted(files)
    assert re.fullmatch(rf"data/evalkit/unknown/evalkit-demo/{UUID4}\.json", first)
    assert second == first.replace(".json", "_samples.jsonl")
    detail = aggregate["detailed_evaluation_results"]
    content = files[second]
    assert isinstance(content, bytes)
    assert detail["file_path"] == second
    assert detail["checksum"] == hashlib.sha256(content).hexdigest()
    assert detail["total_rows"] == len(rows) == 3 * 2 * 8
    numbers = {one["evaluation_result_id"]: one["score_details"]["score"] for one in aggregate["evaluation_results"]}
    for name in {row["evaluation_result_id"] for row in rows}:
        scores = [row["evaluation"]["score"] for row in rows if row["evaluation_result_id"] == name]
        assert sum(scores) / len(scores) == pytest.approx(numbers[name])
    assert {row["evaluation_id"] for row in rows} == {aggregate["evaluation_id"]}
    assert {row["model_id"] for row in rows} == {aggregate["model_info"]["id"]}


def test_a_sample_tells_the_item_the_prompt_and_the_answer_apart(run: Finished) -> None:
    row = next(
        row for row in written(run)[1] if (row["evaluation_name"], row["metadata"]["shots"]) == ("superglue.rte", "1")
    )
    raw, formatted = row["input"]["raw"], row["input"]["formatted"]
    assert formatted.endswith(raw)
    assert len(formatted) > len(raw)  # the shot
    assert row["input"]["choices"] == ["entailment", "not_entailment"]
    assert row["answer_attribution"][0]["extracted_value"] in row["input"]["choices"]
    recipe = json.dumps({"raw": raw, "reference": row["input"]["reference"]}, sort_keys=True, separators=(",", ":"))
    assert row["sample_hash"] == hashlib.sha256(recipe.encode()).hexdigest()


def test_the_same_run_is_the_same_files(run: Finished) -> None:
    assert export(run, "tests") == export(run, "tests")


def test_other_metrics_have_bounds_that_hold_them(run: Finished) -> None:
    first = run.results[0]
    odd = [("perplexity", 31.5), ("ter", 1.4), ("matthews", -0.2), ("em", 57.0), ("average", 0.4)]
    results = tuple(replace(first, metric=metric, value=value, low=None, high=None) for metric, value in odd)
    aggregate, _, _ = written(replace(run, results=results))
    AGGREGATE.validate(aggregate)
    for (_, value), one in zip(odd, aggregate["evaluation_results"], strict=True):
        config = one["metric_config"]
        assert float(config["min_score"]) <= value <= float(config["max_score"])
        assert one["score_details"]["uncertainty"] == {"num_samples": first.n}


def test_what_has_no_place_is_said(run: Finished) -> None:
    redacted = replace(run, manifest=replace(run.manifest, redacted=True))
    exported = export(redacted, "tests")
    assert len(exported.files) == 1
    assert exported.left_out == ["samples: this run keeps no text (--redact)"]
    endless = replace(run, results=(*run.results, replace(run.results[0], value=float("inf"))))
    assert "1 numbers that are not finite" in export(endless, "tests").left_out
    other = replace(run, data={})
    AGGREGATE.validate(written(other)[0])
    assert written(other)[0]["evaluation_results"][0]["source_data"]["source_type"] == "other"
