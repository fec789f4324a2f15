"""What all tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Opened, chromium
from tests.browser import opened as in_window


@pytest.fixture(scope="session")
def shared() -> Path:
    """The development data beside the checkout."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no development data beside the checkout (../shared)")
    return folder


@pytest.fixture(autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own: none meets another's answers, or the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("EVALKIT_CACHE_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, once for all tests of a process."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def opened(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a file in a window of so many pixels and a theme, at a place in it. Afterwards: nothing was said on the
    console, nothing but files was asked for, and no page is wider than its window.
    """
    every: list[Opened] = []

    def open_page(path: Path, width: int = 1280, theme: str = "light", at: str = "") -> Any:
        every.append(in_window(browser, path, width, theme, at))
        return every[-1].page

    yield open_page
    wider = [one.overflow for one in every]
    for one in every:
        one.page.close()
    assert [one.said for one in every] == [[] for _ in every]
    assert all(address.startswith("file:") for one in every for address in one.asked)
    assert max(wider, default=0) <= 0
