"""Run folders: what is written can be read back, and a damaged one says so."""

import pytest

import evalkit
from evalkit.errors import RunError
from evalkit.models.fake import FakeModel
from evalkit.runs.folder import RunFolder


@pytest.fixture
def run(tmp_path):
    path = tmp_path / "run"
    results = evalkit.evaluate(FakeModel(), "superglue/copa", shots=(0, 2), data_dir="samples", output=path)
    return results, RunFolder.open(path)


def test_results_are_read_back_as_written(run):
    results, folder = run
    assert folder.read_results() == list(results)


def test_parquet_and_json_hold_the_same(run):
    import pandas

    results, folder = run
    frame = pandas.read_parquet(folder.path / "results.parquet")
    assert frame["value"].tolist() == [result.value for result in results]


def test_the_log_has_a_row_for_every_sample_with_every_normalisation(run):
    results, folder = run
    rows = folder.read_samples()
    assert len(rows) == sum(len(samples) for samples in results.samples.values()) == 56
    by_key = {(row["shots"], row["id"]): row for row in rows}
    for setting, samples in results.samples.items():
        for sample in samples:
            row = by_key[setting.shots, sample.query.example.id]
            assert row["prediction"] == sample.prediction
            assert row["shot_units"] == [shot[0].unit for shot in sample.query.shots]
            text = row["instruction"] + "".join(row["shot_texts"]) + row["contexts"][0]
            assert text == sample.scored[0].request.prefix
            sizes = {
                "none": [1] * len(row["logprobs"]),
                "token": row["tokens"],
                "byte": row["bytes"],
                "char": row["chars"],
            }
            for name, size in sizes.items():
                values = [logprob / by for logprob, by in zip(row["logprobs"], size, strict=True)]
                assert values == pytest.approx([one.score(name) for one in sample.scored])


def test_no_pickle_and_nothing_unfinished_is_left(run):
    names = {path.name for path in run[1].path.rglob("*") if path.is_file()}
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".pt", ".unfinished"))]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", "{", "cannot be read"),
        ("manifest.json", '{"format": 99}', "format 99; this evalkit reads 5"),
        ("manifest.json", '{"format": 5}', "manifest.json"),
        ("results.json", "[]", "not an object"),
        ("results.json", '{"format": 2}', "results"),
    ],
)
def test_a_damaged_folder_says_what_is_damaged(run, name, content, message):
    folder = run[1]
    (folder.path / name).write_text(content)
    read = folder.read_manifest if name == "manifest.json" else folder.read_results
    with pytest.raises(RunError, match=message):
        read()


def test_a_damaged_log_says_which_file(run):
    folder = run[1]
    path = next((folder.path / "samples").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RunError, match=path.name):
        folder.read_samples()


def test_an_unfinished_run_has_no_results(run):
    (run[1].path / "results.json").unlink()
    with pytest.raises(RunError, match="has not finished"):
        run[1].read_results()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="file"):
        RunFolder.create(tmp_path / "file" / "run", overwrite=False)
