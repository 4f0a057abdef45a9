"""Going on from a journal: released formats, results that were never told, attempts, one worker or none."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from searches import Counted, search

from nas import History
from nas.errors import UserError

V1 = Path(__file__).parent / "journals" / "v1.jsonl"


def test_a_search_of_version_1_goes_on(tmp_path: Path) -> None:
    """The recorded genomes are taken whatever this version would ask for."""
    shutil.copy(V1, tmp_path / "history.jsonl")
    before = History.load(V1)
    result = search(tmp_path, budget=60, verify=None)
    after = result.history()
    assert result.spent.told == 60
    assert [individual.genome for individual in after.individuals[:40]] == [
        individual.genome for individual in before.individuals
    ]
    assert (tmp_path / "history.jsonl").read_bytes().startswith(V1.read_bytes())
    assert len(after.sessions) == len(before.sessions) + 1


def test_another_removal_is_found_by_verifying(tmp_path: Path) -> None:
    search(tmp_path / "a")
    path = tmp_path / "a" / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if '"event":"told"' in line and '"number":20' in line)
    assert '"removed":[10]' in lines[at]
    lines[at] = lines[at].replace('"removed":[10]', '"removed":[11]')
    path.write_text("".join(lines))
    with pytest.raises(UserError, match=rf"line {at + 1} .*removes \[10\] at individual 20, the journal has \[11\]"):
        search(tmp_path / "a")


def cut_before_told(path: Path, number: int) -> None:
    """As if the driver had been killed right before it told that child."""
    lines = path.read_text().splitlines(keepends=True)
    events = [json.loads(line) for line in lines]
    at = next(i for i, event in enumerate(events) if (event.get("event"), event.get("number")) == ("told", number))
    path.write_text("".join(lines[:at]))


@pytest.mark.parametrize("workers", [0, 1])
def test_a_result_that_was_never_told_is_told_and_not_measured_again(tmp_path: Path, workers: int) -> None:
    evaluator = Counted(tmp_path / "marks")
    whole = search(tmp_path / "a", evaluator=evaluator, budget=12, workers=workers).history()
    cut_before_told(tmp_path / "a" / "history.jsonl", 9)
    assert not History.load(tmp_path / "a").individuals[9].state.is_finished
    resumed = search(tmp_path / "a", evaluator=evaluator, budget=12, workers=workers).history()
    assert resumed.science() == whole.science()
    assert [line for line in evaluator.done() if line.startswith("9 ")] == ["9 1"]


def test_an_attempt_without_a_result_is_repeated_in_a_folder_of_its_own(tmp_path: Path) -> None:
    evaluator = Counted(tmp_path / "marks")
    whole = search(tmp_path / "whole", evaluator=evaluator, budget=12).history().science()
    search(tmp_path / "a", evaluator=evaluator, budget=12)
    cut_before_told(tmp_path / "a" / "history.jsonl", 11)
    os.remove(tmp_path / "a" / "children" / "000011" / "attempt-1" / "result.json")
    (tmp_path / "a" / "children" / "000011" / "attempt-1" / "half").write_text("written")
    history = search(tmp_path / "a", evaluator=evaluator, budget=12).history()
    assert history.science() == whole
    assert evaluator.done()[-1] == "11 2"
    assert history.individuals[11].seed == json.loads(whole)[11]["seed"]


def test_only_the_last_told_children_keep_their_folders(tmp_path: Path) -> None:
    search(tmp_path / "a", evaluator=Counted(tmp_path / "marks"), budget=12, keep_children=3)
    assert sorted(folder.name for folder in (tmp_path / "a" / "children").iterdir()) == ["000009", "000010", "000011"]


def test_children_that_an_earlier_session_told_keep_no_folder_for_ever(tmp_path: Path) -> None:
    for budget in (5, 6, 12):
        search(tmp_path / "a", evaluator=Counted(tmp_path / "marks"), budget=budget, keep_children=3)
        last = [f"{number:06d}" for number in range(budget - 3, budget)]
        assert sorted(folder.name for folder in (tmp_path / "a" / "children").iterdir()) == last


def test_folders_of_children_are_the_owners_alone(tmp_path: Path) -> None:
    search(tmp_path / "a", evaluator=Counted(tmp_path / "marks"), budget=2)
    for folder in (tmp_path / "a" / "children").rglob("*"):
        if folder.is_dir():
            assert folder.stat().st_mode & 0o077 == 0


def test_in_number_order_one_worker_and_none_give_the_same_search(tmp_path: Path) -> None:
    def arguments(workers: int) -> dict[str, Any]:
        return {"order": "number", "workers": workers}

    inline = search(tmp_path / "a", **arguments(0)).history()
    pool = search(tmp_path / "b", **arguments(1)).history()
    assert inline.science() == pool.science()
    assert inline.identity == pool.identity


def test_in_number_order_a_journal_of_several_workers_resumes_wherever_it_is_cut(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"order": "number", "workers": 3, "budget": 20}
    whole = search(tmp_path / "whole", **arguments).history().science()
    journal = (tmp_path / "whole" / "history.jsonl").read_bytes()
    lines = [at + 1 for at, byte in enumerate(journal) if byte == 10]
    for cut in lines[::6]:
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(journal[:cut])
        assert search(folder, **arguments).history().science() == whole, f"cut at byte {cut}"
