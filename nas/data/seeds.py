"""Seeds derived from a seed and words: every purpose and epoch draws from a source of its own."""

from hashlib import blake2b


def derived_seed(seed: int, *words: str | int) -> int:
    """63 bits that follow from `seed` and the words, the same on every machine and in every Python."""
    text = "/".join(map(str, (seed, *words)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1
