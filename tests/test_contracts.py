"""Every space, algorithm, evaluator and executor passes the suites of `nas.testing`: one line or two for each."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from nas_launchers.build import build_executor
from nas_launchers.inline import InlineExecutor
from nas_launchers.pool import PoolExecutor

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.local_search import LocalSearch
from nas.algorithms.random_search import RandomSearch
from nas.algorithms.tournament import Tournament
from nas.application import build, config_folder
from nas.evaluators.function import FunctionEvaluator
from nas.evaluators.toy import Toy
from nas.search_spaces.bits import Bits
from nas.tables.export import export_table
from nas.testing import AlgorithmSuite, DatasetSuite, EvaluatorSuite, ExecutorSuite, SearchSpaceSuite
from tests.helpers.tables import tables
from tests.slurm import conftest as of_slurm

BITS = Bits(num_bits=24)
slurm = of_slurm.slurm


def composed(node: str, *overrides: str, **arguments: Any) -> Any:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return build(compose("config", overrides=list(overrides))[node], node, **arguments)


@cache
def space(option: str) -> Any:
    return composed("search_space", f"search_space={option}")


class TestBits(SearchSpaceSuite):
    def make(self) -> Any:
        return BITS


class TestCells(SearchSpaceSuite):
    def make(self) -> Any:
        return space("cells")


class TestCellsSp2(SearchSpaceSuite):
    def make(self) -> Any:
        return space("cells_sp2")


class TestCellsSp3(SearchSpaceSuite):
    def make(self) -> Any:
        return space("cells_sp3")


class TestDna(SearchSpaceSuite):
    def make(self) -> Any:
        return space("dna")


class TestNasBench201(SearchSpaceSuite):
    def make(self) -> Any:
        return space("nasbench201")


@cache
def small_cells() -> Any:
    return composed("search_space", "search_space.num_combinations=2")


@cache
def reinforce(*overrides: str) -> Any:
    """What makes it, with a minibatch of 8 and a rate that show within 40 children."""
    small = ("algorithm.batch_size=8", "algorithm.learning_rate=0.01")
    return composed("algorithm", "algorithm=reinforce", *small, *overrides)


class OnBits:
    def space(self) -> Any:
        return BITS


class TestAging(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return Evolution(space=space, population_size=10, sample_size=3, survival="oldest")


class TestAgingOnCells(TestAging):
    def space(self) -> Any:
        return space("cells")


class TestNonAging(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return Evolution(space=space, population_size=10, sample_size=3, survival="worst_of_sample")


class TestPairs(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return Evolution(space=space, population_size=10, sample_size=2, survival="worst_of_pair")


class TestTournament(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return Tournament(space=space, population_size=10, survival="worst_of_pair", selection="fittest")


class TestTournamentOnDna(TestTournament):
    def space(self) -> Any:
        return space("dna")


class TestTournamentOfTheOldest(OnBits, AlgorithmSuite):
    """With everything that its options do to it."""

    def make(self, space: Any) -> Any:
        return Tournament(
            space=space,
            population_size=10,
            survival="oldest",
            selection="random",
            mutation_phases=[{"begin": 15, "end": 25, "mutations": 3}],
            weight_resets=[20, 45],
        )


class TestLocalSearch(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return LocalSearch(space=space, num_initial=5)

    def bound(self, algorithm: Any) -> int:
        return 1


class TestLocalSearchOnCells(TestLocalSearch):
    def space(self) -> Any:
        return space("cells")


class TestNsga2(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return composed(
            "algorithm", "algorithm=nsga2", "population.size=10", "algorithm.objective=parameters", space=space
        )


class TestNonDominatedOfFive(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        options = {"population_size": 10, "sample_size": 5, "survival": "non_dominated", "objective": "parameters"}
        return Evolution(space=space, **options)


class TestRandom(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return RandomSearch(space=space)


class TestReinforce(OnBits, AlgorithmSuite):
    def make(self, space: Any) -> Any:
        return reinforce()(space=space)


class TestReinforceOnCells(TestReinforce):
    def space(self) -> Any:
        return small_cells()


class TestReinforceIndependent(OnBits, AlgorithmSuite):
    """With everything that its options do to it."""

    def make(self, space: Any) -> Any:
        options = {"policy": "independent", "update": "reinforce", "temperature": 5, "tanh_constant": 2.5}
        return reinforce(*(f"algorithm.{key}={value}" for key, value in options.items()))(space=space)


class TestToy(OnBits, EvaluatorSuite):
    def make(self, space: Any) -> Any:
        return Toy(space=space, noise=0.01, counted=1)


def share_of_ones(genome: tuple[int, ...], seed: int) -> dict[str, float]:
    return {"valid_accuracy": sum(genome) / len(genome)}


class TestFunction(OnBits, EvaluatorSuite):
    def make(self, space: Any) -> Any:
        return FunctionEvaluator(function=share_of_ones)


class TestTable(EvaluatorSuite):
    def space(self) -> Any:
        return space("nasbench201")

    def make(self, space: Any) -> Any:
        path = tables() / "nasbench201.npz"
        return composed("evaluator", "evaluator=table", f"evaluator.path={path}", space=space)


@cache
def recorded() -> Path:
    """The table of a search that told all 16 genomes of four bits."""
    bits, folder = Bits(num_bits=4), Path(tempfile.mkdtemp())
    search = run_search(
        space=bits,
        algorithm=RandomSearch(space=bits),
        evaluator=Toy(space=bits, noise=0.01, counted=1),
        budget=200,
        run=folder / "run",
    )
    export_table([search.history()], [bits]).write(folder / "table.npz")
    return folder / "table.npz"


class TestRecordedTable(EvaluatorSuite):
    def space(self) -> Any:
        return Bits(num_bits=4)

    def make(self, space: Any) -> Any:
        return composed("evaluator", "evaluator=recorded_table", f"evaluator.path={recorded()}", space=space)


class TestTrain(EvaluatorSuite):
    def space(self) -> Any:
        return space("cells")

    def make(self, space: Any) -> Any:
        return composed("evaluator", "experiment=demo", "dataset.fraction=0.1", "training.epochs=1", space=space)


class TestTrainWithInheritance(EvaluatorSuite):
    def space(self) -> Any:
        return space("dna")

    def make(self, space: Any) -> Any:
        overrides = ("experiment=large_scale_demo", "dataset.fraction=0.1", "training.steps=3")
        return composed("evaluator", *overrides, space=space)


class TestDigits(DatasetSuite):
    def make(self) -> Any:
        return composed("dataset", "dataset=digits", "dataset.num_selection=20")


class TestInline(ExecutorSuite):
    def make(self, folder: Path) -> Any:
        return InlineExecutor()


class TestPool(ExecutorSuite):
    def make(self, folder: Path) -> Any:
        return PoolExecutor(2)


@pytest.mark.slurm
@pytest.mark.usefixtures("slurm")
class TestPacked(ExecutorSuite):
    def make(self, folder: Path) -> Any:
        fields = {"timeout_min": 1, "walltime_min": 10, "children_per_job": 2, "mem_gb": 1}
        return build_executor("slurm_packed", fields, workers=2, folder=folder, paths=[config_folder().parent])
