"""The free-form space of Large-Scale Evolution (Real et al. 2017, arXiv 1703.01041, section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from nas.errors import UserError, unknown
from nas.search_spaces.base import Genome, Mutation, SearchSpace
from nas.search_spaces.dna_edits import new_id, renewed
from nas.search_spaces.dna_graph import Dna, seed_dna, validate_dna
from nas.search_spaces.dna_json import dna_from_json, dna_to_json
from nas.search_spaces.dna_mutations import DnaMutation, NotApplicable


@dataclass(frozen=True, kw_only=True)
class DnaSpace(SearchSpace):
    """Networks of any depth, width and wiring, grown from one without a hidden layer.

    Attributes:
        learning_rate: of the initial individuals.
        mutations: the operators by name; the paper's are in `nas.search_spaces.dna_mutations`, others may join.
        weights: chances of being drawn, in proportion; a name that is left out has 1, and 0 switches it off. Those of
            the paper are equal ("not tuned").
    """

    learning_rate: float
    mutations: Mapping[str, DnaMutation]
    weights: Mapping[str, float]
    name: ClassVar[str] = "dna"

    def __post_init__(self) -> None:
        object.__setattr__(self, "mutations", dict(self.mutations))
        object.__setattr__(self, "weights", dict(self.weights))
        if not 0 < self.learning_rate < float("inf"):
            raise UserError(f"search_space.learning_rate is {self.learning_rate!r}, it must be above 0")
        for name, weight in self.weights.items():
            if name not in self.mutations:
                raise UserError(unknown(f"the mutation {name!r} of search_space.weights", name, list(self.mutations)))
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight < float("inf"):
                raise UserError(f"search_space.weights.{name} is {weight!r}, it must be a number of at least 0")
        if not any(self.weights.get(name, 1) for name in self.mutations):
            raise UserError("the weights in search_space.weights sum to 0, at least one mutation must be possible")

    def initial(self, rng: Random) -> Dna:
        """All alike but for the ids of their variables: input -> global pool -> classifier."""
        return seed_dna(float(self.learning_rate), new_id(rng), new_id(rng), new_id(rng))

    def mutate(self, genome: Genome, rng: Random) -> tuple[Dna, Mutation]:
        """One mutation; where the drawn one does not apply, another is drawn from the rest.

        Raises:
            UserError: none of those that are switched on applies.
        """
        names = [name for name in self.mutations if self.weights.get(name, 1) > 0]
        while names:
            name = rng.choices(names, [self.weights.get(name, 1) for name in names])[0]
            try:
                mutated, details = self.mutations[name](genome, rng)
            except NotApplicable:
                names.remove(name)
            else:
                return mutated, Mutation(name, details)
        possible = ", ".join(name for name in self.mutations if self.weights.get(name, 1) > 0)
        raise UserError(f"none of the mutations that search_space.weights allows ({possible}) applies to {genome}")

    def renewed(self, genome: Genome, rng: Random) -> Dna:
        return renewed(genome, rng)

    def architecture(self, genome: Genome) -> dict[str, Any]:
        """The graph as `nas.search_spaces.dna_json` writes it."""
        return dna_to_json(genome)

    def to_json(self, genome: Genome) -> dict[str, Any]:
        return dna_to_json(genome)

    def from_json(self, data: Any) -> Dna:
        return dna_from_json(data)

    def validate(self, genome: Genome) -> None:
        if not isinstance(genome, Dna):
            raise UserError(f"a genome of the space 'dna' is a Dna, not {genome!r}")
        validate_dna(genome)
