"""Children of a search as columns: by which mutation each came to be, and how its fitness differs from its parent's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import NEVER, Columns, Floats, Ints
from nas.search.individual import Individual, State

IDENTITY = "identity"
MOST_OPERATORS = 20
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Children:
    """The finished children of one parent each, in the order of their numbers; arrays are (n,).

    Attributes:
        operators: names of what was done to parents.
        number: of each child.
        operator: what made it, a place in `operators`.
        parent: number of its parent.
        place: when each was told, `NEVER` for those that failed.
        change: fitness of the child minus that of its parent; nan for those that failed, or were measured at another
            fidelity than the parent.
        diverged: whether its training did, so that it has the fitness of a constant prediction.
        of_diverged: whether its parent's did.
        record: whether it raised the best so far.
    """

    operators: list[str]
    number: Ints
    operator: Ints
    parent: Ints
    place: Ints
    change: Floats
    diverged: Bools
    of_diverged: Bools
    record: Bools

    @property
    def told(self) -> Bools:
        return self.place != NEVER

    @property
    def compared(self) -> Bools:
        """Told, and neither the child nor its parent diverged: a few of those would outweigh what mutations do."""
        return self.told & ~np.isnan(self.change) & ~self.diverged & ~self.of_diverged


def children_of(individuals: list[Individual], columns: Columns) -> Children:
    """The children of a journal: mutated, and told or failed.

    Of more than `MOST_OPERATORS` kinds of mutation the rarest are one, "others".
    """
    made = [
        individual
        for individual in individuals
        if individual.mutation is not None
        and len(individual.parents) == 1
        and individual.state in (State.TOLD, State.FAILED)
    ]
    places: dict[str, int] = {}
    operator = np.array([places.setdefault(operator_of(child), len(places)) for child in made], dtype=np.int64)
    names, operator = _most(list(places), operator)
    numbers = np.fromiter((child.number for child in made), np.int64, len(made))
    parent = columns.parent[numbers]
    same = columns.fidelity[numbers] == columns.fidelity[parent]
    diverged = np.fromiter((one.metrics.get("diverged") is True for one in individuals), np.bool_, len(individuals))
    return Children(
        operators=names,
        number=numbers,
        operator=operator,
        parent=parent,
        place=columns.told_place[numbers],
        change=np.where(same, columns.fitness[numbers] - columns.fitness[parent], np.nan),
        diverged=diverged[numbers],
        of_diverged=diverged[parent],
        record=np.isin(numbers, records(columns)),
    )


def operator_of(child: Individual) -> str:
    """The name of what was done to its parent, as people read it.

    Several mutations in turn (`nas.algorithms.phases`) are an operator of their own, by their number: what each of
    them did is not known. So is a reset of the whole population's weights, whose parents no tournament chose.
    """
    assert child.mutation is not None
    name, details = child.mutation.name, child.mutation.details
    if name == "several" and isinstance(details.get("mutations"), list):
        return f"{len(details['mutations'])} mutations at once"
    if name == "reset_weights" and details.get("of") == "population":
        return "reset weights of all"
    return name.replace("_", " ")


def records(columns: Columns) -> Ints:
    """Numbers of the individuals that raised the best so far, in the order of telling; the first told is one."""
    numbers = columns.numbers_compared
    fitness = columns.fitness[numbers]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(fitness)[:-1]])[: len(fitness)]
    return numbers[fitness > before]


def _most(names: list[str], operator: Ints) -> tuple[list[str], Ints]:
    if len(names) <= MOST_OPERATORS:
        return names, operator
    order = np.argsort(-np.bincount(operator, minlength=len(names)), kind="stable")
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    kept = [names[place] for place in order[: MOST_OPERATORS - 1]]
    others = f"{len(names) - len(kept)} others"
    return [*kept, others], np.minimum(rank[operator], MOST_OPERATORS - 1)
