"""Who descends from whom, against a walk from each individual to its founder."""

import numpy as np
from genealogies import Genealogy, genealogies
from hypothesis import given

from nas.reporting.columns import NOBODY
from nas.reporting.descent import descent


@given(genealogies())
def test_descendants_and_founders_are_those_of_a_walk(made: Genealogy):
    tree = descent(made.columns.parent)
    lines = [made.line(number) for number in range(len(made.parent))]
    for number in range(len(made.parent)):
        own = [other for other, line in enumerate(lines) if number in line]
        assert np.flatnonzero(tree.of(number)).tolist() == own
        assert tree.size[number] == len(own)
        assert tree.founder[number] == lines[number][-1]
    assert sorted(tree.place.tolist()) == list(range(len(made.parent)))


def test_a_line_is_as_long_as_the_search():
    """No recursion: a lineage may be deeper than any stack."""
    parent = np.arange(-1, 100_000, dtype=np.int64)
    tree = descent(parent)
    assert int(tree.size[0]) == len(parent)
    assert set(tree.founder.tolist()) == {0}
    assert int(tree.of(99_999).sum()) == 2


def test_nobody_has_no_descendants():
    tree = descent(np.full(0, NOBODY, dtype=np.int64))
    assert len(tree.founder) == 0
