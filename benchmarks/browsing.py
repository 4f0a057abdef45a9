"""A report's page in a real headless Chromium: how long it takes to open, and to open individuals."""

import shutil
import time
from pathlib import Path

CLICKS = 50
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MARKS = "[...document.querySelectorAll('#plot [data-show]')]"


def opened(page: Path, pictures: bool = False) -> str | None:
    """What there is to say, None without a browser.

    Args:
        page: the report.
        pictures: also takes pictures at two widths, beside the page.

    Raises:
        AssertionError: the page complained, or a click did not show its individual.
    """
    if BROWSER is None:
        return None
    from playwright.sync_api import sync_playwright

    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        tab = browser.new_page(viewport={"width": 1400, "height": 1000})
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        start = time.perf_counter()
        tab.goto(page.resolve().as_uri())
        tab.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
        ready = time.perf_counter() - start
        marks = tab.evaluate(f"{MARKS}.length")
        start = time.perf_counter()
        for click in range(CLICKS):
            number = tab.evaluate(
                f"at => {{ const mark = {MARKS}[at]; mark.dispatchEvent(new MouseEvent('click', "
                "{ bubbles: true })); return mark.dataset.show; }",
                click * marks // CLICKS,
            )
            tab.wait_for_selector(f'#panel[data-number="{number}"]')
        clicked = (time.perf_counter() - start) / CLICKS
        for width in (1400, 400) if pictures else ():
            tab.set_viewport_size({"width": width, "height": 1000})
            tab.screenshot(path=page.with_name(f"report-{width}.png"), full_page=True)
        browser.close()
    assert complaints == [], complaints
    return f"opens in {ready:.1f} s with {marks:,} marks, an individual in {1000 * clicked:.0f} ms"
