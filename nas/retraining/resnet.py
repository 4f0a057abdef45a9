"""ResNet-18 (He et al. 2015, arXiv 1512.03385) as a reference: torchvision's, in the form that small images need."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nas.search_spaces.cost import Cost

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ResNet18Spec:
    """For images below `imagenet_stem_from` pixels the first convolution is 3x3 at stride 1 and the max-pool is left
    out, as is usual for CIFAR: torchvision's stem would leave a quarter of their sides.

    Attributes:
        imagenet_stem_from: smallest image side from which the network is torchvision's unchanged.
    """

    imagenet_stem_from: int
    name: ClassVar[str] = "resnet18"

    def build(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> "nn.Module":
        """The network with fresh weights, drawn from torch's global generator; there is one architecture only."""
        from nas.retraining.reference_network import resnet18

        return resnet18(image_shape, num_classes, small=min(image_shape[1:]) < self.imagenet_stem_from)

    def cost(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> Cost:
        """Parameters, multiply-adds and activations, counted on the module without computing it."""
        import torch

        from nas.networks.cost import network_cost

        with torch.device("meta"):
            network = self.build(architecture, image_shape, num_classes)
        return network_cost(network, image_shape)
