"""The optimizer that a recipe asks for."""

from typing import Any

import torch
from torch import nn

from nas.training.recipe import Recipe
from nas.training.rmsprop import RMSProp


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """With weight decay on what the recipe says."""
    decayed = [parameter for parameter in network.parameters() if recipe.decay_all or parameter.ndim > 1]
    others = [parameter for parameter in network.parameters() if not (recipe.decay_all or parameter.ndim > 1)]
    groups: list[dict[str, Any]] = [{"params": decayed, "weight_decay": recipe.weight_decay}]
    if others:
        groups.append({"params": others, "weight_decay": 0.0})
    if recipe.optimizer == "rmsprop":
        return RMSProp(
            groups,
            lr=recipe.scaled_learning_rate,
            decay=recipe.rmsprop_decay,
            momentum=recipe.momentum,
            epsilon=recipe.rmsprop_epsilon,
        )
    return torch.optim.SGD(groups, lr=recipe.scaled_learning_rate, momentum=recipe.momentum)
