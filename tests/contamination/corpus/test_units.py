"""What a corpus names: files, patterns, folders, addresses; and that each form gives the same documents."""

import os
from pathlib import Path

import fsspec
import pytest

from evalkit.contamination.corpus import Reading, find_units
from evalkit.errors import ContaminationError
from tests.contamination.corpus.conftest import DOCUMENTS, FORMS, lines, read


@pytest.mark.parametrize("reading", [Reading(), Reading(batch_bytes=100, range_bytes=200)], ids=["large", "small"])
def test_each_form_gives_the_same_documents(corpus: Path, reading: Reading) -> None:
    found = read(corpus, reading)
    assert found.documents == list(DOCUMENTS)
    assert found.account.bad == 0
    assert len(found.batches) > 5 or reading.batch_bytes > 100


def test_places_of_rows_and_bytes(corpus: Path) -> None:
    small, large = read(corpus, Reading(batch_bytes=100, range_bytes=200)), read(corpus)
    assert small.places == large.places
    if corpus.suffix in (".parquet", ".arrow", ".feather"):
        assert large.places == list(range(len(DOCUMENTS)))
    elif corpus.name == "a.jsonl":
        content = corpus.read_bytes()
        assert [content[place - 1 : place + 7] for place in large.places[1:]] == [b'\n{"id": '] * (len(DOCUMENTS) - 1)
    else:
        assert sorted(set(large.places)) == large.places


def test_the_units_are_sorted_and_do_not_depend_on_how_they_are_named(tmp_path: Path) -> None:
    for name, write in FORMS.items():
        write(tmp_path / name)
    reading = Reading(range_bytes=1000)
    units = find_units([str(tmp_path)], reading)
    assert units == sorted(units, key=lambda unit: (unit.source, unit.start))
    assert {Path(unit.source).name for unit in units} == set(FORMS)
    assert units == find_units([str(tmp_path / name) for name in reversed(FORMS)], reading)
    plain = [unit for unit in units if unit.source.endswith("/a.jsonl")]
    assert [(unit.start, unit.end) for unit in plain][:2] == [(0, 1000), (1000, 2000)]
    assert plain[-1].end == sum(unit.bytes for unit in plain) == len(lines())


def test_a_source_is_named_as_the_user_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "a.jsonl").write_bytes(lines())
    for named in ("books", "books/*.jsonl", "**/*.jsonl", "books/a.jsonl"):
        assert [unit.source for unit in find_units([named], Reading())] == ["books/a.jsonl"]


def test_a_folder_gives_its_files_of_known_forms(tmp_path: Path) -> None:
    inner = tmp_path / "b" / "c"
    inner.mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("z.jsonl", "README.md", "dataset_info.json", ".a.jsonl", "cache-12.arrow", ".hidden/a.jsonl"):
        (tmp_path / name).write_bytes(lines())
    (inner / "y.jsonl").write_bytes(lines())
    (inner / "round").symlink_to(tmp_path, target_is_directory=True)
    units = find_units([str(tmp_path)], Reading())
    assert [unit.source for unit in units] == [str(inner / "y.jsonl"), str(tmp_path / "z.jsonl")]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines())
    (tmp_path / "b.jsonl").symlink_to(tmp_path / "a.jsonl")
    twice = [f"{tmp_path}/a.jsonl", str(tmp_path), f"{tmp_path}/*.jsonl", f"{tmp_path}/../{tmp_path.name}/a.jsonl"]
    assert read([*twice, f"file://{tmp_path}/a.jsonl"]).documents == list(DOCUMENTS)


def test_a_name_with_a_bracket_is_a_name_if_there_is_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].jsonl").write_bytes(lines())
    assert len(read(tmp_path / "a[1].jsonl").texts) == len(DOCUMENTS)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet", "a.arrow", "a.txt"])
def test_an_empty_file_has_no_documents(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    found = read(tmp_path / name)
    assert (len(found.units), found.texts) == (1, [])


def test_the_version_changes_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    versions = set()
    for content, time in ((b"\n", 1), (b"\n\n", 1), (b"\n", 2)):
        path.write_bytes(content)
        os.utime(path, (time, time))
        versions.add(find_units([str(path)], Reading())[0].version)
    assert len(versions) == 3


def test_what_cannot_be_found_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    (tmp_path / "empty").mkdir()
    cases = {
        f"{tmp_path}/nothing.jsonl": "nothing.jsonl: nothing matches",
        f"{tmp_path}/*.jsonl": r"\*.jsonl: nothing matches",
        f"{tmp_path}/a.csv": r"a.csv: unknown form of file. Known endings: \.jsonl, ",
        f"{tmp_path}/*.csv": "a.csv: unknown form of file",
        f"{tmp_path}/empty": "empty: no files to read there",
        "memory://nothing/a.jsonl": "there is no such file",
        "memory://nothing/*.jsonl": "no files to read there",
        "s3://bucket/a.jsonl": "pip install s3fs$",
        "gs://bucket/a.jsonl": "pip install gcsfs$",
        "what://bucket/a.jsonl": "cannot be reached",
        "hub:": "no data set's name",
    }
    for named, message in cases.items():
        if named[:2] in ("s3", "gs") and _is_installed({"s3": "s3fs", "gs": "gcsfs"}[named[:2]]):
            continue
        with pytest.raises(ContaminationError, match=message):
            find_units([named], Reading())
    with pytest.raises(ContaminationError, match="no corpus is named"):
        find_units([], Reading())


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def test_another_file_system(corpus: Path) -> None:
    files = fsspec.filesystem("memory")
    folder = f"/{corpus.parent.name}"
    files.pipe(f"{folder}/deep/{corpus.name}", corpus.read_bytes())
    files.pipe(f"{folder}/README.md", b"no corpus")
    reading = Reading(range_bytes=300, batch_bytes=100)
    address = f"memory://{folder}/deep/{corpus.name}"
    try:
        for named in (address, f"memory://{folder}", f"memory://{folder}/*/{corpus.name}"):
            found = read(named, reading)
            assert found.documents == list(DOCUMENTS)
            assert {unit.source for unit in found.units} == {address}
        assert read([address, f"memory:/{folder}"], reading).documents == list(DOCUMENTS)
    finally:
        files.rm(folder, recursive=True)
