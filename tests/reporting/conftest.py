"""Journals to report on: made by hand in the documented format, written by the real journal."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from browser import Chromium, started

from nas.search.journal import Journal

OPS = ("none", "sep_conv_3x3", "sep_conv_5x5", "avg_pool_3x3", "max_pool_3x3", "dil_sep_conv_3x3", "conv_1x7_7x1")
IDENTITY = {
    "search_space": {"name": "cells", "num_combinations": 5},
    "algorithm": {"name": "aging", "population_size": 20, "sample_size": 5},
    "evaluator": {"name": "train", "fitness": "valid_accuracy", "dataset": {"name": "cifar10"}},
    "seed": 0,
}


def cells(rng: Random) -> dict[str, Any]:
    """A random genome of the cell space in JSON form."""
    return {
        name: [[[rng.choice(OPS), rng.randrange(state)] for _ in range(2)] for state in range(2, 7)]
        for name in ("normal", "reduction")
    }


def bits(rng: Random) -> str:
    return "".join(rng.choice("01") for _ in range(30))


class Run:
    """Writes the journal of one search, event by event."""

    def __init__(self, folder: Path, identity: dict[str, Any]) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.journal = Journal(
            folder / "history.jsonl", {"identity": identity, "versions": {"nas": "0"}, "commit": None}
        )
        self.journal.append(
            "opened",
            versions={"nas": "0", "python": "3"},
            commit="0123456789abcdef",
            budget={"evaluations": 100, "hours": None},
            slots=1,
            host="somewhere",
            pid=1,
            command=["/opt/nas/evolve.py", "experiment=demo", "run=a name"],
        )

    def asked(self, number: int, genome: Any, parents: tuple[int, ...] = (), name: str = "hidden_state") -> None:
        mutation = {"name": name, "details": {"cell": "normal"}} if parents else None
        self.journal.append(
            "asked", number=number, genome=genome, seed=number, parents=parents, mutation=mutation, removed=[]
        )

    def told(self, number: int, fitness: float, removed: tuple[int, ...] = (), **metrics: Any) -> None:
        self.journal.append(
            "told",
            number=number,
            attempt=1,
            fitness=fitness,
            metrics={"valid_accuracy": fitness, **metrics},
            removed=removed,
        )

    def failed(self, number: int, reason: str) -> None:
        self.journal.append("failed", number=number, attempt=1, reason=reason, log=f"children/{number:06d}/log")

    def closed(self, reason: str = "budget") -> None:
        self.journal.append("closed", reason=reason)

    def search(self, told: int, population: int = 20, genome: Callable[[Random], Any] = cells, every: int = 10) -> None:
        """A search of so many evaluations in which every tenth child fails."""
        rng, number, living = Random(told), 0, []
        fitness: dict[int, float] = {}
        while len(fitness) < told:
            parents = (max(rng.sample(living, 5), key=fitness.__getitem__),) if len(living) >= population else ()
            self.asked(number, genome(rng), parents)
            if number % every == every - 1:
                self.failed(number, "RuntimeError: out of memory")
            else:
                base = fitness[parents[0]] if parents else 0.7
                fitness[number] = min(0.99, base + rng.gauss(0.0, 0.01))
                living.append(number)
                gone = (living.pop(0),) if len(living) > population else ()
                self.told(number, fitness[number], gone, parameters=3_165_090, multiply_adds=500_000_000, train_s=12.5)
            number += 1


@pytest.fixture
def new_run(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Makes a run folder with an open journal."""
    runs: list[Run] = []

    def make(name: str = "demo", identity: dict[str, Any] | None = None) -> Run:
        runs.append(Run(tmp_path / name, IDENTITY if identity is None else identity))
        return runs[-1]

    yield make
    for run in runs:
        run.journal.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """A browser for a file's tests; while it runs, its event loop is that of the process."""
    with started() as browser:
        yield browser


@pytest.fixture(autouse=True)
def no_png(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not the extra `figures` is installed, only the tests of PNG files draw any."""
    if request.path.stem != "test_png":
        monkeypatch.setitem(sys.modules, "resvg_py", None)
