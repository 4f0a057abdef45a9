"""Golden traces: the authors' notebook to the digit, and our own search to the bit."""

import hashlib
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nas.algorithms.evolution import Evolution
from nas.algorithms.tournament import Tournament
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits


@pytest.mark.parametrize(
    ("seed", "first", "best", "ones", "index", "final_mean", "total"),
    [
        (0, 0.4966633202, 0.9052752692, 88, 954, 0.8668241629, 732.1112339227),
        (1, 0.4090782678, 0.9094427918, 90, 989, 0.8585504813, 734.4907397372),
    ],
)
def test_the_notebooks_trace(
    seed: int, first: float, best: float, ones: int, index: int, final_mean: float, total: float
) -> None:
    """Bits and aging evolution driven by hand with one generator, as the notebook of arXiv 1802.01548 does."""
    rng = Random(seed)
    space = Bits(num_bits=100)
    algorithm = Evolution(space=space, population_size=100, sample_size=10, survival="oldest")
    history = []
    for number in range(1000):
        proposal = algorithm.ask(rng)
        algorithm.asked(number, proposal)
        fitness = min(1.0, max(0.0, sum(proposal.genome) / 100 + rng.gauss(0, 0.01)))
        history.append(Individual(number, proposal.genome, 0, fitness=fitness))
        algorithm.told(history[-1])
    fittest = max(history, key=lambda individual: individual.fitness)
    alive = [history[number].fitness for number in algorithm.population]
    assert history[0].fitness == pytest.approx(first, abs=1e-10)
    assert fittest.fitness == pytest.approx(best, abs=1e-10)
    assert (sum(fittest.genome), fittest.number) == (ones, index)
    assert sum(alive) / len(alive) == pytest.approx(final_mean, abs=1e-10)
    assert sum(individual.fitness for individual in history) == pytest.approx(total, abs=1e-9)


def test_our_own_trace(tmp_path: Path) -> None:
    """If this changes, searches begun before the change no longer resume under verification: say so in CHANGELOG.md and
    put the new value here."""
    from searches import search

    science = search(tmp_path / "golden", seed=7).history().science()
    assert hashlib.sha256(science.encode()).hexdigest()[:16] == "72bd612f7b56c463"


OTHERS = {
    "non_aging": (Evolution, {"sample_size": 3, "survival": "worst_of_sample"}, "8b8f66143728c4a3"),
    "tournament": (Tournament, {"survival": "worst_of_pair", "selection": "fittest"}, "66c9360eaa2c78ad"),
    "nsga2": (
        Evolution,
        {"sample_size": 2, "survival": "non_dominated", "objective": "parameters"},
        "3909c32674ed9c49",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_others_traces(name: str, tmp_path: Path) -> None:
    """Beside many equal fitnesses; what to do when one changes is said above."""
    from searches import SPACE, search

    def evaluate(genome: tuple[int, ...], seed: int) -> dict[str, Any]:
        return {"valid_accuracy": seed % 11 / 10, "parameters": sum(genome[:8])}

    make, options, expected = OTHERS[name]
    algorithm = make(space=SPACE, population_size=10, **options)
    done = search(tmp_path / name, seed=7, algorithm=algorithm, evaluator=evaluate, budget=100).history()
    assert done.identity["algorithm"]["name"] == name
    assert hashlib.sha256(done.science().encode()).hexdigest()[:16] == expected
