"""Small searches for the tests of this folder."""

from pathlib import Path
from typing import Any

from nas import run_search
from nas.algorithms.evolution import Evolution
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
