"""Models by their names."""

from pathlib import Path

import pytest

from evalkit.errors import ModelError
from evalkit.models.demo import FOLDER
from evalkit.models.load import NAMED, load_model
from evalkit.models.weights import version_of
from tests.models import tiny


def test_a_folder(tmp_path: Path) -> None:
    folder = tiny.save(tmp_path / "mine")
    identity = load_model(str(folder), device="cpu").identity
    assert (identity.name, identity.kind, identity.device) == ("mine", "causal", "cpu")
    assert identity.version == version_of(str(folder), None)


def test_demo_is_the_one_that_comes_with_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo").mkdir()
    monkeypatch.chdir(tmp_path)  # where a folder of that name is something else
    identity = load_model("demo", revision="abc", device="cpu").identity
    assert identity.name == "evalkit-demo"
    assert identity.version == version_of(str(FOLDER), None)


def test_names_are_few() -> None:
    assert set(NAMED) == {"demo"}


def test_options_reach_the_model(tmp_path: Path) -> None:
    folder = str(tiny.save(tmp_path / "mine"))
    assert load_model(folder, dtype="bfloat16", device="cpu").identity.dtype == "bfloat16"
    assert load_model(folder, label="mine, but better", device="cpu").identity.name == "mine, but better"


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"cannot load a model from {tmp_path}"):
        load_model(str(tmp_path))
