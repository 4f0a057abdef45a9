"""Fresh weights as the authors' code draws them (slim's variance scaling, fan-out)."""

import math

from torch import nn

_VARIANCE = 2.0
_TRUNCATION = 1.3  # slim's correction of the variance that cutting a normal distribution at two deviations removes


def initialize(module: nn.Module) -> None:
    """Draws every convolution and linear weight from torch's global generator; biases are 0, batch norms 1 and 0."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            height, width = part.kernel_size
            _truncated_normal(part, part.out_channels // part.groups * height * width)
        elif isinstance(part, nn.Linear):
            _truncated_normal(part, part.out_features)
            nn.init.zeros_(part.bias)


def _truncated_normal(part: nn.Conv2d | nn.Linear, fan_out: int) -> None:
    deviation = math.sqrt(_TRUNCATION * _VARIANCE / fan_out)
    nn.init.trunc_normal_(part.weight, 0.0, deviation, -2 * deviation, 2 * deviation)
