"""What every section of a report is made from: the journal, and what is computed of it once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nas.reporting.columns import Columns, columns
from nas.reporting.facts import fitness_name
from nas.reporting.figures.dna import ImageShape
from nas.reporting.figures.family import Family, family
from nas.reporting.figures.family_sample import drawn_nodes
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.figures.lineage import shown_places
from nas.reporting.figures.sample import Sample, sample
from nas.search.history import History
from nas.search.individual import Individual, State


@dataclass(frozen=True)
class Material:
    """A search as its report sees it.

    Sections that need the same thing of all individuals take it from here, so that a report of a million individuals
    walks through them as seldom as it can.
    """

    history: History

    @cached_property
    def fitness_name(self) -> str:
        """The metric that selection maximises."""
        return fitness_name(self.history)

    @cached_property
    def sample(self) -> Sample:
        """The individuals that are drawn, see `nas.reporting.figures.sample`."""
        return sample(self.history, self._of_the_family())

    @cached_property
    def image_shape(self) -> ImageShape | None:
        """Channels, height, width, where they are known."""
        return image_shape(self.history.identity)

    @cached_property
    def told(self) -> list[Individual]:
        """In the order of telling."""
        return self.history.told

    @cached_property
    def columns(self) -> Columns:
        """All individuals as columns, see `nas.reporting.columns`."""
        return columns(self.history)

    @cached_property
    def family(self) -> Family:
        """Who descends from whom, see `nas.reporting.figures.family`."""
        return family(self.columns)

    @cached_property
    def line(self) -> list[Individual]:
        """The best one's ancestors and itself, the first ancestor first; empty if no individual has a fitness."""
        return [] if self.best is None else self.history.lineage(self.best.number)[::-1]

    @cached_property
    def relatives(self) -> bytearray:
        """For every individual whether the family tree draws it, see `nas.reporting.figures.family_sample`."""
        ended = [individual.state in (State.TOLD, State.FAILED) for individual in self.history.individuals]
        lineage, alive = ([individual.number for individual in some] for some in (self.line, self.history.alive))
        return drawn_nodes(self.family, lineage, alive, np.array(ended, dtype=np.bool_))

    def _of_the_family(self) -> Iterator[int]:
        """Numbers of all that the genealogy draws or lists."""
        yield from (number for number, drawn in enumerate(self.relatives) if drawn)
        if self.line:
            yield from (self.line[place].number for places in shown_places(self.line) for place in places)

    @cached_property
    def alive(self) -> frozenset[int]:
        """Numbers of the told individuals that nothing has removed."""
        return frozenset(individual.number for individual in self.history.alive)

    @cached_property
    def best(self) -> Individual | None:
        """The fittest, None if no individual has a fitness."""
        return self.history.best

    @property
    def finished(self) -> bool:
        """Whether the search was closed, for whatever reason, and not gone on with."""
        return self.history.closed is not None
