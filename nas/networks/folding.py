"""Batch norms folded into the convolutions before them: the same function in evaluation, in fewer operations."""

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

from nas.networks.factorized_reduction import FactorizedReduction

Network = TypeVar("Network", bound=nn.Module)


def fold_batch_norms(network: Network) -> Network:
    """A copy of `network` in evaluation mode, in which every batch norm behind a convolution is part of it.

    Its outputs are those of `network.eval()` but for rounding. It is for inference: in training mode it would use the
    running statistics too.
    """
    folded = copy.deepcopy(network).eval()
    for part in folded.modules():
        if isinstance(part, nn.Sequential):
            for index in range(1, len(part)):
                _fold_pair(part, index)
    return folded


@torch.no_grad()
def _fold_pair(layers: nn.Sequential, index: int) -> None:
    before, norm = layers[index - 1], layers[index]
    if not isinstance(norm, nn.BatchNorm2d) or not isinstance(before, nn.Conv2d | FactorizedReduction):
        return
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    shift = norm.bias - scale * norm.running_mean
    if isinstance(before, FactorizedReduction):
        split = before.even.out_channels
        _fold(before.even, scale[:split], shift[:split])
        _fold(before.odd, scale[split:], shift[split:])
    else:
        _fold(before, scale, shift)
    layers[index] = nn.Identity()


def _fold(convolution: nn.Conv2d, scale: Tensor, shift: Tensor) -> None:
    assert convolution.bias is None
    convolution.weight.mul_(scale[:, None, None, None])
    convolution.bias = nn.Parameter(shift)
