"""The page of a search that runs, over real HTTP, from its first second to whatever ends it."""

import re
import shutil
import signal
from pathlib import Path

from searches import search as small_search
from watched import until

from nas.reporting.report import write_report
from nas.search.lock import DriverLock


def snapshot(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Every file and folder with what changes when it is written, renamed, added or removed."""
    found = {path: path.lstat() for path in (folder, *folder.rglob("*"))}
    return {path: (stat.st_mtime_ns, stat.st_size, stat.st_mode) for path, stat in found.items()}


def main_of(page: str) -> str:
    return page[page.index("<main>") : page.index("</main>")]


def test_the_page_follows_a_search_to_its_end(search, serve):
    running = search(evaluations=40)
    server = serve(running.folder)
    first = server.until(lambda state: state["version"])
    assert first["state"] == "running"
    assert "0 of 40 told" in first["sentence"]
    assert "no child has finished yet" in first["sentence"]
    for children in (12, 25):
        count = running.finish(children)
        told = server.until(lambda state: state["note"] == "" and f"{count} of 40" in state["sentence"])  # noqa: B023
        assert (told["state"], server.marks()) == ("running", count)
        assert re.match(rf"{count} of 40 told · best 0\.\d+ \(#\d+\) · .*last child finished", told["sentence"])
        assert (told["title"], told["share"]) == (f"{count}/40 · demo", count / 40)
    assert '<span class="status unfinished">' in server.page()
    assert 10 < count < 26
    running.end()
    last = server.until(lambda state: state["state"] == "finished" and state["note"] == "")
    assert last["share"] == 1.0
    assert last["wait_s"] > first["wait_s"]
    until(lambda: '<span class="status finished">' in server.page(), "the last page")
    assert server.marks() == 40
    assert server.stopped() == ""


def test_the_served_report_is_the_one_that_is_written(tmp_path, serve):
    folder = small_search(tmp_path / "a").history().path.parent
    server = serve(folder)
    server.until(lambda state: state["version"])
    written = write_report(folder, tmp_path / "elsewhere" / "report.html").read_text()
    assert main_of(server.page()) == main_of(written)
    assert 'id="live"' in server.page()
    assert 'id="live"' not in written
    assert "/state" not in written


def test_nothing_in_the_run_folder_is_written(tmp_path, serve):
    folder = small_search(tmp_path / "a").history().path.parent
    folder.chmod(0o555)
    before = snapshot(folder)
    server = serve(folder)
    server.until(lambda state: state["version"])
    assert server.marks() == 40
    assert server.stopped() == ""
    assert snapshot(folder) == before
    folder.chmod(0o755)


def test_a_driver_that_is_killed_and_one_that_goes_on(search, serve):
    running = search(evaluations=40)
    server = serve(running.folder)
    running.finish(15)
    server.until(lambda state: "0 of 40" not in state["sentence"])
    running.process.kill()
    running.process.wait()
    gone = server.until(lambda state: state["state"] == "cut off")
    assert "its driver is gone without a word" in gone["sentence"]
    again = search(evaluations=40)
    server.until(lambda state: state["state"] == "running")
    again.process.send_signal(signal.SIGTERM)
    again.end()
    assert server.until(lambda state: state["state"] == "stopped")["version"]
    search(evaluations=40).end()
    server.until(lambda state: state["state"] == "finished" and server.marks() == 40)
    assert server.stopped() == ""


def test_a_journal_that_is_damaged_and_mended(tmp_path, serve):
    folder = small_search(tmp_path / "a").history().path.parent
    server = serve(folder)
    version = server.until(lambda state: state["version"])["version"]
    path = folder / "history.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b"{damage\n")
    damaged = server.until(lambda state: state["state"] == "unreadable")
    line = whole.count(b"\n") + 1
    assert f"line {line} of {path} is damaged" in damaged["sentence"]
    assert (damaged["version"], server.marks()) == (version, 40)
    path.write_bytes(whole)
    server.until(lambda state: state["state"] == "finished")
    assert server.stopped() == ""


def test_a_journal_that_vanishes_and_another_in_its_place(tmp_path, serve):
    folder = small_search(tmp_path / "a", budget=40).history().path.parent
    server = serve(folder)
    server.until(lambda state: state["version"])
    shutil.rmtree(folder)
    sentence = f"there is no journal at {folder / 'history.jsonl'}"
    assert server.until(lambda state: state["sentence"] == sentence)["state"] == "waiting"
    assert server.marks() == 40
    small_search(tmp_path / "a", budget=60)
    server.until(lambda state: "60 of 60" in state["sentence"] and server.marks() == 60)
    assert server.stopped() == ""


def test_damage_from_the_start_is_said_on_a_page(tmp_path, serve):
    folder = small_search(tmp_path / "a").history().path.parent
    path = folder / "history.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"event":"told"', b'"event":17', 1))
    server = serve(folder)
    server.until(lambda state: state["state"] == "unreadable" and "it has no event" in state["sentence"])
    status, _, body = server.get()
    assert (status, b"nas report" in body) == (200, True)
    path.write_bytes(whole)
    server.until(lambda state: state["version"] and server.marks() == 40)
    assert server.stopped() == ""


def test_the_first_second_of_a_search_is_waited_for(tmp_path, serve):
    folder = tmp_path / "a"
    folder.mkdir()
    lock = DriverLock(folder)
    lock.acquire()
    server = serve(folder)
    assert server.until(lambda state: "there is no journal" in state["sentence"])["state"] == "waiting"
    assert b"as soon as there is something to show" in server.get()[2]
    lock.release()
    small_search(folder)
    server.until(lambda state: state["state"] == "finished" and server.marks() == 40)


def test_names_with_html_are_text(tmp_path, serve):
    folder = tmp_path / "<b>run"
    small_search(folder)
    server = serve(folder)
    assert "<b>run" not in server.page()
    server.until(lambda state: state["version"])
    assert "<b>run" not in server.page()
    assert "&lt;b&gt;run" in server.page()
