"""What makes an image a network's input, as plain values: the same numbers as in the final training's evaluation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from nas.data.dataset import Dataset
from nas.data.image_file import Undecodable, decode, to_rgb
from nas.data.image_folder import ImageFolder
from nas.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image
    from torch import Tensor

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}  # Pillow's words for numbers of channels


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """
    Attributes:
        image_shape: channels, height, width of the input.
        mean: per channel, of images scaled to 0-1.
        std: likewise.
        central_fraction: share of the shorter side that a central crop shows; None stretches the whole image to the
            wanted size instead, as data sets in memory do.
    """

    image_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    central_fraction: float | None

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """That of a data set's evaluation.

        Raises:
            UserError: the data is missing or damaged.
        """
        parts = dataset.load()
        fraction = dataset.shown_fraction if isinstance(dataset, ImageFolder) else None
        return cls(image_shape=dataset.image_shape, mean=parts.mean, std=parts.std, central_fraction=fraction)

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> Self:
        channels, height, width = data["image_shape"]
        return cls(
            image_shape=(channels, height, width),
            mean=tuple(data["mean"]),
            std=tuple(data["std"]),
            central_fraction=data["central_fraction"],
        )

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def __call__(self, image: str | Path | Image | NDArray[np.uint8]) -> Tensor:
        """An image file, a Pillow image or uint8 `(height, width[, channels])` as float `(1, channels, height, width)`.

        Raises:
            UserError: the file is no image.
        """
        import numpy as np
        import torch

        opened = _opened(image, _MODES[self.image_shape[0]])
        fitted = self._central(opened) if self.central_fraction is not None else self._stretched(opened)
        pixels = np.asarray(fitted).reshape(1, *self.image_shape[1:], self.image_shape[0])
        mean, std = torch.tensor(self.mean) * 255, torch.tensor(self.std) * 255
        return torch.from_numpy(pixels.copy()).float().sub(mean).mul(1 / std).permute(0, 3, 1, 2).contiguous()

    def _stretched(self, image: Image) -> NDArray[np.uint8]:
        import numpy as np

        from nas.data.resize import resize

        channels, height, width = self.image_shape
        pixels = np.array(image, np.uint8).reshape(1, image.height, image.width, channels)
        return pixels if (image.height, image.width) == (height, width) else resize(pixels, (height, width))

    def _central(self, image: Image) -> Image:
        from torchvision.transforms import v2

        assert self.central_fraction is not None
        size = self.image_shape[1]
        shorter = int(size / self.central_fraction + 0.5)
        return v2.CenterCrop(size)(v2.Resize(shorter, antialias=True)(image))


def _opened(image: Any, mode: str) -> Image:
    """An image in a mode, upright; transparency stays where the mode has it, else it is laid over white."""
    import numpy as np
    from PIL import Image

    if isinstance(image, str | Path):
        try:
            if mode != "RGBA":
                return decode(image).convert(mode)
            with Image.open(image) as file:
                return file.convert(mode)
        except (OSError, Undecodable) as error:
            raise UserError(f"{image} cannot be decoded: {error}") from error
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image.squeeze(-1) if image.ndim == 3 and image.shape[-1] == 1 else image)
    return image.convert(mode) if mode == "RGBA" else to_rgb(image).convert(mode)
