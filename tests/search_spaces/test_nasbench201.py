"""The space of NAS-Bench-201: its texts, and its mutations."""

from collections import Counter
from random import Random

import pytest
from scipy import stats

from nas.errors import UserError
from nas.search_spaces.nasbench201 import EDGES, OPS, NasBench201

SPACE = NasBench201()
TEXT = "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|"


def test_architectures_are_the_benchmarks_texts() -> None:
    genome = SPACE.from_json(TEXT)
    assert [OPS[op] for op in genome] == [
        "nor_conv_3x3",
        "nor_conv_3x3",
        "avg_pool_3x3",
        "skip_connect",
        "nor_conv_3x3",
        "skip_connect",
    ]
    assert SPACE.architecture(genome) == TEXT


def test_a_mutation_changes_one_edge_to_another_op_uniformly() -> None:
    genome, rng = SPACE.from_json(TEXT), Random(0)
    found = Counter[tuple[int, int]]()
    for _ in range(6000):
        child, mutation = SPACE.mutate(genome, rng)
        ((edge, op),) = [(edge, op) for edge, op in enumerate(child) if op != genome[edge]]
        found[edge, op] += 1
        assert (mutation.details["source"], mutation.details["target"]) == EDGES[edge]
        assert (mutation.details["from"], mutation.details["to"]) == (OPS[genome[edge]], OPS[op])
    assert len(found) == 6 * 4
    assert stats.chisquare(list(found.values())).pvalue > 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|none~0|",
        TEXT.replace("avg_pool_3x3~1", "avg_pool_3x3~0"),
        TEXT.replace("+", ""),
        TEXT + "|",
        TEXT.replace("skip_connect~2", "sep_conv_3x3~2"),
        7,
        None,
    ],
)
def test_other_texts_are_refused(text: object) -> None:
    with pytest.raises(UserError, match=r"an architecture of NAS-Bench-201 looks like|allowed are none"):
        SPACE.from_json(text)
