"""Fresh networks with weights that follow from the training seed."""

from typing import Any

import torch
from torch import nn

from nas.data.dataset import Dataset
from nas.data.seeds import derived_seed


def fresh_network(spec: Any, architecture: Any, dataset: Dataset, seed: int) -> nn.Module:
    """Builds the network for a data set, on the CPU; torch's global generator is as it was afterwards.

    Args:
        spec: has `build(architecture, image_shape, num_classes)`.
        architecture: plain data.
        seed: the training seed.

    Raises:
        UserError: the architecture cannot be built for such images.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derived_seed(seed, "weights"))
        return spec.build(architecture, dataset.image_shape, dataset.num_classes)
