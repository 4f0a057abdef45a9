"""Who dies: the one switch of the evolution family.

    survival          sample                who reproduces       who dies, and when
    oldest            with replacement      fittest              the first told, when a child is told
    worst_of_sample   with replacement      fittest              the least fit of the sample, when a child is asked for
    worst_of_pair     a pair, without       fitter               the other one, when a child is asked for
    non_dominated     with replacement      least front, room    the last front's least room, when a child is told

Sources: aging and non-aging evolution (Real et al. 2018, arXiv 1802.01548), the pair of Large-Scale Evolution (Real et
al. 2017, arXiv 1703.01041, section 3.1), and NSGA-II (Deb et al. 2002, doi 10.1109/4235.996017, section III).
"""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from random import Random
from typing import Any, Literal, NamedTuple

from nas.algorithms.base import Evaluated
from nas.algorithms.drawing import drawn
from nas.algorithms.pareto import Point, crowding, layers
from nas.errors import UserError
from nas.fidelity import Fidelity
from nas.search_spaces.base import Genome

SurvivalName = Literal["oldest", "worst_of_sample", "worst_of_pair", "non_dominated"]


class Member(NamedTuple):
    """What the population keeps of an individual."""

    number: int
    genome: Genome
    fitness: float
    fidelity: Fidelity | None = None

    @classmethod
    def of(cls, individual: Evaluated, other: "Member | None") -> "Member":
        """A told individual, beside one that it will be compared with.

        Raises:
            UserError: they were measured at different fidelities.
        """
        assert individual.fitness is not None
        fidelity = individual.fidelity
        if other is not None and fidelity != other.fidelity:
            raise UserError(
                f"individual {individual.number} was measured at fidelity {fidelity or 'full'}, individual "
                f"{other.number} at {other.fidelity or 'full'}: this algorithm compares individuals of one fidelity"
            )
        return cls(individual.number, individual.genome, individual.fitness, fidelity)


class Survival:
    """Sampling with replacement, selection by fitness, and nobody dies: each rule says where it differs.

    Attributes:
        merit: of a member; the greatest of a sample reproduces, the first drawn of equals.
    """

    merit: Any = attrgetter("fitness")

    def sample(self, members: Sequence[Member], size: int, rng: Random) -> list[Member]:
        """Members, from whom the parent is taken."""
        return drawn(members, size, rng)

    def loser(self, sample: Sequence[Member]) -> Member | None:
        """Who of a sample leaves as the child is asked for; None under rules that wait for the child."""

    def told(self, members: Sequence[Member], metrics: Mapping[str, Any], size: int) -> int | None:
        """The last one of `members` was told, with these metrics.

        Returns:
            The place of the member that leaves because there are more than `size`; None if nobody does.
        """


class Oldest(Survival):
    """Aging evolution."""

    def told(self, members: Sequence[Member], metrics: Mapping[str, Any], size: int) -> int | None:
        return 0 if len(members) > size else None


class WorstOfSample(Survival):
    """Non-aging evolution: of equally unfit ones the first drawn leaves."""

    def loser(self, sample: Sequence[Member]) -> Member | None:
        return min(sample, key=self.merit)


class WorstOfPair(Survival):
    """Of two different members the fitter one reproduces and the other dies; of equals the second drawn does."""

    def sample(self, members: Sequence[Member], size: int, rng: Random) -> list[Member]:
        return rng.sample(members, min(size, len(members)))

    def loser(self, sample: Sequence[Member]) -> Member | None:
        return min(reversed(sample), key=self.merit)


class NonDominated(Survival):
    """NSGA-II: the lower front, then the greater crowding distance; of equals the oldest leaves.

    Attributes:
        objective: the metric that is minimised beside the fitness.
    """

    def __init__(self, objective: str) -> None:
        self.objective = objective
        self._points: list[Point] = []  # of the members, in their order
        self._merits: dict[int, tuple[int, float]] = {}

    def merit(self, member: Member) -> tuple[int, float]:
        return self._merits[member.number]

    def told(self, members: Sequence[Member], metrics: Mapping[str, Any], size: int) -> int | None:
        points = self._points
        points.append(Point(members[-1].fitness, self._cost(metrics)))
        if len(members) < size:
            return None
        ordered = layers(points)
        leaving = self._least_room(ordered) if len(members) > size else None
        if leaving is not None:  # no other front changes without it
            ordered[-1].remove(leaving)
        self._merits = {
            members[place].number: (-front, room)
            for front, layer in enumerate(ordered)
            for place, room in zip(layer, crowding([points[place] for place in layer]), strict=True)
        }
        if leaving is not None:
            del points[leaving]
        return leaving

    def _least_room(self, ordered: list[list[int]]) -> int:
        last = ordered[-1]
        rooms = crowding([self._points[place] for place in last])
        return min(zip(rooms, last, strict=True))[1]

    def _cost(self, metrics: Mapping[str, Any]) -> float:
        cost = metrics.get(self.objective)
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not math.isfinite(cost):
            names = ", ".join(sorted(metrics)) or "none"
            raise UserError(
                f"algorithm.objective is {self.objective!r}, which is no metric of a child (metrics: {names})"
            )
        return float(cost)


def survival_rule(name: SurvivalName, objective: str | None) -> Survival:
    """A rule of that name, with a population of its own.

    Raises:
        UserError: `objective` is missing, or another rule than "non_dominated" has one.
    """
    if name != "non_dominated":
        if objective is not None:
            raise UserError(
                f"algorithm.objective is {objective!r}, but algorithm.survival={name} goes by fitness alone: "
                "only non_dominated has an objective, it must be null"
            )
        return {"oldest": Oldest, "worst_of_sample": WorstOfSample, "worst_of_pair": WorstOfPair}[name]()
    if not isinstance(objective, str) or not objective:
        raise UserError(f"algorithm.objective is {objective!r}, it must name a metric, such as multiply_adds")
    return NonDominated(objective)
