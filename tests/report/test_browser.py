"""The sample browser as a browser has it, from disk."""

import json
import shutil
from urllib.parse import quote

import pyarrow
import pyarrow.parquet
import pytest

import evalkit
from evalkit.models.fake import FakeModel
from evalkit.report.sample_links import address
from evalkit.runs.folder import RunFolder
from evalkit.runs.log import setting_of
from tests.report.browsed import written
from tests.report.hostile import HOSTILE, write_copa

COPA, BOOLQ, TRIVIA, ETHOS = "superglue/copa", "superglue/boolq", "qa/triviaqa", "toxicity/ethos"
LONG = "x" * 1000  # a million in the log, which would take this model hours
TEXTS = (*HOSTILE, LONG)


@pytest.fixture
def opened(opened):
    """Opens a page and waits for its samples."""

    def open_page(path, at="", width=1280, theme="light"):
        page = opened(path, width, theme, at)
        page.set_default_timeout(20_000)
        page.locator("#sample-title bdi").wait_for()
        return page

    return open_page


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Choices, and written texts of which some hold the answer; an offensive task."""
    path = tmp_path_factory.mktemp("one") / "run"
    model = FakeModel(window=1500, writes={"A:": "James Watt, they say\0Watt"})
    evalkit.evaluate(model, [COPA, BOOLQ, TRIVIA, ETHOS], shots=(0, 2), limit=12, data_dir="samples", output=path)
    return path


@pytest.fixture(scope="module")
def page(run):
    return written([run], run.parent / "page" / "report.html")


@pytest.fixture(scope="module")
def rows(run):
    return RunFolder.open(run).read_samples()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    place = tmp_path_factory.mktemp("hostile")
    write_copa(place / "data", TEXTS)
    runs = place / 'run <b>"', place / "javascript:alert(3)"
    for path in runs:
        evalkit.evaluate(FakeModel(window=10**8), COPA, shots=(0, 1), data_dir=place / "data", output=path)
        for file in RunFolder.open(path).sample_files():
            rows = pyarrow.parquet.read_table(file).to_pylist()
            rows[-1]["contexts"] = [rows[-1]["contexts"][0].replace(LONG, "x" * 1_000_000)]
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    return written(runs, place / "page" / "report.html", "all")


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """100,000 samples: a log of 25,000 examples under four numbers of shots."""
    place = tmp_path_factory.mktemp("big") / "run"
    evalkit.evaluate(FakeModel(window=10**6), COPA, shots=(0, 1, 2, 3), limit=8, data_dir="samples", output=place)
    for file in RunFolder.open(place).sample_files():
        table = pyarrow.parquet.read_table(file)
        many = table.take([number % 8 for number in range(25_000)])
        ids = pyarrow.array([f"item-{number}" for number in range(25_000)])
        texts = [[f"{number} {texts[0]}"] for number, texts in enumerate(many["contexts"].to_pylist())]
        many = many.set_column(many.column_names.index("id"), "id", ids)
        many = many.set_column(many.column_names.index("contexts"), "contexts", pyarrow.array(texts))
        pyarrow.parquet.write_table(many, file)
    return written([place], place.parent / "report.html", "all")


def status(page):
    return page.locator("#sample-status").inner_text()


def wait(page, name, text):
    """Until it says so."""
    from playwright.sync_api import expect

    expect(page.locator(name)).to_have_text(text, timeout=20_000)


def listed(page):
    return page.locator("#sample-list li bdi.mono").all_inner_texts()


def shown(page):
    return page.locator("#sample-title bdi").inner_text()


def label(page):
    return page.locator("#sample-told bdi").inner_text()


@pytest.mark.browser
def test_a_sample_is_that_of_the_log(page, rows, opened):
    for row in [row for row in rows if row["task"] in (COPA, BOOLQ)][::7]:
        tab = opened(page, f"#{address(setting_of(row), row['id'])}")
        assert shown(tab) == row["id"]
        prompt = tab.locator("#sample-prompt").evaluate("pre => pre.textContent")
        assert prompt == row["instruction"] + "".join(row["shot_texts"]) + row["contexts"][0] + "┃"
        assert tab.locator("#sample-prompt .shot").count() == row["effective_shots"]
        assert tab.locator("#sample-facts dd").first.inner_text() == row["choices"][row["targets"][0]]
        heads = tab.locator("#sample-choices tr:first-child th").all_inner_texts()
        assert [head.split()[0] for head in heads] == ["completion", "none", "token", "byte", "char"]
        assert [head.split()[0] for head in heads if "ranks" in head] == [row["normalisation"]]
        for place, completion in enumerate(row["completions"]):
            line = tab.locator("#sample-choices tr").nth(place + 1)
            assert line.locator("th bdi").evaluate("bdi => bdi.textContent") == completion
            logprob = row["logprobs"][place]
            lengths = [1, row["tokens"][place], row["bytes"][place], row["chars"][place]]
            numbers = [float(cell) for cell in line.locator("td").all_inner_texts()]
            assert numbers == pytest.approx([logprob / length for length in lengths], abs=1e-3)
            assert line.locator("td svg rect").count() == 4
            told = line.locator("th .soft").inner_text()
            assert ("chosen" in told) == (place == row["prediction"])
            assert ("target" in told) == (place in row["targets"])


@pytest.mark.browser
def test_bars_are_as_long_as_the_numbers(page, opened):
    tab = opened(page, f"#sample?task={COPA}")
    for column in range(4):
        cells = tab.locator("#sample-choices tr").locator(f"td:nth-of-type({column + 1})").all()
        numbers = [float(cell.inner_text()) for cell in cells]
        wide = [cell.locator("rect").evaluate("rect => rect.getBoundingClientRect().width") for cell in cells]
        assert wide[0] / wide[1] == pytest.approx(numbers[0] / numbers[1], rel=0.02)


@pytest.mark.browser
def test_the_answer_is_marked_in_what_was_written(page, rows, opened):
    row = next(row for row in rows if row["task"] == TRIVIA and row["text"])
    tab = opened(page, f"#{address(setting_of(row), row['id'])}")
    assert tab.locator("#sample-written pre").first.inner_text() == row["written"][0]
    assert tab.locator("#sample-written mark").first.inner_text() == row["text"]
    assert tab.locator("#sample-written p").first.inner_text().startswith(f"ended by {row['reasons'][0]}, ")
    assert not tab.locator("table", has_text="Log-probabilities").is_visible()


@pytest.mark.browser
def test_filters(page, rows, opened):
    tab = opened(page)
    assert status(tab) == f"{len(rows)} of {len(rows)} samples"

    def select(name, *value, **label):
        tab.locator(f"#sample-filters [name={name}]").first.select_option(*value, **label)

    select("task", COPA)
    assert status(tab).startswith("24 of ")
    select("shots", "2")
    assert listed(tab) == [row["id"] for row in rows if row["task"] == COPA and row["shots"] == 2]
    select("flags", label="wrong")
    own = [row["id"] for row in rows if row["task"] == COPA and row["shots"] == 2 and not row["correct"]]
    assert 0 < len(own) < 12
    assert listed(tab) == own
    select("flags", "")
    select("shots", "")
    tab.get_by_role("checkbox", name="flipped").check()
    verdicts = {}
    for row in rows:
        if row["task"] == COPA:
            verdicts.setdefault(row["id"], set()).add(row["correct"])
    flipped = {name for name, seen in verdicts.items() if len(seen) == 2}
    assert flipped
    assert set(listed(tab)) == flipped
    assert len(listed(tab)) == 2 * len(flipped)


@pytest.mark.browser
def test_search_finds_ids_titles_and_then_texts(page, rows, opened):
    tab = opened(page)
    row = next(row for row in rows if row["task"] == BOOLQ)
    late = row["contexts"][0][-60:-15]  # far behind the title
    search = tab.locator("#sample-search")
    search.fill(late.upper())
    own = [one["id"] for one in rows if late.lower() in one["contexts"][0].lower()]
    assert len(own) == 2
    wait(tab, "#sample-status", f"{len(own)} of {len(rows)} samples")
    assert listed(tab) == own
    search.fill("no text has this: \"'\\")
    wait(tab, "#sample-status", f"0 of {len(rows)} samples")
    assert tab.locator("#sample-where").inner_text() == "none"
    search.fill("")
    wait(tab, "#sample-status", f"{len(rows)} of {len(rows)} samples")


@pytest.mark.browser
def test_keys(page, rows, opened):
    tab = opened(page)
    press = tab.keyboard.press
    first, second = listed(tab)[:2]
    assert shown(tab) == first
    press("j")
    wait(tab, "#sample-title bdi", second)
    assert status(tab) == f"sample 2 of {len(rows)}"
    assert tab.locator("#sample-list :checked").evaluate("input => input === document.activeElement")
    press("k")
    press("k")  # stays at the first
    wait(tab, "#sample-title bdi", first)
    press("Enter")
    assert tab.evaluate("document.activeElement.id") == "sample-shown"
    press("/")
    assert tab.evaluate("document.activeElement.id") == "sample-search"
    tab.keyboard.type("jk?/")
    assert tab.locator("#sample-search").input_value() == "jk?/"
    press("Escape")
    assert tab.evaluate("document.activeElement.id") != "sample-search"
    press("?")
    assert tab.locator("#sample-help").evaluate("details => details.open")
    tab.locator("#sample-letters").uncheck()
    press("?")
    assert tab.locator("#sample-help").evaluate("details => details.open")


@pytest.mark.browser
def test_a_link_opens_its_sample_and_what_is_opened_is_the_link(page, rows, opened):
    row = next(row for row in rows if row["task"] == BOOLQ and row["shots"] == 2)
    tab = opened(page, f"#{address(setting_of(row), row['id'])}")
    assert shown(tab) == row["id"]
    assert tab.locator("#sample-list li:has(:checked)").inner_text().count(row["id"])
    others = tab.locator("#sample-others a")
    assert others.count() == 2
    assert tab.locator("#sample-others [aria-current=true]").count() == 1
    before = label(tab)
    tab.locator("#sample-others [aria-current=false]").click()
    wait(tab, "#sample-told bdi", before.replace("2 shots", "0 shots"))
    assert shown(tab) == row["id"]
    again = opened(page, tab.evaluate("location.hash"))
    assert (shown(again), label(again)) == (row["id"], label(tab))
    part = opened(page, f"#sample?task={quote(BOOLQ)}&shots=2")  # what is not named is the first one's
    assert label(part).startswith(f"{BOOLQ} · ")
    assert label(part).endswith(" · 2 shots")
    assert shown(part) == next(row["id"] for row in rows if row["task"] == BOOLQ)


@pytest.mark.browser
def test_a_sample_that_the_filters_leave_out_is_opened_without_them(page, opened):
    tab = opened(page, f"#sample?task={quote(COPA)}&shots=0")
    tab.locator("#sample-filters [name=shots]").select_option("0")
    tab.locator("#sample-others a", has_text="2 shots").first.click()
    assert tab.locator("#sample-filters [name=shots]").input_value() == ""
    assert tab.locator("#sample-list :checked").count() == 1
    assert not status(tab).startswith("sample 0 of")


@pytest.mark.browser
def test_a_link_to_a_sample_that_the_page_has_not(page, opened):
    tab = opened(page, f"#sample?task={quote(BOOLQ)}&id=nowhere")
    assert status(tab) == "This page does not carry that sample"


@pytest.mark.browser
def test_offensive_texts_are_covered(page, rows, opened):
    row = next(row for row in rows if row["task"] == ETHOS)
    tab = opened(page, f"#{address(setting_of(row), row['id'])}")
    text = row["contexts"][0].split("\n")[0][:40]
    assert tab.locator("#sample-bare").is_visible()
    assert tab.locator("#sample-texts").is_hidden()
    assert "(hidden)" in tab.locator("#sample-list li:has(:checked)").inner_text()
    assert text not in tab.locator("body").inner_text()
    tab.locator("#sample-uncover").click()
    tab.locator("#sample-texts").wait_for()
    assert text in tab.locator("#sample-prompt").inner_text()
    assert "(hidden)" not in tab.locator("#sample-list li:has(:checked)").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("theme", "width"), [("light", 400), ("dark", 900), ("light", 1400)])
def test_hostile_data_is_text(hostile, opened, theme, width):
    tab = opened(hostile, width=width, theme=theme)
    assert status(tab) == "28 of 28 samples"
    for place, text in enumerate(TEXTS):
        tab.locator("#sample-list li").nth(place).click()
        wait(tab, "#sample-title bdi", str(place))
        prompt = tab.locator("#sample-prompt").evaluate("pre => pre.textContent")
        assert text[: 20_000 - 60] in prompt
        assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert tab.locator("img, iframe, object, b").count() == 0
    assert tab.locator("#sample-others bdi").count() == 4
    tab.locator("#sample-filters [name=run]").select_option(index=2)
    assert status(tab) == "14 of 28 samples"


@pytest.mark.browser
def test_a_long_text_is_shown_when_asked_for(hostile, opened):
    tab = opened(hostile, "#sample?id=6&shots=0")
    prompt = tab.locator("#sample-prompt")
    assert len(prompt.evaluate("pre => pre.textContent")) < 21_000
    more = prompt.get_by_role("button")
    assert more.inner_text().startswith("show all of 1,000,0")
    more.click()
    assert "x" * 1_000_000 in prompt.evaluate("pre => pre.textContent")
    assert more.count() == 0


@pytest.mark.browser
def test_samples_beside_the_page_are_loaded_as_they_are_wanted(run, rows, opened, tmp_path):
    beside = written([run], tmp_path / "a folder" / "report.html", "beside")
    tab = opened(beside)
    asked = []
    tab.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    assert status(tab) == f"{len(rows)} of {len(rows)} samples"
    row = next(row for row in rows if row["task"] == TRIVIA and row["shots"] == 2)
    tab.evaluate(f"location.hash = {json.dumps(address(setting_of(row), row['id']))}")
    tab.locator("#sample-prompt .shot").first.wait_for()
    assert row["contexts"][0] in tab.locator("#sample-prompt").inner_text()
    assert sorted(name.rpartition("-")[2] for name in asked) == ["0.js", "shots.js"]


@pytest.mark.browser
def test_samples_that_are_no_longer_beside_the_page(run, browser, tmp_path):
    beside = written([run], tmp_path / "report.html", "beside")
    shutil.rmtree(tmp_path / "report-samples")
    tab = browser.new_page()
    tab.goto(beside.as_uri())
    wait(tab, "#sample-status", "report-samples/index.js is not beside this page")
    tab.close()


@pytest.mark.browser
def test_a_hundred_thousand_samples(big, opened):
    tab = opened(big)
    assert status(tab) == "100,000 of 100,000 samples"
    assert tab.locator("#sample-list li").count() == 100
    quick = """() => {
        const [select] = document.getElementsByName("shots"), began = performance.now();
        select.value = "3";
        select.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.offsetHeight;
        return performance.now() - began;
    }"""
    took = sorted(tab.evaluate(quick) for _ in range(5))
    assert status(tab) == "25,000 of 100,000 samples"
    assert took[0] < 150, took  # ms; about 20 where nothing else runs
    tab.locator("#sample-search").fill("item-24999")
    wait(tab, "#sample-status", "1 of 100,000 samples")
    tab.locator("#sample-search").fill("24998 ")  # in a text alone: no id and no title has the space
    wait(tab, "#sample-status", "1 of 100,000 samples")
    tab.locator("#sample-list li").click()
    wait(tab, "#sample-title bdi", "item-24998")


@pytest.mark.browser
def test_pages_of_the_list(big, opened):
    tab = opened(big)
    where = tab.locator("#sample-where")
    assert where.inner_text() == "1 to 100"
    assert tab.locator("#sample-back").is_disabled()
    tab.locator("#sample-on").click()
    assert where.inner_text() == "101 to 200"
    tab.locator("#sample-back").click()
    tab.locator("#sample-list li").nth(99).click()
    tab.keyboard.press("j")  # over the end of the page
    assert where.inner_text() == "101 to 200"
    assert tab.locator("#sample-list :checked").evaluate("input => input === document.activeElement")


@pytest.mark.browser
def test_printed_is_the_open_sample_alone(page, opened):
    tab = opened(page, f"#sample?task={COPA}")
    tab.emulate_media(media="print")
    for name in ("filters", "list", "help", "on"):
        assert tab.locator(f"#sample-{name}").is_hidden()
    assert tab.locator("#sample-prompt").is_visible()


@pytest.mark.browser
def test_without_a_script(page, browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert "this browser runs none" in tab.locator("#samples").inner_text()
    assert tab.locator("#sample-browser").is_hidden()
    context.close()
