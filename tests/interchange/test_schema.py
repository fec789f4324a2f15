"""The JSON Schema of results.json: a real run is valid, a damaged one is not, and every field is described."""

import json
from collections.abc import Callable
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from evalkit.interchange.formats import results_schema
from evalkit.published import Figure
from evalkit.report.beside import Comparison
from evalkit.report.beside import Flag as BesideFlag
from evalkit.runs.diagnostics import Baseline, Calibration, Diagnosis, Flag, Variation
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import FORMAT
from evalkit.schema import Result
from evalkit.statistics.calibration import Bin

SCHEMA = json.loads(results_schema())
CHECKER = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["format"]["const"] == FORMAT


RECORDS = {
    "result": Result,
    "comparison": Comparison,
    "figure": Figure,
    "diagnosis": Diagnosis,
    "baseline": Baseline,
    "flag": Flag,
    "calibration": Calibration,
    "bin": Bin,
    "variation": Variation,
}


def test_every_record_has_its_description() -> None:
    assert set(SCHEMA["$defs"]) == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_is_described(name: str) -> None:
    described = SCHEMA["$defs"][name]["properties"]
    assert list(described) == [field.name for field in fields(RECORDS[name])]
    assert all(len(one["description"]) > 8 for one in described.values() if "$ref" not in one)


def test_fields_that_a_result_may_lack_are_those_with_a_default() -> None:
    assert SCHEMA["$defs"]["result"]["required"] == [one.name for one in fields(Result) if one.default is MISSING]


def test_the_results_of_a_run_are_valid(demo: Path) -> None:
    CHECKER.validate(json.loads((demo / "results.json").read_text(encoding="utf-8")))


def test_comparisons_and_variations_are_valid(tmp_path: Path) -> None:
    result = Result("a", "b", 1, 0, "accuracy", 0.5, None, None, 4, 4, 1.0, 0, 0, "a@1|shots:1")
    figure = Figure(*("p", "H.1", "GPT-3", 1.3e9, "A", "acc", "dev", "few-shot", 32, 50.0, "percent"), *["x"] * 5)
    sentence = asdict(BesideFlag("split", "The paper scored test."))
    beside = asdict(Comparison(result, 50.0, None, None, "percent", "p", "A", "acc", "", "dev", (figure,), (), ())) | {
        "flags": [sentence]
    }
    varied = Variation(
        *("a", 1, "accuracy", "", ("b",), (0, 1), 4, 0.5, 0.4, 0.6, ("sampling", "seed"), 0.01, 0.02, None, None)
    )
    folder = RunFolder.create(tmp_path / "run", overwrite=False)
    folder.write_results([result], [beside], components=[varied])
    CHECKER.validate(json.loads((folder.path / "results.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "damage",
    [
        lambda one: one.pop("signature"),
        lambda one: one.update(extra=1),
        lambda one: one.update(value="0.5"),
        lambda one: one.update(n=-1),
        lambda one: one.update(low="none"),
        lambda one: one.update(task=""),
    ],
    ids=["missing", "unknown", "text", "negative", "bound", "empty"],
)
def test_damaged_results_are_not(demo: Path, damage: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((demo / "results.json").read_text(encoding="utf-8"))
    damage(content["results"][0])
    assert not CHECKER.is_valid(content)
