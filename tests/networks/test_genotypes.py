"""The published cells."""

import json

import pytest

from nas.networks.genotypes import GENOTYPES
from nas.search_spaces.cell_architecture import parse_architecture, unused_states

UNUSED = {  # truly unused states of the normal and the reduction cell
    "amoebanet_a": ((3, 4, 6), (3, 5, 6)),
    "amoebanet_b": ((3, 4, 6), (5, 6)),
    "amoebanet_c": ((4, 5, 6), (3, 5, 6)),
    "amoebanet_d": ((3, 4, 6), (4, 5, 6)),
    "nasnet_a": ((2, 3, 4, 5, 6), (4, 5, 6)),
    "pnasnet_5": ((2, 3, 5, 6),),  # one type of cell
}


@pytest.mark.parametrize("name", GENOTYPES)
def test_a_genotype_is_valid_plain_data_and_joins_at_least_its_unused_states(name):
    assert json.loads(json.dumps(GENOTYPES[name])) == GENOTYPES[name]
    wirings = parse_architecture(GENOTYPES[name])
    unused = tuple(unused_states(wiring.combinations) for wiring in wirings.values())
    assert unused == UNUSED[name]
    for wiring in wirings.values():
        assert len(wiring.combinations) == 5
        assert set(unused_states(wiring.combinations)) <= set(wiring.concat)
        assert wiring.live_states == set(range(7))


def test_all_published_genotypes_are_here():
    assert set(GENOTYPES) == set(UNUSED)
