"""Markdown for pull requests: hostile names stand as text, a comment is never too long, all is said first to last."""

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.grid import Column, Grid, cell
from evalkit.report.loaded import load
from evalkit.report.markdown import MOST, escaped, fenced, html, summary, table
from evalkit.runs.folder import RunFolder

HOSTILE = "a|b`c`<img src=x>\n# @team #12 [x](http://e.x) **b** www.e.x"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("run") / "run"
    evalkit.evaluate(
        FakeModel(window=10**6), "superglue", shots=(0, 1), data_dir="samples", limit=6, output=place,
        command=["evalkit", "run", "--tasks", "super glue"],
    )  # fmt: skip
    return RunFolder.open(place)


def told(folder, **changes):
    (run,) = load([folder.path])
    return summary(replace(run, manifest=replace(run.manifest, **changes)))


def test_the_parts_in_their_order(folder):
    text = told(folder)
    order = [
        "## evalkit: fake",
        "**superglue averages ",
        "| task | metric | n | 0 shots | 1 shot |",
        "| **superglue** | **average** |",
        "Shares in percent",
        "<summary>Signatures</summary>",
        "superglue/boolq@",
        "<summary>The command that repeats it</summary>",
        "```sh\nevalkit run --tasks 'super glue'\n```",
    ]
    places = [text.index(one) for one in order]
    assert places == sorted(places)
    assert text.endswith("</details>\n")


def test_rows_have_as_many_cells_as_the_head(folder):
    rows = [line for line in told(folder).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 15
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert re.search(r"\| \d+\.\d( [!↓≤])? \\\[\d+–\d+\\\] \|", rows[4])


def test_hostile_names_stand_as_text(folder):
    (run,) = load([folder.path])
    results = [replace(one, task=HOSTILE, signature=f"{HOSTILE}```") for one in run.results]
    manifest = replace(
        run.manifest, skipped={HOSTILE: HOSTILE}, model={**run.manifest.model, "name": HOSTILE}, command="x ```"
    )
    text = summary(replace(run, manifest=manifest, results=results))
    shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    outside = re.sub(r"(?s)<pre>.*?</pre>", "", shown)
    assert set(re.findall(r"<(\w+)", outside)) == {
        *("h2", "p", "strong", "sub", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "details", "summary")
    }
    assert "a|b`c`&lt;img src=x&gt; # @\u200bteam #\u200b12 [x](http\u200b://e.x) **b** www\u200b.e.x" in outside
    assert not re.search(r"[@#]\w|\w://|\bwww\.", outside)
    assert shown.count("<pre>") == 2
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert "\n````text\n" in text


def test_what_means_something_is_escaped():
    assert escaped("a|b *c* <d>\n`e`") == r"a\|b \*c\* \<d\> \`e\`"
    assert escaped("@team, #12") == r"\@&#8203;team, \#&#8203;12"
    assert escaped("http://e.x") == "http&#8203;://e.x"
    assert html("<b> & @c") == "&lt;b&gt; &amp; @&#8203;c"
    assert escaped("\x1b[2J") == "\ufffd\\[2J"


@pytest.mark.parametrize(("text", "fence"), [("a", "```"), ("a```b", "````"), ("`" * 9, "`" * 10)])
def test_a_fence_that_cannot_be_closed(text, fence):
    assert fenced(text, "sh") == [f"{fence}sh", text, fence]


@pytest.mark.parametrize("most", [MOST, 9000, 4000])
def test_a_comment_is_never_too_long(folder, most):
    (run,) = load([folder.path])
    many = [replace(one, task=f"{one.task}/{place}") for place in range(200) for one in run.results]
    text = summary(replace(run, results=many, diagnoses=()), most=most)
    assert 0.5 * most < len(text) <= most
    assert "more rows are in the report" in text
    assert text.startswith("## evalkit: fake")
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert "| **superglue/0** |" in text  # averages are the last to go


def test_what_has_to_be_closed_is_left_out_whole(folder):
    (run,) = load([folder.path])
    skipped = {f"task-{place}": "for want of its data" for place in range(90)}
    manifest = replace(run.manifest, skipped=skipped, command="evalkit " + "x" * 9000)
    text = summary(replace(run, manifest=manifest), most=5000)
    assert len(text) <= 5000
    assert "Notes, flags and the command are in the report" in text
    assert "| **superglue** |" in text
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_numbers_stand_at_the_right():
    columns = (Column("a", is_label=True), Column("p", is_label=True, above="p {}"), Column("n", is_number=True))
    rows = tuple((cell(name), cell("x"), cell("1")) for name in "ab")
    assert table(Grid(columns, rows, frozenset({1}))) == [
        "<sub>p x</sub>",
        "",
        "| a | n |",
        "| --- | --: |",
        "| a | 1 |",
        "| **b** | **1** |",
    ]
