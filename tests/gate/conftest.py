"""Runs of 500 items of two tasks, in which it is known what every item got."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

import evalkit
from evalkit.models.fake import FakeModel

N = 500
Right = Callable[[str, int], bool]
Doctor = Callable[[str, Right], Path]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 500 items each of COPA and RTE."""
    data = tmp_path_factory.mktemp("data")
    rows = {
        "superglue/copa": [
            {
                "premise": f"It was the {i}th day.",
                "choice1": f"One {i}.",
                "choice2": f"Two {i}.",
                "question": "cause",
                "label": i % 2,
                "idx": i,
            }
            for i in range(N)
        ],
        "superglue/rte": [
            {"premise": f"The {i}th.", "hypothesis": f"A {i}th.", "label": i % 2, "idx": i} for i in range(N)
        ],
    }
    for task, own in rows.items():
        for split in ("validation", "train"):
            (data / task).mkdir(parents=True, exist_ok=True)
            (data / task / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in own))
    path = tmp_path_factory.mktemp("runs") / "original"
    evalkit.evaluate(FakeModel(), list(rows), shots=(0,), data_dir=str(data), output=path)
    return path


@pytest.fixture
def doctored(original: Path, tmp_path: Path) -> Doctor:
    """A copy of that run in which it is said of every task and item whether it was right."""

    def copy(name: str, right: Right) -> Path:
        path = tmp_path / name
        shutil.copytree(original, path)
        shares = {}
        for file in (path / "samples").iterdir():
            rows = pyarrow.parquet.read_table(file).to_pylist()
            for place, row in enumerate(rows):
                (target,) = row["targets"]
                row["correct"] = right(row["task"], place)
                row["prediction"] = target if row["correct"] else 1 - target
            shares[rows[0]["task"]] = sum(row["correct"] for row in rows) / len(rows)
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
        content = json.loads((path / "results.json").read_text())
        for result in content["results"]:
            result["value"] = shares[result["task"]]
        (path / "results.json").write_text(json.dumps(content))
        return path

    return copy


@pytest.fixture(scope="session")
def seven_of_ten() -> Right:
    """70 % are right, the same ones whenever it is asked."""
    drawn = {
        task: random.Random(task).choices((True, False), (7, 3), k=N) for task in ("superglue/copa", "superglue/rte")
    }
    return lambda task, place: drawn[task][place]


def losing(right: Right, lost: int, gained: int, *tasks: str) -> Right:
    """The same with so many right answers of some tasks turned wrong, and so many wrong ones right."""

    def now(task: str, place: int) -> bool:
        if task not in tasks:
            return right(task, place)
        before = sum(right(task, other) == right(task, place) for other in range(place))
        return right(task, place) ^ (before < (lost if right(task, place) else gained))

    return now
