"""Pages as Chromium has them, from disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


class Opened(NamedTuple):
    """A page, what the console said of it, and the addresses that were asked for; both go on to be filled."""

    page: Any
    said: list[str]
    asked: list[str]

    @property
    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        wider: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wider


def unfold(page: Any) -> None:
    """Open what is folded and can be seen."""
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; where there is none, the test is skipped."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


def opened(browser: Any, path: Path, width: int = 1280, theme: str = "light", at: str = "") -> Opened:
    """A page in a window of its own, at a place in it."""
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=theme)
    one = Opened(page, [], [])
    page.on("console", lambda message: one.said.append(message.text))
    page.on("pageerror", lambda error: one.said.append(str(error)))
    page.on("request", lambda request: one.asked.append(request.url))
    page.goto(path.as_uri() + at)
    return one
