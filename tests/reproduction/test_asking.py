"""Searches asked again: every algorithm and space as they were, and journals that were changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra import compose

from nas.application import build
from nas.errors import UserError
from nas.evolve import build_parts
from nas.reproduction.asking import Asked, ask_again, check_consistency
from nas.reproduction.remaking import remade_algorithm, remade_evaluator, remade_space
from nas.search.history import History
from nas.search.identity import identity_of
from nas.search.run import run_search
from tests.reproduction.conftest import DNA, TOY, changed, fitness_changed

pytestmark = pytest.mark.usefixtures("configuration")
Make = Callable[..., Path]

PAIRS = ["algorithm.survival=worst_of_pair", "algorithm.sample_size=2"]
TRIALS = [
    ["search_space=bits", "algorithm=aging"],
    ["search_space=bits", "algorithm=aging", *PAIRS],
    ["search_space=cells", "algorithm=non_aging"],
    ["search_space=cells_sp2", "algorithm=nsga2", "algorithm.objective=size"],
    ["search_space=nasbench201", "algorithm=random"],
    ["search_space=nasbench201", "algorithm=local_search"],
    ["search_space=bits", "algorithm=reinforce_nasbench201"],
    ["search_space=dna", "algorithm=tournament", "search_space.weights.identity=3"],
    ["search_space=dna", "algorithm=aging", "search_space.mutations.insert_convolution.filter_half_size=2"],
]


def measured(genome: Any, seed: int) -> dict[str, float]:
    return {"valid_accuracy": seed % 1000 / 1000, "size": len(str(genome)) + seed % 7}


def asked(run: Path, excuses: tuple[str, ...] = ()) -> Any:
    history = History.load(run)
    return ask_again(history, remade_space(history), None, excuses)


@pytest.mark.parametrize("overrides", TRIALS, ids=" ".join)
def test_every_algorithm_asks_for_the_same_again(overrides: list[str], tmp_path: Path) -> None:
    small = ["population.size=6", "population.sample_size=3", "search_space.num_bits=9"]
    config = compose("config", overrides=[*overrides, *(small if "search_space=bits" in overrides else small[:2])])
    space = build(config.search_space, "space")
    algorithm = build(config.algorithm, "algorithm", space=space)
    run = tmp_path / "run"
    run_search(space=space, algorithm=algorithm, evaluator=measured, budget=30, run=run, seed=3)
    history = History.load(run)
    assert remade_space(history) == space
    assert identity_of(remade_algorithm(history, space)) == identity_of(algorithm)
    found = asked(run)
    assert (found.found, found.children) == (Asked.SAME, 30), found.sentence


def test_a_fitness_that_was_changed_leads_elsewhere(copied: Make) -> None:
    run = copied(*TOY, evaluations=40)
    parents = {parent for one in History.load(run).individuals for parent in one.parents}
    fitness_changed(run, min(parents), 0.0)
    found = asked(run)
    assert found.found is Asked.OTHERWISE
    assert found.sentence.startswith("NOT what the algorithm asks for: the algorithm now asks for another individual")
    assert asked(run, ("commit a there, b here",)).found is Asked.EXCUSED


def test_a_child_that_nobody_asked_for_is_found(copied: Make) -> None:
    run = copied(*TOY, evaluations=40)

    def change(_: int, line: dict[str, Any]) -> None:
        if line.get("event") == "asked" and line["number"] == 39:
            line["genome"] = "0" * 12

    changed(run, change)
    found = asked(run)
    assert found.found is Asked.OTHERWISE
    assert "another individual 39" in found.sentence


def test_another_seed_is_found_by_the_training_seeds(copied: Make) -> None:
    run = copied(*TOY, evaluations=40)

    def change(number: int, line: dict[str, Any]) -> None:
        if number == 0:
            line["identity"]["seed"] = 8

    changed(run, change)
    with pytest.raises(UserError, match=r"has the training seed .* follows from the search's seed"):
        check_consistency(History.load(run))


def test_a_fitness_that_is_not_its_metric_is_found(copied: Make) -> None:
    run = copied(*TOY, evaluations=40)

    def change(_: int, line: dict[str, Any]) -> None:
        if line.get("event") == "told" and line["number"] == 3:
            line["fitness"] = 0.99

    changed(run, change)
    with pytest.raises(UserError, match=r"individual 3 of .* has the fitness 0\.99, but its valid_accuracy is 0\."):
        check_consistency(History.load(run))


def test_bounds_are_held_again(copied: Make) -> None:
    overrides = [*DNA[:-2], "constraint.flops=null", "constraint.parameters=25"]
    run = copied(*overrides, evaluations=10)
    history = History.load(run)
    assert history.rejected
    config = compose("config", overrides=[*overrides, "hardware=cpu"])
    space, _, evaluator = build_parts(config)
    assert ask_again(history, space, evaluator, ()).found is Asked.SAME
    without = ask_again(history, space, None, ())
    assert without.found is Asked.NOT_ASKED
    assert "for its constraint" in without.sentence


def test_a_mutation_of_ones_own_has_to_be_given(tmp_path: Path) -> None:
    own = "+search_space.mutations.mine={_target_: nas.search_spaces.dna_mutations.AddSkip}"
    config = compose("config", overrides=["search_space=dna", own, "algorithm=random"])
    space = build(config.search_space, "space")
    algorithm = build(config.algorithm, "algorithm", space=space)
    run_search(space=space, algorithm=algorithm, evaluator=measured, budget=2, run=tmp_path / "run")
    history = History.load(tmp_path / "run")
    with pytest.raises(UserError, match=r"search_space\.mutations\.mine of the journal is not in the configuration"):
        remade_space(history)
    assert remade_space(history, space) == space


def test_a_class_that_a_journal_names_is_not_made(tmp_path: Path, kept: Make) -> None:
    history = History.load(kept(*DNA, evaluations=9))
    history.header["identity"]["search_space"]["mutations"]["identity"] = {"name": "os.mkdir", "path": str(tmp_path)}
    with pytest.raises(UserError, match=r"search_space\.mutations\.identity is 'os\.mkdir' in the journal"):
        remade_space(history)


def test_a_function_of_python_cannot_be_called_again(tmp_path: Path) -> None:
    config = compose("config", overrides=["search_space=bits", "algorithm=random"])
    space = build(config.search_space, "space")
    algorithm = build(config.algorithm, "algorithm", space=space)
    run_search(space=space, algorithm=algorithm, evaluator=measured, budget=2, run=tmp_path / "run")
    with pytest.raises(UserError, match="a function of Python, which only its own program can call again"):
        remade_evaluator(History.load(tmp_path / "run"), space, None, {})
