"""The page and the panel of scaling laws: all is escaped, nothing fetched, no style of its own, figures in words."""

import html.parser
import json
import re
from dataclasses import replace

import pytest

from evalkit.errors import RunError
from evalkit.report import scaling as page
from evalkit.report.drawing import FORMATS, on_paper
from evalkit.report.page import environment
from evalkit.report.scaling_figures import family_figure, frontier_figure, law_figure
from evalkit.scaling import texts
from evalkit.scaling.fit import Asked, conclude
from evalkit.scaling.record import json_text
from tests.scaling.conftest import SIZES, family, original, points
from tests.scaling.test_fit import grid, line

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> $x_1$ {{ 7*7 }}'
__all__ = ["family", "original"]  # fixtures of the fits' own tests are these tests' too


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def parsed(text):
    parser = _Tags()
    parser.feed(text)
    return parser


@pytest.fixture(scope="module")
def both():
    return conclude(grid(), Asked("chinchilla", at=[(7e10, 1.4e12)], budgets=[1e21, 5.76e23], bootstrap=40))


@pytest.fixture(scope="module")
def single():
    return conclude(line(), Asked(at=[(7e10,)], bootstrap=40))


def renamed(scaling, name):
    own = [replace(point, name=name, where=name) for point in scaling.points]
    measure = replace(scaling.measure, name=name, unit=name)
    return replace(scaling, points=tuple(own), measure=measure, notes=(name,))


@pytest.mark.parametrize("several", [1, 2])
def test_nothing_hostile_becomes_markup(both, single, several) -> None:
    found = parsed(page.render([renamed(both if several == 1 else single, HOSTILE)] * several))
    assert not {tag for tag, _ in found.seen} & {"script", "img", "iframe", "object", "form", "link", "a"}
    for _, attrs in found.seen:
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on") or name in ("src", "href")]
    assert any(HOSTILE in text for text in found.texts)


def test_the_policy_allows_the_pages_own_style_alone(both) -> None:
    text = page.render([both])
    (policy,) = [attrs["content"] for tag, attrs in parsed(text).seen if attrs.get("http-equiv")]
    assert "unsafe" not in policy
    assert "script-src 'none'" in policy
    assert len(re.findall("<style", text)) == 1


def test_the_page_says_what_was_fitted(both) -> None:
    found = parsed(page.render([both]))
    said = " ".join(" ".join(found.texts).split())
    for name, number in both.constants.items():
        assert f" {name} " in said
        assert texts.constant(name, number.value) in said
    assert "92.6 58.9 18.4" in said
    assert "482 ± 124.6" in said
    figures = [attrs for tag, attrs in found.seen if tag == "svg"]
    assert len(figures) == 2
    assert all(one["role"] == "img" and one["aria-label"] for one in figures)
    assert figures[0]["aria-label"].startswith("L(N, D) = E + A / N^alpha + B / D^beta fitted to loss (nats per token)")
    assert "1.4T training tokens" in figures[0]["aria-label"]


def test_papers_are_drawn_where_the_unit_is_theirs(single) -> None:
    drawn = page.render([single])
    assert "Kaplan" in "".join(re.findall(r"<svg.*?</svg>", drawn, re.DOTALL))
    other = replace(single, measure=replace(single.measure, is_nats=False))
    drawn = page.render([other])
    assert "Kaplan" in drawn
    assert "Kaplan" not in "".join(re.findall(r"<svg.*?</svg>", drawn, re.DOTALL))


def test_figures_go_to_paper(both, single) -> None:
    drawings = [law_figure(both), frontier_figure(both), family_figure([single, single])]
    for form, drawing in zip(FORMATS, drawings, strict=True):
        assert drawing is not None
        assert len(on_paper(drawing, form)) > 1000
    assert frontier_figure(single) is None


def test_a_fit_without_draws_or_frontier_has_a_page_too() -> None:
    bare = conclude(line(), Asked(bootstrap=0))
    assert "No draws, so no intervals" in page.render([bare])
    flat = points(SIZES, [2.0] * 6, tokens=[1e9, 2e9, 3e9, 4e9, 5e9, 6e9])
    rendered = page.render([conclude(flat, Asked("chinchilla", bootstrap=3))])
    assert "fitted" in rendered
    narrow = points([1e9, 1.1e9, 1.2e9, 1.3e9], [3, 2.999, 2.998, 2.996])
    assert "less than a decade" in page.render([conclude(narrow, Asked(bootstrap=5))])


def test_the_files_are_written(both, tmp_path) -> None:
    path = page.write([both], tmp_path / "new" / "out")
    assert path == tmp_path / "new" / "out" / "scaling.html"
    assert sorted(one.name for one in path.parent.iterdir()) == ["scaling.html", "scaling.json"]
    assert (path.parent / "scaling.json").read_text(encoding="utf-8") == json_text([both])
    assert json.loads(json_text([both]))["fits"][0]["law"] == "chinchilla"
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"):
        page.write([both], tmp_path / "file" / "x")


def test_a_panel_for_a_report_of_several_runs(family) -> None:
    runs = family()
    panel = page.panel(runs)
    assert panel is not None
    assert [one["name"] for one in panel["fits"]] == [
        "superglue/copa, accuracy, 1 shot",
        "superglue/rte, accuracy, 1 shot",
    ]
    assert panel["fits"][0]["compared"][0]["value"] == "0.1000"
    found = parsed(environment().get_template("scaling-panel.html.jinja").render(scaling=panel))
    assert [attrs["id"] for tag, attrs in found.seen if tag == "section"] == ["scaling"]
    assert len([tag for tag, _ in found.seen if tag == "svg"]) == 3
    assert page._FAMILY in panel["notes"]
    assert page.panel(runs[:2]) is None


def test_a_run_of_unknown_size_leaves_the_others_their_panel(family) -> None:
    whole, first, *runs = family(sizes=(0.5, *SIZES))  # the manifest has whole numbers: 0
    panel = page.panel([whole, first, *runs])
    assert panel is not None
    assert "left out, as their parameters are not known: org/m0" in panel["notes"]
    assert [len(one["points"]) for one in panel["fits"]] == [6, 6]
    assert page.panel([whole, first, *runs[:1]]) is None


def test_a_dozen_tasks_are_drawn_and_the_rest_stand_in_the_table(single) -> None:
    many = [replace(single, measure=replace(single.measure, name=f"task {place}")) for place in range(14)]
    drawn = page.render(many)
    found = parsed(drawn)
    assert len([tag for tag, _ in found.seen if tag == "svg"]) == 13
    rows = [text for text in found.texts if re.fullmatch(r"task \d+", text)]  # in the table, a figure, its own part
    assert [rows.count(f"task {place}") for place in (0, 11, 12, 13)] == [3, 3, 1, 1]
    assert "2 more stand in the table alone; scaling.json has all of them whole.</figcaption>" in drawn


def test_a_report_names_no_file_that_it_does_not_write(single) -> None:
    many = replace(single, points=single.points * 11)
    assert "The first 60; scaling.json has them all.</p>" in page.render([many])
    panel = page.panel_of([many]) | {"left_out": 2}
    told = environment().get_template("scaling-panel.html.jinja").render(scaling=panel | {"fits": panel["fits"] * 2})
    assert "The first 60.</p>" in told
    assert "2 more stand in the table alone.</figcaption>" in told


def test_models_of_one_size_have_no_panel(family) -> None:
    assert page.panel(family(sizes=(1e9, 1e9, 1e9, 1e9))) is None
