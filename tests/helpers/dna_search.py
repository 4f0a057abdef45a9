"""A search of DNA whose fitness is a formula: it grows with depth and width, less and less, with noise."""

import math
from pathlib import Path
from random import Random
from typing import Any

from hydra import compose, initialize_config_dir

from nas.algorithms.evolution import Evolution
from nas.application import build, config_folder
from nas.search.run import run_search
from nas.search_spaces.dna import DnaSpace
from nas.search_spaces.dna_graph import Dna


def dna_space() -> DnaSpace:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return build(compose("config", overrides=["search_space=dna"])["search_space"], "search_space")


def grown(space: DnaSpace, mutations: int, seed: int = 0) -> Dna:
    """A DNA after so many mutations."""
    rng = Random(seed)
    genome = space.initial(rng)
    for _ in range(mutations):
        genome, _ = space.mutate(genome, rng)
    return genome


def fitness(genome: Dna, seed: int) -> dict[str, Any]:
    convs = [edge.conv for edge in genome.edges if edge.conv is not None]
    worth = sum(min(conv.depth_factor, 4.0) for conv in convs if conv.stride <= 2)
    accuracy = 0.95 - 0.72 * math.exp(-worth / 9) + Random(seed).gauss(0.0, 0.01)
    if Random(f"{seed} diverges").random() < 0.03:
        return {"valid_accuracy": 0.1, "diverged": True, "parameters": 0}
    if Random(f"{seed} fails").random() < 0.02:
        raise RuntimeError("out of memory")
    return {"valid_accuracy": max(0.1, accuracy), "diverged": False, "parameters": round(1000 * (1 + worth))}


def dna_search(folder: Path, evaluations: int, population: int = 30, **more: Any) -> Path:
    """The run folder of a search by tournaments of two."""
    space = dna_space()
    algorithm = Evolution(space=space, population_size=population, sample_size=2, survival="worst_of_sample")
    run_search(space=space, algorithm=algorithm, evaluator=fitness, budget=evaluations, run=folder, **more)
    return folder
