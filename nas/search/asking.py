"""A drawn child becomes an individual: journaled first, then asked."""

from nas.algorithms.base import Proposal
from nas.search.constraint import Draw
from nas.search.individual import Individual
from nas.search.journal import Journal
from nas.search.randomness import training_seed
from nas.search.state import SearchState
from nas.search_spaces.base import SearchSpace


def take(
    proposal: Proposal, draw: Draw, *, space: SearchSpace, state: SearchState, journal: Journal, seed: int
) -> Individual:
    """The next individual of a search.

    Args:
        proposal: what was drawn.
        draw: how it was.
        space: whose genomes the journal gets.
        state: which it joins.
        journal: which it is written to before.
        seed: of the search.
    """
    number, mutation = state.next_number, proposal.mutation
    individual = Individual(
        number=number,
        genome=proposal.genome,
        seed=training_seed(seed, number),
        parents=proposal.parents,
        mutation=mutation,
        removed=proposal.removed,
        rejected=dict(draw.rejected),
        record=proposal.record,
        fidelity=proposal.fidelity,
    )
    individual.asked_s = journal.append(
        "asked",
        number=number,
        genome=space.to_json(proposal.genome),
        seed=individual.seed,
        parents=proposal.parents,
        mutation={"name": mutation.name, "details": mutation.details} if mutation else None,
        removed=proposal.removed,
        **({"rejected": individual.rejected} if individual.rejected else {}),
        **({"record": dict(proposal.record)} if proposal.record else {}),
        **({"fidelity": proposal.fidelity.plain()} if proposal.fidelity else {}),
    )
    state.asked(individual, proposal)
    return individual
