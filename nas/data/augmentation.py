"""How training images are changed at random, as plain values. Torch-free."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """The usual augmentation of small images, in this order.

    Attributes:
        crop_padding: black pixels around the image, from which a crop of its own size is taken; 0 = off.
        flip: mirrors half of the images left to right.
        cutout: side in pixels of a square at a random place that is set to the mean (arXiv 1708.04552); it may hang
            over the edge; 0 = off.
    """

    crop_padding: int
    flip: bool
    cutout: int
