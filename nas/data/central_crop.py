"""The rule by which an image of any size gets the size of a network's input in evaluation. Torch-free."""

from PIL.Image import Image, Resampling


def central_crop(image: Image, size: int, central_fraction: float) -> Image:
    """The shorter side resized, bilinear with antialiasing, to `size / central_fraction`, then the centre cropped.

    Pixels are those of torchvision's `Resize(..., antialias=True)` and `CenterCrop`, which workers that only decode
    need not load.

    Args:
        image: RGB.
        size: height and width of the result.
        central_fraction: share of the shorter side that it shows, above 0 and at most 1.
    """
    shorter = int(size / central_fraction + 0.5)
    width, height = image.size
    longer = int(shorter * max(image.size) / min(image.size))
    scaled = (shorter, longer) if width <= height else (longer, shorter)
    if scaled != image.size:
        image = image.resize(scaled, Resampling.BILINEAR)
    left, top = (round((side - size) / 2) for side in scaled)
    return image.crop((left, top, left + size, top + size))
