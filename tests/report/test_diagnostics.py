"""Baselines, flags, calibration and components in words and on the page."""

import json
from dataclasses import replace

import pytest

import evalkit
from evalkit.cli.console import show_results
from evalkit.errors import RunError
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.diagnostics import flag_lines, grid, includes, panel, part
from evalkit.report.reliability import reliability_drawing
from evalkit.runs.diagnostics import BELOW_CHANCE, CONSTANT, NO_BETTER, Diagnosis, Flag, Variation
from evalkit.runs.folder import RunFolder

ONE = Variation(
    *("s/a", 2, "accuracy", "", ("p", "q"), (0, 1, 2), 50, 0.5, 0.3, 0.7),
    *(("sampling", "seeds", "prompts"), 0.0025, 0.0001, 0.0, None),
)


def diagnosed(shots, seed, *flags):
    return Diagnosis("s/a", "plain", shots, seed, (), flags, None)


def test_a_line_tells_where_a_flag_stands():
    low = [Flag(BELOW_CHANCE, "accuracy", value, 0.5) for value in (0.2, 0.1, 0.3)]
    several = [diagnosed(0, 0, low[0]), diagnosed(2, 0, low[1]), diagnosed(2, 1, low[2])]
    assert flag_lines(several) == [
        "s/a (plain): accuracy is below guessing, 50.0: 20.0 at 0 shots; 10.0–30.0 at 2 shots"
    ]


def test_a_line_tells_the_seeds_where_it_is_not_all():
    flag = Flag(CONSTANT, answer='"yes"')
    assert flag_lines([diagnosed(2, 0), diagnosed(2, 1, flag), diagnosed(2, 2, flag)]) == [
        's/a (plain): every answer is "yes": at 2 shots (seeds 1, 2)'
    ]
    other = Flag(NO_BETTER, "accuracy", 0.5, 0.6, '"no"')
    assert flag_lines([diagnosed(1, 0), diagnosed(1, 5, other)]) == [
        's/a (plain): accuracy is no better than always "no", 60.0: 50.0 at 1 shot (seed 5)'
    ]


def test_components_in_words():
    assert grid(ONE) == "2 prompts × 3 seeds"
    assert grid(replace(ONE, prompts=("p",))) == "3 seeds"
    assert includes(ONE) == "examples, seeds, prompts"
    assert [part("accuracy", variance) for variance in (ONE.sampling, ONE.seed, ONE.prompt, ONE.both)] == [
        *("5.0", "1.0", "0.0", "–")
    ]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "run"
    results = evalkit.evaluate(
        FakeModel(window=10**6), "superglue/cb", shots=(0, 1), seeds=(0, 1), data_dir="samples", output=place
    )
    build(place)
    return results, place


def test_the_page_has_them(run):
    results, place = run
    page = (place / "report.html").read_text(encoding="utf-8")
    for told in ("Baselines and flags", "Seeds and prompts", "Calibration", 'aria-label="Accuracy by confidence'):
        assert told in page
    found = panel(results.results, results.diagnostics, results.components)
    assert len(found["rows"]) == len(results.results)
    assert found["columns"] == ["random", "majority", "longest"]


def test_the_figure_tells_every_bin_in_words(run):
    results, _ = run
    figure = reliability_drawing(results.diagnostics).words
    shown = max(results.diagnostics, key=lambda one: (one.shots, -one.seed)).calibration
    for one in shown.bins:
        assert f"{100 * one.accuracy:.0f} at {100 * one.confidence:.0f} (n {one.n})" in figure
    assert reliability_drawing([]) is None


def test_the_console_has_them_in_80_columns(run, capsys, monkeypatch):
    for key, value in {"COLUMNS": "80", "TTY_COMPATIBLE": "1", "TERM": "dumb", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(key, value)
    results, _ = run
    show_results(results)
    printed = capsys.readouterr().out
    table = printed[printed.index("Seeds and prompts") :].splitlines()
    assert "examples  seeds  prompts  both" in " ".join(table[:3])
    assert max(map(len, printed.splitlines())) <= 80
    for line in flag_lines(results.diagnostics):
        assert f"- {line}" in " ".join(printed.split())


def test_a_run_of_an_older_evalkit_has_none_of_it(run, tmp_path):
    results, place = run
    folder = RunFolder.create(tmp_path / "old", overwrite=False)
    for name in ("manifest.json", "results.json"):
        (folder.path / name).write_bytes((place / name).read_bytes())
    values = json.loads((place / "results.json").read_text())
    del values["diagnostics"], values["components"]
    (folder.path / "results.json").write_text(json.dumps(values))
    assert folder.read_results() == list(results)
    assert folder.read_diagnostics() == ([], [])
    build(folder.path)
    assert 'id="baselines"' not in folder.report.read_text(encoding="utf-8")


def test_damaged_diagnostics_say_so(run, tmp_path):
    folder = RunFolder.create(tmp_path / "damaged", overwrite=False)
    values = json.loads((run[1] / "results.json").read_text())
    del values["diagnostics"][0]["flags"]
    (folder.path / "results.json").write_text(json.dumps(values))
    with pytest.raises(RunError, match=r"results\.json: 'flags'"):
        folder.read_diagnostics()
