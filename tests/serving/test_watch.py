"""How often a watched journal is looked at, and a page is made."""

import threading
from pathlib import Path

import pytest
from searches import search
from watched import until

from nas.serving import watch
from nas.serving.watch import Watch


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look at a journal and every page made."""
    done: list[str] = []
    for name in ("_look", "_make"):
        method = getattr(Watch, name)
        monkeypatch.setattr(Watch, name, lambda self, name=name, method=method: (method(self), done.append(name)))
    monkeypatch.setattr(watch, "LOOK_S", 0.01)
    monkeypatch.setattr(watch, "PAGE_S", 0.01)
    return done


def test_nobody_looks_nothing_is_read(tmp_path: Path, looks: list[str]) -> None:
    search(tmp_path / "a")
    watched = Watch(tmp_path / "a")
    watched.start()
    until(lambda: watched.page.version, "the page")
    count = len(looks)
    search(tmp_path / "a", budget=50)
    threading.Event().wait(0.5)
    assert len(looks) == count
    assert watched.page.told == 40
    watched.ask()
    until(lambda: watched.page.told == 50, "the page")


def test_many_viewers_of_what_has_not_changed_make_no_page(tmp_path: Path, looks: list[str]) -> None:
    search(tmp_path / "a")
    watched = Watch(tmp_path / "a")
    watched.start()
    until(lambda: watched.page.version, "the page")
    version = watched.page.version
    viewers = [
        threading.Thread(target=lambda: [(watched.ask(), threading.Event().wait(0.01)) for _ in range(50)])
        for _ in range(4)
    ]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    assert looks.count("_look") > 2
    assert looks.count("_make") == 1
    assert watched.page.version == version


def test_a_page_that_cannot_be_made_is_told_and_tried_again(
    tmp_path: Path, looks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    search(tmp_path / "a")
    watched = Watch(tmp_path / "a")
    with monkeypatch.context() as broken:
        broken.setattr(watch, "report_page", lambda *_: 1 / 0)
        watched.start()
        until(lambda: "ZeroDivisionError: division by zero" in watched.state()["note"], "the trouble")
        assert watched.state()["state"] == "finished"
        assert watched.state()["wait_s"] == watch.ASK_S["running"]
    until(lambda: watched.ask() or watched.page.told == 40, "the page")
    assert watched.state()["note"] == ""


def test_only_what_is_new_is_read(tmp_path: Path, looks: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    search(tmp_path / "a")
    watched = Watch(tmp_path / "a")
    watched.start()
    until(lambda: watched.page.version, "the page")
    for name in ("History", "Standing"):
        monkeypatch.setattr(getattr(watch, name), "load", lambda *_: 1 / 0)
    search(tmp_path / "a", budget=50)
    until(lambda: watched.ask() or watched.page.told == 50, "the page")
    assert watched.state()["sentence"].startswith("50 of 50 told")
