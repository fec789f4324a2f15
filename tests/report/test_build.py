"""The report: everything escaped, one file, nothing fetched; and as a browser sees it."""

import html.parser
import json
import re
from pathlib import Path

import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.page import asset
from evalkit.runs.folder import RunFolder
from tests.browser import unfold
from tests.report.browsed import blocks_of, samples_of
from tests.report.hostile import HOSTILE, write_copa

TEXTS = (*HOSTILE, "x" * 2_000)


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory) -> Path:
    """A run over rows that try to break out of the page."""
    place = tmp_path_factory.mktemp("hostile")
    write_copa(place / "data", TEXTS)
    run = place / "run <b>"
    model = FakeModel(window=10**7)
    evalkit.evaluate(model, "superglue/copa", shots=(0, 2), data_dir=place / "data", output=run, command=["<i>", "x"])
    build(run)
    return run


class _Tags(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "script":
            self.scripts.append(dict(attrs).get("type", "a script of ours"))
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "action") and value]


def test_nothing_hostile_becomes_markup(hostile_run):
    page = (hostile_run / "report.html").read_text()
    parser = _Tags()
    parser.feed(page)
    assert not parser.tags & {"img", "iframe", "object", "link", "i", "b"}
    assert parser.scripts == ["application/octet-stream"] * (len(parser.scripts) - 1) + ["a script of ours"]
    assert not parser.handlers
    assert all(address.startswith("#") for address in parser.addresses)
    told = json.dumps([sample for _, sample, _ in samples_of(blocks_of(page))])
    assert "<script>alert(1)" in told
    assert "{{ 7 * 7 }}" in told
    assert not re.search(r"url\((?!#)", page)


def test_the_page_holds_what_it_promises(hostile_run):
    page = (hostile_run / "report.html").read_text()
    folder = RunFolder.open(hostile_run)
    for result in folder.read_results():
        assert result.signature in page
    assert "&lt;i&gt;" in page  # the command
    assert "details > .inside" in page  # the style is the style, not its escaped text
    assert 'aria-label="Score by number of shots, shares in percent.' in page
    assert len(list(samples_of(blocks_of(page)))) == 2 * len(TEXTS)


def test_the_report_of_the_same_run_is_the_same(hostile_run):
    before = (hostile_run / "report.html").read_bytes()
    build(hostile_run)
    assert (hostile_run / "report.html").read_bytes() == before


def test_the_script_of_a_page_stays_small(hostile_run):
    page = (hostile_run / "report.html").read_text()
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert asset("table.js") in script
    assert len(script.encode()) < 15_000


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_in_a_browser(hostile_run, theme, width, opened):
    page = opened(hostile_run / "report.html", width, theme)
    unfold(page)
    page.locator("#sample-title bdi").wait_for()
    assert page.locator("text=alert(1)").count() > 0
