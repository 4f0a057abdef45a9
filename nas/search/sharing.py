"""Equal parts of individuals kept once: a search may have a million of them, and each repeats names and mutations."""

from sys import intern
from typing import Any

from nas.search_spaces.base import Mutation

MOST_MUTATIONS = 1 << 16
MOST_SHARED_S = 1e-3
_SHARED = frozenset((bool, int, str))


class Sharing:
    """Hands out one object for equal mutations, names of metrics, parents and short times: read only."""

    def __init__(self) -> None:
        self._mutations: dict[tuple[Any, ...], Mutation] = {}
        self._families: dict[int, tuple[int, ...]] = {}
        self._seconds: dict[float, float] = {}

    def mutation(self, data: dict[str, Any] | None) -> Mutation | None:
        """The mutation of an event. Those with details of other types than `_SHARED` rarely come twice."""
        if data is None:
            return None
        name, details = data["name"], data["details"]
        types = tuple(map(type, details.values()))
        if not _SHARED.issuperset(types):
            return Mutation(intern(name), details)
        key = (name, types, *details.items())  # with types, because 1 and True are equal
        known = self._mutations.get(key)
        if known is None:
            known = Mutation(intern(name), {intern(detail): value for detail, value in details.items()})
            if len(self._mutations) < MOST_MUTATIONS:
                self._mutations[key] = known
        return known

    def metrics(self, data: dict[str, Any], fitness: float) -> dict[str, Any]:
        """The metrics of an event under shared names; the one that is the fitness is that very number."""
        if not fitness:  # 0.0 and -0.0 are equal
            return data
        return {
            intern(name): fitness if type(value) is float and value == fitness else value
            for name, value in data.items()
        }

    def parents(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """Few individuals have children, and those have many."""
        if len(numbers) != 1:
            return numbers
        return self._families.setdefault(numbers[0], numbers)

    def seconds(self, value: float) -> float:
        """Look-ups take a few microseconds, and the journal rounds to one."""
        if value < MOST_SHARED_S:
            return self._seconds.setdefault(value, value)
        return value
