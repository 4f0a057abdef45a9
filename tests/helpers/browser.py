"""Pages in a real headless Chromium, as people use them: clicks, keys, and whatever the browser complains about."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on the PATH"),
]
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDTHS = (1400, 400)  # a desktop's and a phone's
SCHEMES = ("light", "dark")
SCREENSHOTS = Path(os.environ.get("NAS_SCREENSHOTS", "build/screenshots"))


class Chromium:
    """A browser; every page that it opens has a profile of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @contextmanager
    def open(
        self, address: Path | str, width: int = 1400, scheme: str = "light", *, scripts: bool = True, **options: Any
    ) -> Iterator[Page]:
        """A page whose scripts have begun.

        Args:
            address: a file or an address.
            width: of the window, pixels.
            scheme: "light" or "dark".
            scripts: False for a browser that runs none.
            options: further ones of Playwright's `new_context`.

        Raises:
            AssertionError: as it is closed: the page printed to the console, threw an error, opened a dialog or loaded
                anything but itself.
        """
        complaints: list[str] = []
        height = options.pop("height", 1000)
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts, **options
        )
        try:
            page = context.new_page()
            page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
            page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
            page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
            page.on("request", lambda request: loaded.append(request.url))
            loaded: list[str] = []
            page.goto(address.as_uri() if isinstance(address, Path) else address)
            if scripts:
                page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
            yield page
        finally:
            context.close()
        assert complaints == []
        assert {url.partition("#")[0] for url in loaded} == {page.url.partition("#")[0]}


@contextmanager
def started() -> Iterator[Chromium]:
    """The browser, until the end of the context."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            yield Chromium(browser)
        finally:
            browser.close()


def keep(page: Page, name: str, *, whole: bool = True) -> Path:
    """A screenshot for people to look at, in the folder that NAS_SCREENSHOTS names."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{re.sub('[^a-z0-9-]+', '-', name.lower())}.png"
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


_CUT = """root => [...root.querySelectorAll("svg.figure g")].flatMap(group => {
  const box = group.querySelector(":scope > rect:not(.bit)")?.getBoundingClientRect();
  const words = [...group.querySelectorAll(":scope > text")], ends = words.map(word => word.getBoundingClientRect());
  const inside = end => end.left >= box.left && end.right <= box.right;
  const apart = (end, other) => end.right < other.left || other.right < end.left;
  const alone = (end, at) => ends.slice(0, at).every(other => apart(end, other));
  const fit = !box?.width || ends.every((end, at) => inside(end) && alone(end, at));
  return fit ? [] : [words.map(word => word.textContent).join(" | ")];
})"""


def cut(page: Page, inside: str = "body") -> list[str]:
    """The texts of boxes in drawings that are wider than their box, or lie over each other."""
    return page.locator(inside).first.evaluate(_CUT)
