"""A model's version changes with everything that bears on its scores, and with nothing else."""

from pathlib import Path

import pytest

from evalkit.models.weights import version_of

FILES = {
    "config.json": b"{}",
    "model.safetensors": b"weights",
    "tokenizer.json": b"tokens",
    "tokenizer_config.json": b"{}",
    "README.md": b"words",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_twelve_hexadecimal_digits_that_stay(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    version = version_of(str(folder), None)
    assert len(version) == 12
    assert int(version, 16) >= 0
    copy = tmp_path_factory.mktemp("elsewhere")
    for name in reversed(FILES):
        (copy / name).write_bytes(FILES[name])
    assert version_of(str(copy), None) == version


@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "model-00002-of-00002.safetensors",
        "pytorch_model.bin",
        "consolidated.00.pt",
        "model.gguf",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "tokenizer.model",
        "spiece.model",
        "added_tokens.json",
        "special_tokens_map.json",
        "modeling_own.py",
    ],
)
def test_changes_with(folder: Path, name: str) -> None:
    before = version_of(str(folder), None)
    (folder / name).write_bytes(FILES.get(name, b"") + b"!")
    after = version_of(str(folder), None)
    (folder / name).write_bytes(FILES.get(name, b"") + b"?")
    assert len({before, after, version_of(str(folder), None)}) == 3


@pytest.mark.parametrize("name", ["README.md", "generation_config.json", "training_args.json", "events.log", "run.sh"])
def test_does_not_change_with(folder: Path, name: str) -> None:
    before = version_of(str(folder), None)
    (folder / name).write_bytes(b"anything")
    (folder / "checkpoint-10").mkdir()
    (folder / "checkpoint-10" / "model.safetensors").write_bytes(b"other weights")
    assert version_of(str(folder), None) == before


def test_changes_with_a_name_and_with_what_is_whose(folder: Path) -> None:
    before = version_of(str(folder), None)
    (folder / "model.safetensors").write_bytes(FILES["tokenizer.json"])
    (folder / "tokenizer.json").write_bytes(FILES["model.safetensors"])
    swapped = version_of(str(folder), None)
    (folder / "tokenizer.json").rename(folder / "tokenizer.model")
    assert len({before, swapped, version_of(str(folder), None)}) == 3


def test_a_commit_goes_before_all(folder: Path) -> None:
    assert version_of(str(folder), "0123456789abcdef0123") == "0123456789ab"
    assert version_of("org/model", "0123456789abcdef0123") == "0123456789ab"


def test_neither_folder_nor_commit() -> None:
    assert version_of("org/model", None) == "unknown"
