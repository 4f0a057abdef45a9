"""What each mutation operator does to fitness: children against their parents.

Parents are chosen because their fitness was high, partly by luck, so their children fall back on average whatever was
mutated (regression to the mean, Galton 1886). The identity mutation, which changes nothing, shows by how much; what an
operator adds is its difference to it.

Changes are means over pairs of a child and its parent neither of which diverged. How many children did is counted
apart: theirs is the fitness of a constant prediction, and a few of them would hide what a mutation does to the others.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nas.reporting.children import IDENTITY, Bools, Children
from nas.reporting.columns import Floats
from nas.reporting.intervals import Estimate, difference_of, mean_of, share_of

MOST_STRETCHES = 8
LEAST_PER_STRETCH = 10  # children of an operator, on average


@dataclass(frozen=True, slots=True)
class Stretch:
    """The change over the children of an operator told from `begin` to `end`, places in the order of telling."""

    begin: int
    end: int
    count: int
    change: Estimate


@dataclass(frozen=True, slots=True)
class Operator:
    """
    Attributes:
        name: as people read it.
        told, failed: its children.
        compared: how many of the told ones neither diverged nor have a parent that did.
        change: over these, the mean of child's minus parent's fitness; None where there are none.
        median: of the same; None where there are none.
        change_of_all: the mean over all told children; None where there are none.
        added: `change` minus that of the identity; None for the identity, and where one of them is not known.
        fitter: share of all told children that are fitter than their parent; None where there are none.
        oftener: `fitter` minus that of the identity; None as with `added`.
        diverged: how many of the told children did.
        records: how many raised the best so far.
        stretches: the change over time; those without a child are left out.
    """

    name: str
    told: int
    failed: int
    compared: int
    change: Estimate | None
    median: float | None
    change_of_all: float | None
    added: Estimate | None
    fitter: Estimate | None
    oftener: Estimate | None
    diverged: int
    records: int
    stretches: list[Stretch]

    @property
    def is_identity(self) -> bool:
        return self.name == IDENTITY


@dataclass(frozen=True, slots=True)
class OperatorsFigure:
    """
    Attributes:
        fitness_name: what the changes are of.
        operators: the greatest mean change first; those without a told child last.
        edges: of the stretches, places in the order of telling: stretch k begins after edge k and ends with edge k + 1.
            Empty where there are too few children for at least two.
    """

    fitness_name: str
    operators: list[Operator]
    edges: list[int]

    @property
    def identity(self) -> Operator | None:
        return next((operator for operator in self.operators if operator.is_identity), None)

    @property
    def drawn(self) -> list[tuple[Operator, Estimate]]:
        """Those with a mean, and that mean."""
        return [(operator, operator.change) for operator in self.operators if operator.change is not None]


def operators_figure(children: Children, fitness_name: str) -> OperatorsFigure | None:
    """The figure of a search's children, None if there is no told child."""
    if not children.told.any():
        return None
    edges, names = _edges(children), children.operators
    made = [_operator(children, place, edges) for place in range(len(names))]
    order = sorted(made, key=lambda operator: -np.inf if operator.change is None else operator.change.value)
    return OperatorsFigure(fitness_name, order[::-1], edges)


def _operator(children: Children, place: int, edges: list[int]) -> Operator:
    own, name = children.operator == place, children.operators[place]
    told, compared = own & children.told, own & children.compared
    changes, parents, all_changes = children.change[compared], children.parent[compared], children.change[told]
    return Operator(
        name=name,
        told=len(all_changes),
        failed=int(own.sum()) - len(all_changes),
        compared=len(changes),
        change=mean_of(changes, parents) if len(changes) else None,
        median=float(np.median(changes)) if len(changes) else None,
        change_of_all=float(all_changes.mean()) if len(all_changes) else None,
        added=_against_identity(children, children.change, compared, children.compared),
        fitter=share_of(all_changes > 0, children.parent[told]) if len(all_changes) else None,
        oftener=_against_identity(children, (children.change > 0).astype(np.float64), told, children.told),
        diverged=int(children.diverged[told].sum()),
        records=int(children.record[told].sum()),
        stretches=_stretches(children, compared, edges),
    )


def _against_identity(children: Children, values: Floats, own: Bools, possible: Bools) -> Estimate | None:
    """The mean of values over an operator's own children minus that over the identity's possible ones."""
    identity = children.operators.index(IDENTITY) if IDENTITY in children.operators else -1
    reference = possible & (children.operator == identity)
    if not own.any() or not reference.any() or (own & reference).any():
        return None
    return difference_of(values[own], children.parent[own], values[reference], children.parent[reference])


def _stretches(children: Children, chosen: Bools, edges: list[int]) -> list[Stretch]:
    places, changes, parents = children.place[chosen], children.change[chosen], children.parent[chosen]
    found = []
    for after, end in pairwise(edges):
        inside = (places > after) & (places <= end)
        if inside.any():
            change = mean_of(changes[inside], parents[inside])
            found.append(Stretch(after + 1, end, int(inside.sum()), change))
    return found


def _edges(children: Children) -> list[int]:
    """Of equal stretches of the search from its first told child on: as many as children allow, at most eight."""
    places = children.place[children.compared]
    number = min(MOST_STRETCHES, len(places) // (LEAST_PER_STRETCH * len(children.operators)))
    if number < 2:  # one is the whole search
        return []
    edges: Floats = np.linspace(places.min() - 1, places.max(), number + 1)
    return [int(edge) for edge in edges.round()]
