"""What every search space must hold."""

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from random import Random

from nas.search_spaces.base import SearchSpace

SEEDS = range(20)


class SearchSpaceSuite(ABC):
    """Subclass it as `TestMySpace` and give the space; pytest does the rest."""

    @abstractmethod
    def make(self) -> SearchSpace:
        """The space under test; importable, so that a fresh process can make it too."""

    def genomes(self) -> list[object]:
        space = self.make()
        found = [space.initial(Random(seed)) for seed in SEEDS]
        for seed in SEEDS:
            found.append(space.mutate(found[-1], Random(seed))[0])
        return found

    def test_genomes_are_valid_and_hashable(self) -> None:
        for genome in self.genomes():
            self.make().validate(genome)
            hash(genome)

    def test_a_mutation_leaves_its_parent_as_it_was(self) -> None:
        space = self.make()
        for genome in self.genomes():
            before = json.dumps(space.to_json(genome))
            _, mutation = space.mutate(genome, Random(0))
            assert json.dumps(space.to_json(genome)) == before
            json.dumps({"name": mutation.name, "details": dict(mutation.details)}, allow_nan=False)

    def test_json_round_trip(self) -> None:
        space = self.make()
        for genome in self.genomes():
            assert space.from_json(json.loads(json.dumps(space.to_json(genome), allow_nan=False))) == genome

    def test_the_architecture_is_plain_data(self) -> None:
        for genome in self.genomes():
            json.dumps(self.make().architecture(genome), allow_nan=False)

    def test_the_same_generator_gives_the_same_genomes(self) -> None:
        assert self.genomes() == self.genomes()

    def test_hash_seeds_do_not_matter(self) -> None:
        """Sets and dicts of strings have another order in every process: it must reach no genome."""
        here = json.dumps([self.make().to_json(genome) for genome in self.genomes()])
        code = (
            "import importlib.util, json, sys\n"
            "spec = importlib.util.spec_from_file_location('suite', sys.argv[1])\n"
            "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
            "suite = getattr(module, sys.argv[2])()\n"
            "print(json.dumps([suite.make().to_json(genome) for genome in suite.genomes()]))"
        )
        file = sys.modules[type(self).__module__].__file__
        assert file is not None
        command = [sys.executable, "-c", code, file, type(self).__name__]
        environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == here
