"""The cost of a network that is built, counted on the module itself."""

from typing import Any

import torch
from torch import Tensor, nn

from nas.search_spaces.cost import Cost

AUXILIARY_HEAD = "auxiliary_head"  # submodule that is never counted


def count_parameters(network: nn.Module) -> int:
    """Trainable parameters without the auxiliary head's."""
    return sum(
        parameter.numel()
        for name, parameter in network.named_parameters()
        if parameter.requires_grad and not name.startswith(f"{AUXILIARY_HEAD}.")
    )


def network_cost(network: nn.Module, image_shape: tuple[int, int, int]) -> Cost:
    """All three numbers; for a cell network they equal the closed form of `CellNetworkSpec.cost`.

    Args:
        network: on any device; on `meta` nothing is computed.
        image_shape: channels, height, width.
    """
    multiply_adds = activations = 0

    def add(part: nn.Module, _: Any, output: Tensor) -> None:
        nonlocal multiply_adds, activations
        activations += output.numel()
        if isinstance(part, nn.Conv2d):
            multiply_adds += output.numel() * part.weight[0].numel()
        elif isinstance(part, nn.Linear):
            multiply_adds += output.numel() * part.in_features

    counted = nn.Conv2d | nn.BatchNorm2d | nn.Linear
    hooks = [part.register_forward_hook(add) for part in network.modules() if isinstance(part, counted)]
    was_training = network.training
    device = next(network.parameters()).device
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, *image_shape, device=device))
    finally:
        network.train(was_training)
        for hook in hooks:
            hook.remove()
    return Cost(count_parameters(network), multiply_adds, activations)
