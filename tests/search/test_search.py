"""One search from its parts: exact budgets, resuming at every byte, failures as data, other searches refused."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from searches import SPACE, aging, search

from nas import History
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.search.budget import Budget


@dataclass(frozen=True)
class Costly(Evaluator):
    """Fails for every third child, and costs what its genome says."""

    name = "costly"
    writes_files = False

    def evaluate(self, task: Task) -> Metrics:
        if task.number % 3 == 2:
            raise RuntimeError(f"child {task.number} is unlucky")
        return {"valid_accuracy": sum(task.genome) / 16}

    def cost(self, genome: Any) -> Metrics:
        return {"train_examples": 100, "train_flops": 1000 * sum(genome)}


def test_budgets_are_exact_and_failures_do_not_count(tmp_path: Path) -> None:
    result = search(tmp_path / "a", evaluator=Costly(), budget=20)
    history = result.history()
    assert (result.reason, len(history.told), result.failed) == ("budget", 20, 9)
    failed = next(individual for individual in history.individuals if individual.state == "failed")
    assert failed.reason == "RuntimeError: child 2 is unlucky"
    assert "in evaluate" in next(
        event for event in (tmp_path / "a" / "history.jsonl").read_text().splitlines() if '"event":"failed"' in event
    )


def test_examples_and_flops_are_never_overshot(tmp_path: Path) -> None:
    by_examples = search(tmp_path / "a", evaluator=Costly(), budget=Budget(examples=1050))
    assert by_examples.spent.told == 10
    assert by_examples.spent.examples == 1000
    by_flops = search(tmp_path / "b", evaluator=Costly(), budget=Budget(flops=100_000))
    used = sum(1000 * individual.genome.count("1") for individual in by_flops.history().told)
    assert used == by_flops.spent.flops <= 100_000


@pytest.mark.parametrize("value", [0, -1, 1.5, True, float("nan"), float("inf"), "ten"])
def test_a_budget_must_be_positive(value: Any) -> None:
    with pytest.raises(UserError, match=r"budget\.evaluations"):
        Budget(evaluations=value)
    with pytest.raises(UserError, match="no budget"):
        Budget()


def test_a_larger_budget_extends_a_finished_search(tmp_path: Path) -> None:
    whole = search(tmp_path / "whole", budget=40).history().science()
    search(tmp_path / "part", budget=25)
    assert search(tmp_path / "part", budget=25).reason == "finished"
    assert search(tmp_path / "part", budget=40).history().science() == whole


@pytest.mark.parametrize("algorithm", ["aging", "non_aging"])
def test_cut_anywhere_it_resumes_to_the_same_science(tmp_path: Path, algorithm: str) -> None:
    survival = "oldest" if algorithm == "aging" else "worst_of_sample"
    maker = aging()
    maker.survival = survival  # type: ignore[assignment]
    whole = search(tmp_path / "whole", algorithm=maker)
    journal = (tmp_path / "whole" / "history.jsonl").read_bytes()
    boundaries = [index + 1 for index, byte in enumerate(journal) if byte == 10]
    rng = random.Random(0)
    cuts = sorted({*rng.sample(boundaries, 15), *(rng.randrange(1, len(journal)) for _ in range(15))})
    for cut in cuts:
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        (folder / "history.jsonl").write_bytes(journal[:cut])
        assert search(folder, algorithm=maker).history().science() == whole.history().science(), cut


def test_another_search_in_the_folder_is_refused_by_the_keys_that_differ(tmp_path: Path) -> None:
    search(tmp_path / "a")
    before = (tmp_path / "a" / "history.jsonl").read_bytes()
    with pytest.raises(UserError, match=r"algorithm\.sample_size \(3 there, 4 here\); seed \(0 there, 1 here\)"):
        search(tmp_path / "a", algorithm=aging(sample_size=4), seed=1)
    assert (tmp_path / "a" / "history.jsonl").read_bytes() == before


def test_verifying_names_the_child_that_would_be_another(tmp_path: Path) -> None:
    search(tmp_path / "a")
    path = tmp_path / "a" / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    at = next(index for index, line in enumerate(lines) if '"event":"asked"' in line and '"number":30' in line)
    genome = History.load(path).individuals[30].genome
    forged = "".join("1" if bit == "0" else "0" for bit in genome)
    path.write_text("".join([*lines[:at], lines[at].replace(genome, forged)]))
    with pytest.raises(UserError, match=f"individual 30: the journal has {forged}.*now it is {genome}"):
        search(tmp_path / "a")
    assert search(tmp_path / "a", verify=False).spent.told == 40


def test_a_genome_that_the_space_rejects_is_refused_with_its_line(tmp_path: Path) -> None:
    search(tmp_path / "a", budget=5)
    path = tmp_path / "a" / "history.jsonl"
    genome = History.load(path).individuals[0].genome
    path.write_text(path.read_text().replace(genome, "2" + genome[1:], 1))
    with pytest.raises(UserError, match=r"line 3 of .*zeros and ones"):
        search(tmp_path / "a")


def test_a_journal_of_other_versions_goes_on_from_its_genomes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    search(tmp_path / "a", budget=20)
    path = tmp_path / "a" / "history.jsonl"
    path.write_text(path.read_text().replace('"nas":"', '"nas":"0.0.'))
    assert search(tmp_path / "a", verify=None).spent.told == 40
    assert "other versions" in caplog.text


def always_failing(genome: Any, seed: int) -> float:
    raise OSError(f"no luck with seed {seed}" if seed % 5 == 0 else "the disk is on fire")


def test_when_all_children_fail_it_stops_with_the_commonest_reason(tmp_path: Path) -> None:
    result = search(tmp_path / "a", evaluator=always_failing)
    assert result.reason == "failures"
    assert "the disk is on fire" in result.message
    assert len(result.history().individuals) == 10


def test_a_fitness_that_is_not_finite_is_a_failure(tmp_path: Path) -> None:
    result = search(tmp_path / "a", evaluator=lambda genome, seed: float("nan") if seed % 2 else 0.5, max_failures=40)
    assert result.failed > 0
    assert "NaN" not in (tmp_path / "a" / "history.jsonl").read_text()


def slow(genome: Any, seed: int) -> dict[str, float]:
    time.sleep(random.SystemRandom().random() / 50)  # another timing every time
    return {"valid_accuracy": sum(genome) / 16 + seed % 7 / 1000}


def test_in_number_order_timing_does_not_matter(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"evaluator": slow, "order": "number", "workers": 3, "budget": 30}
    one, two = search(tmp_path / "a", **arguments), search(tmp_path / "b", **arguments)
    assert one.history().science() == two.history().science()
    journal = (tmp_path / "a" / "history.jsonl").read_bytes()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "history.jsonl").write_bytes(journal[: len(journal) // 2])
    assert search(tmp_path / "c", **arguments).history().science() == one.history().science()


def test_in_completion_order_nothing_told_is_lost_or_evaluated_again(tmp_path: Path) -> None:
    arguments: dict[str, Any] = {"evaluator": slow, "workers": 3, "budget": 30}
    search(tmp_path / "a", **arguments)
    journal = (tmp_path / "a" / "history.jsonl").read_bytes()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "history.jsonl").write_bytes(journal[: len(journal) // 2])
    before = History.load(tmp_path / "c")
    after = search(tmp_path / "c", **arguments).history()
    assert [after.individuals[individual.number].fitness for individual in before.told] == [
        individual.fitness for individual in before.told
    ]
    assert sorted(after.told_order) == list(range(30))
    for individual in before.individuals:
        again = after.individuals[individual.number]
        assert (again.genome, again.seed, again.parents) == (individual.genome, individual.seed, individual.parents)


def test_memory_of_the_dead_is_not_kept(tmp_path: Path) -> None:
    result = search(tmp_path / "a", budget=300)
    history = result.history()
    assert [individual.number for individual in history.alive] == list(range(290, 300))
    assert all(len(individual.genome) == SPACE.num_bits for individual in history.individuals)
