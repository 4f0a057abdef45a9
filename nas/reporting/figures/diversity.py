"""Diversity: how alike the genomes of the living population are, over the search.

Two measures: the share of the members that are left when equal genomes count once, and the mean distance of two
members, the share of places in which they differ, over all pairs. A place is a leaf of the genome's JSON: an op or an
input of a cell, a bit, an edge's op. Both are also given for genomes that the search drew at random.

DNA has no places that could be compared: there architectures are counted, without the learning rate and the ids of
variables, and there is no distance.
"""

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nas.reporting.figures.moments import LEAST_MEMBERS, MOST_MEMBERS, Moments
from nas.search.individual import Individual

_IDS = re.compile(r'"id": "[^"]*"')  # of a DNA's variables
_BETWEEN_EDGES = re.compile(r"[|+]+")  # of NAS-Bench-201's text


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of some genomes.

    Attributes:
        count: how many.
        distinct: share of them that is left when equal ones count once.
        distance: mean share of places in which two differ; None where there are no common places.
    """

    count: int
    distinct: float
    distance: float | None


@dataclass(frozen=True, slots=True)
class DiversityFigure:
    """
    Attributes:
        told: how many were told.
        over_time: (place in the order of telling, the population then).
        random: genomes that the search drew at random; None for fewer than two.
        moments: whose members these are.
        of_dna: whether architectures of DNAs are counted.
    """

    told: int
    over_time: list[tuple[int, Diversity]]
    random: Diversity | None
    moments: Moments
    of_dna: bool

    @property
    def has_distance(self) -> bool:
        return all(diversity.distance is not None for _, diversity in self.over_time)


@dataclass(frozen=True, slots=True)
class _Read:
    """A genome: what equal ones have in common, and its places if it has any."""

    key: str
    places: tuple[Hashable, ...] | None


def diversity_figure(individuals: Sequence[Individual], told: int, moments: Moments) -> DiversityFigure | None:
    """The figure of a search, None before two individuals live at once."""
    if not moments.moments:
        return None
    known: dict[int, _Read] = {}

    def read(number: int) -> _Read:
        if number not in known:
            known[number] = _read(individuals[number].genome)
        return known[number]

    over_time = [(moment.place, diversity(map(read, moment.members.tolist()))) for moment in moments.moments]
    drawn = [one.number for one in individuals if not one.parents and not one.record.get("updates")][:MOST_MEMBERS]
    random = diversity(map(read, drawn)) if len(drawn) >= LEAST_MEMBERS else None
    of_dna = _is_dna(individuals[int(moments.moments[-1].members[-1])].genome)
    return DiversityFigure(told, over_time, random, moments, of_dna)


def diversity(genomes: Iterator[_Read]) -> Diversity:
    """Of at least two genomes."""
    read = list(genomes)
    distinct = len({genome.key for genome in read}) / len(read)
    return Diversity(len(read), distinct, _distance([genome.places for genome in read]))


def _distance(rows: list[tuple[Hashable, ...] | None]) -> float | None:
    """Over all pairs: those that have the same value in a place are counted value by value."""
    whole = [row for row in rows if row is not None]
    if len(whole) < len(rows) or len(set(map(len, whole))) != 1 or not whole[0]:
        return None
    pairs = len(whole) * (len(whole) - 1) / 2
    alike = sum(count * (count - 1) / 2 for column in zip(*whole, strict=True) for count in Counter(column).values())
    return 1 - alike / (pairs * len(whole[0]))


def _read(genome: Any) -> _Read:
    if _is_dna(genome):
        graph = json.dumps([genome["vertices"], genome["edges"]], sort_keys=True)
        return _Read(_IDS.sub("", graph), None)
    return _Read(json.dumps(genome, sort_keys=True), tuple(_leaves(genome)))


def _is_dna(genome: Any) -> bool:
    return isinstance(genome, Mapping) and {"vertices", "edges"} <= genome.keys()


def _leaves(data: Any) -> list[Hashable]:
    """A text is one of letters, or of the ops of NAS-Bench-201's edges; texts within other data are whole."""
    if isinstance(data, str):
        return list(filter(None, _BETWEEN_EDGES.split(data)) if "|" in data else data)
    found: list[Hashable] = []
    _gather(data, found)
    return found


def _gather(data: Any, found: list[Hashable]) -> None:
    if isinstance(data, list):
        for item in data:
            _gather(item, found)
    elif isinstance(data, Mapping):
        for key in sorted(data):
            _gather(data[key], found)
    else:
        found.append(data)
