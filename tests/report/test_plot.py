"""Figures for a paper: which runs can give them, and why others cannot."""

import re
import struct
from dataclasses import replace
from xml.etree import ElementTree

import pytest

import evalkit
from evalkit.cli import plot as verb
from evalkit.errors import RunError, UsageError
from evalkit.models.fake import FakeModel
from evalkit.report.drawing import FORMATS, on_page, on_paper
from evalkit.report.loaded import load
from evalkit.report.plot import NAMES, plotted
from tests.contamination.fabricated import fabricate

TASKS = ["superglue/copa", "superglue/cb"]


class Sized(FakeModel):
    """The same model with a size, and a name in a folder."""

    def __init__(self, name: str, parameters: int) -> None:
        super().__init__()
        self.named = {"name": name, "parameters": parameters}

    @property
    def identity(self):
        return replace(super().identity, **self.named)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    overlaps = fabricate(place / "overlaps", TASKS)
    both = {"shots": (0, 2), "seeds": (0, 1), "data_dir": "samples"}
    evalkit.evaluate(Sized("smaller/fake", 10**6), TASKS, contamination=overlaps, output=place / "one", **both)
    evalkit.evaluate(Sized("larger/model", 10**9), TASKS, output=place / "larger", **both)
    evalkit.evaluate(FakeModel(), "bias/winogender", data_dir="samples", output=place / "parts")
    evalkit.evaluate(FakeModel(), "completion/lambada_openai", data_dir="samples", output=place / "bare", limit=3)
    return place


@pytest.fixture(scope="module")
def given(runs):
    """Each figure's runs."""
    own = {"parameters": [runs / "one", runs / "larger"], "parts": [runs / "parts"]}
    return {name: own.get(name, [runs / "one"]) for name in NAMES}


def test_the_verb_offers_what_there_is() -> None:
    assert verb._FIGURES == NAMES
    assert verb._FORMATS == FORMATS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_figure_has_every_format_and_the_same_bytes_twice(given, name, form) -> None:
    drawing = plotted(name, given[name])
    content = on_paper(drawing, form)
    assert content == on_paper(plotted(name, given[name]), form)
    assert {"svg": _is_svg, "pdf": _is_pdf, "png": _is_png}[form](content, drawing)


def _is_svg(content: bytes, drawing) -> bool:
    root = ElementTree.fromstring(content)
    width = float(root.attrib["width"].removesuffix("pt")) / 72
    letters = [one for one in root.iter() if one.tag.endswith("}text")]
    return root.attrib["aria-label"] == drawing.words and abs(width - drawing.size[0]) < 0.01 and len(letters) > 5


def _is_pdf(content: bytes, drawing) -> bool:
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", content)
    is_sized = box is not None and abs(float(box[1]) / 72 - drawing.size[0]) < 0.01
    is_embedded = b"/FontFile2" in content and b"/CIDFontType2" in content and b"/Type3" not in content
    return content.startswith(b"%PDF-") and is_sized and is_embedded and b"CreationDate" not in content


def _is_png(content: bytes, drawing) -> bool:
    width, height = struct.unpack(">II", content[16:24])
    own = tuple(int(200 * inches) for inches in drawing.size)
    return content.startswith(b"\x89PNG\r\n\x1a\n") and abs(width - own[0]) < 2 and abs(height - own[1]) < 2


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_every_figure_without_a_style(given, name) -> None:
    page = on_page(plotted(name, given[name]))
    assert "style" not in page
    assert "#0102" not in page
    assert page.startswith('<svg role="img" aria-label="')


def test_figures_fit_the_width(given) -> None:
    for name in NAMES:
        for width in (3.0, 5.5, 11.0):
            assert plotted(name, given[name], width=width).size[0] <= width + 1e-9


def test_runs_are_called_as_on_a_page(runs) -> None:
    both = [runs / "one", runs / "larger"]
    words = plotted("shots", both).words
    assert all(f" {run.label} " in words for run in load(both))


def test_tasks_are_chosen_by_name_or_folder(runs) -> None:
    both, one = (plotted("shots", [runs / "one"], names).words for names in (["superglue"], ["superglue/cb"]))
    assert ("superglue/copa" in both, "superglue/cb" in both) == (True, True)
    assert ("superglue/copa" in one, "superglue/cb" in one) == (False, True)
    words = plotted("contamination", [runs / "one"], ["superglue/cb"]).words
    assert ("superglue/copa" in words, "superglue/cb" in words) == (False, True)


@pytest.mark.parametrize("name", ["shots", "contamination"])
def test_tasks_that_are_not_there_are_told(runs, name) -> None:
    with pytest.raises(UsageError, match=r"no task superglue/c; there are superglue/cb, superglue/copa$"):
        plotted(name, [runs / "one"], ["superglue/c"])


@pytest.mark.parametrize(
    ("name", "folders", "why"),
    [
        ("shots", ["bare"], r"each was asked at one \(0 shots\)\. Run with --shots 0,1,32"),
        ("parameters", ["one"], "models of two sizes or more .* parameters here: .*fake "),
        ("spread", ["bare"], "several prompts or several seeds"),
        ("spread", ["one", "larger"], "is of one run, and 2 are given"),
        ("reliability", ["bare"], "keeps none: its tasks choose nothing"),
        ("parts", ["one"], "no task of this run has several parts"),
        ("contamination", ["larger"], "held against a corpus, and .*larger was not"),
    ],
)
def test_a_figure_that_a_run_cannot_give_says_why(runs, name, folders, why) -> None:
    with pytest.raises(UsageError, match=why):
        plotted(name, [runs / folder for folder in folders])


def test_what_is_no_run_is_told(tmp_path) -> None:
    for name in NAMES:
        with pytest.raises(RunError, match="no run here"):
            plotted(name, [tmp_path])
