"""The first page and a model's page as a browser has them, from disk."""

import pytest

from evalkit.leaderboard.site import build
from tests.leaderboard.made_up import HOSTILE, make_run, number


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """130 models, so that the table has two pages; one falls, one has a hostile name, one a signature of its own."""
    place = tmp_path_factory.mktemp("board")
    for count in range(126):
        rows = [number("superglue/copa", 0.2 + count / 250), number("lm/text", 9 - count / 50, metric="perplexity")]
        make_run(place / "runs" / f"{count}", rows, model=f"maker/model-{count:03d}", day=1)
    for day, value in enumerate((0.8, 0.82, 0.5), 1):
        make_run(
            place / "runs" / f"fell{day}", [number(value=value, shots=8)], model="fallen", version=f"v{day}", day=day
        )
    make_run(place / "runs" / "odd", [number(HOSTILE, value=0.9, prompt=HOSTILE)], model=HOSTILE, version=HOSTILE)
    make_run(place / "runs" / "other", [number(value=0.95)], model="other", asked=f"data:{HOSTILE}")
    make_run(place / "runs" / "long", [number(value=0.1)], model="x" * 20_000)
    return build([str(place / "runs")], place / "site", title="<b>Board</b>").index


def names(page, count=3):
    return page.locator("#board tbody th a").all_inner_texts()[:count]


@pytest.mark.browser
def test_sort(site, opened):
    page = opened(site)
    assert names(page, 1) == [HOSTILE]  # by name at first: no column is shared by all
    copa = page.locator("#board thead th", has_text="data:d@1")
    head = page.locator(f'#board thead th[data-key="{copa.get_attribute("data-key")}"]')
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert names(page) == ["maker/model-125", "maker/model-124", "maker/model-123"]
    assert page.evaluate("document.activeElement.closest('th').dataset.key") == head.get_attribute("data-key")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert names(page, 1)[0].startswith("xxx")
    assert names(page)[1:] == ["maker/model-000", "maker/model-001"]
    lower = page.locator("#board thead th", has_text="lower is better")
    lower.locator("button").click()  # the best first, whichever that is
    assert names(page, 1) == ["maker/model-125"]
    assert page.locator('#board thead th[aria-sort="descending"]').count() == 1


@pytest.mark.browser
def test_filter_and_pages(site, opened):
    page = opened(site)
    status = page.locator("#status")
    assert page.locator("#board tbody tr").count() == 100
    page.locator("#next").click()
    assert page.locator("#board tbody tr").count() == 30
    assert page.locator("#where").inner_text() == "101 to 130"
    assert page.locator("#next").is_disabled()
    page.locator("#model").fill("MODEL-01")
    assert status.inner_text() == "10 of 130 models, 5 of 5 columns"
    assert page.locator("#pages").is_hidden()
    page.locator("#model").fill("")
    page.locator("#metric").select_option("perplexity")
    assert status.inner_text() == "126 of 130 models, 1 of 5 columns"
    page.locator("#metric").select_option("")
    page.locator("#shots").select_option("8")
    assert names(page) == ["fallen"]
    fell = page.locator("#board td .fell")
    assert fell.count() == 1
    assert fell.get_attribute("href").startswith("models/fallen-")
    page.locator("#shots").select_option("")
    page.locator("#suite").select_option("lm")
    assert status.inner_text() == "126 of 130 models, 1 of 5 columns"
    page.locator("#suite").select_option("")
    page.locator("#task").fill("copa")
    assert "3 of 5 columns" in status.inner_text()


@pytest.mark.browser
def test_hide_columns(site, opened):
    page = opened(site)
    page.locator("#columns summary").click()
    boxes = page.locator("#column-list input")
    assert boxes.count() == 5
    boxes.first.uncheck()
    assert "4 of 5 columns" in page.locator("#status").inner_text()
    page.locator("#hide-all").click()
    assert page.locator("#board tbody tr").count() == 0
    assert not boxes.nth(2).is_checked()
    page.locator("#show-all").click()
    assert "5 of 5 columns" in page.locator("#status").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1280, "light")])
def test_nothing_is_wider_than_the_window_and_names_are_text(site, opened, width, theme):
    page = opened(site, width, theme)
    page.locator("#columns summary").click()
    assert page.locator("#board img, #columns img").count() == 0
    assert page.locator("h1").inner_text() == "<b>Board</b>"
    assert page.locator("#board thead code", has_text="alert(1)").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    for one in ("fallen-", "script-"):
        path = next(path for path in (site.parent / "models").iterdir() if one in path.name)
        below = opened(path, width, theme)
        for summary in below.locator("summary").all():
            summary.click()
        assert below.locator("img").count() == 0
        assert below.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        if one == "fallen-":
            assert below.locator("circle.down").count() == 1
            assert below.locator("#regressions tbody tr").count() == 1
            assert below.locator("#history tbody tr").count() == 3
