"""The page of a run that was held against a corpus: as of the run itself, as of its log, and as a browser has it."""

import json

import pytest

import evalkit
from evalkit.contamination.overlaps import Overlaps, write
from evalkit.contamination.scores import Side, SplitScore
from evalkit.errors import ContaminationError, RunError
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.contamination import coverage, gain, main_scores, p_text, signed
from evalkit.report.curves import relative_drawing
from evalkit.report.drawing import on_page
from evalkit.report.loaded import load
from evalkit.report.samples import browser
from evalkit.runs.folder import RunFolder
from tests.browser import unfold
from tests.contamination.fabricated import fabricate, manifest, match, overlap, task
from tests.report.browsed import blocks_of, samples_of

TASKS = ["superglue/copa", "superglue/cb", "toxicity/ethos"]
HOSTILE = "</mark></pre><script>alert(1)</script>{{ 7 * 7 }}"


def evaluated(path, tasks=TASKS[:2], **options):
    evalkit.evaluate(FakeModel(), tasks, data_dir="samples", output=path, **options)
    return path


def page_of(run, *overlaps):
    return build(run, *overlaps).read_text(encoding="utf-8")


def test_a_run_and_its_log_give_the_same_page(tmp_path):
    overlaps = fabricate(tmp_path / "overlaps", TASKS[:2])
    at_once = evaluated(tmp_path / "a", shots=(0, 2), contamination=overlaps)
    later = evaluated(tmp_path / "b", shots=(0, 2))
    assert '<section id="contamination">' not in page_of(later)
    page = page_of(later, overlaps)
    kept = RunFolder.open(later).read_contamination()
    assert kept == RunFolder.open(at_once).read_contamination()
    assert page_of(later) == page  # it is kept, and stands there without being given again
    for words in ("clean vs all, %", "Estimated performance gain", "four subsets", "threshold tightens", "lower bound"):
        assert words in page
    flags = [own for *_, own in samples_of(blocks_of(page))]
    assert sum("dirty" in own for own in flags) > 20
    assert all(own & {"clean", "dirty", "unscored"} for own in flags)
    assert "1,200 documents, 48.0 MB, of 1 source; 2 bad records; not read to the end." in page
    assert "corpus/books-08.jsonl.zst: truncated" in page


def test_matches_are_escaped_and_say_where_they_are(tmp_path):
    run = evaluated(tmp_path / "run", TASKS[:1])
    data = RunFolder.open(run).read_manifest().tasks[0]["data"]
    (tmp_path / "overlaps").mkdir()
    found = [match(TASKS[0], "0", HOSTILE)]
    write(tmp_path / "overlaps", manifest([task(TASKS[0], data)]), [overlap(TASKS[0], "0", True)], found)
    page = page_of(run, tmp_path / "overlaps")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<mark>&lt;/mark&gt;" in page
    assert "corpus/books-07.jsonl.zst" in page
    assert "doc-0" in page
    assert "27 of 28 examples are not in these overlaps" in page


def test_what_a_log_without_text_cannot_give_is_told(tmp_path):
    run = evaluated(tmp_path / "run", ["superglue/copa", "superglue/record"], redact=True)
    page = page_of(run, fabricate(tmp_path / "overlaps", ["superglue/copa", "superglue/record"]))
    kept = RunFolder.open(run).read_contamination()
    assert kept is not None
    assert [one.metric for one in kept.scores] == ["accuracy"]
    assert [note.split(" cannot")[0] for note in kept.notes] == [
        "superglue/record: entity_f1",
        "superglue/record: entity_exact_match",
    ]
    assert "give --contamination to `evalkit run`" in page
    assert "<mark>" not in page
    assert "it goes on after that" not in (run / "contamination.json").read_text()


def test_offensive_matches_are_folded_away(tmp_path):
    run = evaluated(tmp_path / "run", TASKS[2:])
    overlaps = fabricate(tmp_path / "overlaps", TASKS[2:])
    page = page_of(run, overlaps)
    assert '<details class="offensive"><summary>toxicity/ethos:' in page
    assert "These may be offensive texts. Open to read them." in page


def test_other_data_are_refused_and_nothing_is_kept(tmp_path):
    run = evaluated(tmp_path / "run", TASKS[:1])
    overlaps = Overlaps.read(fabricate(tmp_path / "overlaps", TASKS[:1]))
    write(overlaps.path, manifest([task(TASKS[0], "elsewhere")]), list(overlaps.examples.values()), [])
    with pytest.raises(ContaminationError, match="elsewhere"):
        build(run, overlaps.path)
    assert RunFolder.open(run).read_contamination() is None


def test_a_damaged_file_says_so(tmp_path):
    run = evaluated(tmp_path / "run", TASKS[:1])
    (run / "contamination.json").write_text('{"format": 5, "scores": [{}]}')
    with pytest.raises(RunError, match=r"contamination\.json"):
        build(run)


def test_dirty_samples_are_carried_first(tmp_path):
    folder = tmp_path / "data" / "superglue" / "copa"
    folder.mkdir(parents=True)
    rows = [
        {"premise": f"P{place}", "choice1": "A", "choice2": "B", "question": "cause", "idx": place, "label": 0}
        for place in range(200)
    ]
    (folder / "validation.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    evalkit.evaluate(FakeModel(), TASKS[:1], data_dir=tmp_path / "data", output=tmp_path / "run")
    data = RunFolder.open(tmp_path / "run").read_manifest().tasks[0]["data"]
    (tmp_path / "overlaps").mkdir()
    examples = [overlap(TASKS[0], str(place), place >= 100 or place == 3) for place in range(200)]
    write(tmp_path / "overlaps", manifest([task(TASKS[0], data)]), examples, [])
    (run,) = load([tmp_path / "run"], tmp_path / "overlaps")
    few = browser([run], "some", tmp_path / "report.html", limit=9_000)
    carried = [own for *_, own in samples_of(few.blocks)]
    assert 0 < few.carried < few.total == 200
    assert sum("dirty" in own for own in carried) == min(101, len(carried))


def score(name, clean, relative, **changed):
    side = Side(10, 10, 0.5, 0.4, 0.6)
    values = dict.fromkeys(("all", "clean", "dirty", "unscored"), side)
    values |= {"task": name, "prompt": "p", "shots": 0, "seed": 0, "metric": "accuracy", "scorer": "", "ngram": 13}
    values |= {"better": "higher", "clean_percent": clean, "relative": relative, "epg": 0.1, "epg_low": -0.05}
    values |= {"epg_high": 0.2, "z": 1.0, "p": 0.2, "why": "", "subsets": (), "longest": (), "share": ()}
    return SplitScore(**{**values, "signature": "", **changed})


def test_the_figure_has_a_point_and_a_name_for_each_task():
    names = [f"s/task_{place}" for place in range(40)]
    drawing = relative_drawing([score(name, place * 2.5, place - 20) for place, name in enumerate(names)])
    figure = on_page(drawing)
    assert all(f">task_{place}</text>" in figure for place in range(40))
    assert "s/task_7 18 % clean, -13.0 %" in figure
    assert relative_drawing([score("t", 50.0, None)]) is None


def test_of_each_task_the_first_metric_at_most_shots_is_shown():
    scores = [score("t", 1, 1), score("t", 2, 1, metric="f1"), score("t", 3, 1, shots=4), score("u", 4, 1, shots=1)]
    assert [one.clean_percent for one in main_scores(scores)] == [3, 4]


def test_numbers_in_words():
    assert gain(score("t", 1, 1)) == "+10.0 [−5.0, +20.0]"
    assert gain(score("t", 1, 1, epg=0.0, epg_low=None, epg_high=None)) == "0.0"
    assert gain(score("t", 1, 1, epg=None)) == ""
    assert gain(score("t", 1, 1, metric="perplexity", epg=-1.5, epg_low=None)) == "−1.500"
    assert [p_text(p) for p in (None, 0.0005, 0.0123, 1.0)] == ["", "<.001", ".012", "1"]
    assert [signed(value) for value in (1.26, -1.26, 0.01, -0.01)] == ["+1.3", "−1.3", "0.0", "0.0"]
    assert coverage(manifest([], complete=True, sources=[])) == "0 documents, 0 bytes, of 0 sources; read to the end."


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser(tmp_path, theme, width, opened):
    """The filters of samples find what the log says."""
    run = evaluated(tmp_path / "run", TASKS, contamination=fabricate(tmp_path / "overlaps", TASKS))
    build(run)
    rows = [row for row in RunFolder.open(run).read_samples() if row["task"] == TASKS[0]]
    wrong, dirty = sum(not row["correct"] for row in rows), sum(row["contamination"] == "dirty" for row in rows)
    page = opened(run / "report.html", width, theme)
    unfold(page)
    page.locator("#sample-title bdi").wait_for()
    field, seen = page.locator("#sample-filters"), {}
    field.get_by_label("task").select_option(TASKS[0])
    for what in ("wrong", "dirty"):
        choice = field.locator("select", has=page.locator(f"option:text-is('{what}')"))
        choice.select_option(what)
        seen[what] = page.locator("#sample-status").inner_text().split()[0]
        choice.select_option("all")
    assert seen == {"wrong": str(wrong), "dirty": str(dirty)}
