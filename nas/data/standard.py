"""The usual small data sets: one .npz file each, made on first use."""

from abc import ABC
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from nas.data.dataset import ImageShape
from nas.data.in_memory import Arrays, InMemoryDataset
from nas.data.npz_file import read_npz
from nas.errors import UserError


@dataclass(frozen=True, kw_only=True)
class StandardDataset(InMemoryDataset, ABC):
    """A published set whose sizes are known without its data.

    Attributes:
        root: folder of the .npz files. An existing `NAME.npz` with x_train, y_train, x_test and y_test is used as it
            is; else torchvision downloads the set and the file is written.
    """

    root: str = field(metadata={"identity": False})
    source: ClassVar[str]  # name of the file
    native_shape: ClassVar[ImageShape]
    classes: ClassVar[int]
    num_official: ClassVar[int]

    @property
    def image_shape(self) -> ImageShape:
        channels, height, width = self.native_shape
        return (channels, self.image_size or height, self.image_size or width)

    @property
    def num_classes(self) -> int:
        return self.classes

    @property
    def num_images(self) -> int:
        return self.num_official

    def arrays(self) -> Arrays:
        return self._from_file(self.native_shape)

    def _from_file(self, shape: ImageShape) -> Arrays:
        path = Path(self.root).expanduser() / f"{self.source}.npz"
        if not path.exists():
            from nas.data.download import download

            download(self.source, path)
        arrays = read_npz(path, self.classes)
        channels, height, width = shape
        found = arrays.x_train.shape
        if found != (self.num_official, height, width, channels):
            raise UserError(
                f"{path} holds training images of shape {found}, {self.source} has "
                f"{(self.num_official, height, width, channels)}: use dataset=arrays for images of your own"
            )
        return arrays
