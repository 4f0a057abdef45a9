"""All random numbers of one epoch's batches."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from nas.data.augmentation import Augmentation
from nas.data.seeds import derived_seed


@dataclass(frozen=True, eq=False)
class EpochDraws:
    """What is drawn for position p of the epoch, whichever process trains on it: ranks share one epoch, so that any
    number of them sees the same augmented images as one process would.

    Attributes:
        order: `(number,)`, which image comes at p.
        corners: `(number, 2)`, top and left of its crop.
        mirrored: `(number,)`, whether it is mirrored.
        centres: `(number, 2)`, row and column of its cutout.
    """

    order: Tensor
    corners: Tensor
    mirrored: Tensor
    centres: Tensor

    @classmethod
    def draw(cls, number: int, size: tuple[int, int], augmentation: Augmentation, seed: int, epoch: int) -> Self:
        """Draws on the CPU, so that the numbers are the same for every device.

        Args:
            number: images in the epoch.
            size: height and width.
            augmentation: sets the ranges.
            seed: the training seed.
            epoch: from 0.
        """

        def source(purpose: str) -> torch.Generator:
            return torch.Generator().manual_seed(derived_seed(seed, purpose, epoch))

        height, width = size
        centre = source("cutout")
        return cls(
            order=torch.randperm(number, generator=source("order")),
            corners=torch.randint(2 * augmentation.crop_padding + 1, (number, 2), generator=source("crop")),
            mirrored=torch.rand(number, generator=source("flip")) < 0.5,
            centres=torch.stack([torch.randint(side, (number,), generator=centre) for side in (height, width)], 1),
        )

    def to(self, device: torch.device) -> Self:
        """The draws on another device."""
        return type(self)(
            self.order.to(device), self.corners.to(device), self.mirrored.to(device), self.centres.to(device)
        )
