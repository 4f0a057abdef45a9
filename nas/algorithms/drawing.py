"""Drawing a tournament's sample: most of what asking for a child costs."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def drawn(members: Sequence[T], count: int, rng: Random) -> list[T]:
    """`count` members, drawn uniformly with replacement.

    Takes the same bits from the generator as `count` calls of `rng.choice`, and gives the same members, several times
    as fast: journals and traces stay those of `choice`.
    """
    assert members
    size, bits = len(members), rng.getrandbits
    width = size.bit_length()
    sample = []
    for _ in range(count):
        index = bits(width)
        while index >= size:
            index = bits(width)
        sample.append(members[index])
    return sample
