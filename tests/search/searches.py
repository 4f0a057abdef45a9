"""Small searches for the tests of this folder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.toy import Toy
from nas.search.constraint import Constraint
from nas.search.session import Result
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=16)


def aging(population_size: int = 10, sample_size: int = 3) -> Evolution:
    return Evolution(space=SPACE, population_size=population_size, sample_size=sample_size, survival="oldest")


def search(folder: Path, **changes: Any) -> Result:
    parts: dict[str, Any] = {
        "space": SPACE,
        "algorithm": aging(),
        "evaluator": Toy(space=SPACE, noise=0.01, counted=1),
        "budget": 40,
        "run": folder,
        "verify": True,
    }
    return run_search(**(parts | changes))


@dataclass(frozen=True)
class Counted(Evaluator):
    """Leaves a mark for every evaluation."""

    marks: Path = field(metadata={"identity": False})
    name = "counted"

    def evaluate(self, task: Task) -> Metrics:
        assert task.folder is not None
        assert not list(task.folder.iterdir()) or [file.name for file in task.folder.iterdir()] == ["log"]
        with open(self.marks, "a") as file:
            file.write(f"{task.number} {task.attempt}\n")
        return {"valid_accuracy": sum(task.genome) / 16}

    def done(self) -> list[str]:
        return self.marks.read_text().splitlines()


AT_MOST_8_ONES = Constraint(parameters=80)


@dataclass(frozen=True)
class Sized(Evaluator):
    """Every one is ten parameters, five multiply-adds and half a GiB; more ones are fitter. Child `unlucky` fails."""

    unlucky: int = -1
    name = "sized"
    writes_files = False

    def evaluate(self, task: Task) -> Metrics:
        if task.number == self.unlucky:
            raise RuntimeError("unlucky")
        return {"valid_accuracy": sum(task.genome) / 16}

    def cost(self, genome: Any) -> Metrics:
        ones = sum(genome)
        return {"parameters": 10 * ones, "multiply_adds": 5 * ones, "memory_gb": 0.5 * ones}


def bounded(folder: Path, constraint: Constraint | None = AT_MOST_8_ONES, **changes: Any) -> Result:
    return search(folder, **({"evaluator": Sized(), "constraint": constraint} | changes))


def ones(history: History) -> list[int]:
    return [str(individual.genome).count("1") for individual in history.individuals]
