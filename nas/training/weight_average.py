"""An exponential moving average of a network's weights."""

from typing import Any, Self

import torch
from torch import Tensor, nn


class WeightAverage:
    """Of parameters and of the batch norms' running statistics, as the papers' code averages both.

    After n updates the decay is at most (1 + n) / (10 + n), as in TensorFlow's `ExponentialMovingAverage`, so that
    fresh weights are forgotten soon.

    Args:
        network: whose weights at this moment the average starts from.
        decay: weight of the past.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self._decay = decay
        self._updates = 0
        self._averages = {name: tensor.clone() for name, tensor in _floats(network).items()}
        self._sources = list(_floats(network).values())

    def update(self) -> None:
        """Takes in the network's weights, after an optimizer step."""
        self._updates += 1
        decay = min(self._decay, (1 + self._updates) / (10 + self._updates))
        torch._foreach_lerp_(list(self._averages.values()), self._sources, 1 - decay)

    def copy_to(self, network: nn.Module) -> None:
        """Replaces the network's weights by their averages."""
        for name, tensor in _floats(network).items():
            tensor.copy_(self._averages[name])

    def state(self) -> dict[str, Any]:
        """What `resumed` needs."""
        return {"updates": self._updates, "averages": self._averages}

    @classmethod
    def resumed(cls, network: nn.Module, decay: float, state: dict[str, Any]) -> Self:
        """Goes on from a `state`, on the network's device."""
        average = cls(network, decay)
        average._updates = state["updates"]
        for name, tensor in average._averages.items():
            tensor.copy_(state["averages"][name])
        return average


def _floats(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in network.state_dict().items() if tensor.is_floating_point()}
