"""The weight files of a search: who keeps one, and what is left after the driver was cut off at any byte."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nas import History, run_search
from nas.algorithms.tournament import Tournament
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import WEIGHTS_FILE
from nas.search.journal import FILE_NAME
from nas.search.session import Result
from nas.search.weights import FOLDER_NAME
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=12)
POPULATION = 6


class Trained(Evaluator):
    """The "weights" are a count: that of the parent's and one more. Some children diverge and leave none, some fail."""

    name = "trained"
    keeps_weights = True

    def evaluate(self, task: Task) -> Metrics:
        assert task.folder is not None
        chance = random.Random(task.seed).random()
        if chance < 0.1:
            raise RuntimeError("unlucky")
        trained = 0
        if task.parent_weights is not None:
            trained = json.loads(task.parent_weights.read_text())
        if chance < 0.25:
            return {"valid_accuracy": 0.0, "diverged": True, "trained": trained}
        (task.folder / WEIGHTS_FILE).write_text(json.dumps(trained + 1))
        return {"valid_accuracy": sum(task.genome) / 12 + chance / 100, "diverged": False, "trained": trained}

    def identity(self) -> dict[str, Any]:
        return {"name": self.name}


def search(folder: Path, budget: int = 60, workers: int = 0, **changes: Any) -> Result:
    settings: dict[str, Any] = {"survival": "worst_of_pair", "selection": "fittest"}
    algorithm = Tournament(space=SPACE, population_size=POPULATION, **(settings | changes))
    return run_search(
        space=SPACE,
        algorithm=algorithm,
        evaluator=Trained(),
        budget=budget,
        run=folder,
        workers=workers,
        verify=True,
        max_failures=1000,
        keep_children=5,
    )


def kept(folder: Path) -> set[int]:
    return {int(path.stem) for path in (folder / FOLDER_NAME).iterdir()}


def owners(history: History) -> set[int]:
    """Living individuals and the best, without those that diverged."""
    best = history.best
    assert best is not None
    return {one.number for one in (*history.alive, best) if not one.metrics["diverged"]}


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("changes", [{}, {"survival": "oldest", "weight_resets": [30]}], ids=["worst", "oldest"])
def test_the_living_and_the_best_have_their_files_and_nobody_else(
    tmp_path: Path, workers: int, changes: dict[str, Any]
) -> None:
    history = search(tmp_path / "run", workers=workers, **changes).history()
    assert kept(tmp_path / "run") == owners(history)
    assert not list((tmp_path / "run").glob(f"children/*/*/{WEIGHTS_FILE}*"))


def test_a_child_has_its_parents_file_even_when_the_parent_dies_with_its_birth(tmp_path: Path) -> None:
    """With survival=oldest a parent is often the one that is killed as its child is asked for."""
    history = search(tmp_path / "run", survival="oldest").history()
    individuals = history.individuals
    killed_parents = 0
    for individual in history.told:
        parent = individuals[individual.parents[0]] if individual.parents else None
        inherits = parent is not None and not parent.metrics["diverged"]
        assert individual.metrics["trained"] == (parent.metrics["trained"] + 1 if parent and inherits else 0)
        killed_parents += bool(set(individual.parents) & set(individual.removed))
    assert killed_parents > 3


def test_the_disk_is_bounded_at_every_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nas.search.journal import Journal

    counts, append = [], Journal.append

    def counting(journal: Journal, event: str, **fields: Any) -> float:
        counts.append(len(list(journal.path.parent.glob(f"{FOLDER_NAME}/*"))))
        return append(journal, event, **fields)

    monkeypatch.setattr(Journal, "append", counting)
    search(tmp_path / "run", survival="oldest")
    assert max(counts) in (POPULATION, POPULATION + 1, POPULATION + 2)  # population, one in flight, the best


def cuts(journal: bytes) -> Iterator[int]:
    """Twenty offsets: ends of lines of every event, and places within lines."""
    rng = random.Random(0)
    ends = [at + 1 for at, byte in enumerate(journal) if byte == 10]
    yield from rng.sample(ends, 12)
    yield from rng.sample(range(ends[0], len(journal)), 8)


def test_cut_off_anywhere_it_goes_on_with_the_same_files(tmp_path: Path) -> None:
    """The folder is as it was when the search ended: files of later children are there too, and earlier ones are gone,
    so those that are still needed are put back as a kill would have left them."""
    whole = search(tmp_path / "whole")
    science, journal = whole.history().science(), (tmp_path / "whole" / FILE_NAME).read_bytes()
    for cut in cuts(journal):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / FILE_NAME).write_bytes(journal[:cut])
        weights = folder / FOLDER_NAME
        weights.mkdir()
        for individual in History.load(folder).told:
            (weights / f"{individual.number:06d}.pt").write_text(str(individual.metrics["trained"] + 1))
        (weights / "000777.pt").write_text("1")
        (weights / "000001.pt.part").write_text("half")
        history = search(folder).history()
        assert history.science() == science
        assert kept(folder) == owners(history), f"cut at byte {cut}"
        shutil.rmtree(folder)


def test_a_search_that_had_told_everything_is_swept_too(tmp_path: Path) -> None:
    """Killed between the last child and the end of the session, or even after it."""
    folder = search(tmp_path / "run").folder
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    for journal in (lines[:-1], lines):
        (folder / FILE_NAME).write_bytes(b"".join(journal))
        (folder / FOLDER_NAME / "000777.pt").write_text("1")
        assert search(folder).reason == "finished"
        assert kept(folder) == owners(History.load(folder))


def test_a_result_that_was_moved_but_never_told_is_told(tmp_path: Path) -> None:
    whole = search(tmp_path / "run", budget=20)
    path, science = whole.folder / FILE_NAME, whole.history().science()
    lines = path.read_bytes().splitlines(keepends=True)
    at = max(index for index, line in enumerate(lines) if b'"event":"told"' in line)
    number = json.loads(lines[at])["number"]
    assert not json.loads(lines[at])["metrics"]["diverged"]
    path.write_bytes(b"".join(lines[:at]))
    assert search(whole.folder, budget=20).history().science() == science
    assert number in kept(whole.folder) or number not in owners(History.load(whole.folder))


def test_random_search_keeps_the_best_alone(tmp_path: Path) -> None:
    from nas.algorithms.random_search import RandomSearch

    result = run_search(
        space=SPACE,
        algorithm=RandomSearch(SPACE),
        evaluator=Trained(),
        budget=30,
        run=tmp_path / "run",
        max_failures=1000,
    )
    assert result.best is not None
    assert kept(tmp_path / "run") == {result.best.number}
