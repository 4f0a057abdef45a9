"""Scheduled drop-path: what is kept, how often, and when."""

from dataclasses import replace

import pytest
import torch

from nas.networks.drop_path import DropPath, keep_at_depth
from nas.networks.genotypes import NASNET_A


def kept_share(part: DropPath, count: int = 40_000) -> float:
    y = part(torch.ones(count, 2, 1, 1))
    assert y.unique().tolist() == pytest.approx([0.0, 1 / part.keep])
    assert torch.equal(y[:, 0], y[:, 1])  # a whole example at a time
    return (y[:, 0] > 0).float().mean().item()


def test_keeps_examples_with_the_scheduled_probability():
    torch.manual_seed(0)
    part = DropPath(0.7)
    for progress, keep in ((0.25, 0.925), (0.5, 0.85), (1.0, 0.7)):
        part.set_progress(progress)
        assert part.keep == pytest.approx(keep)
        assert kept_share(part) == pytest.approx(keep, abs=0.01)


def test_the_expectation_stays():
    part = DropPath(0.6)
    part.set_progress(1.0)
    part.generator = torch.Generator().manual_seed(1)
    assert part(torch.ones(100_000, 1, 1, 1)).mean().item() == pytest.approx(1.0, abs=0.01)


def test_idle_at_the_start_and_in_evaluation():
    part, x = DropPath(0.1), torch.randn(8, 3, 2, 2)
    assert part(x) is x
    part.set_progress(1.0)
    assert part.eval()(x) is x


def test_the_depth_schedule_ends_at_the_target():
    keeps = [keep_at_depth(0.6, cell, 4) for cell in range(4)]
    assert keeps == pytest.approx([0.9, 0.8, 0.7, 0.6])


@pytest.mark.parametrize("by_depth", [False, True])
def test_a_network_sets_all_its_cells(spec, by_depth):
    network = replace(spec, drop_path_keep=0.6, drop_path_by_depth=by_depth).build(NASNET_A, (3, 16, 16), 3)
    network.set_progress(0.5)
    keeps = [cell.drop_path.keep for cell in network.cells]
    expected = [1 - 0.5 * 0.4 * (cell + 1) / 5 if by_depth else 0.8 for cell in range(5)]
    assert keeps == pytest.approx(expected)


def test_none_is_never_dropped(spec):
    """A cell of nothing but `none` gives the same result at any keep probability."""
    cell = {"combinations": [[["none", 0], ["none", 1]], [["none", 2], ["none", 1]]]}
    architecture = {"normal": cell, "reduction": cell}
    network = replace(spec, drop_path_keep=0.01).build(architecture, (3, 16, 16), 3).train()
    images = torch.randn(4, 3, 16, 16)
    before = network(images)
    network.set_progress(1.0)
    assert torch.equal(network(images), before)
