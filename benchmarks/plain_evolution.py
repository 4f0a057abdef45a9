"""Algorithm 1 of arXiv 1802.01548 in plain Python: no journal, no resume, nothing but the loop."""

import random
from collections import deque


def plain_evolution(
    *, num_bits: int, population_size: int, sample_size: int, evaluations: int, noise: float, seed: int = 0
) -> list[tuple[int, float]]:
    """Aging evolution of bit strings, the fitness being the share of ones plus noise.

    Returns:
        Genome (its bits are those of an integer) and fitness of every evaluation, in order.
    """

    def evaluate(genome: int) -> float:
        return min(1.0, max(0.0, genome.bit_count() / num_bits + random.gauss(0, noise)))

    random.seed(seed)
    population: deque[tuple[int, float]] = deque()
    history: list[tuple[int, float]] = []
    while len(history) < evaluations:
        if len(history) < population_size:
            genome = random.randint(0, 2**num_bits - 1)
        else:
            sample = [random.choice(population) for _ in range(sample_size)]
            parent = max(sample, key=lambda member: member[1])
            genome = parent[0] ^ (1 << random.randint(0, num_bits - 1))
        member = (genome, evaluate(genome))
        population.append(member)
        history.append(member)
        if len(population) > population_size:
            population.popleft()
    return history
