"""Genomes as differences to ancestors' genomes, as texts.

A genome is the beginning and the end of its nearest shown ancestor's text with something else between them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from nas.search.individual import Individual

Packed = list[int | str]
_PRECEDENCES = itemgetter("depth_precedence", "scale_precedence")
_CONV = itemgetter("depth_factor", "filter_half_height", "filter_half_width", "stride_scale")


def packed_genomes(individuals: Sequence[Individual], shown: Sequence[Individual]) -> list[Packed]:
    """One for each of `shown`: the ancestor's place among `shown`, how many characters are its beginning, how many its
    end, and what stands between; without a shown ancestor the whole text alone.

    Args:
        individuals: of the search, by number.
        shown: some of them, by number.
    """
    places: dict[int, int] = {}
    texts: list[str] = []
    packed: list[Packed] = []
    for place, individual in enumerate(shown):
        text = json.dumps(portable(individual.genome), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        ancestor = _nearest(individual, individuals, places)
        packed.append([text] if ancestor is None else [ancestor, *_between(texts[ancestor], text)])
        places[individual.number] = place
        texts.append(text)
    return packed


def _nearest(individual: Individual, individuals: Sequence[Individual], places: Mapping[int, int]) -> int | None:
    """The place of the nearest first parent that is shown."""
    while individual.parents and 0 <= individual.parents[0] < individual.number:
        individual = individuals[individual.parents[0]]
        if individual.number in places:
            return places[individual.number]
    return None


def _between(old: str, new: str) -> tuple[int, int, str]:
    """How many characters both texts begin and end with, and what else the new one has."""
    most = min(len(old), len(new))
    head = _common(lambda length: old[:length] == new[:length], most)
    tail = _common(lambda length: not length or old[-length:] == new[-length:], most - head)
    return head, tail, new[head : len(new) - tail]


def _common(agree: Callable[[int], bool], most: int) -> int:
    """The greatest length up to `most` for which two texts agree; they do for every smaller one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if agree(middle) else (low, middle - 1)
    return low


def portable(genome: Any) -> Any:
    """A genome as a page shows it: DNA by its vertices with the edges into each, any other as the journal has it.

    Positions in DNA become distances, so that an insertion changes nothing behind it. What says how it is mutated and
    inherited (flags and ids) is left out.
    """
    if not isinstance(genome, Mapping) or not genome.keys() >= {"vertices", "edges", "learning_rate"}:
        return genome
    try:
        layers: list[list[Any]] = [[vertex["type"]] for vertex in genome["vertices"]]
        for edge in genome["edges"]:
            target, conv = edge["target"], edge.get("conv")
            numbers = _CONV(conv) if conv else ()
            layers[target].append([target - edge["source"], *_PRECEDENCES(edge), *numbers])
    except (TypeError, KeyError, IndexError, AttributeError):
        return genome  # another space with such names
    return {"dna": layers, "learning_rate": genome["learning_rate"]}
