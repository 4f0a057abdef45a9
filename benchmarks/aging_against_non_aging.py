"""Aging against non-aging evolution on the noisy cube (arXiv 1802.01548, supplement C).

    python -m benchmarks.aging_against_non_aging [--seeds 30]

D=256, P=100, S=25, 10,000 evaluations, noise 0.01: mean fitness of the final population, beside a simulation that is
not ours (200 runs): aging 0.922 (sd 0.013), non-aging 0.880 (sd 0.024). Drives the algorithm by hand, without journal.
"""

import argparse
import math
import statistics
from concurrent.futures import ProcessPoolExecutor
from random import Random
from typing import Any, NamedTuple

from nas.algorithms.evolution import Evolution
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits

REFERENCE = {"oldest": (0.922, 0.013, 200), "worst_of_sample": (0.880, 0.024, 200)}


class Final(NamedTuple):
    """How a search ended.

    Attributes:
        fitness: mean over the final population.
        accuracy: the same without noise.
        recent: mean fitness of the last tenth of the children, the living and the dead.
    """

    fitness: float
    accuracy: float
    recent: float


def final_population(
    survival: Any,
    seed: int,
    num_bits: int = 256,
    evaluations: int = 10_000,
    population_size: int = 100,
    sample_size: int = 25,
) -> Final:
    rng = Random(seed)
    space = Bits(num_bits=num_bits)
    algorithm = Evolution(space=space, population_size=population_size, sample_size=sample_size, survival=survival)
    accuracies, fitnesses = [], []
    for number in range(evaluations):
        proposal = algorithm.ask(rng)
        algorithm.asked(number, proposal)
        accuracies.append(sum(proposal.genome) / num_bits)
        fitnesses.append(min(1.0, max(0.0, accuracies[-1] + rng.gauss(0, 0.01))))
        algorithm.told(Individual(number, proposal.genome, 0, fitness=fitnesses[-1]))
    living = algorithm.population
    fitness, accuracy = (statistics.fmean(values[number] for number in living) for values in (fitnesses, accuracies))
    return Final(fitness, accuracy, statistics.fmean(fitnesses[-(evaluations // 10) :]))


def final_mean(survival: Any, seed: int) -> float:
    return final_population(survival, seed).fitness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=30)
    seeds = range(parser.parse_args().seeds)
    with ProcessPoolExecutor(2) as pool:
        for survival, (mean, sd, runs) in REFERENCE.items():
            ours = list(pool.map(final_mean, [survival] * len(seeds), seeds))
            error = math.hypot(statistics.stdev(ours) / math.sqrt(len(ours)), sd / math.sqrt(runs))
            away = (statistics.fmean(ours) - mean) / error
            print(
                f"{survival}: {statistics.fmean(ours):.4f} (sd {statistics.stdev(ours):.4f}, {len(ours)} seeds)",
                end="; ",
            )
            print(f"reference {mean}; {away:+.2f} standard errors of the difference", flush=True)


if __name__ == "__main__":
    main()
