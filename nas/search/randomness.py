"""Derived randomness: every draw of a search follows from its seed and a number, so there is no state to store."""

from hashlib import blake2b
from random import Random


def ask_rng(seed: int, number: int) -> Random:
    """The generator that proposes individual `number`."""
    return Random(f"{seed}/ask/{number}")


def training_seed(seed: int, number: int) -> int:
    """The seed an individual is evaluated with: 32 bits, the same for every attempt."""
    return int.from_bytes(blake2b(f"{seed}/train/{number}".encode(), digest_size=4).digest())
