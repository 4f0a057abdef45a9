"""Genomes that a search evaluated more than once: how noisy its fitness is.

There is no cache, so an individual whose mutation changed nothing (identity, or an op that was drawn again) is trained
anew, with another seed. Equal genomes are those whose JSON is equal.

What is compared is conditional on the search: a genome comes again mostly because its first evaluation won a
tournament, so first evaluations are too high. The model of `nas.reporting.spread.pooled_beside` takes that out of the
spread, as far as it is the same for all genomes: fitness = genome + first or later + noise.
"""

import marshal
from dataclasses import dataclass

import numpy as np

from nas.comparison.noise import Estimate
from nas.reporting.columns import Floats, Ints
from nas.reporting.figures.pairs import PairsFigure
from nas.reporting.labels import count, plural
from nas.reporting.material import Material
from nas.reporting.spread import Spread, pooled, pooled_beside
from nas.search.individual import Individual

MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Group:
    """Individuals with one genome, in the order of telling."""

    individuals: list[Individual]
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Repeated:
    """
    Attributes:
        genomes: that were evaluated more than once.
        evaluations: of these.
        spread: of the fitness of equal genomes.
        excess: of a genome's first evaluation over its later ones; None for a single pair.
        chosen: whether genomes came again as children, so after a first evaluation that was selected.
        told: individuals of the whole search.
        diverged: individuals that were left out because their training diverged.
        often: the genomes that were evaluated most often.
        figure: every later evaluation against the first of its genome.
    """

    genomes: int
    evaluations: int
    spread: Spread
    excess: Estimate | None
    chosen: bool
    told: int
    diverged: int
    often: list[Group]
    figure: PairsFigure


def inherits(material: Material) -> bool:
    """Whether children begin with their parents' weights, so that equal genomes are no repeated measurements."""
    evaluator = material.history.identity.get("evaluator")
    return bool(isinstance(evaluator, dict) and evaluator.get("inherit"))


def repeated(material: Material) -> Repeated | None:
    """None where no genome was evaluated twice, or where weights are inherited."""
    if inherits(material):
        return None
    well = [individual for individual in material.history.comparable if individual.metrics.get("diverged") is not True]
    places, groups = equal_genomes(well)
    if not len(places):
        return None
    numbers = np.array([well[place].number for place in places], dtype=np.int64)
    fitness = material.columns.fitness[numbers]
    is_first = np.diff(groups, prepend=-1) > 0
    first, later = np.flatnonzero(is_first), np.flatnonzero(~is_first)
    spread, excess = pooled(fitness, groups), None
    if len(later) > 1:
        spread, excess = pooled_beside(fitness, groups, is_first)
    assert spread is not None
    return Repeated(
        genomes=len(first),
        evaluations=len(groups),
        spread=spread,
        excess=excess,
        chosen=any(well[places[at]].parents for at in later),
        told=len(material.told),
        diverged=len(material.told) - len(well),
        often=_often(well, places, groups, fitness),
        figure=_figure(material, numbers, groups, fitness, first, later, spread),
    )


def equal_genomes(individuals: list[Individual]) -> tuple[Ints, Ints]:
    """Places of individuals whose genome comes more than once, and their groups 0, 1, ..., in order of first places.

    They are known by a hash of 64 bits over their bytes: among a million, one in ten million searches would take two
    different ones for equal. (`marshal` is many times as fast as JSON, and in version 2 says equal things equally.)
    """
    keys = np.fromiter(
        (hash(marshal.dumps(individual.genome, 2)) for individual in individuals), np.int64, len(individuals)
    )
    _, first, group, sizes = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    several = np.flatnonzero(sizes[group] > 1)
    firsts = first[group[several]]
    order = np.argsort(firsts, kind="stable")
    return several[order], np.unique(firsts[order], return_inverse=True)[1]


def _often(individuals: list[Individual], places: Ints, groups: Ints, fitness: Floats) -> list[Group]:
    sizes = np.bincount(groups)
    found = []
    for group in np.argsort(-sizes, kind="stable")[:MOST_LISTED]:
        members = np.flatnonzero(groups == group)
        values = fitness[members]
        found.append(
            Group([individuals[places[at]] for at in members], float(values.mean()), float(values.std(ddof=1)))
        )
    return found


def _figure(
    material: Material, numbers: Ints, groups: Ints, fitness: Floats, first: Ints, later: Ints, spread: Spread
) -> PairsFigure:
    return PairsFigure(
        across="first evaluation",
        up="the same genome again",
        x=fitness[first][groups[later]],
        y=fitness[later],
        numbers=numbers[later],
        opens=material.opens[numbers[later]],
        same=True,
        band=spread.told_apart,
        words=f"{plural(len(later), 'evaluation')} of {count(len(first))} genomes that had been evaluated before, "
        f"against the first. Between equal genomes the standard deviation is {spread.deviation:.4f}.",
    )
