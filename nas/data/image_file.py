"""One image file to upright RGB, whatever it holds, and what was unusual about it. Torch-free."""

import struct
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nas.data.findings import TRAITS

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".ppm", ".pgm", ".tif", ".tiff")
BACKGROUND = (255, 255, 255)  # white: what transparent images are usually looked at on

_SIXTEEN_BIT = ("I", "I;16", "I;16B", "I;16L", "I;16N")
_SIXTEEN_TO_EIGHT = 257  # 65535 / 255
_GRAY = ("1", "L", "LA", "La", *_SIXTEEN_BIT)
_ORIENTATION, _UPRIGHT = 0x0112, 1  # EXIF's tag, and its value for an image that needs no turning
# What Pillow's readers raise at bytes that are not what they expect.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
)


class Undecodable(Exception):
    """Why a file is no image that can be used, in a few words."""


def is_image_name(name: str) -> bool:
    """Whether a file is an image by its ending."""
    return name.lower().endswith(EXTENSIONS)


def decode(path: str | Path | BytesIO) -> Image.Image:
    """The first picture of a file, or of its bytes, in mode RGB, turned as its EXIF data says.

    Transparent pixels are laid over white, 16-bit grays scaled to 8 bits, gray, palette and CMYK converted.

    Raises:
        Undecodable: the file is missing, broken or of a kind that has no 8-bit form.
    """
    try:
        with Image.open(path) as image:
            return to_rgb(ImageOps.exif_transpose(image))
    except _BROKEN as error:
        raise Undecodable(_reason(error)) from error


def decode_plainly(path: str | Path | BytesIO) -> Image.Image:
    """The first picture of a file, or of its bytes, in mode RGB, as it lies there and without its transparency.

    Raises:
        Undecodable: the file is missing or broken.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except _BROKEN as error:
        raise Undecodable(_reason(error)) from error


def pixels(path: str | Path) -> NDArray[np.uint8]:
    """As `decode`, as uint8 `(height, width, 3)`."""
    return np.array(decode(path), np.uint8)


def to_rgb(image: Image.Image) -> Image.Image:
    """An opened image in mode RGB, see `decode`.

    Raises:
        ValueError: its pixels are floats, whose range nobody knows.
    """
    if image.mode == "F":
        raise ValueError("its pixels are floats, there must be 8 or 16 bits")
    if image.mode in _SIXTEEN_BIT:
        values = np.clip(np.asarray(image, np.int64), 0, 65535)
        image = Image.fromarray(((values + _SIXTEEN_TO_EIGHT // 2) // _SIXTEEN_TO_EIGHT).astype(np.uint8))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, (*BACKGROUND, 255)), layer).convert("RGB")
    return image.convert("RGB")


def traits(content: bytes) -> tuple[str, ...]:
    """What is unusual about an image, in words of `findings.TRAITS`; decodes it to find out that it can be.

    Args:
        content: the file's bytes.

    Raises:
        Undecodable: it cannot be.
    """
    if not content:
        raise Undecodable("the file is empty")
    try:
        with Image.open(BytesIO(content)) as image:
            found = _traits(image)
            if image.format == "JPEG":
                image.draft(None, (1, 1))  # an eighth of the size: reads the whole file all the same
            image.load()
    except _BROKEN as error:
        raise Undecodable(_reason(error)) from error
    if image.mode == "F":
        raise Undecodable("its pixels are floats, there must be 8 or 16 bits")
    return found


def _traits(image: Image.Image) -> tuple[str, ...]:
    is_deep = image.mode in _SIXTEEN_BIT or _is_sixteen_bit_colour(image)  # before EXIF: a PNG is decoded for that
    has = {
        "turned": image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT,
        "cmyk": image.mode == "CMYK",
        "alpha": image.has_transparency_data,
        "16-bit": is_deep,
        "gray": image.mode in _GRAY,
        "palette": image.mode == "P",
    }
    return tuple(word for word in TRAITS if has[word])


def _is_sixteen_bit_colour(image: Image.Image) -> bool:
    """Pillow opens PNG of 16 bits a channel as RGB of 8; only its decoder's name tells."""
    return any(isinstance(tile[3], str) and ";16" in tile[3] for tile in getattr(image, "tile", ()))


def _reason(error: BaseException) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "no image"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
