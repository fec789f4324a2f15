"""What a notebook shows: a fragment that stands alone, with every text escaped."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

import evalkit
from evalkit.models.fake import FakeModel

VOID = {"br", "img"}


class Checked(HTMLParser):
    """Sees that tags are closed in turn, and gathers them and the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.styles: set[str] = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append(tag)
        assert {name for name, _ in attributes} <= {"style"}
        self.styles |= {value for _, value in attributes}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def checked(fragment):
    parser = Checked()
    parser.feed(fragment)
    parser.close()
    assert not parser.open
    return parser


@pytest.fixture(scope="module")
def results():
    return evalkit.evaluate(
        FakeModel(window=10**6), "superglue", shots=(0, 1), seeds=(0, 1), data_dir="samples", limit=6
    )


def test_results_show_their_table(results):
    found = checked(results._repr_html_())
    assert found.tags == {"div", "table", "thead", "tbody", "tr", "th", "td", "span", "p", "ul", "li"}
    for text in ("macro_f1", "average", "Seeds and prompts", "Shares in percent"):
        assert any(text in one for one in found.texts)


def test_letters_keep_the_colour_of_the_page(results):
    for style in checked(results._repr_html_()).styles:
        named = dict(one.split(":") for one in style.split(";"))
        assert named.get("color", "inherit") == "inherit"
        assert named.get("background", "transparent") == "transparent"
        assert "url(" not in style


def test_hostile_names_are_text(results):
    hostile = "<script>alert(1)</script>&<b>"
    bad = replace(
        results,
        results=tuple(replace(one, task=hostile, subset="<i>") for one in results),
        skipped={hostile: hostile},
        diagnostics=(),
        components=(),
    )
    found = checked(bad._repr_html_())
    assert not {"script", "b", "i"} & found.tags
    assert f"{hostile} was left out: {hostile}" in "".join(found.texts)


def test_many_rows_are_told_and_not_shown(results):
    many = tuple(replace(one, task=f"t{place}") for place in range(250) for one in results.results[:3])
    found = checked(replace(results, results=many, diagnostics=(), components=())._repr_html_())
    assert any(one.startswith("and ") and one.endswith("more rows") for one in found.texts)


def test_results_are_told_in_a_line_and_in_a_table(results):
    assert repr(results) == f"<Results: {len(results)} numbers of 10 tasks>"
    lines = str(results).splitlines()
    assert lines[0] == repr(results)
    assert lines[1].split()[:4] == ["task", "prompt", "seed", "part"]
    assert [line for line in lines if line.startswith("superglue/cb ") and "macro_f1" in line]
    assert repr(replace(results, skipped={"a": "b"})).endswith("10 tasks, 1 left out>")


def test_nothing_was_measured(results):
    empty = replace(results, results=(), samples={}, diagnostics=(), components=())
    assert str(empty) == "<Results: 0 numbers of 0 tasks>"
    checked(empty._repr_html_())


def test_a_comparison_shows_its_differences(tmp_path):
    for name, liked in (("a", " yes"), ("b", " no")):
        model = FakeModel(liked={liked: True})
        evalkit.evaluate(model, "superglue/boolq", data_dir="samples", output=tmp_path / name)
    compared = evalkit.compare(tmp_path / "a", tmp_path / "b")
    found = checked(compared._repr_html_())
    assert {"B against A: prompt gpt3, 0 shots, seed 0", "B − A", "superglue/boolq"} <= set(found.texts)
    assert repr(compared).startswith("<Comparison: A fake (")
    assert repr(compared).endswith("; 1 differences>")
