"""ImageNet, ILSVRC 2012 (Russakovsky et al. 2015, arXiv 1409.0575), from a folder of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

from nas.data.folder_division import Division
from nas.data.image_file import decode_plainly
from nas.data.image_folder import ImageFolder
from nas.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, kw_only=True)
class ImageNet(ImageFolder):
    """train/WNID/*.JPEG and val/WNID/*.JPEG; the official validation images are the test part, as in the papers.

    Files are taken as they are: EXIF data is ignored, as everybody does here, and nothing is checked unless `check`.
    """

    check: bool = False
    name: ClassVar[str] = "imagenet"

    @property
    def division(self) -> Division:
        division = super().division
        if not len(division.test):
            raise UserError(f"there is no folder {self.root}/val: dataset=imagenet needs train/WNID/ and val/WNID/")
        return division

    def identity(self) -> dict[str, Any]:
        """As journals have always had it: what is off goes without saying."""
        off = {key for key in ("check", "num_test") if not getattr(self, key)}
        return {key: value for key, value in super().identity().items() if key not in off}

    def decode(self, path: str | BytesIO) -> Image:
        return decode_plainly(path)
