"""The page of a running search in a real headless Chromium: it grows, and the reader stays where they are."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from watched import PATIENCE_S, Replay, Search, Server

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="there is no chromium on the PATH"),
]
LAST = "document.querySelector('main > section:last-of-type').getBoundingClientRect().top"
WORDS = "document.querySelector('.live-words').textContent"
MARKS = "document.querySelectorAll('#plot [data-show]').length"
READY = "document.documentElement.dataset.ready"


@pytest.fixture
def visit() -> Iterator[Callable[[str], Any]]:
    """Opens a page; nothing may reach its console, unless a test takes it out of `page.said`."""
    from playwright.sync_api import sync_playwright

    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=flags)
        pages = []

        def opened(url: str, **options: Any) -> Any:
            page = browser.new_page(viewport={"width": 1400, "height": 700}, **options)
            page.said = []
            page.on("console", lambda message: page.said.append(message.text))
            page.on("pageerror", lambda error: page.said.append(str(error)))
            page.goto(url)
            pages.append(page)
            return page

        yield opened
        said = [page.said for page in pages]
        browser.close()
    assert not any(said)


def until(page: Any, script: str) -> Any:
    """The first value of a script that is true. Playwright's own waiting would need `unsafe-eval`."""
    from playwright.sync_api import Error

    for _ in range(round(PATIENCE_S / 0.05)):
        try:
            value = page.evaluate(script)
        except Error as error:
            if "context was destroyed" not in str(error):  # by a page that is loaded meanwhile
                raise
            value = None
        if value:
            return value
        page.wait_for_timeout(50)
    raise AssertionError(f"waited in vain for {script}: {page.inner_text('#live')}")


def begun(running: Search | Replay, server: Server, visit: Callable[..., Any], children: int = 15) -> Any:
    """The page of a search of which so many children have ended."""
    count = running.finish(children)
    page = visit(server.url)
    until(page, f"{MARKS} >= {count} && {READY}")
    page.evaluate("document.documentElement.dataset.first = 'yes'")  # gone when the page is loaded anew
    return page


def click(page: Any, selector: str) -> None:
    page.evaluate(f"document.querySelector({selector!r}).dispatchEvent(new MouseEvent('click', {{ bubbles: true }}))")


def test_the_page_grows_around_its_reader_until_the_search_ends(search, serve, visit):
    running = search(evaluations=60)
    page = begun(running, serve(running.folder), visit, children=4)
    height = page.evaluate("document.documentElement.scrollHeight")
    assert page.inner_text("h1").startswith("demo")
    page.fill("#number", "3")
    click(page, '#plot [data-show="2"]')
    page.click("details summary")
    page.focus("#number")
    page.set_viewport_size({"width": 1400, "height": 300})
    page.evaluate(f"scrollBy({{top: {LAST} + 20, behavior: 'instant'}})")
    top, genome = page.evaluate(LAST), page.text_content("#panel-body pre")
    assert top == pytest.approx(-20, abs=1)
    for children in (9, 40):
        count = running.finish(children)
        until(page, f"{MARKS} >= {count} && {READY} && {WORDS}.startsWith('{count} of 60')")
        until(page, f"Math.abs({LAST} - {top}) < 2 && document.activeElement.id === 'number'")
        assert page.evaluate("location.hash") == "#individual-2"
        assert page.text_content("#panel-body pre") == genome
        assert page.evaluate("document.querySelector('details').open")
        assert page.evaluate("document.documentElement.scrollHeight") > height + 100  # above what is read
        assert page.inner_text(".live-state") == "running"
        share = page.evaluate("document.querySelector('.live-share').offsetWidth / live.offsetWidth")
        assert share == pytest.approx(count / 60, abs=0.01)
        assert page.title() == f"{count}/60 · demo"
    click(page, '#plot [data-show="8"]')
    assert page.evaluate("location.hash") == "#individual-8"
    running.end()
    until(page, f"{MARKS} > 60 && document.querySelector('.live-state').textContent === 'finished'")
    assert "60 of 60 told" in page.inner_text("#live")
    assert page.inner_text("h1 .status") == "finished"
    assert page.evaluate("location.hash") == "#individual-8"
    assert page.evaluate("document.documentElement.dataset.first") == "yes"  # never loaded as a whole


CONTROLS = """<section id="more">
<p><input type="radio" name="axis" value="number" checked><input type="radio" name="axis" value="time"></p>
<p><input type="checkbox" id="log"><input type="text" value="a"><textarea>b</textarea></p>
<p><select><option>one</option><option>two</option></select></p>
<div style="height: 50px; overflow: auto"><div style="height: 900px; width: 3000px" tabindex="0"></div></div>
</section></main>"""


def test_what_is_chosen_filled_in_and_scrolled_stays(replay, serve, visit):
    server = serve(replay.folder)

    def with_controls(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace("</main>", CONTROLS))

    count = replay.finish(15)
    page = visit("about:blank")
    page.route(server.url, with_controls)
    page.goto(server.url)
    until(page, f"{MARKS} >= {count} && {READY}")
    page.check("#more [value=time]")
    page.check("#log")
    page.fill("#more [type=text]", "c")
    page.fill("#more textarea", "d")
    page.select_option("#more select", "two")
    page.evaluate("document.querySelector('#more div').scrollTo(70, 80)")
    page.focus("#more div div")
    page.evaluate("""() => {
      window.changed = []; window.clicks = 0;
      EventTarget.prototype.addEventListener.call(document, "change", event => changed.push(event.target.localName));
      document.addEventListener("click", () => { clicks += 1; });
    }""")
    count = replay.finish(25)
    until(page, f"{MARKS} >= {count} && changed.length")
    found = page.evaluate("""() => [
      document.querySelector("#more :checked").value, document.getElementById("log").checked,
      document.querySelector("#more [type=text]").value, document.querySelector("#more textarea").value,
      document.querySelector("#more select").value, document.querySelector("#more div").scrollLeft,
      document.querySelector("#more div").scrollTop, document.activeElement.matches("#more div div"),
    ]""")
    assert found == ["time", True, "c", "d", "two", 70, 80, True]
    assert page.evaluate("changed") == ["input", "input", "select"]
    click(page, "h1")
    assert page.evaluate("clicks") == 0  # what the page before listened to


def test_what_is_selected_is_not_taken_away(replay, serve, visit):
    server = serve(replay.folder)
    page = begun(replay, server, visit)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.command, h1'))")
    version = page.get_attribute("#live", "data-version")
    count = replay.finish(25)
    server.until(lambda state: state["note"] == "" and state["sentence"].startswith(f"{count} of"))
    until(page, f"{WORDS}.startsWith('{count} of 60')")
    until(page, "document.querySelector('.live-note').textContent.startsWith('a newer page comes when')")
    assert page.get_attribute("#live", "data-version") == version
    page.evaluate("getSelection().removeAllRanges()")
    until(page, f"{MARKS} >= {count}")


def test_a_page_of_another_version_is_loaded_as_a_whole_and_keeps_the_place(replay, serve, visit):
    page = begun(replay, serve(replay.folder), visit)
    click(page, '#plot [data-show="7"]')
    page.click("details summary")
    page.evaluate("scrollTo({top: 400, behavior: 'instant'})")
    page.evaluate("document.getElementById('live').dataset.made = 'by another nas'")
    replay.finish(25)
    until(page, f"!document.documentElement.dataset.first && {READY} && scrollY === 400")
    until(page, "document.querySelector('details').open")
    assert page.evaluate("location.hash") == "#individual-7"


def test_scripts_that_fail_the_second_time_are_loaded_anew(replay, serve, visit):
    page = begun(replay, serve(replay.folder), visit)
    page.evaluate("Object.defineProperty(window, 'DecompressionStream', { get() { throw new Error('once only'); } })")
    replay.finish(25)
    until(page, f"!document.documentElement.dataset.first && {READY}")
    assert page.said
    assert all("once only" in text for text in page.said)
    page.said.clear()
    page.evaluate("document.documentElement.dataset.second = 'yes'")
    replay.finish(40)
    until(page, f"!document.documentElement.dataset.second && {READY}")


def test_a_page_that_waits_for_its_search(tmp_path, serve, visit):
    from searches import search as small_search

    from nas.search.lock import DriverLock

    folder = tmp_path / "a"
    folder.mkdir()
    lock = DriverLock(folder)
    lock.acquire()
    page = visit(serve(folder).url)
    until(page, f"{WORDS}.startsWith('there is no journal at')")
    lock.release()
    small_search(folder)
    until(page, f"{MARKS} === 40")


def test_a_server_that_is_gone_and_back(replay, serve, visit):
    server = serve(replay.folder)
    page = begun(replay, server, visit)
    assert server.stopped() == ""
    until(page, "document.querySelector('.live-state').textContent === 'no answer'")
    assert "the watch server does not answer" in page.inner_text("#live")
    count = replay.finish(25)
    serve(replay.folder, f"port={server.port}")
    until(page, f"document.querySelector('.live-state').textContent === 'running' && {MARKS} >= {count}")
    assert all("ERR_CONNECTION_REFUSED" in text for text in page.said)
    page.said.clear()


def test_words_of_a_hostile_run_are_text(tmp_path, serve, visit):
    from searches import search as small_search

    folder = tmp_path / "<img src=x onerror=alert(1)>"
    small_search(folder)
    server = serve(folder)
    server.until(lambda state: state["version"])
    path = folder / "history.jsonl"
    path.write_bytes(path.read_bytes() + b"{}\n")
    server.until(lambda state: state["state"] == "unreadable")
    page = visit(server.url)
    assert page.evaluate(MARKS) == 40
    until(page, f"{WORDS}.includes('<img src=x onerror=alert(1)>')")
    assert page.locator("img").count() == 0


def test_without_javascript_the_page_is_there(replay, serve, visit):
    replay.finish(15)
    server = serve(replay.folder)
    server.until(lambda state: server.marks() > 5)
    page = visit(server.url, java_script_enabled=False)
    assert page.locator("#plot [data-show]").count() > 5
    assert page.inner_text(".live-state") == "running"
