"""RMSProp as TensorFlow 1 computes it, which the papers of ImageNet models trained with."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer


class RMSProp(Optimizer):
    """With gradient g, which includes the L2 penalty's::

        square   = decay * square + (1 - decay) * g^2                       from 1
        velocity = momentum * velocity + learning rate * g / sqrt(square + epsilon)      from 0
        weight   = weight - velocity

    It differs from `torch.optim.RMSprop` in three points: epsilon is inside the root (0.1 there is a different
    training), the mean square starts from 1, and a step's learning rate stays in its part of the velocity.

    Args:
        params: parameters or groups of them.
        lr: learning rate.
        decay: of the mean square.
        momentum: of the velocity.
        epsilon: inside the root.
        weight_decay: L2 penalty, added to the gradient.
    """

    def __init__(
        self,
        params: Iterable[Any],
        *,
        lr: float,
        decay: float,
        momentum: float,
        epsilon: float,
        weight_decay: float = 0.0,
    ) -> None:
        defaults = {"lr": lr, "decay": decay, "momentum": momentum, "epsilon": epsilon, "weight_decay": weight_decay}
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step for every parameter that has a gradient; returns what the closure does."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            self._step(group, [weight for weight in group["params"] if weight.grad is not None])
        return loss

    def _step(self, group: dict[str, Any], weights: list[Tensor]) -> None:
        if not weights:
            return
        for weight in weights:
            if not self.state[weight]:
                self.state[weight] = {"square": torch.ones_like(weight), "velocity": torch.zeros_like(weight)}
        squares = [self.state[weight]["square"] for weight in weights]
        velocities = [self.state[weight]["velocity"] for weight in weights]
        raw = [weight.grad for weight in weights if weight.grad is not None]
        gradients = torch._foreach_add(raw, weights, alpha=group["weight_decay"])
        torch._foreach_mul_(squares, group["decay"])
        torch._foreach_addcmul_(squares, gradients, gradients, value=1 - group["decay"])
        roots = torch._foreach_add(squares, group["epsilon"])
        torch._foreach_sqrt_(roots)
        torch._foreach_div_(gradients, roots)
        torch._foreach_mul_(velocities, group["momentum"])
        torch._foreach_add_(velocities, gradients, alpha=group["lr"])
        torch._foreach_sub_(weights, velocities)
