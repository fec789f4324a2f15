"""A comparison as files: everything escaped, one file, nothing fetched; as a browser sees it, and as Markdown."""

import html.parser
import json
import re
import shutil
from urllib.parse import parse_qs

import pytest

import evalkit
from evalkit.comparison.markdown import markdown
from evalkit.comparison.page import write
from evalkit.errors import RunError
from evalkit.library import SAMPLES
from evalkit.report.build import build
from evalkit.report.sample_links import carried
from tests.browser import unfold
from tests.comparison.planted import TASK, knowing, planted
from tests.report.hostile import HOSTILE, write_copa

OFFENSIVE = "toxicity/ethos"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Two hostile runs, with reports, compared."""
    place = tmp_path_factory.mktemp("hostile")
    write_copa(place / "data", [*HOSTILE, "x" * 800])
    shutil.copytree(SAMPLES / "toxicity", place / "data" / "toxicity")
    names = place / "run <b>", place / "javascript:alert(3)", place / "c"
    for name, right, yes in zip(names, ({0, 1, 2}, {3, 4, 5}, {0, 5}), (True, False, False), strict=True):
        model = knowing(right, place / "data", **{" yes": yes})
        tasks = [TASK, OFFENSIVE] if name != names[2] else TASK
        evalkit.evaluate(model, tasks, shots=(0, 2), data_dir=place / "data", output=name, command=["<i>", "x"])
        build(name)
    return write(evalkit.compare(*names), place / "out & <about>", 3)


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "action") and value]
        self.ids += [value for name, value in attrs if name == "id"]


def parsed(page):
    parser = _Tags()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


def test_nothing_hostile_becomes_markup(page):
    parser = parsed(page)
    assert not parser.tags & {"script", "img", "iframe", "object", "form", "link"}
    assert len(parser.ids) == len(set(parser.ids))
    for address in parser.addresses:
        assert re.fullmatch(r"#f-[A-Z]-\d+|\.\./[\w%.()-]+/report\.html(#sample\?[\w%=&/.-]+)?", address)
    assert any("javascript%3Aalert" in address for address in parser.addresses)


def test_links_lead_to_samples_of_the_reports(page):
    links = [address for address in parsed(page).addresses if "#sample?" in address]
    assert links
    for address in links:
        report, _, sample = address.partition("#")
        folder = {"run": "run <b>", "jav": "javascript:alert(3)", "c/r": "c"}[report[3:6]]
        assert sample in carried(page.parent.parent / folder / "report.html")


def test_three_files(page):
    assert sorted(path.name for path in page.parent.iterdir()) == ["compare.html", "compare.json", "compare.md"]
    values = json.loads((page.parent / "compare.json").read_text(encoding="utf-8"))
    assert len(values["contrasts"]) == 2
    told = page.read_text(encoding="utf-8")
    for contrast in values["contrasts"]:
        for change in contrast["signatures"]:
            assert change["name"] in told


def test_offensive_texts_are_folded_on_the_page_and_nowhere_else(page):
    text = "Women should leave the driving"
    assert text in (SAMPLES / "toxicity" / "ethos_binary" / "train.jsonl").read_text(encoding="utf-8")
    told = page.read_text(encoding="utf-8")
    assert told.count('<details class="offensive">') >= 1
    assert "These may be offensive texts" in told
    assert told.index('<details class="offensive">') < told.index(text)
    assert text not in (page.parent / "compare.md").read_text(encoding="utf-8")
    assert text not in (page.parent / "compare.json").read_text(encoding="utf-8")


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 360), ("dark", 1280)])
def test_in_a_browser(page, theme, width, opened):
    """A link opens its sample."""
    tab = opened(page, width, theme)
    unfold(tab)
    assert tab.locator("text=alert(1)").count() > 0
    link = tab.locator("a[href*='#sample?']").first
    example = parse_qs(link.get_attribute("href").partition("?")[2])["id"][0]
    link.click()
    tab.wait_for_url("**/report.html#*")
    tab.locator("#sample-title bdi").wait_for()
    assert tab.locator("#sample-title bdi").inner_text() == example


def test_markdown_of_what_is_sure(tmp_path):
    good, bad = planted(tmp_path / "good", range(28)), planted(tmp_path / "bad", range(4))
    comparison = evalkit.compare(good, bad)
    told = markdown(comparison, 2)
    assert "**B against A: 1 worse, 0 not sure, of 1 number (each task's first metric).**" in told
    assert "| superglue/copa | 0 | accuracy | 28 | 100.0 | 14.3 | −85.7 \\[−96, −71\\] | \\<.001 | \\<.001 |" in told
    assert "From right to wrong, the first 2 of 24:" in told
    assert told.count("- `") == 2
    assert "<details><summary>superglue/copa, 0 shots, accuracy: flips −24 +0</summary>" in told
    assert "details" not in markdown(comparison, 0)


def test_markdown_means_nothing_by_names(page):
    told = (page.parent / "compare.md").read_text(encoding="utf-8")
    assert not re.search(r"(?<!\\)<(?!details|summary|/details|/summary|sub|/sub|\.001)", told)
    assert "{{ 7" not in told.replace("\\{", "")


def test_a_folder_that_cannot_be_written(tmp_path):
    run = planted(tmp_path / "run", range(9))
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="the comparison cannot be written"):
        write(evalkit.compare(run, run), tmp_path / "file", 3)
