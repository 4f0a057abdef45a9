"""Bit strings as genomes."""


def is_bits(genome: object) -> bool:
    """Whether a genome's JSON form is a string of zeros and ones."""
    return isinstance(genome, str) and bool(genome) and not genome.strip("01")
