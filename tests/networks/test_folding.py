"""Folding changes no output."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from nas.networks.cell_network_spec import CellNetworkSpec
from nas.networks.folding import fold_batch_norms
from nas.networks.genotypes import GENOTYPES


@pytest.mark.parametrize("name", GENOTYPES)
@pytest.mark.parametrize("stem", ["cifar", "imagenet"])
def test_a_folded_network_is_the_same_function(spec: CellNetworkSpec, name: str, stem: str) -> None:
    torch.manual_seed(0)
    size = 8 if stem == "cifar" else 40
    network = replace(spec, stem=stem).build(GENOTYPES[name], (3, size, size), 10).double()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.uniform_(-1, 1)
            part.running_var.uniform_(0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 2)
            nn.init.uniform_(part.bias, -1, 1)
    images = torch.randn(2, 3, size, size, dtype=torch.float64)
    folded = fold_batch_norms(network)
    with torch.no_grad():
        expected = network.eval()(images)
        assert torch.allclose(folded(images), expected, rtol=1e-9, atol=1e-9 * float(expected.abs().max()))
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())
    assert any(isinstance(part, nn.BatchNorm2d) for part in network.modules())
