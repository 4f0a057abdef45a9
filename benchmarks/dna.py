"""The free-form space: mutations per second, and how fast a journal of 100,000 DNAs opens.

    python -m benchmarks.dna [--individuals 100000]

Mutations are drawn as in a search, of a DNA with 30 vertices, on one core; goal 10,000 per second. The journal is that
of a tournament search (population 1000) whose children a function scores. It is opened as the report opens it
(`History.load`) and as a search that goes on does, which asks for every child again; goal: a minute.
"""

import argparse
import math
import shutil
import tempfile
import time
from pathlib import Path
from random import Random

from hydra import compose, initialize_config_dir

from nas import History, run_search
from nas.algorithms.tournament import Tournament
from nas.application import build, config_folder
from nas.search.journal import FILE_NAME
from nas.search.resume import Replay
from nas.search.state import SearchState
from nas.search_spaces.dna import DnaSpace
from nas.search_spaces.dna_graph import Dna

VERTICES = 30
MUTATIONS = 20_000
POPULATION = 1000


def make_space() -> DnaSpace:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        space = build(compose("config", overrides=["search_space=dna"]).search_space, "search_space")
    assert isinstance(space, DnaSpace)
    return space


def mutations_per_second(space: DnaSpace) -> float:
    rng = Random(0)
    dna = space.initial(rng)
    while len(dna.vertices) != VERTICES:
        dna = space.mutate(dna, rng)[0]
    start = time.perf_counter()
    for _ in range(MUTATIONS):
        space.mutate(dna, rng)
    return MUTATIONS / (time.perf_counter() - start)


def tournament(space: DnaSpace) -> Tournament:
    return Tournament(space=space, population_size=POPULATION, survival="worst_of_pair", selection="fittest")


def score(genome: Dna, seed: int) -> float:
    """Favours some thirty vertices, with noise."""
    return -abs(math.log(len(genome.vertices) / VERTICES)) + seed % 1000 / 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--individuals", type=int, default=100_000)
    individuals = parser.parse_args().individuals
    space = make_space()
    print(f"mutations of a DNA of {VERTICES} vertices: {mutations_per_second(space):,.0f} per second")
    folder = Path(tempfile.mkdtemp())
    start = time.perf_counter()
    run_search(space=space, algorithm=tournament(space), evaluator=score, budget=individuals, run=folder / "run")
    print(f"a search of {individuals:,} children: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    history = History.load(folder / "run")
    loaded_s = time.perf_counter() - start
    vertices = sum(len(individual.genome["vertices"]) for individual in history.individuals) / individuals
    size = history.path.stat().st_size / 1e6
    del history
    print(f"its journal ({size:.0f} MB, {vertices:.1f} vertices a DNA) opens in {loaded_s:.1f} s")
    start = time.perf_counter()
    state = SearchState(tournament(space), None)
    Replay(folder / "run" / FILE_NAME, space, state, seed=0, verify=True, versions={}).run()
    print(f"and to go on, with every child asked for again: {time.perf_counter() - start:.1f} s")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
