"""The table of scores in a browser: sorted, filtered, copied; and the page as a whole, for everyone who reads it."""

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe

import evalkit
from evalkit.comparison.against import against
from evalkit.models.fake import FakeModel
from evalkit.report.build import build
from evalkit.report.loaded import load
from tests.browser import unfold

pytestmark = pytest.mark.browser
SCORES = "table[data-sheet=sheet-main]"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of models that answer differently."""
    place = tmp_path_factory.mktemp("runs")
    for name, model in (("first", FakeModel(window=10**6)), ("second", "demo")):
        tasks = ("superglue/cb", "superglue/copa", "superglue/rte")
        evalkit.evaluate(model, tasks, shots=(0, 1), seeds=(0, 1), data_dir="samples", output=place / name)
    return place / "first", place / "second"


@pytest.fixture(scope="module")
def report(runs):
    return build(runs[0])


@pytest.fixture(scope="module")
def of_both(runs, tmp_path_factory):
    return build(runs, output=tmp_path_factory.mktemp("both") / "report.html", differ=against)


def column(page, place):
    return page.locator(f"{SCORES} tbody tr:not([hidden]) > :nth-child({place})").all_inner_texts()


def copied(page, form):
    """What a button copies; a page from disk may not be let near the clipboard, and then shows it."""
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator(f"#sheet-main button[data-form={form}]").click()
    return page.locator("#sheet-main textarea").input_value()


def test_sorted_by_a_press_and_back_by_another(report, opened):
    page = opened(report)
    heads = [text.split("\n")[0].strip() for text in page.locator(f"{SCORES} thead th").all_inner_texts()]
    place = heads.index("0 shots") + 1
    head = page.locator(f"{SCORES} thead th").nth(place - 1)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    values = [float(text.split()[0].replace("−", "-")) for text in column(page, place) if text.strip()]
    assert values == sorted(values, reverse=True)
    shown = [text.strip() for text in column(page, place)]
    assert all(shown[: len(values)])  # what has no number comes last
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    again = [text.strip() for text in column(page, place)]
    assert all(again[: len(values)])
    page.locator(f"{SCORES} thead th").first.locator("button").click()
    assert column(page, 1) == sorted(column(page, 1))  # names begin with a
    assert page.locator(f"{SCORES} thead th[aria-sort]").count() == 1


def test_filtered_by_every_word(report, opened):
    page = opened(report)
    every = len(column(page, 1))
    page.locator("#sheet-main input").fill("CB accuracy")
    assert set(column(page, 1)) == {"superglue/cb"}
    assert page.locator("#sheet-main output").inner_text() == f"{len(column(page, 1))} of {every} lines"
    page.locator("#sheet-main input").fill("")
    assert len(column(page, 1)) == every
    assert page.locator("#sheet-main output").inner_text() == ""


def test_copied_as_csv_with_all_digits_and_bounds(report, opened, runs):
    page = opened(report)
    page.locator("#sheet-main input").fill("copa")
    rows = list(csv.DictReader(io.StringIO(copied(page, "csv"))))
    (run,) = load(runs[:1])
    own = {(one.seed, one.shots): (one.value, one.low, one.high) for one in run.results if one.task == "superglue/copa"}
    told = {
        (int(row["seed"]), shots): tuple(float(row[f"{name}{end}"]) for end in ("", " low", " high"))
        for row in rows
        for shots, name in ((0, "0 shots"), (1, "1 shot"))
        if row[name]
    }
    assert told == own
    assert {row["random"] for row in rows} == {"0.5"}


def test_copied_as_markdown_and_latex_as_it_is_shown(report, opened):
    page = opened(report)
    page.locator("#sheet-main input").fill("copa")
    head, rule, *rows = copied(page, "markdown").split("\n")
    assert head.startswith("| task | seed | metric | n | random |")
    assert set(rule) <= set("|- ")
    assert len(rows) == 2
    assert all(row.count("|") == head.count("|") for row in rows)
    first = page.locator(f"{SCORES} tbody tr:not([hidden]) .value").first.inner_text()
    assert f"| {first} \\[" in rows[0]
    latex = copied(page, "latex")
    assert latex.startswith("\\begin{tabular}{")
    assert "superglue/copa & 0 & accuracy" in latex
    assert latex.count(" \\\\\n") == 3


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_the_page_of_one_run_and_of_two(report, of_both, opened, theme, width):
    for path in (report, of_both):
        page = opened(path, width, theme)
        unfold(page)
        assert page.locator(".value").first.is_visible()


def test_the_theme_can_be_turned(report, opened):
    page = opened(report, theme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator(".theme").click()
    assert page.evaluate(ground) != light
    page.locator(".theme").click()
    assert page.evaluate(ground) == light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(report, of_both, browser, theme):
    for path in (report, of_both):
        context = browser.new_context(bypass_csp=True, color_scheme=theme)  # axe is a script that is put in
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        found = Axe().run(page).response["violations"]
        told = [f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}" for one in found]
        context.close()
        assert [one for one in told if one.startswith(("serious", "critical"))] == []


def test_a_page_of_two_runs_begins_its_difference_with_the_manifests(of_both, opened):
    page = opened(of_both)
    section = page.locator("#diff")
    words = section.inner_text()
    assert words.index("Versions, arguments and machine" if "are the same" in words else "What differs") < words.index(
        "Holm"
    )
    assert page.locator(f"{SCORES} td.model").count() == page.locator(f"{SCORES} tbody tr").count()


def test_a_flip_leads_to_the_sample_of_its_run(of_both, opened):
    page = opened(of_both)
    page.locator("#sample-title bdi").wait_for()
    page.locator("#diff details", has_text="to wrong").first.locator("summary").click()
    for letter, name in (("A", "fake"), ("B", "evalkit-demo")):
        item = page.locator("#diff ul.flips li").first
        example = item.locator("span.mono").first.inner_text()
        item.locator("a", has_text=letter).click()
        assert page.locator("#sample-title bdi").inner_text() == example
        assert name in page.locator("#sample-told bdi").inner_text()


def test_printed_it_is_light_and_has_its_heads(report, opened):
    page = opened(report, 800, "dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(f"{SCORES} thead th").first.is_visible()
    assert page.locator("nav").first.is_hidden()
    assert page.locator("#sheet-main").is_hidden()


def test_a_flip_that_the_page_does_not_carry_has_no_link(runs, tmp_path):
    page = build(runs, output=tmp_path / "none.html", differ=against, samples="none").read_text(encoding="utf-8")
    assert "to wrong" in page
    assert 'href="#sample?' not in page
