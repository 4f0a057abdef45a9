"""What every section of a report is made from: the journal, and what is computed of it once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nas.reporting.columns import Columns, columns
from nas.reporting.facts import fitness_name
from nas.reporting.figures.dna import ImageShape
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.figures.sample import Sample, sample
from nas.search.history import History
from nas.search.individual import Individual


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
        return sample(self.history)

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
    def opens(self) -> NDArray[np.bool_]:
        """By individual number, whether the page holds the individual, so that a click can show it."""
        if self.sample.is_whole:
            return np.ones(len(self.history.individuals), dtype=bool)
        held = np.zeros(len(self.history.individuals), dtype=bool)
        held[[individual.number for individual in self.sample.shown(self.history)]] = True
        return held

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
