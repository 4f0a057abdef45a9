"""Joins states along the channels so that their gradients are dense."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def concatenate(states: Sequence[Tensor]) -> Tensor:
    """`torch.cat(states, 1)`; each gets a gradient that is contiguous in the memory format of the whole.

    `torch.cat` hands out slices of one gradient, whose gaps slow down everything before it, batch norms on CPUs most.
    """
    if len(states) == 1:
        return states[0]
    return _Concatenation.apply(*states) if torch.is_grad_enabled() else torch.cat(tuple(states), 1)


class _Concatenation(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *states: Tensor) -> Tensor:
        ctx.channels = [state.shape[1] for state in states]
        return torch.cat(states, 1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, ...]:
        is_last = gradient.is_contiguous(memory_format=torch.channels_last)
        memory_format = torch.channels_last if is_last else torch.contiguous_format
        return tuple(part.contiguous(memory_format=memory_format) for part in gradient.split(ctx.channels, 1))
