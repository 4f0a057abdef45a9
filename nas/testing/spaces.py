"""What every search space must hold."""

import json
import pickle
from abc import ABC, abstractmethod
from random import Random
from typing import Any

import pytest

from nas.errors import UserError
from nas.search.identity import identity_of
from nas.search_spaces.base import Genome, SearchSpace
from nas.testing.processes import elsewhere
from nas.testing.rules import rule

SEEDS = range(20)
NO_GENOMES: tuple[Any, ...] = (None, 1.5, "no genome", [], {}, {"no": "genome"}, (), object())


class SearchSpaceSuite(ABC):
    """Subclass it as `TestMySpace` and give the space; pytest does the rest."""

    @abstractmethod
    def make(self) -> SearchSpace:
        """The space under test; importable, so that a fresh process can make it too."""

    def genomes(self, space: SearchSpace) -> list[Genome]:
        """Initial ones, and chains of mutations from one of them."""
        found = [space.initial(Random(seed)) for seed in SEEDS]
        for seed in SEEDS:
            found.append(space.mutate(found[-1], Random(seed))[0])
        return found

    def genomes_as_json(self) -> list[Any]:
        space = self.make()
        return [space.to_json(genome) for genome in self.genomes(space)]

    @rule("genomes, drawn and mutated, are valid, immutable and hashable, pickled too")
    def test_genomes_are_valid_and_hashable(self) -> None:
        space = self.make()
        for genome in self.genomes(space):
            space.validate(genome)
            assert hash(genome) == hash(pickle.loads(pickle.dumps(genome)))

    @rule("a mutation leaves its parent as it was, and says what it did as plain data")
    def test_a_mutation_leaves_its_parent_as_it_was(self) -> None:
        space = self.make()
        for genome in self.genomes(space):
            before = json.dumps(space.to_json(genome))
            _, mutation = space.mutate(genome, Random(0))
            assert json.dumps(space.to_json(genome)) == before
            json.dumps({"name": mutation.name, "details": dict(mutation.details)}, allow_nan=False)

    @rule("to_json and architecture give copies: changing them changes no genome")
    def test_changing_what_a_genome_gives_does_not_change_it(self) -> None:
        space = self.make()
        genome = space.initial(Random(0))
        for of in (space.to_json, space.architecture):
            before = json.dumps(of(genome))
            given = of(genome)
            if isinstance(given, list | dict):
                given.clear()
            assert json.dumps(of(genome)) == before

    @rule("from_json(to_json(genome)) is the same genome, of the same type")
    def test_json_round_trip(self) -> None:
        space = self.make()
        for genome in self.genomes(space):
            back = space.from_json(json.loads(json.dumps(space.to_json(genome), allow_nan=False)))
            assert back == genome
            assert type(back) is type(genome)

    @pytest.mark.parametrize("data", NO_GENOMES, ids=lambda data: type(data).__name__)
    @rule("validate and from_json refuse what is no genome with a UserError")
    def test_what_is_no_genome_is_refused(self, data: Any) -> None:
        space = self.make()
        with pytest.raises(UserError):
            space.validate(data)
        with pytest.raises(UserError):
            space.from_json(data)

    @rule("an architecture is strict JSON data")
    def test_the_architecture_is_plain_data(self) -> None:
        space = self.make()
        for genome in self.genomes(space):
            json.dumps(space.architecture(genome), allow_nan=False)

    @rule("a space has an identity of plain data, and keeps it and its genomes when it is pickled")
    def test_it_has_an_identity_and_travels(self) -> None:
        space = self.make()
        json.dumps(identity_of(space), allow_nan=False)
        there = pickle.loads(pickle.dumps(space))
        assert identity_of(there) == identity_of(space)
        assert self.genomes(there) == self.genomes(space)

    @rule("all randomness comes from rng: the same generator gives the same genomes")
    def test_the_same_generator_gives_the_same_genomes(self) -> None:
        assert self.genomes_as_json() == self.genomes_as_json()

    @rule("the order of sets and dicts reaches no genome: another process draws the same")
    def test_hash_seeds_do_not_matter(self) -> None:
        assert elsewhere(self, "genomes_as_json", hash_seed=12345) == json.loads(json.dumps(self.genomes_as_json()))
