"""Where children were evaluated, as they themselves say."""

from collections import Counter
from dataclasses import dataclass

from nas.reporting.material import Material
from nas.search.individual import Individual

MOST_PLACES = 50  # that are listed
_KEYS = ("host", "device", "devices", "nodes", "precision", "threads", "torch")

Place = tuple[str, ...]  # in the order of `_KEYS`, "" for what is not told


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
    counted = Counter(map(_place, material.told))
    silent = counted.pop(_NOWHERE, 0)
    told = [place for place, _ in enumerate(_KEYS) if any(where[place] for where in counted)]
    common = counted.most_common()
    return Places(
        names=[_KEYS[place] for place in told],
        rows=[([where[place] or "–" for place in told], many) for where, many in common[:MOST_PLACES]],
        others=sum(many for _, many in common[MOST_PLACES:]),
        silent=silent,
    )


_NOWHERE: Place = ("",) * len(_KEYS)


def _place(individual: Individual) -> Place:
    where = individual.provenance
    if not where or not isinstance(where, dict):
        return _NOWHERE
    return tuple([str(where[key]) if where.get(key) is not None else "" for key in _KEYS])
