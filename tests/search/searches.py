"""Small searches for the tests of this folder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.toy import Toy
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
