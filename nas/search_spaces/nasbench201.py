"""The space of NAS-Bench-201: all 15,625 cells of four nodes (Dong and Yang 2020, arXiv 2001.00326, section 2.1)."""

import re
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.base import Choice, DiscreteSpace, Genome, Mutation

OPS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))  # in the order of genomes: by target, then by source
_NODES = 4
_TOKEN = re.compile(r"([a-z0-9_]+)~([0-9])")


@dataclass(frozen=True, kw_only=True)
class NasBench201(DiscreteSpace):
    """An op for each of the six edges between four nodes; a mutation gives one uniformly drawn edge another op.

    Genomes are tuples of indices into `OPS`, in the order of `EDGES`.
    """

    name: ClassVar[str] = "nasbench201"

    @property
    def choices(self) -> tuple[Choice, ...]:
        return _CHOICES

    def mutate(self, genome: Genome, rng: Random) -> tuple[Genome, Mutation]:
        """As the regularized evolution of the benchmark's authors: the value is forced to change."""
        edge = rng.randrange(len(EDGES))
        drawn = rng.randrange(len(OPS) - 1)
        old, new = genome[edge], drawn + (drawn >= genome[edge])
        source, target = EDGES[edge]
        details = {"source": source, "target": target, "from": OPS[old], "to": OPS[new]}
        return (*genome[:edge], new, *genome[edge + 1 :]), Mutation("op", details)

    def architecture(self, genome: Genome) -> str:
        """The benchmark's own text: `|op~source|+|op~source|op~source|+...`, a group for each node but the first."""
        groups: list[list[str]] = [[] for _ in range(_NODES - 1)]
        for (source, target), op in zip(EDGES, genome, strict=True):
            groups[target - 1].append(f"{OPS[op]}~{source}")
        return "+".join(f"|{'|'.join(group)}|" for group in groups)

    def to_json(self, genome: Genome) -> str:
        return self.architecture(genome)

    def from_json(self, data: Any) -> tuple[int, ...]:
        return tuple(OPS.index(op) for op in parse_nasbench201(data))


def parse_nasbench201(data: Any) -> tuple[str, ...]:
    """The ops of an architecture's text, in the order of `EDGES`.

    Raises:
        UserError: it is no such text; the sentence says what one looks like.
    """
    example = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|"
    found = _TOKEN.findall(data) if isinstance(data, str) else []
    ops, sources = tuple(op for op, _ in found), tuple(int(source) for _, source in found)
    if sources != tuple(source for source, _ in EDGES) or _text(ops) != data:
        raise UserError(f"an architecture of NAS-Bench-201 looks like {example}, not {data!r}")
    for op in ops:
        if op not in OPS:
            raise UserError(f"{data!r} has the op {op!r}, allowed are {', '.join(OPS)}")
    return ops


def _text(ops: tuple[str, ...]) -> str:
    first, second, third, *rest = (f"{op}~{source}" for op, (source, _) in zip(ops, EDGES, strict=True))
    return f"|{first}|+|{second}|{third}|+|{'|'.join(rest)}|"


_CHOICES = tuple(Choice(f"edge {source} to {target}", OPS) for source, target in EDGES)
