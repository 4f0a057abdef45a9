"""Where children were evaluated, as they themselves say."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from nas.reporting.material import Material

MOST_PLACES = 50  # that are listed
_KEYS = ("host", "device", "devices", "nodes", "precision", "threads", "torch")

_NOWHERE = (None,) * len(_KEYS)


@dataclass(frozen=True, slots=True)
class Places:
    """
    Attributes:
        names: of what is told of any place.
        rows: those values of a place, and how many children it had; the most used first.
        others: children at places beyond `MOST_PLACES`.
        silent: told children that do not say where they were evaluated.
    """

    names: list[str]
    rows: list[tuple[list[str], int]]
    others: int
    silent: int


def places(material: Material) -> Places:
    counted: Counter[tuple[Any, ...]] = Counter()
    for individual in material.told:
        where = individual.provenance
        place = tuple(map(where.get, _KEYS)) if isinstance(where, dict) else _NOWHERE
        try:
            counted[place] += 1
        except TypeError:  # a list, say
            counted[tuple(map(str, place))] += 1
    silent = counted.pop(_NOWHERE, 0)
    told = [index for index in range(len(_KEYS)) if any(place[index] is not None for place in counted)]
    common = counted.most_common()
    return Places(
        names=[_KEYS[index] for index in told],
        rows=[
            (["–" if place[index] is None else str(place[index]) for index in told], many)
            for place, many in common[:MOST_PLACES]
        ],
        others=sum(many for _, many in common[MOST_PLACES:]),
        silent=silent,
    )
