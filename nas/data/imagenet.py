"""ImageNet, ILSVRC 2012 (Russakovsky et al. 2015, arXiv 1409.0575), from a folder of the user's own."""

from dataclasses import dataclass
from typing import ClassVar

from nas.data.image_folder import ImageFolder


@dataclass(frozen=True, kw_only=True)
class ImageNet(ImageFolder):
    """train/WNID/*.JPEG and val/WNID/*.JPEG; the official validation images are the test part, as in the papers."""

    name: ClassVar[str] = "imagenet"
