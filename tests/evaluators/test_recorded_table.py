"""A search over what another search recorded: the same fitnesses, its time as a budget, and what it refuses."""

import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.evaluators.base import Task
from nas.evaluators.function import FunctionEvaluator
from nas.evaluators.recorded_table import RecordedTableEvaluator
from nas.search.budget import Budget
from nas.search.identity import identity_of
from nas.search_spaces.bits import Bits
from nas.tables.arrays import write_arrays
from nas.tables.export import export_table
from tests.test_contracts import composed, space

SPACE = Bits(num_bits=6)


def measured(genome: tuple[int, ...], seed: int) -> dict[str, Any]:
    return {
        "valid_accuracy": sum(genome) / 6 - 0.01 * genome[0] + (seed % 5) / 1000,
        "parameters": 1 + sum(genome),
        "train_s": 2.0 + sum(genome),
    }


def apart(genome: tuple[int, ...], seed: int) -> dict[str, Any]:
    return {**measured(genome, seed), "valid_s": 0.5}


def recorded(folder: Path, budget: int = 500) -> tuple[History, Path]:
    """A random search and its table; 500 individuals hold all 64 genomes."""
    evaluator = FunctionEvaluator(function=measured)
    algorithm = RandomSearch(space=SPACE)
    result = run_search(space=SPACE, algorithm=algorithm, evaluator=evaluator, budget=budget, run=folder / "source")
    path = folder / "table.npz"
    export_table([result.history()], [SPACE]).write(path)
    return result.history(), path


def evaluator(path: Path, *overrides: str, on: Any = SPACE) -> RecordedTableEvaluator:
    made = composed("evaluator", "evaluator=recorded_table", f"evaluator.path={path}", *overrides, space=on)
    assert isinstance(made, RecordedTableEvaluator)
    return made


def evolve(folder: Path, evaluator: Any, budget: Any = 60) -> History:
    algorithm = Evolution(space=SPACE, population_size=10, sample_size=5, survival="oldest")
    return run_search(space=SPACE, algorithm=algorithm, evaluator=evaluator, budget=budget, run=folder).history()


def test_a_search_finds_the_fitnesses_that_were_recorded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source, path = recorded(tmp_path)
    found = evolve(tmp_path / "again", evaluator(path))
    assert len(found.told) == 60
    assert not caplog.records
    values: dict[str, list[float]] = {}
    for individual in source.told:
        values.setdefault(str(individual.genome), []).append(individual.fitness or 0.0)
    assert len(values) == 64
    for individual in found.told:
        own = values[str(individual.genome)]
        assert individual.fitness == pytest.approx(math.fsum(own) / len(own), abs=1e-15)
        assert individual.metrics["parameters"] == 1 + sum(SPACE.from_json(individual.genome))
        assert individual.metrics["simulated_s"] == 2 + sum(SPACE.from_json(individual.genome))
        assert "train_s" not in individual.metrics
    drawn = evolve(tmp_path / "drawn", evaluator(path, "evaluator.seeds=random"))
    assert all(individual.fitness in values[str(individual.genome)] for individual in drawn.told)
    pairs = {(str(individual.genome), individual.fitness) for individual in drawn.told}
    assert len(pairs) > len({genome for genome, _ in pairs})  # the same genome again is another value


def test_simulated_time_is_a_budget(tmp_path: Path) -> None:
    _, path = recorded(tmp_path)
    found = evolve(tmp_path / "again", evaluator(path), Budget(simulated_s=100))
    spent = math.fsum(individual.metrics["simulated_s"] for individual in found.told)
    assert 92 < spent <= 100  # a child takes at most 8


def test_validation_that_is_apart_is_part_of_the_time(tmp_path: Path) -> None:
    evaluator_ = FunctionEvaluator(function=apart)
    run = run_search(
        space=SPACE, algorithm=RandomSearch(space=SPACE), evaluator=evaluator_, budget=5, run=tmp_path / "source"
    )
    table = export_table([run.history()], [SPACE])
    table.write(tmp_path / "table.npz")
    for genome in table.rows:
        assert evaluator(tmp_path / "table.npz").cost(genome)["simulated_s"] == 2.5 + sum(genome)


def test_a_table_of_a_table_keeps_the_time(tmp_path: Path) -> None:
    _, path = recorded(tmp_path)
    second = export_table([evolve(tmp_path / "again", evaluator(path))], [SPACE])
    second.write(tmp_path / "second.npz")
    genome = next(iter(second.rows))
    first = evaluator(path).evaluate(Task(0, genome, 1))
    assert evaluator(tmp_path / "second.npz").evaluate(Task(0, genome, 1)) == pytest.approx(first)


def test_a_genome_that_is_missing_fails_its_child(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source, path = recorded(tmp_path, budget=60)
    known = {str(individual.genome) for individual in source.told}
    assert 30 < len(known) < 64
    with caplog.at_level(logging.WARNING):
        made = evaluator(path)
    coverage = f"table.npz holds {len(known)} of the 64 genomes of bits"
    assert f"{coverage}, children of other genomes will fail" in caplog.text
    found = evolve(tmp_path / "again", made)
    failed = [individual for individual in found.individuals if individual.state == "failed"]
    assert failed
    assert {str(individual.genome) in known for individual in failed} == {False}
    assert {str(individual.genome) in known for individual in found.told} == {True}
    reasons = {individual.reason for individual in failed}
    assert len(reasons) == 1
    assert f"the genome is not in the table: {path} holds {len(known)} of the 64" in str(reasons.pop())


def test_its_identity_is_the_content(tmp_path: Path) -> None:
    _, path = recorded(tmp_path)
    moved = path.rename(tmp_path / "moved.npz")
    identity = identity_of(evaluator(moved))
    _, other = recorded(tmp_path / "other", budget=400)
    assert identity_of(evaluator(other))["fingerprint"] != identity["fingerprint"]
    assert identity == {
        "name": "recorded_table",
        "seeds": "mean",
        "fitness": "valid_accuracy",
        "fingerprint": identity["fingerprint"],
    }


def test_what_does_not_fit_is_one_sentence(tmp_path: Path) -> None:
    _, path = recorded(tmp_path)

    def refused(sentence: str, path: Path, *overrides: str, on: Any = SPACE) -> None:
        with pytest.raises(UserError, match=sentence):
            evaluator(path, *overrides, on=on)

    refused("is of search_space=bits, not of cells", path, on=space("cells"))
    refused("search_space=bits with other choices: 6 there, 7 here", path, on=Bits(num_bits=7))
    refused("needs a space made of choices, not 'dna'", path, on=space("dna"))
    refused("seeds is 'median', allowed are mean, random", path, "evaluator.seeds=median")
    refused("fitness is 'charm', the table has parameters, train_s, valid_accuracy", path, "evaluator.fitness=charm")
    refused("random with fitness=parameters", path, "evaluator.fitness=parameters", "evaluator.seeds=random")
    refused(r"there is no table at .*nowhere.npz: `python -m nas.table run=NAME out=", tmp_path / "nowhere.npz")
    (tmp_path / "text.npz").write_text("no arrays")
    refused("text.npz cannot be read", tmp_path / "text.npz")
    write_arrays(tmp_path / "other.npz", {"ops": np.zeros(3)})
    refused("other.npz is no table of a search", tmp_path / "other.npz")
