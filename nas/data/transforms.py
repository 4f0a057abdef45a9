"""Augmentation of whole batches, with every random number given from outside."""

import torch
from torch import Tensor


def crop(images: Tensor, padding: int, corners: Tensor) -> Tensor:
    """Pads with zeros on all sides and takes from every image a crop of its own size.

    Args:
        images: `(batch, height, width, channels)`.
        padding: pixels on each side.
        corners: `(batch, 2)`, top and left of each crop in the padded image, 0 to `2 * padding`.
    """
    batch, height, width, channels = images.shape
    padded = images.new_zeros(batch, height + 2 * padding, width + 2 * padding, channels)
    padded[:, padding : padding + height, padding : padding + width] = images
    windows = padded.unfold(1, height, 1).unfold(2, width, 1).permute(0, 1, 2, 4, 5, 3)  # all crops, as a view
    return windows[torch.arange(batch, device=images.device), corners[:, 0], corners[:, 1]]


def mirror(images: Tensor, chosen: Tensor) -> Tensor:
    """Mirrors the chosen images `(batch, height, width, channels)` left to right; `chosen`: truth values `(batch,)`."""
    return torch.where(chosen[:, None, None, None], images.flip(2), images)


def cut_out(images: Tensor, side: int, centres: Tensor) -> Tensor:
    """Sets a square of `side` pixels to zero in every image `(batch, height, width, channels)`.

    The square covers `centre - side // 2` up to `centre - side // 2 + side - 1` in both directions and may hang over
    the edge (DeVries and Taylor 2017, arXiv 1708.04552).

    Args:
        centres: `(batch, 2)`, row and column of each centre, within the image.
    """
    first = centres - side // 2
    rows = torch.arange(images.shape[1], device=images.device) - first[:, :1]
    columns = torch.arange(images.shape[2], device=images.device) - first[:, 1:]
    hole = ((rows >= 0) & (rows < side))[:, :, None] & ((columns >= 0) & (columns < side))[:, None, :]
    return images.masked_fill(hole[..., None], 0)
