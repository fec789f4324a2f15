"""The data set that the SuperGLUE tasks name, as the hub has it, with the package's samples for rows."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
import yaml

import evalkit
from tests.hub_server import Repository

SAMPLES = Path(evalkit.__file__).parent / "samples" / "superglue"
PINNED = "3de24cf8022e94f4ee4b9d55a6f539891524d646"  # the commit that tasks/superglue/*.toml name
CONFIGURATIONS: Mapping[str, tuple[str, Sequence[str]]] = {
    "rte": ("rte", ("entailment", "not_entailment")),
    "wsc.fixed": ("wsc", ("False", "True")),
}

MakeSuperGlue = Callable[..., Repository]


@pytest.fixture(scope="session")
def super_glue() -> MakeSuperGlue:
    """Makes the repository at a commit, with so many rows of each split (None: all)."""

    def make(commit: str = PINNED, rows: int | None = None) -> Repository:
        files: dict[str, bytes] = {}
        card: dict[str, list[Any]] = {"configs": [], "dataset_info": []}
        for name, (folder, labels) in CONFIGURATIONS.items():
            splits = {split: read(folder, split)[:rows] for split in ("train", "validation")}
            paths = [{"split": split, "path": f"{name}/{split}-*"} for split in splits]
            card["configs"].append({"config_name": name, "data_files": paths})
            card["dataset_info"].append(describe(name, splits, labels))
            for split, content in splits.items():
                files[f"{name}/{split}-00000-of-00001.parquet"] = parquet(content)
        files["README.md"] = f"---\n{yaml.safe_dump(card)}---\n# SuperGLUE\n".encode()
        return Repository("datasets", "aps/super_glue", commit, files)

    return make


def read(folder: str, split: str) -> list[dict[str, Any]]:
    lines = (SAMPLES / folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def describe(name: str, splits: Mapping[str, Sequence[Mapping[str, Any]]], labels: Sequence[str]) -> dict[str, Any]:
    """What the data set's card says of one configuration."""
    features: list[dict[str, Any]] = []
    for column, value in splits["train"][0].items():
        dtype: Any = "int32" if isinstance(value, int) else "string"
        if column == "label":
            dtype = {"class_label": {"names": {str(number): label for number, label in enumerate(labels)}}}
        features.append({"name": column, "dtype": dtype})
    sizes = [{"name": split, "num_bytes": 1, "num_examples": len(rows)} for split, rows in splits.items()]
    return {"config_name": name, "features": features, "splits": sizes, "download_size": 1, "dataset_size": 1}


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows with the column types of the real files."""
    columns = {}
    for column in rows[0]:
        values = [row[column] for row in rows]
        whole = pyarrow.int64() if column == "label" else pyarrow.int32()
        columns[column] = pyarrow.array(values, whole if isinstance(values[0], int) else pyarrow.string())
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()
