"""Which children a search may ask for: its own algorithm, told a fitness that is made up, and nothing is trained.

What a child costs follows from its genome, and which genomes come depends on the fitness that nobody knows yet. Three
made-up ones say how much: by chance, always the costlier, always the cheaper.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from nas.algorithms.base import Algorithm, Proposal
from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.search.constraint import Guard, propose
from nas.search.individual import Individual
from nas.search_spaces.base import Genome

CHANCE, COSTLIER, CHEAPER = "chance", "costlier", "cheaper"
MOST = 1000  # children; milliseconds each


@dataclass(frozen=True)
class Rehearsed:
    """
    Attributes:
        genomes: in the order of asking.
        costs: of each, see `Evaluator.cost`.
    """

    genomes: Sequence[Genome]
    costs: Sequence[dict[str, Any]]

    def column(self, name: str) -> list[float] | None:
        """One amount of all; None where not all have it."""
        if not self.costs or not all(name in cost for cost in self.costs):
            return None
        return [float(cost[name]) for cost in self.costs]

    def after(self, number: int) -> "Rehearsed":
        """Without the first ones; at least one is left."""
        first = min(number, len(self.genomes) - 1)
        return Rehearsed(self.genomes[first:], self.costs[first:])


def rehearse(
    algorithm: Algorithm, evaluator: Evaluator, guard: Guard | None, seed: int, number: int, liking: str = CHANCE
) -> Rehearsed:
    """The first children of a search with another seed.

    Args:
        algorithm: is copied, not changed.
        evaluator: knows what a genome costs; trains nothing.
        guard: the search's, or None.
        seed: the search's; draws here are others than the search's.
        number: of children, at least 1; no more than `MOST` are asked for.
        liking: what the made-up fitness prefers.

    Raises:
        UserError: nothing within the constraint can be drawn.
    """
    algorithm = copy.deepcopy(algorithm)
    luck = Random(derived_seed(seed, "dry_run", liking))
    genomes: list[Genome] = []
    costs: list[dict[str, Any]] = []
    for place in range(min(number, MOST)):
        draw = propose(algorithm, Random(derived_seed(seed, "dry_run", "ask", place)), guard)
        if draw.proposal is None:
            if genomes:
                break
            assert guard is not None
            raise UserError(guard.sentence(draw))
        genome = draw.proposal.genome
        cost = _cost(evaluator, draw.proposal)
        genomes.append(genome)
        costs.append(cost)
        algorithm.asked(place, draw.proposal)
        fitness = luck.random()
        if liking != CHANCE:
            amount = float(cost.get("multiply_adds", 0.0))
            fitness = amount if liking == COSTLIER else -amount
        algorithm.told(
            Individual(
                number=place,
                genome=genome,
                seed=0,
                parents=draw.proposal.parents,
                record=draw.proposal.record,
                fidelity=draw.proposal.fidelity,
                fitness=fitness,
                metrics={**cost, evaluator.fitness: fitness},
            )
        )
    return Rehearsed(genomes, costs)


def _cost(evaluator: Evaluator, proposal: Proposal) -> dict[str, Any]:
    """What a child costs; a reduced one has its share of the full one's training in its multiply-adds."""
    cost = dict(evaluator.cost(proposal.genome))
    if proposal.fidelity is not None and cost.get("train_flops"):
        reduced = evaluator.cost(proposal.genome, fidelity=proposal.fidelity)
        cost["multiply_adds"] *= reduced["train_flops"] / cost["train_flops"]
    return cost


def stratified(rehearsed: Sequence[Rehearsed], number: int, seed: int, turn: int = 0) -> list[Genome]:
    """Genomes of so many children to train: one drawn from each equal share of them by cost, so that three have small
    and large networks. Without a known cost, drawn from all. Another turn draws others."""
    rng = Random(derived_seed(seed, "dry_run", "strata", turn))
    genomes = [genome for one in rehearsed for genome in one.genomes]
    amounts = [float(cost.get("multiply_adds", 0.0)) for one in rehearsed for cost in one.costs]
    by_cost = sorted(range(len(genomes)), key=lambda place: (amounts[place], place))
    places = [int((share + rng.random()) * len(genomes) / number) for share in range(number)]
    return [genomes[by_cost[min(len(genomes) - 1, place)]] for place in places]
