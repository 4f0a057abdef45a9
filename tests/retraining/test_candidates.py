"""Who is retrained: the best of searches, without equals; published models; files."""

import itertools
import json
from pathlib import Path
from random import Random

import pytest

from nas import History, run_search
from nas.algorithms.evolution import Evolution
from nas.algorithms.tournament import Tournament
from nas.errors import UserError
from nas.networks.genotypes import AMOEBANET_A, PNASNET_5
from nas.retraining.candidates import best_of, cells_architecture, from_file, published
from nas.search_spaces.cells import Cells
from tests.test_contracts import space

SPACE = Cells(
    ops=("none", "sep_conv_3x3"), num_combinations=1, identity_probability=0.5, op_mutation="any"
)  # few genomes, so that equal ones come up


def searched(folder: Path, seed: int = 0, budget: int = 60) -> History:
    def score(genome: tuple[int, ...], seed: int) -> float:
        return sum(genome) / 10

    algorithm = Evolution(space=SPACE, population_size=10, sample_size=3, survival="oldest")
    return run_search(space=SPACE, algorithm=algorithm, evaluator=score, budget=budget, seed=seed, run=folder).history()


def architect(genome: object) -> object:
    return SPACE.architecture(SPACE.from_json(genome))


def test_the_fittest_come_first_and_equal_ones_once(tmp_path: Path) -> None:
    histories = [searched(tmp_path / "a"), searched(tmp_path / "b", seed=1)]
    found = best_of(histories, [architect, architect], top_k=4)
    assert len({json.dumps(candidate.architecture) for candidate in found}) == len(found) == 4
    fitness = [candidate.fitness for candidate in found]
    assert fitness == sorted(fitness, reverse=True)
    assert fitness[0] == max(individual.fitness or 0 for history in histories for individual in history.told)
    assert any(candidate.equals for candidate in found)
    assert {candidate.run for candidate in found} <= {"a", "b"}


def test_the_lineage_goes_back_to_a_random_individual(tmp_path: Path) -> None:
    history = searched(tmp_path / "a")
    for candidate in best_of([history], [architect], top_k=3):
        numbers = [link["number"] for link in candidate.lineage]
        assert numbers[0] == candidate.number
        assert history.individuals[numbers[-1]].parents == ()
        for child, parent in itertools.pairwise(numbers):
            assert history.individuals[child].parents[0] == parent
        json.dumps(candidate.lineage)


def test_a_run_gives_what_it_has(tmp_path: Path) -> None:
    found = best_of([searched(tmp_path / "a", budget=3)], [architect], top_k=20)
    assert 1 <= len(found) <= 3


def test_a_run_without_finished_individuals(tmp_path: Path) -> None:
    journal = searched(tmp_path / "a").path
    journal.write_text(journal.read_text().splitlines()[0] + "\n")
    with pytest.raises(UserError, match="no finished individual"):
        best_of([History.load(journal)], [architect], top_k=2)


def test_files_of_genomes_architectures_and_cards(tmp_path: Path) -> None:
    genome = SPACE.to_json(SPACE.initial(Random(0)))
    expected = architect(genome)
    for content in (genome, expected, {"genome": genome, "architecture": expected}):
        (tmp_path / "mine.json").write_text(json.dumps(content))
        candidate = from_file(tmp_path / "mine.json")
        assert candidate.name == "mine"
        assert candidate.architecture == expected
    assert cells_architecture(AMOEBANET_A) == AMOEBANET_A
    (tmp_path / "one.json").write_text(json.dumps(PNASNET_5))
    assert from_file(tmp_path / "one.json").architecture == PNASNET_5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[1]", "no normal cell"),
        ('{"normal": [[["sep", 0], ["none", 1]]], "reduction": []}', "allowed are none"),
    ],
)
def test_a_broken_file(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.json").write_text(text)
    with pytest.raises(UserError, match=words):
        from_file(tmp_path / "mine.json")
    with pytest.raises(UserError, match="cannot be read"):
        from_file(tmp_path / "none.json")


def test_published_models_and_the_near_name() -> None:
    assert published("amoebanet_a").architecture is AMOEBANET_A
    with pytest.raises(UserError, match="did you mean amoebanet_a"):
        published("amoebanet-a")


def test_equal_graphs_are_one_candidate_whatever_the_ids_of_their_variables(tmp_path: Path) -> None:
    dna = space("dna")
    result = run_search(
        space=dna,
        algorithm=Tournament(space=dna, population_size=6, survival="worst_of_pair", selection="fittest"),
        evaluator=lambda genome, seed: len(genome.vertices) + seed % 7 / 10,
        budget=30,
        run=tmp_path / "run",
    )
    history = result.history()
    found = best_of([history], [lambda genome: dna.architecture(dna.from_json(genome))], 30)
    graphs = {dna.from_json(individual.genome) for individual in history.told}
    assert len(found) == len(graphs) < 30
    assert sum(1 + len(candidate.equals) for candidate in found) == 30


def test_a_file_may_hold_a_dna(tmp_path: Path) -> None:
    dna = space("dna")
    genome = dna.initial(Random(0))
    path = tmp_path / "seed.json"
    path.write_text(json.dumps(dna.to_json(genome)))
    assert from_file(path).architecture == dna.architecture(genome)
    path.write_text(json.dumps({**dna.to_json(genome), "learning_rate": -1}))
    with pytest.raises(UserError, match=r"learning_rate is -1\.0"):
        from_file(path)
