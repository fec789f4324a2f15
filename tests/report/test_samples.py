"""The samples of a page: held against the log, sample by sample; how many there are; what they are found by."""

import json
import shutil
from collections import Counter

import pyarrow.parquet
import pytest

import evalkit
from evalkit.comparison.against import against
from evalkit.contamination.join import Contamination
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.loaded import load
from evalkit.report.page import environment
from evalkit.report.sample_links import address, carried, decoded
from evalkit.report.samples import browser, title
from evalkit.runs.folder import RunFolder
from evalkit.runs.log import setting_of
from evalkit.schema import NORMALISATIONS, Setting
from tests.report.browsed import samples_of, written

COPA, BOOLQ, TRIVIA = "superglue/copa", "superglue/boolq", "qa/triviaqa"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Choices and written texts, with and without shots; the window is too short for all of them."""
    path = tmp_path_factory.mktemp("one") / "run"
    model = FakeModel(window=250, writes={"A:": "Paris, I think 🙂\0London"})
    evalkit.evaluate(model, [COPA, BOOLQ, TRIVIA], shots=(0, 1, 4), limit=9, data_dir="samples", output=path)
    return path


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    path = tmp_path_factory.mktemp("other") / "run"
    evalkit.evaluate(FakeModel(liked={" yes": True}), BOOLQ, shots=(0, 1), data_dir="samples", output=path)
    return path


def rows_of(run, label):
    rows = RunFolder.open(run).read_samples()
    return {(label, *(str(row[key]) for key in ("task", "prompt", "shots", "seed")), row["id"]): row for row in rows}


def test_the_page_holds_what_the_log_says(run, tmp_path):
    loaded = load([run])
    shown = browser(loaded, "some", tmp_path / "report.html")
    rows = rows_of(run, loaded[0].label)
    found = {key: (sample, flags) for key, sample, flags in samples_of(shown.blocks)}
    assert (shown.carried, shown.total) == (len(rows), len(rows)) == (81, 81)
    assert found.keys() == rows.keys()
    for key, row in rows.items():
        sample, flags = found[key]
        for name in ("instruction", "contexts", "completions"):
            assert sample[name] == row[name]
        assert sample["shots"] == [list(shot) for shot in zip(row["shot_units"], row["shot_texts"], strict=True)]
        assert sample["target"] == list(dict.fromkeys(row["choices"][place] for place in row["targets"]))
        assert sample["written"] == [
            text for text, beams in zip(row["written"], row["others"], strict=True) for text in (text, *beams)
        ]
        assert ("right" in flags, "wrong" in flags) == (row["correct"], not row["correct"])
        assert ("tied" in flags, "truncated" in flags) == (row["tied"], row["truncated"] > 0)
        facts = dict(sample["facts"])
        assert ("window" in facts) == (row["effective_shots"] < row["shots"])
    assert any("window" in dict(sample["facts"]) for sample, _ in found.values())
    assert any("truncated" in flags for _, flags in found.values())


def test_every_normalisation_is_that_of_the_sample(tmp_path):
    samples = {}
    for normalisation in NORMALISATIONS[:5]:
        path = tmp_path / normalisation
        results = evalkit.evaluate(
            FakeModel(), COPA, limit=2, data_dir="samples", normalisation=normalisation, output=path
        )
        ((_, shown, _), *_) = samples_of(browser(load([path]), "some", tmp_path / "report.html").blocks)
        assert shown["ranks"] == normalisation
        samples[normalisation] = shown, next(iter(results.samples.values()))[0]
    for shown, sample in samples.values():
        assert shown["chosen"] == sample.prediction
        for name, lengths in shown["lengths"].items():
            expected = [one.score(name) for one in sample.scored]
            numbers = [value / length for value, length in zip(shown["logprobs"], lengths, strict=True)]
            assert numbers == pytest.approx(expected, abs=1e-4)
    assert "unconditional" not in samples["none"][0]["more"]
    shown, sample = samples["unconditional"]
    expected = [one.score("unconditional") for one in sample.scored]
    assert shown["more"]["unconditional"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("text", "answer", "kind", "expected"),
    [
        ("It is 4. So the answer is 4.", "4", "chain_of_thought", ["4", 26]),
        (" Paris. Or Paris", "Paris", "generation", ["Paris", 1]),
        ("🙂🙂 é Paris", "Paris", "generation", ["Paris", 7]),  # an emoji is two of UTF-16
        ("Paris", "", "generation", ["", 0]),
        ("nothing", "Paris", "generation", ["", 0]),
    ],
)
def test_the_answer_is_marked_as_the_browser_counts(text, answer, kind, expected):
    from evalkit.report.sample_view import _mark

    start, end = _mark(text, answer, kind)
    marked = text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
    assert [marked, start] == expected


def test_flipped_is_right_here_and_wrong_there(run, other, tmp_path):
    loaded = load([run, other])
    assert len({one.label for one in loaded}) == 2
    rows = rows_of(run, loaded[0].label) | rows_of(other, loaded[1].label)
    verdicts = {}
    for key, row in rows.items():
        verdicts.setdefault((key[1], key[2], key[-1]), set()).add(row["correct"])
    told = Counter()
    for key, _, flags in samples_of(browser(loaded, "all", tmp_path / "report.html").blocks):
        assert ("flipped" in flags) == (len(verdicts[key[1], key[2], key[-1]]) == 2), key
        told["flipped" in flags] += 1
    assert told[True] > 10
    assert told[False] > 10


def test_a_small_page_has_the_same_examples_of_every_setting(run, other, tmp_path):
    loaded = load([run, other])
    full = browser(loaded, "some", tmp_path / "report.html")
    limit = sum(map(len, full.blocks.values())) // 2
    shown = browser(loaded, "some", tmp_path / "report.html", limit=limit)
    assert limit / 2 < sum(map(len, shown.blocks.values())) <= limit
    assert 0 < shown.carried < shown.total == full.total
    index = decoded(shown.blocks["index"])
    counts = [len(section["ids"]) for section in index["sections"]]
    assert len(counts) == 3
    assert len(set(counts) - {9}) == 1  # as many of each task, or all
    known = {place: set(section["ids"]) for place, section in enumerate(decoded(full.blocks["index"])["sections"])}
    for place, section in enumerate(index["sections"]):
        assert set(section["ids"]) <= known[place]
        for setting in section["settings"]:
            held = RunFolder.read_sample_table(_file(loaded, setting), ["id"])["id"].to_pylist()
            own = range(len(section["ids"])) if setting["examples"] is None else setting["examples"]
            assert {section["ids"][one] for one in own} == set(held) & set(section["ids"])
    assert browser(loaded, "all", tmp_path / "report.html", limit=limit).carried == full.total
    assert browser(loaded, "none", tmp_path / "report.html").carried == 0


def _file(loaded, setting):
    keys = setting["keys"]
    name = f"{keys['task'].replace('/', '.')}.{keys['prompt']}.{keys['shots']}-shot.seed{keys['seed']}.parquet"
    return loaded[setting["run"]].folder.path / "samples" / name


def test_nothing_fits(run, tmp_path):
    shown = browser(load([run]), "some", tmp_path / "report.html", limit=1000)
    assert (shown.blocks, shown.carried, shown.total) == ({}, 0, 81)
    page = environment().get_template("samples.html.jinja").render(samples=shown)
    assert "None of the 81 samples is on this page" in page
    assert "octet-stream" not in page


def test_a_text_that_comes_back_is_there_once(run, tmp_path):
    shown = browser(load([run]), "all", tmp_path / "report.html")
    text = json.dumps([decoded(block) for block in shown.blocks.values()])
    passages = {row["contexts"][0] for row in RunFolder.open(run).read_samples() if row["task"] == BOOLQ}
    shots = {shot for row in RunFolder.open(run).read_samples() for shot in row["shot_texts"]}
    assert len(passages) == 9
    for passage in passages:
        assert text.count(json.dumps(passage)[1:-1]) == 1
    assert shots
    for name, block in shown.blocks.items():
        if name.endswith("-shots"):
            pool = [tuple(shot) for shot in decoded(block)]
            assert len(pool) == len(set(pool))


def test_a_redacted_run_has_ids_and_scores_alone(tmp_path):
    path = tmp_path / "run"
    model = FakeModel(writes={"A:": "Paris"})
    evalkit.evaluate(
        model, [COPA, TRIVIA], shots=1, limit=3, data_dir="samples", output=path, redact=True, command=["evalkit"]
    )
    shown = browser(load([path]), "some", tmp_path / "report.html")
    assert shown.is_redacted
    plain = tmp_path / "plain"
    evalkit.evaluate(model, [COPA, TRIVIA], shots=1, limit=3, data_dir="samples", output=plain)
    words = {text for row in RunFolder.open(plain).read_samples() for text in (*row["contexts"], *row["shot_texts"])}
    told = json.dumps([decoded(block) for block in shown.blocks.values()])
    assert words
    assert not any(json.dumps(text)[1:-1] in told for text in words)
    samples = list(samples_of(shown.blocks))
    assert len(samples) == 6
    assert all(sample["logprobs"] or sample["ends"] for _, sample, _ in samples)
    assert {tuple(sample["completions"]) for _, sample, _ in samples} == {("choice 1", "choice 2"), ()}


def test_what_is_not_judged_has_no_target_and_no_answer(tmp_path):
    path = tmp_path / "run"
    evalkit.evaluate(
        FakeModel(), ["lm/ptb", "bias/crows_pairs"], limit=2, data_dir="samples", output=path, normalisation="none"
    )
    for key, sample, flags in samples_of(browser(load([path]), "some", tmp_path / "report.html").blocks):
        assert not flags & {"right", "wrong"}
        assert sample["target"] == []
        assert ("preferred" in " ".join(sample["told"])) == (key[1] == "bias/crows_pairs")
        assert "chosen" not in " ".join(sample["told"])


def test_an_imported_run_has_no_samples(run, tmp_path):
    path = tmp_path / "run"
    shutil.copytree(run, path, ignore=shutil.ignore_patterns("samples"))
    shown = browser(load([path]), "some", tmp_path / "report.html")
    assert (shown.blocks, shown.total) == ({}, 0)
    assert "This page carries no samples." in written([path], tmp_path / "report.html").read_text()


def test_contamination_is_what_the_run_was_held_against(run, tmp_path):
    from dataclasses import replace

    names = [row["id"] for row in RunFolder.open(run).read_samples() if row["task"] == COPA]
    marked = {COPA: {names[0]: "dirty", names[1]: "unscored"}}
    (loaded,) = load([run])
    known = replace(loaded, contamination=Contamination({}, (), marked, (), ()))
    shown = browser([known], "some", tmp_path / "report.html")
    (choice,) = [one for one in shown.filters if one.label == "contamination"]
    assert [name for _, name in choice.options] == ["clean", "dirty", "unscored"]
    for key, _, flags in samples_of(shown.blocks):
        of_copa = {names[0]: "dirty", names[1]: "unscored"}.get(key[-1], "clean")
        assert flags & {"clean", "dirty", "unscored"} == ({of_copa} if key[1] == COPA else set())


def test_what_one_can_choose_tells_samples_apart(run, tmp_path):
    shown = browser(load([run]), "some", tmp_path / "report.html")
    assert [one.label for one in shown.filters] == ["task", "shots", "verdict"]
    assert [text for _, text in shown.filters[1].options] == ["0", "1", "4"]


def test_parts_of_a_task(tmp_path):
    path = tmp_path / "run"
    evalkit.evaluate(FakeModel(), "bias/winogender", limit=6, data_dir="samples", output=path)
    shown = browser(load([path]), "some", tmp_path / "report.html")
    (parts,) = [one for one in shown.filters if one.label == "part"]
    rows = RunFolder.open(path).read_samples()
    assert {text for _, text in parts.options} == {entry for row in rows for entry in row["breakdown"]}


def test_beside_the_page(run, tmp_path):
    loaded = load([run])
    inside = browser(loaded, "all", tmp_path / "report.html")
    (tmp_path / "report-samples").mkdir()
    (tmp_path / "report-samples" / "99-7.js").write_text("an older page's")
    (tmp_path / "report-samples" / "mine.js").write_text("kept")
    shown = browser(loaded, "beside", tmp_path / "report.html")
    assert shown.beside
    assert (shown.blocks, shown.carried) == ({}, 81)
    for name, block in inside.blocks.items():
        assert (tmp_path / "report-samples" / f"{name}.js").read_text() == f'evalkitSamples("{name}","{block}");\n'
    assert len(list((tmp_path / "report-samples").iterdir())) == len(inside.blocks) + 1
    browser(loaded, "some", tmp_path / "report.html")
    assert [one.name for one in (tmp_path / "report-samples").iterdir()] == ["mine.js"]
    (tmp_path / "report-samples" / "mine.js").unlink()
    browser(loaded, "beside", tmp_path / "report.html")
    browser(loaded, "some", tmp_path / "report.html")
    assert not (tmp_path / "report-samples").exists()


@pytest.mark.parametrize("most", ["some", "all", "beside"])
def test_a_page_tells_which_samples_it_has(run, other, tmp_path, most):
    page = written([run, other], tmp_path / "report.html", most)
    rows = RunFolder.open(run).read_samples()
    assert carried(page) == {address(setting_of(row), row["id"]) for row in rows}


@pytest.mark.parametrize(
    "text", ["", "<html>", '<script type="application/octet-stream" id="samples-index">AAAA</script>']
)
def test_a_page_that_tells_nothing(tmp_path, text):
    (tmp_path / "report.html").write_text(text)
    assert carried(tmp_path / "report.html") == frozenset()


def test_an_address():
    setting = Setting("a/b", "p & q", 2, 0)
    assert address(setting, 'é"') == "sample?task=a/b&prompt=p%20%26%20q&shots=2&seed=0&id=%C3%A9%22"
    assert address(setting, "1", "A").startswith("sample?run=A&task=")


def test_a_title_is_one_short_line():
    row = {"contexts": [""], "completions": ["a\n\n b" + "c" * 200], "written": []}
    assert title(row) == "a b" + "c" * 86 + "…"


def test_the_log_reads_as_it_did(run):
    rows = RunFolder.open(run).read_samples()
    plain = [row for file in RunFolder.open(run).sample_files() for row in pyarrow.parquet.read_table(file).to_pylist()]
    assert rows == plain


@pytest.fixture(scope="module")
def of_another_split(tmp_path_factory):
    path = tmp_path_factory.mktemp("train") / "run"
    evalkit.evaluate(FakeModel(), COPA, split="train", limit=9, data_dir="samples", output=path)
    return path


def test_examples_of_other_data_are_other_examples_though_their_ids_are_the_same(run, of_another_split, tmp_path):
    loaded = load([run, of_another_split])
    shown = browser(loaded, "all", tmp_path / "report.html")
    sections = [one for one in decoded(shown.blocks["index"])["sections"] if one["task"] == COPA]
    assert [{setting["run"] for setting in one["settings"]} for one in sections] == [{0}, {1}]
    assert sections[0]["titles"] != sections[1]["titles"]
    page = build([run, of_another_split], output=tmp_path / "both.html", differ=against).read_text(encoding="utf-8")
    assert "They are of different data." in page
    assert '<ul class="flips">' not in page


def test_titles_are_of_the_first_run_that_keeps_texts(run, tmp_path):
    hidden = tmp_path / "hidden"
    model = FakeModel(window=250)
    evalkit.evaluate(model, COPA, shots=0, limit=9, data_dir="samples", output=hidden, redact=True)
    (section,) = (
        one
        for one in decoded(browser(load([hidden, run]), "all", tmp_path / "report.html").blocks["index"])["sections"]
        if one["task"] == COPA
    )
    assert all(section["titles"])
