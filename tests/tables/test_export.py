"""Journals as tables: every number beside the journal's, and what cannot share a table."""

import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from nas import History, run_search
from nas.algorithms.random_search import RandomSearch
from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.evaluators.function import FunctionEvaluator
from nas.evaluators.toy import Toy
from nas.search_spaces.base import SearchSpace
from nas.search_spaces.bits import Bits
from nas.tables.export import export_table
from nas.tables.recorded import RecordedTable, read_recorded
from tests.test_contracts import space

SPACE = Bits(num_bits=4)


def measured(genome: tuple[int, ...], seed: int) -> dict[str, object]:
    """Metrics of every kind; the accuracy differs from training to training."""
    ones = sum(genome)
    return {
        "valid_accuracy": ones / 8 + (seed % 7) / 100,
        "parameters": 10 * ones,
        "train_flops": 2**60 + ones,
        "train_s": 1.5 + ones,
        "diverged": seed % 2 == 0,
        "note": "text",
        "valid_loss": None if ones == 0 else 0.5 * ones,
    }


FUNCTION = FunctionEvaluator(function=measured)


def search(folder: Path, seed: int = 0, evaluator: Evaluator = FUNCTION, space: SearchSpace = SPACE) -> History:
    algorithm = RandomSearch(space=space)
    return run_search(space=space, algorithm=algorithm, evaluator=evaluator, budget=40, seed=seed, run=folder).history()


def written(table: RecordedTable, path: Path) -> RecordedTable:
    table.write(path)
    return read_recorded(str(path))


def test_a_row_holds_what_the_journals_say_of_a_genome(tmp_path: Path) -> None:
    histories = [search(tmp_path / "a", 0), search(tmp_path / "b", 1)]
    found = written(export_table(histories, [SPACE, SPACE]), tmp_path / "table.npz")
    told = defaultdict(list)
    for history in histories:
        for individual in history.individuals:
            told[SPACE.from_json(individual.genome)].append(individual)
    assert list(found.rows) == sorted(told)
    assert sum(found.count) == 80
    assert found.size_of_space == 16
    for genome, row in found.rows.items():
        own = told[genome]
        fitness = [individual.fitness for individual in own]
        assert found.count[row] == len(own)
        assert found.fitness_values[row, : len(own)].tolist() == fitness
        assert np.isnan(found.fitness_values[row, len(own) :]).all()
        assert found.metrics["valid_accuracy"][row] == pytest.approx(np.mean(fitness))
        assert found.metrics["train_s"][row] == 1.5 + sum(genome)
        assert found.metrics["train_flops"][row] == 2**60 + sum(genome)  # not rounded
        assert found.metrics["diverged"][row] == pytest.approx(np.mean([i.metrics["diverged"] for i in own]))
        loss = found.metrics["valid_loss"][row]
        assert math.isnan(loss) if sum(genome) == 0 else loss == 0.5 * sum(genome)
    assert found.metrics["parameters"].dtype == np.int64
    assert "note" not in found.metrics
    assert found.fitness == "valid_accuracy"
    assert found.space == histories[0].identity["search_space"]
    assert [run["run"] for run in found.runs] == ["a", "b"]
    assert np.isnan(found.sealed_test_accuracy).all()


def test_the_fingerprint_is_of_the_numbers_alone(tmp_path: Path) -> None:
    first = export_table([search(tmp_path / "a")], [SPACE])
    assert export_table([search(tmp_path / "renamed")], [SPACE]).fingerprint == first.fingerprint
    assert written(first, tmp_path / "table.npz").fingerprint == first.fingerprint
    assert export_table([search(tmp_path / "b", 1)], [SPACE]).fingerprint != first.fingerprint


def test_sealed_accuracies_come_from_finished_searches_alone(tmp_path: Path) -> None:
    history = search(tmp_path / "a")
    first, second = history.told[0], history.told[1]
    for individual, value in ((first, 0.25), (second, 0.75)):
        child = tmp_path / "a" / "children" / f"{individual.number:06d}"
        child.mkdir(parents=True)
        (child / "sealed.json").write_text(json.dumps({"test_accuracy": value}))
    found = export_table([history], [SPACE])
    sealed = found.sealed_test_accuracy
    assert sealed[found.rows[SPACE.from_json(first.genome)]] == 0.25
    assert sealed[found.rows[SPACE.from_json(second.genome)]] == 0.75
    assert np.isnan(sealed).sum() == len(sealed) - 2
    history.closed = None  # as while it runs
    assert np.isnan(export_table([history], [SPACE]).sealed_test_accuracy).all()


def test_what_cannot_share_a_table_is_refused(tmp_path: Path) -> None:
    first = search(tmp_path / "a")
    toy, other = Toy(space=SPACE, noise=0.0, counted=1), Bits(num_bits=5)
    with pytest.raises(
        UserError, match=r"a and b cannot share a table, they differ in evaluator \('function' there, 'toy'"
    ):
        export_table([first, search(tmp_path / "b", evaluator=toy)], [SPACE, SPACE])
    with pytest.raises(
        UserError, match=r"differ in search_space \(Bits\(num_bits=4\) there, Bits\(num_bits=5\) here\)"
    ):
        export_table([first, search(tmp_path / "c", space=other)], [SPACE, other])
    with pytest.raises(UserError, match=r"search_space=dna of a is not made of choices"):
        export_table([first], [space("dna")])
    first.told_order.clear()
    with pytest.raises(UserError, match="nothing was told in a"):
        export_table([first], [SPACE])
