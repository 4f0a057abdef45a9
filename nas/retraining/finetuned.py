"""ResNet-18 (He et al. 2015, arXiv 1512.03385) from ImageNet's weights as a reference: what a practitioner would do.

It has seen 1.3 million images more than a network of a search, so everything that shows it says so. Torch-free.
"""

import os
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.cost import Cost

if TYPE_CHECKING:
    from torch import nn

WEIGHTS_NAME = "resnet18-f37072fd.pth"  # torchvision's ResNet18_Weights.IMAGENET1K_V1
EXTRA_DATA = "weights from ImageNet"


@dataclass(frozen=True, kw_only=True)
class FinetunedResNet18Spec:
    """Torchvision's network with its stem, all of it trained on; the last layer is new.

    Attributes:
        weights: a file of torchvision's; None looks where torch keeps what it has downloaded.
        least_side: images whose shorter side has fewer pixels are enlarged to it first, bilinearly: the stem leaves a
            quarter of a side.
        learning_rate: in place of the recipe's, which is meant for fresh weights.
    """

    weights: str | None = field(metadata={"identity": False})
    least_side: int
    learning_rate: float
    name: ClassVar[str] = "resnet18_finetuned"

    def __post_init__(self) -> None:
        if type(self.least_side) is not int or self.least_side < 1:
            raise UserError(f"finetuned.least_side is {self.least_side!r}, it must be a whole number of at least 1")
        rate = self.learning_rate
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not rate > 0:
            raise UserError(f"finetuned.learning_rate is {rate!r}, it must be above 0")

    @property
    def path(self) -> Path:
        """Where the weights are, or would be."""
        if self.weights is not None:
            return Path(self.weights).expanduser()
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        home = Path(os.environ.get("TORCH_HOME") or f"{cache}/torch")
        return (home / "hub" / "checkpoints" / WEIGHTS_NAME).expanduser()

    @property
    def is_present(self) -> bool:
        """Whether there is such a file."""
        return self.path.is_file()

    def identity(self) -> dict[str, Any]:
        """
        Raises:
            UserError: there is no such file.
        """
        own = {"name": self.name, "least_side": self.least_side, "learning_rate": self.learning_rate}
        return {**own, "sha256": self.digest()}

    def digest(self) -> str:
        """Of the weight file.

        Raises:
            UserError: there is no such file.
        """
        if not self.is_present:
            raise UserError(
                f"the reference {self.name} needs the weights {self.path}, which are not there: nothing is downloaded "
                "unasked, put torchvision's file there or set finetuned.weights=FILE"
            )
        return _digest(self.path)

    def build(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> "nn.Module":
        """The network with ImageNet's weights; those of its last layer are drawn from torch's global generator.

        Raises:
            UserError: the file is missing or holds something else, or the images are not in colour.
        """
        from nas.retraining.reference_network import finetuned_resnet18

        self.digest()
        return finetuned_resnet18(image_shape, num_classes, self.least_side, self.path)

    def cost(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> Cost:
        """Parameters, multiply-adds and activations, on the enlarged image."""
        import torch

        from nas.networks.cost import network_cost
        from nas.retraining.reference_network import finetuned_resnet18

        with torch.device("meta"):
            network = finetuned_resnet18(image_shape, num_classes, self.least_side, None)
        return network_cost(network, image_shape)


@lru_cache(maxsize=4)
def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
