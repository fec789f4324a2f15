"""`evalkit plot`: where figures go, and what is refused."""

import pytest

import evalkit
from evalkit.models.fake import FakeModel


@pytest.fixture
def finished(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evalkit.evaluate(FakeModel(), "superglue/copa", shots=(0, 2), data_dir="samples", limit=4, output=tmp_path / "run")
    return tmp_path / "run"


def test_a_figure_is_named_after_what_it_shows(run, finished, tmp_path) -> None:
    assert run("plot", finished) == (0, "shots.svg\n", "")
    assert run("plot", finished, "--figure", "reliability", "--format", "png") == (0, "reliability.png\n", "")
    assert (tmp_path / "shots.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "reliability.png").read_bytes().startswith(b"\x89PNG")


def test_the_name_of_the_output_says_the_format(run, finished, tmp_path) -> None:
    assert run("plot", finished, "--output", "one.pdf")[0] == 0
    assert run("plot", finished, "--output", "two.pdf", "--format", "svg")[0] == 0
    assert run("plot", finished, "--output", "three")[0] == 0
    begun = [(tmp_path / name).read_bytes()[:5] for name in ("one.pdf", "two.pdf", "three")]
    assert begun == [b"%PDF-", b"<?xml", b"<?xml"]


def test_standard_output_has_the_figure_alone(run, finished) -> None:
    code, out, err = run("plot", finished, "--output", "-")
    assert (code, err) == (0, "")
    assert out.startswith("<?xml")
    assert out.rstrip().endswith("</svg>")


def test_a_file_that_is_there_is_kept(run, finished, tmp_path) -> None:
    (tmp_path / "shots.svg").write_text("mine")
    code, out, err = run("plot", finished)
    assert (code, out) == (2, "")
    assert err == "evalkit: shots.svg exists already. Choose another --output, or give --overwrite\n"
    assert (tmp_path / "shots.svg").read_text() == "mine"
    assert run("plot", finished, "--overwrite")[0] == 0
    assert (tmp_path / "shots.svg").read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["run", "--figure", "spread"], 2, "evalkit: --figure spread needs several prompts"),
        (["run", "--tasks", "none"], 2, "evalkit: run: no task none; there are superglue/copa"),
        (["run", "--tasks", ","], 2, "give at least one name"),
        (["run", "--figure", "none"], 2, "Invalid value for '--figure'"),
        (["run", "--width", "1"], 2, "Invalid value for '--width'"),
        (["run", "--output", "none/a.svg"], 1, "evalkit: none/a.svg: cannot be written: No such file or directory"),
        (["none"], 1, "evalkit: none: no run here"),
        ([], 2, "Missing argument 'RUN...'"),
    ],
)
def test_errors_are_told_without_a_traceback(run, finished, words, code, why) -> None:
    found = run("plot", *words)
    assert found[0] == code
    assert why in found[2]
    assert "Traceback" not in found[2]
