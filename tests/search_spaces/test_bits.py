"""The hypercube: uniform, one flip per mutation, and the notebook's order of draws."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from nas.errors import UserError
from nas.search_spaces.bits import Bits

SPACE = Bits(num_bits=8)


@pytest.mark.parametrize("num_bits", [1, 8, 100, 257])
def test_genomes_are_drawn_as_the_notebook_draws_them(num_bits: int) -> None:
    """One integer below 2**D; its lowest bit comes first."""
    drawn = Random(5).randint(0, 2**num_bits - 1)
    genome = Bits(num_bits=num_bits).initial(Random(5))
    assert sum(bit << position for position, bit in enumerate(genome)) == drawn
    assert len(genome) == num_bits


def test_initial_genomes_are_uniform() -> None:
    rng = Random(0)
    space = Bits(num_bits=3)
    counts = Counter(space.initial(rng) for _ in range(8000))
    chi_square = sum((counts[genome] - 1000) ** 2 / 1000 for genome in counts)
    assert len(counts) == 8
    assert chi_square < 24.32  # 99.9 % point, 7 degrees of freedom


def test_a_mutation_flips_exactly_one_uniformly_chosen_bit() -> None:
    rng = Random(0)
    counts: Counter[int] = Counter()
    for _ in range(8000):
        parent = SPACE.initial(rng)
        child, mutation = SPACE.mutate(parent, rng)
        (flipped,) = [position for position in range(8) if parent[position] != child[position]]
        assert (mutation.name, dict(mutation.details)) == ("flip", {"bit": flipped})
        counts[flipped] += 1
    assert sum((count - 1000) ** 2 / 1000 for count in counts.values()) < 24.32


def test_json_is_a_string_in_the_genomes_order() -> None:
    assert SPACE.to_json((0, 1, 1, 0, 0, 0, 0, 1)) == "01100001"
    assert SPACE.from_json("01100001") == (0, 1, 1, 0, 0, 0, 0, 1)
    assert SPACE.architecture((0, 1, 1, 0, 0, 0, 0, 1)) == [0, 1, 1, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("data", ["0110", "011000012", "0110000x", "0110000２", 5, None, [0] * 8, ""])
def test_what_is_no_genome_is_refused(data: Any) -> None:
    with pytest.raises(UserError, match="string of 8 zeros and ones"):
        SPACE.from_json(data)


@pytest.mark.parametrize("genome", [(0,) * 7, [0] * 8, (0, 1, 2, 0, 0, 0, 0, 0), (True,) * 8, (0.0,) * 8, None])
def test_genomes_of_another_space_are_refused(genome: Any) -> None:
    with pytest.raises(UserError):
        SPACE.validate(genome)


@pytest.mark.parametrize("num_bits", [0, -1, 1.5, True, "8", None])
def test_a_cube_has_at_least_one_dimension(num_bits: Any) -> None:
    with pytest.raises(UserError, match=r"search_space\.num_bits"):
        Bits(num_bits=num_bits)
