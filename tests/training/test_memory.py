"""The estimate of a training's memory beside what autograd saves."""

from dataclasses import replace
from random import Random
from typing import Any

import parts
import pytest
import torch

from nas.networks.genotypes import GENOTYPES
from nas.search_spaces.cell_architecture import OPS
from nas.search_spaces.cells import Cells
from nas.search_spaces.cost import Cost
from nas.training.memory import training_memory_gb

IMAGES = 4
SHAPE = (3, 16, 16)
SPACE = Cells(ops=OPS, num_combinations=5, identity_probability=0.05, op_mutation="any")


def test_four_bytes_for_every_activation_and_twelve_for_every_parameter() -> None:
    assert training_memory_gb(Cost(100, 0, 1000), images=16) * 2**30 == 4 * 16 * 1000 + 12 * 100


def saved_bytes(network: torch.nn.Module, images: torch.Tensor) -> int:
    """Of the storages that a forward pass leaves for the backward pass, parameters, buffers and images apart."""
    own = {tensor.untyped_storage().data_ptr() for tensor in [*network.parameters(), *network.buffers(), images]}
    held: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            held[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        network.train()(images)
    return sum(storage.nbytes() for storage in held.values())


def ratio(architecture: Any) -> float:
    """What autograd saves over the estimate's first term; weights, gradients and momentum are left out of both."""
    spec = replace(parts.network(filters=8), num_cells=1)
    cost = spec.cost(architecture, SHAPE, 10)._replace(parameters=0)
    estimate = training_memory_gb(cost, IMAGES) * 2**30
    return saved_bytes(spec.build(architecture, SHAPE, 10), torch.randn(IMAGES, *SHAPE)) / estimate


@pytest.mark.parametrize("name", sorted(GENOTYPES))
def test_autograd_saves_as_much_for_the_published_cells(name: str) -> None:
    assert 1.0 < ratio(GENOTYPES[name]) < 1.8


@pytest.mark.slow
def test_autograd_saves_as_much_for_random_cells() -> None:
    rng = Random(0)
    ratios = [ratio(SPACE.architecture(SPACE.initial(rng))) for _ in range(20)]
    assert min(ratios) > 1.0
    assert max(ratios) < 1.8
