"""lm-evaluation-harness: its own code reads what we write, what it writes is read, and there and back agrees."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import InterchangeError
from evalkit.interchange.finished import Finished, Wanted, finished
from evalkit.interchange.importing import import_files
from evalkit.interchange.lm_eval_write import write
from evalkit.interchange.names import TASKS, our_metric, our_task, their_metric, their_task
from evalkit.library import Library
from evalkit.metrics import METRICS
from evalkit.report.build import build
from evalkit.runs.folder import RunFolder
from evalkit.schema import Result

PEER = Path(__file__).parents[2] / ".peer-env" / "bin" / "python"

OLD: dict[str, Any] = {  # 0.3; the numbers are EleutherAI's published ones of bloom-560m
    "results": {
        "hellaswag": {
            "acc": 0.31557458673571004,
            "acc_stderr": 0.004637944965914592,
            "acc_norm": 0.3655646285600478,
            "acc_norm_stderr": 0.00480603903900897,
        },
        "copa": {"acc": 0.61, "acc_stderr": 0.04902071300001975},
        "mc_taco": {"em": 0.17417417417417416, "f1": 0.31427590778450365},
    },
    "versions": {"hellaswag": 0, "copa": 0, "mc_taco": 0},
    "config": {
        "model": "hf-causal-experimental",
        "model_args": "pretrained=bigscience/bloom-560m,use_accelerate=True",
        "num_fewshot": 0,
        "batch_size": "auto",
        "limit": None,
    },
}

NEW: dict[str, Any] = {  # 0.4
    "results": {
        "gsm8k": {
            "alias": "gsm8k",
            "exact_match,strict-match": 0.25,
            "exact_match_stderr,strict-match": 0.0688,
            "exact_match,flexible-extract": 0.3,
            "exact_match_stderr,flexible-extract": "N/A",
        },
        "squadv2": {"alias": "squadv2", "exact,none": 42.5, "exact_stderr,none": "N/A", "f1,none": 50.0},
        "mmlu_anatomy": {"alias": " - anatomy", "acc,none": 0.5, "acc_stderr,none": 0.5},
        "evens": {"alias": "evens", " ": ""},
        "mixed": {"alias": "mixed", "acc,none": 0.4},
    },
    "groups": {"evens": {"alias": "evens", " ": ""}},
    "group_subtasks": {"evens": []},
    "configs": {
        "gsm8k": {
            "task": "gsm8k",
            "dataset_path": "gsm8k",
            "dataset_name": "main",
            "test_split": "test",
            "doc_to_text": "Question: {{question}}\nAnswer:",
            "num_fewshot": 5,
            "output_type": "generate_until",
            "generation_kwargs": {"until": ["Question:"]},
            "metadata": {"version": 3.0},
        },
        "squadv2": {"task": "squadv2", "metadata": {"version": 3}},
        "mmlu_anatomy": {"dataset_path": "hails/mmlu_no_train", "dataset_name": "anatomy", "test_split": "test"},
    },
    "versions": {"gsm8k": 3.0, "squadv2": 3, "mmlu_anatomy": 1.0},
    "n-shot": {"gsm8k": 5, "squadv2": 0, "mmlu_anatomy": 5},
    "n-samples": {
        "gsm8k": {"original": 1319, "effective": 40},
        "squadv2": {"original": 11873, "effective": 40},
        "mmlu_anatomy": {"original": 135, "effective": 2},
    },
    "config": {
        "model": "hf",
        "model_args": {"pretrained": "gpt2"},
        "model_num_parameters": 124439808,
        "model_dtype": "torch.bfloat16",
        "model_sha": "607a30d783dfa663caf39e06633721c8d4cfcd7e",
        "limit": 40.0,
        "fewshot_seed": 1234,
    },
    "git_hash": "a998fd6b",
    "date": 1741631689.304016,
    "max_length": 1024,
    "lm_eval_version": "0.4.9",
    "model_name": "gpt2",
    "total_evaluation_time_seconds": "278.53498203493655",
}


def kept(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def imported(tmp_path: Path, content: object) -> tuple[RunFolder, dict[tuple[str, str, str], Result]]:
    done = import_files([kept(tmp_path / "results.json", content)], tmp_path / "run", False, "evalkit import ...")
    folder = RunFolder.open(done[0].path)
    return folder, {(one.task, one.prompt, one.metric): one for one in folder.read_results()}


def test_there_and_back_values_sizes_and_intervals_agree(run: Finished, tmp_path: Path) -> None:
    exported = write(run)
    assert list(exported.files) == ["results_0-shot.seed0.json", "results_1-shot.seed0.json"]
    paths = [tmp_path / name for name in exported.files]
    for path, text in zip(paths, exported.files.values(), strict=True):
        assert isinstance(text, str)
        path.write_text(text, encoding="utf-8")
    (done,) = import_files(paths, tmp_path / "back", False, "evalkit import ...")
    back = RunFolder.open(done.path).read_results()

    def key(one: Result) -> tuple[str, int, str]:
        return one.task, one.shots, one.metric

    for before, after in zip(sorted(run.results, key=key), sorted(back, key=key), strict=True):
        assert after == replace(before, signature=f"lm_eval:{before.signature}", value=after.value)
        assert after.value == pytest.approx(before.value, abs=1e-15)


def test_without_what_only_we_write_a_share_keeps_its_interval(run: Finished, tmp_path: Path) -> None:
    text = write(replace(run, results=tuple(one for one in run.results if one.shots == 0))).files.popitem()[1]  # type: ignore[attr-defined]
    content = json.loads(text)
    for config in content["configs"].values():
        del config["metadata"]
    _, back = imported(tmp_path, content)
    before = next(one for one in run.results if (one.task, one.shots) == ("superglue/rte", 0))
    after = back["superglue/rte", "lm_eval", "accuracy"]
    assert (after.value, after.n) == (before.value, before.n)
    assert (after.low, after.high) == pytest.approx((before.low, before.high), abs=1e-12)


def test_what_is_written_has_the_shape_of_lm_evals_own(run: Finished) -> None:
    content = json.loads(next(iter(write(run).files.values())))
    assert set(content["results"]) == {"sglue_rte", "cb", "copa"} == set(content["configs"])
    assert content["results"]["sglue_rte"].keys() == {"name", "alias", "sample_len", "acc,none", "acc_stderr,none"}
    assert {key for key in content["results"]["cb"] if "," in key} == {
        *("acc,none", "acc_stderr,none", "f1,none", "f1_stderr,none")
    }
    assert "acc_token,none" in content["results"]["copa"]  # lm_eval ranks by no such rule: no name of its own is taken
    assert content["n-shot"] == dict.fromkeys(("cb", "copa", "sglue_rte"), 0)
    assert content["n-samples"]["cb"] == {"original": 8, "effective": 8}
    assert content["higher_is_better"]["cb"] == {"acc": True, "f1": True}
    assert content["config"]["model_dtype"] == "torch.float32"
    assert content["configs"]["sglue_rte"]["dataset_path"] == "aps/super_glue"


def test_numbers_of_parts_are_said_to_be_left_out(run: Finished) -> None:
    part = replace(run.results[0], subset="gender=female")
    exported = write(replace(run, results=(*run.results, part)))
    assert exported.left_out == ["1 numbers of parts of tasks: lm_eval has no place for them"]


def test_an_average_is_a_group_of_its_tasks(run: Finished) -> None:
    average = replace(run.results[0], task="superglue", metric="average", value=0.5)
    content = json.loads(next(iter(write(replace(run, results=(*run.results, average))).files.values())))
    assert content["groups"]["superglue"]["average,none"] == 0.5
    assert set(content["group_subtasks"]["superglue"]) == {"sglue_rte", "cb", "copa"}


def test_results_of_03_are_read(tmp_path: Path) -> None:
    folder, results = imported(tmp_path, OLD)
    hellaswag = results["completion/hellaswag", "lm_eval", "accuracy"]
    assert (hellaswag.value, hellaswag.n, hellaswag.shots) == (0.31557458673571004, 10042, 0)
    assert (hellaswag.low, hellaswag.high) == pytest.approx((0.30656, 0.32473), abs=2e-5)  # Wilson's, by hand
    assert ("completion/hellaswag", "lm_eval", "acc_norm") in results  # two rules of one task do not become one number
    assert results["superglue/copa", "lm_eval", "accuracy"].signature == (
        "lm_eval:copa@0|prompt:lm_eval|shots:0|seed:unknown|norm:none|"
        "model:bigscience/bloom-560m@unknown|dtype:unknown|lm_eval:0.3"
    )
    alone = results["lm_eval/mc_taco", "lm_eval", "em"]
    assert (alone.low, alone.high, alone.n) == (None, None, 0)
    assert folder.read_manifest().model["parameters"] == 0


def test_results_of_04_are_read(tmp_path: Path) -> None:
    folder, results = imported(tmp_path, NEW)
    strict = results["qa/gsm8k", "lm_eval:strict-match", "accuracy"]
    assert (strict.value, strict.shots, strict.seed, strict.n) == (0.25, 5, 1234, 40)
    assert (strict.low, strict.high) == pytest.approx((0.25 - 1.95996 * 0.0688, 0.25 + 1.95996 * 0.0688), abs=1e-5)
    assert results["qa/gsm8k", "lm_eval:flexible-extract", "accuracy"].low is None
    assert results["reading/squad_v2", "lm_eval", "answer_exact_match"].value == pytest.approx(0.425)
    assert results["lm_eval/mmlu_anatomy", "lm_eval", "accuracy"].n == 2
    assert len(results) == 5  # the two groups have no numbers, or do not say with how many shots
    parts = strict.signature.split("|")
    assert parts[0] == "lm_eval:gsm8k@3.0"
    assert parts[2:] == [
        *("shots:5", "seed:1234", "metric:exact_match", "filter:strict-match", "data:gsm8k/main/test", "limit:40.0"),
        *("model:gpt2@607a30d783df", "dtype:bfloat16", "lm_eval:0.4.9"),
    ]
    manifest = folder.read_manifest()
    assert (manifest.status, manifest.started, manifest.seconds) == (
        "complete",
        "2025-03-10T18:34:49+00:00",
        278.53498203493655,
    )
    assert manifest.model["parameters"] == 124439808
    assert manifest.arguments["imported"][0]["format"] == "lm_eval:0.4.9"
    assert not folder.read_samples()


def test_another_prompt_is_another_signature(tmp_path: Path) -> None:
    def signature(text: str) -> str:
        content = json.loads(json.dumps(NEW))
        content["configs"]["gsm8k"]["doc_to_text"] = text
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        place.mkdir()
        return imported(place, content)[1]["qa/gsm8k", "lm_eval:strict-match", "accuracy"].signature

    assert signature("Q: {{question}}") != signature("{{question}}") == signature("{{question}}")


@pytest.mark.parametrize("content", [OLD, NEW], ids=["0.3", "0.4"])
def test_the_report_of_an_imported_run_says_what_it_is(tmp_path: Path, content: object) -> None:
    folder, _ = imported(tmp_path, content)
    html = build(folder.path).read_text(encoding="utf-8")
    assert "imported: measured by lm_eval:0." in html
    assert "imported from" in html
    assert "all answered before" not in html
    if content is NEW:
        assert "Not the same as qa/gsm8k: lm_eval has its own patterns" in html


def test_an_imported_run_goes_there_and_back_again(tmp_path: Path) -> None:
    folder, results = imported(tmp_path, NEW)
    text = write(finished(folder.path, Wanted(shots=(5,)))).files["results_5-shot.seed1234.json"]
    assert isinstance(text, str)
    content = json.loads(text)
    for task in ("gsm8k", "mmlu_anatomy"):
        for key, value in NEW["results"][task].items():
            if key != "alias" and "stderr" not in key:
                assert content["results"][task][key] == value
    assert content["versions"] == {"gsm8k": "3.0", "mmlu_anatomy": "1.0"}
    (tmp_path / "again").mkdir()
    _, again = imported(tmp_path / "again", content)
    assert again == {key: one for key, one in results.items() if one.shots == 5}


def test_files_of_one_model_are_one_run_and_of_several_one_each(tmp_path: Path) -> None:
    other = {**NEW, "config": {**NEW["config"], "model_sha": "0" * 40}}
    more = json.loads(json.dumps(OLD))
    paths = [kept(tmp_path / f"results_{place}.json", one) for place, one in enumerate((NEW, other, more, NEW))]
    done = import_files([tmp_path], tmp_path / "runs", False, "evalkit import ...")
    assert [one.path.name for one in done] == [
        *("gpt2@607a30d783df@bfloat16", "gpt2@000000000000@bfloat16", "bigscience__bloom-560m")
    ]
    assert [one.numbers for one in done] == [5, 5, 5]
    assert len(RunFolder.open(done[0].path).read_manifest().arguments["imported"]) == 2
    assert len(paths) == 4


def test_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    other = json.loads(json.dumps(OLD))
    other["results"]["copa"]["acc"] = 0.62
    paths = [kept(tmp_path / "a.json", OLD), kept(tmp_path / "b.json", other)]
    with pytest.raises(InterchangeError, match=r"b\.json: accuracy of superglue/copa at 0 shots is 0\.62 .* 0\.61 in"):
        import_files(paths, tmp_path / "run", False, "evalkit import ...")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param([], "not lm_eval's results: no object", id="a list"),
        pytest.param({"a": 1}, "an object with 'a'; `results` was expected", id="something else"),
        pytest.param({"format": 5, "results": []}, "evalkit's own results.json", id="ours"),
        pytest.param({"evaluation_results": []}, "evalkit writes it", id="Every Eval Ever"),
        pytest.param({**OLD, "results": {"copa": 3}}, "results, copa: an object of metrics", id="no metrics"),
        pytest.param({**OLD, "results": {"copa": {"acc": "N/A"}}}, "no numbers in it; copa: acc: no number", id="N/A"),
        pytest.param({**OLD, "config": {"num_fewshot": 0}}, "no model is named", id="no model"),
        pytest.param({**NEW, "n-shot": 3}, "n-shot: an object was expected, not 3", id="a table that is none"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: object, said: str) -> None:
    with pytest.raises(InterchangeError) as error:
        imported(tmp_path, content)
    assert said in str(error.value)
    assert "results.json: " in str(error.value)


def test_a_file_of_ours_that_was_damaged_is_said(run: Finished, tmp_path: Path) -> None:
    content = json.loads(next(iter(write(run).files.values())))
    content["configs"]["cb"]["metadata"]["evalkit"]["metrics"]["f1,none"]["low"] = "a"
    with pytest.raises(InterchangeError, match=r"configs, cb, metadata, evalkit: low of f1,none is missing or"):
        imported(tmp_path, content)


def test_every_name_in_the_table_is_one_of_ours() -> None:
    assert not set(TASKS) - set(Library.open().task_files())
    assert not {ours for peer in TASKS.values() for ours in peer.metrics.values()} - set(METRICS)
    assert len({peer.name for peer in TASKS.values()}) == len(TASKS)


@pytest.mark.parametrize(
    ("task", "metric", "normalisation", "theirs", "name"),
    [
        ("superglue/rte", "accuracy", "none", "sglue_rte", ("acc", 1.0)),
        ("completion/hellaswag", "accuracy", "char", "hellaswag", ("acc_norm", 1.0)),
        ("completion/hellaswag", "accuracy", "token", "hellaswag", ("acc_token", 1.0)),
        ("qa/gsm8k", "accuracy", "", "gsm8k", ("exact_match", 1.0)),
        ("reading/squad_v2", "answer_f1", "", "squadv2", ("f1", 0.01)),
        ("translation/wmt14_en_fr", "bleu", "", "translation_wmt14_en_fr", ("bleu", 0.01)),
        ("lm_eval/swag", "acc_norm", "", "swag", ("acc_norm", 1.0)),
    ],
)
def test_names(task: str, metric: str, normalisation: str, theirs: str, name: tuple[str, float]) -> None:
    assert (their_task(task), their_metric(task, metric, normalisation)) == (theirs, name)
    if task in TASKS:
        assert our_task(theirs) == task
        assert our_metric(theirs, name[0])[1] == name[1]


def _peer(code: str, *arguments: str) -> str:
    if not PEER.exists():
        pytest.skip("no .peer-env: `make peer` installs lm-evaluation-harness")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(PEER), "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_lm_evals_own_table_shows_what_we_write(run: Finished, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    text = next(iter(write(run).files.values()))
    assert isinstance(text, str)
    path.write_text(text, encoding="utf-8")
    table = _peer(
        "import json, sys; from lm_eval.utils import make_table as t; print(t(json.load(open(sys.argv[1]))))", str(path)
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line]
    shown = {(row[0], row[4]): row for row in rows}
    rte = next(one for one in run.results if (one.task, one.shots) == ("superglue/rte", 0))
    assert shown["sglue_rte", "acc"][6] == f"{rte.value:.4f}"
    assert shown["sglue_rte", "acc"][3] == "0"
