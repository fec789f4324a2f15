"""What a run took, in words."""

import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.efficiency import Shown, efficiency, shown_shots
from evalkit.runs import manifest as manifests
from evalkit.runs.folder import RunFolder
from evalkit.runs.manifest import Manifest, Usage
from evalkit.schema import Work
from tests.report.made_up import result

WORK = Work(1000, 200, 50_000, 40_000, 10_000, 2_500, 1200, 4.0, 30)


def made(work: Work = WORK, usage: Usage = Usage(2_000_000_000, 512_000, 700, 200)) -> Manifest:  # noqa: B008
    return Manifest(5, "complete", "", {}, {}, [], {}, {}, {}, "", 12.34, work, usage=usage)


def test_everything_that_is_known_is_told() -> None:
    assert efficiency(made(), [result(shots=4), result("s/b", shots=4, effective_shots=2.5)]) == [
        ("requests", "1,000, 200 of them answered before"),
        ("tokens of these", "50,000, 40,000 of them to be computed"),
        ("unique tokens, read", "10,000, 75.0 % less by sharing"),
        ("padding", "2,500 tokens, 20.0 %"),
        ("predictions", "1,200"),
        ("tokens written", "30"),
        ("computing", "4.0 s"),
        ("tokens per second", "2,500 read, which answered 10,000 asked"),
        ("requests per second", "200"),
        ("whole run", "12.3 s, loading the model included"),
        ("memory", "2.0 GB at most"),
        ("memory of the device", "512.0 kB at most"),
        ("bytes per token", "3.50, of all texts asked"),
        ("effective shots", "fewer than asked in 1 of 2 settings"),
    ]


def test_memory_of_several_processes_is_the_firsts() -> None:
    told = dict(efficiency(made(usage=Usage(2_000_000_000, 512_000, processes=4)), []))
    assert told["memory"] == "2.0 GB at most by the first process"
    assert told["memory of the device"] == "512.0 kB at most by the first process"


def test_what_is_not_known_is_not_told() -> None:
    known = dict(efficiency(made(Work(7, 7, 70), Usage()), [result()]))
    assert known == {
        "requests": "7, 7 of them answered before",
        "tokens of these": "70, 0 of them to be computed",
        "whole run": "12.3 s, loading the model included",
    }
    assert efficiency(made(Work()), [result(shots=4)]) == []  # imported
    assert "computing" not in dict(efficiency(made(Work(7, 0, 70, 70, 70)), []))


def test_effective_shots_are_means_over_seeds() -> None:
    own = [result(shots=8, seed=seed, effective_shots=6.0 + seed, truncated=seed, metric=metric)
           for metric in ("accuracy", "f1") for seed in (0, 1)]  # fmt: skip
    rows = shown_shots([result(), *own, result("s", shots=8, metric="average"), result(shots=8, subset="k=v", seed=9)])
    assert rows == [Shown("s/a", "plain", 8, 6.5, 1)]
    assert rows[0].is_less


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> RunFolder:
    path = tmp_path_factory.mktemp("run") / "run"
    evalkit.evaluate(FakeModel(), "superglue/copa", shots=(0, 2), data_dir="samples", output=path)
    return RunFolder.open(path)


def test_a_run_keeps_its_memory_and_its_texts_sizes(run) -> None:
    usage = run.read_manifest().usage
    texts = [
        row["instruction"] + "".join(row["shot_texts"]) + row["contexts"][place % len(row["contexts"])] + completion
        for row in run.read_samples()
        for place, completion in enumerate(row["completions"])
    ]
    assert usage.text_bytes == sum(len(text.encode()) for text in texts)
    assert usage.text_tokens == sum(len(text) + 1 for text in texts)  # a letter each, and one that begins the text
    assert 10**7 < usage.memory < 10**12
    assert usage.processes == 1
    told = dict(efficiency(run.read_manifest(), run.read_results()))
    assert told["bytes per token"] == f"{usage.text_bytes / usage.text_tokens:.2f}, of all texts asked"


def test_an_older_manifest_is_read(run) -> None:
    values = manifests.as_json(run.read_manifest())
    del values["usage"]
    assert manifests.from_json(values).usage == Usage()
