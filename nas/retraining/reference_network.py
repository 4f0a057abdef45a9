"""Networks of torchvision with what the training of ours asks of a network."""

import torchvision
from torch import Tensor, nn


class ReferenceNetwork(nn.Module):
    """A plain network: no drop-path, no auxiliary head.

    Args:
        body: `(batch, channels, height, width)` to logits.
    """

    auxiliary_logits: Tensor | None = None

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, classes)`."""
        return self.body(images)

    def set_progress(self, fraction: float) -> None:
        """Nothing here depends on how much of the training is done."""

    def seed_drop_path(self, seed: int) -> None:
        """There is no drop-path."""


def resnet18(image_shape: tuple[int, int, int], num_classes: int, small: bool) -> ReferenceNetwork:
    """Torchvision's ResNet-18; `small` replaces its stem, see `ResNet18Spec`."""
    body = torchvision.models.resnet18(weights=None, num_classes=num_classes)
    width = body.conv1.out_channels
    if small:
        body.conv1 = nn.Conv2d(image_shape[0], width, 3, padding=1, bias=False)
        body.maxpool = nn.Identity()
    elif image_shape[0] != body.conv1.in_channels:
        body.conv1 = nn.Conv2d(image_shape[0], width, 7, stride=2, padding=3, bias=False)
    nn.init.kaiming_normal_(body.conv1.weight, mode="fan_out", nonlinearity="relu")
    return ReferenceNetwork(body)
