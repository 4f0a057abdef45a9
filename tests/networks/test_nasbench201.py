"""The networks of NAS-Bench-201: sizes beside the published table's, and the sums of a cell."""

from random import Random

import numpy as np
import pytest
import torch

from nas.networks.cost import network_cost
from nas.networks.nasbench201_network import NasBench201Cell
from nas.networks.nasbench201_spec import NasBench201Spec
from nas.search_spaces.nasbench201 import OPS, NasBench201, parse_nasbench201
from tests.helpers.tables import tables
from tests.test_contracts import composed

SPACE = NasBench201()
SPEC: NasBench201Spec = composed("network", "network=nasbench201")


@pytest.mark.parametrize(("data", "size", "classes"), [("cifar10", 32, 10), ("cifar100", 32, 100), ("in16", 16, 120)])
def test_all_sizes_are_the_published_ones(data: str, size: int, classes: int) -> None:
    """Of all 15,625 cells; the table's FLOPs count the classifier's biases too."""
    with np.load(tables() / "nasbench201.npz") as table:
        ops, parameters, flops = table["ops"], table[f"{data}_params_m"], table[f"{data}_flops_m"]
    found = [SPEC.cost(SPACE.architecture(tuple(row)), (3, size, size), classes) for row in ops.tolist()]
    np.testing.assert_allclose([cost.parameters / 1e6 for cost in found], parameters, rtol=0, atol=6e-7)
    np.testing.assert_allclose([(cost.multiply_adds + classes) / 1e6 for cost in found], flops, rtol=2e-7, atol=6e-6)


@pytest.mark.parametrize("seed", range(8))
def test_built_networks_cost_what_the_closed_form_says_and_can_be_trained(seed: int) -> None:
    architecture = SPACE.architecture(SPACE.initial(Random(seed)))
    spec = NasBench201Spec(num_cells=2, filters=6, batch_norm_momentum=0.1, batch_norm_epsilon=1e-5)
    for size in (8, 9):
        network = spec.build(architecture, (3, size, size), 7)
        assert network_cost(network, (3, size, size)) == spec.cost(architecture, (3, size, size), 7)
    logits = network(torch.randn(4, 3, 9, 9))
    assert logits.shape == (4, 7)
    logits.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.classifier.parameters())


def test_a_node_is_the_sum_of_its_in_edges() -> None:
    text = "|avg_pool_3x3~0|+|skip_connect~0|skip_connect~1|+|none~0|skip_connect~1|avg_pool_3x3~2|"
    cell = NasBench201Cell(parse_nasbench201(text), 3, torch.nn.BatchNorm2d)
    x = torch.randn(2, 3, 5, 5)

    def pooled(y: torch.Tensor) -> torch.Tensor:
        ones = torch.nn.functional.avg_pool2d(torch.ones_like(y), 3, 1, 1)
        return torch.nn.functional.avg_pool2d(y, 3, 1, 1) / ones

    first = pooled(x)
    second = x + first
    torch.testing.assert_close(cell(x), first + pooled(second))


def test_every_op_has_a_module() -> None:
    for op in OPS:
        cell = NasBench201Cell((op,) * 6, 4, torch.nn.BatchNorm2d)
        assert cell(torch.randn(2, 4, 6, 6)).shape == (2, 4, 6, 6)
