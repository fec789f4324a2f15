"""`evalkit compare` as a user meets it."""

import json

import pytest

import evalkit
from evalkit.library import SAMPLES
from evalkit.models.fake import FakeModel
from tests.comparison.planted import planted

OFFENSIVE = "toxicity/ethos"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    return planted(place / "good", range(28)), planted(place / "bad", range(4)), planted(place / "same", range(28))


def test_a_table_and_the_flips_of_what_is_sure(run, runs):
    code, out, err = run("compare", *runs)
    assert (code, err) == (0, "")
    assert "B against A: 1 worse, 0 not sure, of 1 number" in out
    assert "No sure difference between A and C" in out
    assert "Besides the model, nothing in the signatures differs." in out
    assert "copa     0 accuracy 28 100.0 14.3 −85.7 [−96, −71] <.001" in out
    assert "24 right to wrong" in out
    assert "and 21 more: --output DIR has them all" in out


def test_no_flips_where_none_are_wanted(run, runs):
    assert "right to wrong" not in run("compare", *runs[:2], "--flips", 0)[1].partition("Differences are")[0]


def test_a_page_is_written(run, runs, tmp_path):
    code, out, _ = run("compare", *runs[:2], "--output", tmp_path / "x" / "out")
    assert code == 0
    assert out.splitlines()[-1] == f"comparison: {tmp_path / 'x' / 'out' / 'compare.html'}"
    assert len(list((tmp_path / "x" / "out").iterdir())) == 3


@pytest.mark.parametrize("form", ["markdown", "json"])
def test_formats_pipe(run, runs, tmp_path, form):
    code, out, err = run("compare", *runs[:2], "--format", form, "--output", tmp_path / "out")
    assert code == 0
    assert err.startswith("comparison: ")
    if form == "json":
        assert json.loads(out)["contrasts"][0]["differences"][0]["verdict"] == "worse"
        assert out == (tmp_path / "out" / "compare.json").read_text(encoding="utf-8")
    else:
        assert out.startswith("## evalkit: comparison\n")


def test_it_fits_80_columns(run, runs, tmp_path, monkeypatch):
    for name, liked in (("a", {}), ("b", {" yes": True, " True": True})):
        evalkit.evaluate(
            FakeModel(liked=liked),
            ["superglue/axg", OFFENSIVE],
            data_dir="samples",
            shots=(0, 1),
            output=tmp_path / name,
        )
    for key, value in {"COLUMNS": "80", "TTY_COMPATIBLE": "1", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(key, value)
    for pair in (runs[:2], (tmp_path / "a", tmp_path / "b")):
        code, out, _ = run("compare", *pair)
        assert code == 0
        assert max(map(len, out.splitlines())) <= 80
    assert "superglue/axg, gpt3, 0 shots, parity" in out  # too wide for one line


def test_offensive_texts_are_never_printed(run, tmp_path):
    lines = (SAMPLES / "toxicity" / "ethos_binary" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line)["text"] for line in lines]
    assert len(rows) > 10
    for name, liked in (("a", " yes"), ("b", " no")):
        evalkit.evaluate(FakeModel(liked={liked: True}), OFFENSIVE, data_dir="samples", output=tmp_path / name)
    for form in ("console", "markdown", "json"):
        code, out, _ = run("compare", tmp_path / "a", tmp_path / "b", "--format", form, "--flips", 50)
        assert code == 0
        assert not [text for text in rows if text[:25] in out]


def test_what_a_terminal_obeys_is_not_printed(run, runs, tmp_path):
    folder = tmp_path / "data" / "superglue" / "copa"
    folder.mkdir(parents=True)
    rows = [
        {"premise": f"p{n} \x1b[31mred\x07", "choice1": f"a{n}", "choice2": f"b{n}", "question": "cause"}
        | {"idx": n, "label": 0}
        for n in range(12)
    ]
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    for name in "ab":
        liked = {f" {name}{n}.": True for n in range(12)} | {f" {name}{n}": True for n in range(12)}
        evalkit.evaluate(FakeModel(liked=liked), "superglue/copa", data_dir=tmp_path / "data", output=tmp_path / name)
    for form in ("console", "markdown"):
        code, out, _ = run("compare", tmp_path / "a", tmp_path / "b", "--format", form)
        assert code == 0
        assert "p0" in out
        assert not {"\x1b", "\x07"} & set(out)


def test_wrong_usage(run, runs, tmp_path):
    code, _, err = run("compare", runs[0])
    assert code == 2
    assert err == "evalkit: one run given: compare takes from 2 to 26 run folders, the baseline first\n"
    assert run("compare")[0] == 2
    assert run("compare", *runs[:2], "--format", "pdf")[0] == 2
    code, _, err = run("compare", runs[0], tmp_path)
    assert code == 1
    assert err == f"evalkit: {tmp_path}: no run here (no manifest.json). Give the folder that `evalkit run` wrote\n"
