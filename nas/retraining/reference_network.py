"""Networks of torchvision with what the training of ours asks of a network."""

from pathlib import Path

import torch.nn.functional as F
import torchvision
from torch import Tensor, nn

from nas.errors import UserError
from nas.training import torch_file


class ReferenceNetwork(nn.Module):
    """A plain network: no drop-path, no auxiliary head.

    Args:
        body: `(batch, channels, height, width)` to logits.
        least_side: images whose shorter side has fewer pixels are enlarged to it first; 0 never.
    """

    auxiliary_logits: Tensor | None = None

    def __init__(self, body: nn.Module, least_side: int = 0) -> None:
        super().__init__()
        self.body = body
        self.least_side = least_side

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, classes)`."""
        shorter = min(images.shape[2:])
        if shorter < self.least_side:
            images = F.interpolate(images, scale_factor=self.least_side / shorter, mode="bilinear", align_corners=False)
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


def finetuned_resnet18(
    image_shape: tuple[int, int, int], num_classes: int, least_side: int, weights: Path | None
) -> ReferenceNetwork:
    """Torchvision's ResNet-18 with the weights of a file, and a new last layer; None leaves fresh ones.

    Raises:
        UserError: the file holds something else, or the images are not in colour.
    """
    body = torchvision.models.resnet18(weights=None, num_classes=num_classes)
    if image_shape[0] != body.conv1.in_channels:
        raise UserError(
            f"resnet18_finetuned needs images of {body.conv1.in_channels} channels, these have {image_shape[0]}"
        )
    if weights is not None:
        _load_all_but_the_last_layer(body, weights)
    return ReferenceNetwork(body, least_side)


def _load_all_but_the_last_layer(body: nn.Module, weights: Path) -> None:
    try:
        state = torch_file.read(weights)
        own = {name: value for name, value in body.state_dict().items() if name.startswith("fc.")}
        body.load_state_dict({name: value for name, value in state.items() if not name.startswith("fc.")} | own)
    except torch_file.Unreadable as error:
        raise UserError(f"the weights file {weights} {error}") from error
    except (RuntimeError, AttributeError, TypeError) as error:
        raise UserError(f"the weights file {weights} holds no ResNet-18 of torchvision's") from error
