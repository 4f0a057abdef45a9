"""A journal that is read while it is written."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from searches import Counted, Sized, search

from nas import History
from nas.errors import UserError
from nas.search.journal import Journal
from nas.search.journal_reader import JournalReader
from nas.watching.standing import Standing

V1 = Path(__file__).parent / "journals" / "v1.jsonl"


@settings(deadline=None)
@given(st.lists(st.integers(0, V1.stat().st_size), max_size=30).map(sorted))
def test_passes_over_a_file_that_grows_give_each_event_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    whole = V1.read_bytes()
    path = tmp_path_factory.mktemp("run") / "history.jsonl"
    path.touch()
    reader, given_so_far = JournalReader(path), []
    for size in [*sizes, len(whole)]:
        path.write_bytes(whole[:size])
        given_so_far += list(reader.events())
        assert len(given_so_far) == max(0, whole[:size].count(b"\n") - 1)
    lines = whole.splitlines()[1:]
    assert given_so_far == [(number, json.loads(line)) for number, line in enumerate(lines, start=2)]


def test_a_history_that_is_read_on_is_that_of_the_whole_journal(tmp_path: Path) -> None:
    finished = search(tmp_path / "whole", evaluator=Sized(unlucky=7)).history()
    lines = finished.path.read_bytes().splitlines(keepends=True)
    (tmp_path / "growing").mkdir()
    path = tmp_path / "growing" / "history.jsonl"
    path.write_bytes(lines[0])
    history, standing = History.load(path), Standing.load(path.parent)
    for line in lines[1:]:
        for part in (line[:10], line[10:]):
            with open(path, "ab") as file:
                file.write(part)
            history.read_on()
            standing.read_on()
            assert history.science() == History.load(path).science()
            assert standing == Standing.load(path.parent)
    assert (history.science(), history.closed) == (finished.science(), finished.closed)
    assert [individual.number for individual in history.alive] == [ind.number for ind in finished.alive]


def test_a_torn_line_that_the_next_driver_cuts_off(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    first = search(tmp_path / "a", evaluator=Counted(marks=marks), budget=20)
    path = first.history().path
    with open(path, "ab") as file:
        file.write(b'{"event":"told","number":20,"fitn')
    history = History.load(path)
    assert len(history.told) == 20
    search(tmp_path / "a", evaluator=Counted(marks=marks), budget=30)
    history.read_on()
    assert history.science() == History.load(path).science()
    assert len(history.told) == 30


def test_another_journal_in_its_place_is_refused(tmp_path: Path) -> None:
    path = search(tmp_path / "a").history().path
    history = History.load(path)
    path.write_bytes(path.read_bytes().replace(b'"elapsed_s":', b'"elapsed_s":1'))
    assert path.stat().st_size > history._reader._offset
    with pytest.raises(UserError, match="another than the one that was read"):
        history.read_on()


def test_a_shorter_journal_in_its_place_is_refused(tmp_path: Path) -> None:
    path = search(tmp_path / "a").history().path
    history = History.load(path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    with pytest.raises(UserError, match="another than the one that was read"):
        history.read_on()


def test_a_journal_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    path = search(tmp_path / "a").history().path
    history = History.load(path)
    os.unlink(path)
    with pytest.raises(UserError, match=r"cannot be read: No such file"):
        history.read_on()


def test_damage_that_comes_later_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    journal = Journal(path, {"identity": {}, "versions": {}, "commit": None})
    journal.append("opened", slots=1, budget={})
    history = History.load(path)
    with open(path, "ab") as file:
        file.write(b'{"event":"asked","number":0\n')
    with pytest.raises(UserError, match=r"line 3 .* is damaged"):
        history.read_on()
