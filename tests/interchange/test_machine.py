"""`--json`: a run's document keeps to its schema, has every number, and tells nothing that is no number."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema
import pytest

import evalkit
from evalkit.errors import RunError
from evalkit.interchange.machine import FORMAT, document, schema
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder
from tests.contamination.fabricated import fabricate

CHECKER = jsonschema.Draft202012Validator(schema())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run")
    overlaps = fabricate(place / "overlaps", ["superglue/cb"])
    evalkit.evaluate(
        FakeModel(window=10**6), "superglue/cb", shots=(0, 1), seeds=(0, 1), data_dir="samples", output=place / "run",
        contamination=overlaps,
    )  # fmt: skip
    return place / "run"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_a_run_is_as_the_schema_has_it(run: Path) -> None:
    content = json.loads(document(run))
    CHECKER.validate(content)
    assert content["format"] == FORMAT == 1
    assert content["run"] == str(run)
    assert content["report"] is None  # there is none yet
    assert (content["status"], content["skipped"]) == ("complete", {})


def test_every_number_is_there_with_what_stands_beside_it(run: Path) -> None:
    content, folder = json.loads(document(run)), RunFolder.open(run)
    results = folder.read_results()
    told = [
        {key: value for key, value in one.items() if key not in ("baselines", "flags")} for one in content["results"]
    ]
    assert told == [asdict(one) for one in results]
    first = content["results"][0]
    assert {one["name"] for one in first["baselines"]} >= {"random", "majority"}
    assert {one["metric"] for one in first["baselines"]} == {first["metric"]}
    flagged = [one for one in folder.read_diagnostics()[0] if one.flags]
    assert flagged
    assert any(one["flags"] for one in content["results"])
    assert content["components"]


def test_contamination_is_told_without_a_text(run: Path) -> None:
    told = json.loads(document(run))["contamination"]
    joined = RunFolder.open(run).read_contamination()
    assert joined is not None
    assert len(told["scores"]) == len(joined.scores)
    assert told["scores"][0]["clean"]["n"] == joined.scores[0].clean.n
    assert "matches" not in told


def test_the_schema_would_see_a_fault(run: Path) -> None:
    content = json.loads(document(run))
    for damaged in (
        {**content, "more": 1},
        {**content, "results": [{**content["results"][0], "value": "x"}]},
        {**content, "results": [{key: one for key, one in content["results"][0].items() if key != "flags"}]},
        {key: one for key, one in content.items() if key != "work"},
    ):
        assert list(CHECKER.iter_errors(damaged))


def test_what_is_no_number_is_null(run: Path, tmp_path: Path) -> None:
    folder = RunFolder.open(run)
    other = RunFolder.create(tmp_path / "other", overwrite=False)
    other.write_manifest(folder.read_manifest())
    other.write_results([replace(folder.read_results()[0], value=float("inf"), high=float("nan"))])
    content = json.loads(document(other.path))
    CHECKER.validate(content)
    assert (content["results"][0]["value"], content["results"][0]["high"]) == (None, None)


def test_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no run here"):
        document(tmp_path)
