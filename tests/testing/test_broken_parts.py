"""Parts that break one rule each: the suites name it."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from typing import Any, ClassVar

import numpy as np
import pytest

from nas.algorithms.base import Proposal
from nas.algorithms.evolution import Evolution
from nas.algorithms.random_search import RandomSearch
from nas.data.digits import Digits
from nas.evaluators.base import Evaluator, Task
from nas.search_spaces.base import Genome, Mutation, SearchSpace
from nas.search_spaces.bits import Bits
from nas.testing import AlgorithmSuite, DatasetSuite, EvaluatorSuite, SearchSpaceSuite
from nas.testing.rules import BrokenRule
from tests.helpers.parts import dataset

BITS = Bits(num_bits=24)


def fields_of(part: Any) -> list[str]:
    return [one.name for one in fields(part) if one.init]


def broken(suite: Any, test: str, *arguments: Any) -> str:
    with pytest.raises(BrokenRule) as caught:
        getattr(suite, test)(*arguments)
    return str(caught.value)


class Halfway(SearchSpace):
    """Lacks its methods."""


class ListGenomes(Bits):
    def initial(self, rng: Random) -> Genome:
        return list(super().initial(rng))


class OwnRandomness(Bits):
    """Draws from the module's generator."""

    def initial(self, rng: Random) -> Genome:
        return super().initial(GLOBAL)


GLOBAL = Random()
WORDS = {"one", "two", "three", "four", "five", "six", "seven", "eight"}


class SetOrder(Bits):
    def initial(self, rng: Random) -> Genome:
        return tuple(len(word) % 2 for word in [*WORDS, *WORDS, *WORDS])


class TakesAnything(Bits):
    def validate(self, genome: Genome) -> None:
        pass


class NumpyDetails(Bits):
    def mutate(self, genome: Genome, rng: Random) -> tuple[Genome, Mutation]:
        child, mutation = super().mutate(genome, rng)
        return child, replace(mutation, details={"bit": np.int64(3)})


class LosesTheOrder(Bits):
    def to_json(self, genome: Genome) -> str:
        return "".join(sorted(super().to_json(genome)))


SPACES = {
    (ListGenomes, "test_genomes_are_valid_and_hashable"): "valid, immutable and hashable",
    (OwnRandomness, "test_the_same_generator_gives_the_same_genomes"): "all randomness comes from rng",
    (SetOrder, "test_hash_seeds_do_not_matter"): "sets and dicts",
    (TakesAnything, "test_what_is_no_genome_is_refused"): "refuse what is no genome with a UserError",
    (NumpyDetails, "test_a_mutation_leaves_its_parent_as_it_was"): "plain data",
    (LosesTheOrder, "test_json_round_trip"): "the same genome",
}


class SetOrderSuite(SearchSpaceSuite):
    def make(self) -> Any:
        return SetOrder(num_bits=24)


@pytest.mark.parametrize(("kind", "test"), SPACES, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_space(kind: type[Bits], test: str) -> None:
    class Suite(SearchSpaceSuite):
        def make(self) -> Any:
            return kind(num_bits=24)

    suite = SetOrderSuite() if kind is SetOrder else Suite()
    arguments = (None,) if "no_genome" in test else ()
    assert SPACES[kind, test] in broken(suite, test, *arguments)


def test_a_space_that_lacks_a_method() -> None:
    class Suite(SearchSpaceSuite):
        def make(self) -> Any:
            return Halfway()  # type: ignore[abstract]

    assert "abstract" in broken(Suite(), "test_json_round_trip")


@dataclass(kw_only=True)
class Shuffling(Evolution):
    """Asking changes what is asked for next."""

    def ask(self, rng: Random) -> Proposal:
        self._members.reverse()
        return super().ask(rng)


@dataclass(kw_only=True)
class Immortal(Evolution):
    """Says that nobody leaves."""

    def told(self, individual: Any) -> tuple[int, ...]:
        super().told(individual)
        return ()


@dataclass
class Shared(RandomSearch):
    """Copies share what they were told."""

    everybody: ClassVar[list[int]] = []

    def told(self, individual: Any) -> tuple[int, ...]:
        self.everybody.append(individual.number)
        return ()

    @property
    def population(self) -> Any:
        return list(self.everybody)


@dataclass
class Invalid(RandomSearch):
    def ask(self, rng: Random) -> Proposal:
        return Proposal((2,) * 24)


def evolution(kind: type[Evolution]) -> Callable[[Any], Any]:
    return lambda space: kind(space=space, population_size=10, sample_size=3, survival="oldest")


ALGORITHMS: dict[str, tuple[Callable[[Any], Any], tuple[Any, ...], str]] = {
    "test_asking_changes_nothing": (evolution(Shuffling), (), "ask changes no state"),
    "test_who_lives_is_who_was_told_and_not_removed": (evolution(Immortal), (3,), "who was told and not removed"),
    "test_a_copy_goes_its_own_way": (Shared, (), "shares no state"),
    "test_proposals_are_valid_and_descend_from_the_living": (Invalid, (), "valid genomes"),
}


@pytest.mark.parametrize("test", ALGORITHMS)
def test_a_broken_algorithm(test: str) -> None:
    made, arguments, sentence = ALGORITHMS[test]

    class Suite(AlgorithmSuite):
        def space(self) -> Any:
            return BITS

        def make(self, space: Any) -> Any:
            return made(space)

    assert sentence in broken(Suite(), test, *arguments)


@dataclass
class Forgetful(RandomSearch):
    """Remembers across searches of one process, as no journal can tell."""

    offset: int = 0

    def ask(self, rng: Random) -> Proposal:
        return Proposal(self.space.initial(Random(rng.random() + len(ASKED))))

    def asked(self, number: int, proposal: Proposal) -> None:
        ASKED.append(number)


ASKED: list[int] = []


def test_an_algorithm_that_cannot_be_resumed(tmp_path: Path) -> None:
    class Suite(AlgorithmSuite):
        def space(self) -> Any:
            return BITS

        def make(self, space: Any) -> Any:
            return Forgetful(space)

    assert "folding the journal" in broken(Suite(), "test_the_journal_knows_the_population", tmp_path)


@dataclass(frozen=True)
class OfChance(Evaluator):
    name: ClassVar[str] = "of_chance"
    writes_files: ClassVar[bool] = False
    values: Any = field(default=None, metadata={"identity": False})

    def evaluate(self, task: Task) -> dict[str, Any]:
        return {"valid_accuracy": GLOBAL.random(), "parameters": 5}

    def cost(self, genome: Genome) -> dict[str, Any]:  # type: ignore[override]
        return {"parameters": 4}


@dataclass(frozen=True)
class Wordy(OfChance):
    def evaluate(self, task: Task) -> dict[str, Any]:
        return {"accuracy": 0.5}


EVALUATORS = {
    (OfChance, "test_the_same_task_has_the_same_metrics_again_and_pickled"): "the same task has the same metrics",
    (OfChance, "test_costs_known_before_are_those_measured"): "what cost says beforehand",
    (Wordy, "test_it_measures_its_fitness"): "the one named by fitness",
}


@pytest.mark.parametrize(("kind", "test"), EVALUATORS, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_evaluator(kind: type[OfChance], test: str, tmp_path: Path) -> None:
    class Suite(EvaluatorSuite):
        def space(self) -> Any:
            return BITS

        def make(self, space: Any) -> Any:
            return kind()

    assert EVALUATORS[kind, test] in broken(Suite(), test, tmp_path)


@dataclass(frozen=True, kw_only=True)
class OffByOne(Digits):
    @property
    def num_classes(self) -> int:
        return 11


def test_a_broken_data_set() -> None:
    class Suite(DatasetSuite):
        def make(self) -> Any:
            plain = dataset()
            return OffByOne(**{name: getattr(plain, name) for name in fields_of(plain)})

    assert "every class is trained on. train lacks [10]" in broken(Suite(), "test_labels_are_classes")
