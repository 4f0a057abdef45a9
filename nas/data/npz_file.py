"""Reads and checks a data set's .npz file: x_train, y_train, x_test, y_test."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.in_memory import Arrays
from nas.errors import UserError

KEYS = ("x_train", "y_train", "x_test", "y_test")


def read_npz(path: Path, num_classes: int | None = None) -> Arrays:
    """The arrays of a file, as uint8 `(number, height, width, channels)` and int64 `(number,)`.

    Args:
        path: images may lack the channel axis; labels may be any integers from 0.
        num_classes: labels must be below it; None takes the largest training label plus 1.

    Raises:
        UserError: the file is missing or damaged, or an array has a wrong shape, type or value.
    """
    found = _raw(path)
    images = {key: _images(path, key, found[key]) for key in ("x_train", "x_test")}
    labels = {key: _labels(path, key, found[key]) for key in ("y_train", "y_test")}
    for part in ("train", "test"):
        x, y = images[f"x_{part}"], labels[f"y_{part}"]
        if len(x) != len(y):
            raise UserError(f"{path} holds {len(x)} images in x_{part}, but {len(y)} labels in y_{part}")
    if images["x_train"].shape[1:] != images["x_test"].shape[1:]:
        raise UserError(
            f"{path} holds training images of shape {images['x_train'].shape[1:]}, but test images of shape "
            f"{images['x_test'].shape[1:]}"
        )
    if num_classes is None:
        num_classes = int(labels["y_train"].max()) + 1
    for key, array in labels.items():
        outside = array[(array < 0) | (array >= num_classes)]
        if len(outside):
            raise UserError(f"{path} holds the label {outside[0]} in {key}, allowed are 0 to {num_classes - 1}")
    return Arrays(images["x_train"], labels["y_train"], images["x_test"], labels["y_test"])


def _raw(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise UserError(f"there is no file {path}: it must be an .npz file with the arrays {', '.join(KEYS)}")
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [key for key in KEYS if key not in file.files]
            if missing:
                raise UserError(f"{path} lacks {', '.join(missing)}, it must hold the arrays {', '.join(KEYS)}")
            return {key: file[key] for key in KEYS}
    except UserError:
        raise
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(f"{path} cannot be read as an .npz file of plain arrays: {error}") from error


def _images(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype != np.uint8 or array.ndim not in (3, 4) or 0 in array.shape:
        raise UserError(
            f"{path} holds {array.dtype} of shape {array.shape} in {key}, it must be uint8 images of shape "
            "(number, height, width, channels), at least one"
        )
    return array if array.ndim == 4 else array[..., np.newaxis]


def _labels(path: Path, key: str, array: NDArray[Any]) -> NDArray[np.int64]:
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise UserError(
            f"{path} holds {array.dtype} of shape {array.shape} in {key}, it must be whole numbers of shape (number,)"
        )
    return array.astype(np.int64)
