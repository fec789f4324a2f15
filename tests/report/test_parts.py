"""What a report shows of a task's parts, of offensive samples, and of a run without texts."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.drawing import on_page
from evalkit.report.parts import parts_drawings
from evalkit.report.sample_links import decoded
from evalkit.schema import Result
from tests.evaluation.shelf import Shelf
from tests.report.browsed import blocks_of, samples_of

HOSTILE = ["<script>alert(1)</script>", "$\\frac{1}{0}$", "語 العربية", 'a"b&c', "x" * 300]
WRITE = "[continuation]\nmax_tokens = 20\nstop = []\nsamples = 2\ntemperature = 1.0\n"


def result(subset: str, value: float, shots: int = 0, metric: str = "accuracy", scorer: str = "") -> Result:
    return Result(
        task="a/x", prompt="p", shots=shots, seed=0, metric=metric, value=value, low=value - 0.1, high=value + 0.1,
        n=7, groups=7, effective_shots=0.0, truncated=0, ties=0, signature="s", subset=subset, scorer=scorer,
    )  # fmt: skip


def several(column: str, names: Sequence[str], **more: int) -> list[Result]:
    return [result(f"{column}={name}", 0.2 + 0.05 * place, **more) for place, name in enumerate(names)]


def test_every_column_is_drawn_at_the_most_shots() -> None:
    results = [
        result("", 0.5), *several("gender", "abc"), *several("kind", "xy"), *several("one", "z"),
        result("", 0.6, shots=4), *several("gender", "abc", shots=4),
        *several("many", list(map(str, range(50))), shots=4),
        result("", 0.1, shots=4, metric="f1"),
    ]  # fmt: skip
    assert [drawing.words for drawing in parts_drawings(results)] == [
        "a/x, p, 4 shots: accuracy by gender: a 20.0, b 25.0, c 30.0"
    ]
    assert len(parts_drawings(results[:7])) == 2
    assert len(parts_drawings(results[:7], 1)) == 1


def test_scorers_have_figures_of_their_own() -> None:
    results = [
        one
        for scorer in ("list@1", "list@2")
        for one in (result("", 0.5, metric="mean_toxicity", scorer=scorer),
                    *(result(f"kind={kind}", 0.3, metric="mean_toxicity", scorer=scorer) for kind in "ab"))
    ]  # fmt: skip
    assert [drawing.words for drawing in parts_drawings(results)] == [
        f"a/x, p, 0 shots: mean_toxicity ({scorer}) by kind: a 0.300, b 0.300" for scorer in ("list@1", "list@2")
    ]


def test_names_of_parts_cannot_break_out_of_a_figure() -> None:
    (drawing,) = parts_drawings([result("", 0.5), *several("kind", HOSTILE)])
    figure = on_page(drawing)
    assert "<script" not in figure
    assert figure.count("<svg") == 1
    assert "frac" in figure


@pytest.fixture
def run(tmp_path: Path) -> tuple[Shelf, str]:
    shelf = Shelf(tmp_path)
    rows = [{"q": f"Question {number}", "kind": "ab"[number % 2]} for number in range(4)]
    head = 'offensive = true\n[breakdown]\nkind = "kind"'
    shelf.task(WRITE, "{{ q }}{% completion %} {{ choice }}", rows, metrics='["mean_toxicity"]', more=head)
    (tmp_path / "words.txt").write_text("foul\n")
    return shelf, f"lexicon:{tmp_path / 'words.txt'}"


def page_of(run: tuple[Shelf, str], **more: bool) -> str:
    shelf, scorer = run
    model = FakeModel(writes={f"Question {number}": " a foul word\0 a fair word" for number in range(4)})
    shelf.run(model, scorers=scorer, output=shelf.folder / "run", **more)
    return build(shelf.folder / "run").read_text(encoding="utf-8")


def test_offensive_samples_are_in_the_page_compressed_and_nowhere_else(run: tuple[Shelf, str]) -> None:
    page = page_of(run)
    assert "hold offensive texts" in page
    assert not re.search("foul word|Question 1", page)
    assert decoded(blocks_of(page)["index"])["sections"][0]["offensive"]


def test_scores_of_texts_stand_beside_them(run: tuple[Shelf, str]) -> None:
    samples = [sample for _, sample, _ in samples_of(blocks_of(page_of(run)))]
    told = {
        (text, re.sub(r"@\w+", "", end.partition("; ")[2]))
        for sample in samples
        for text, end in zip(sample["written"], sample["ends"], strict=True)
    }
    known = {
        (" a foul word", "toxicity lexicon:words 1.000"),
        (" a fair word", "toxicity lexicon:words 0.000"),
    }
    assert told
    assert told <= known


def test_a_run_without_texts_has_a_page_without_texts(run: tuple[Shelf, str]) -> None:
    page = page_of(run, redact=True)
    held = json.dumps([decoded(block) for block in blocks_of(page).values()])
    assert "This run keeps no text" in page
    assert not re.search("foul|fair|Question", (page + held).replace("words.txt", ""))


def test_a_preference_says_which_was_preferred(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    pair = '[preference]\nchoices = "[one, other]"\nroles = ["stereotype", "antistereotype"]\n'
    rows = [{"one": "they lead", "other": "we lead"}]
    shelf.task(pair, "{% completion %}{{ choice }}", rows, metrics='["stereotype_preference"]')
    shelf.run(FakeModel(liked={"they lead": True}), output=tmp_path / "run")
    page = build(tmp_path / "run").read_text(encoding="utf-8")
    ((_, sample, flags),) = samples_of(blocks_of(page))
    told = dict(zip(sample["completions"], sample["told"], strict=True))
    assert told["they lead"].startswith("stereotype, preferred")
    assert "preferred" not in told["we lead"]
    assert not flags & {"right", "wrong"}


def test_results_of_a_folder_keep_their_scorers(run: tuple[Shelf, str]) -> None:
    page_of(run)
    shelf, _ = run
    written = json.loads((shelf.folder / "run/results.json").read_text())["results"]
    assert {row["scorer"].partition("@")[0] for row in written} == {"lexicon:words"}
    assert evalkit.evaluate(FakeModel(), "superglue/rte", data_dir="samples", limit=1).results[0].scorer == ""
