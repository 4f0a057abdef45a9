"""Decodes images once, into one uint8 array of a size. Torch-free, also in the processes that decode."""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL.Image import Image

from nas.data.central_crop import central_crop
from nas.data.image_file import Undecodable
from nas.data.prepared.manifest import Piece
from nas.data.prepared.packed_images import IMAGES_FILE
from nas.preparing.draft import Finished

Decode = Callable[[str], Image]


@dataclass(frozen=True, kw_only=True)
class PackUnit:
    """A stretch of rows.

    Attributes:
        number: of the unit.
        folder: holds the array.
        offset: in bytes, of the first row in its file.
        first: number of the first row.
        paths: of the image files.
        image_size: in pixels.
        central_fraction: see `central_crop`.
        decode: opens a file as an RGB image.
    """

    number: int
    folder: Path
    offset: int
    first: int
    paths: tuple[str, ...]
    image_size: int
    central_fraction: float
    decode: Decode

    @property
    def num_files(self) -> int:
        return len(self.paths)


def array_header(num_images: int, image_size: int) -> bytes:
    """What comes before the pixels in a `.npy` file of uint8 `(num_images, image_size, image_size, 3)`."""
    header = BytesIO()
    shape = (num_images, image_size, image_size, 3)
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return header.getvalue()


def reserve_array(folder: Path, num_images: int, image_size: int) -> Piece:
    """Makes the array's file in its whole length, which finds out whether the disk has the space.

    Returns:
        The header's piece.

    Raises:
        OSError: it has not.
    """
    header = array_header(num_images, image_size)
    with (folder / IMAGES_FILE).open("r+b" if (folder / IMAGES_FILE).exists() else "w+b") as file:
        length = len(header) + num_images * image_size * image_size * 3
        if os.fstat(file.fileno()).st_size != length:
            _allocate(file.fileno(), length)
        file.write(header)
        file.flush()
        os.fsync(file.fileno())
    return len(header), sha256(header).hexdigest()


def pack_units(
    folder: Path, paths: Sequence[str], image_size: int, central_fraction: float, chunk: int, decode: Decode
) -> list[PackUnit]:
    """The work, in stretches of `chunk` images."""
    header, row = len(array_header(len(paths), image_size)), image_size * image_size * 3
    return [
        PackUnit(
            number=number,
            folder=folder,
            offset=header + first * row,
            first=first,
            paths=tuple(paths[first : first + chunk]),
            image_size=image_size,
            central_fraction=central_fraction,
            decode=decode,
        )
        for number, first in enumerate(range(0, len(paths), chunk))
    ]


def pack(unit: PackUnit) -> Finished:
    """Decodes a unit's images into their rows; a broken one leaves its row black.

    Raises:
        OSError: the array cannot be written.
    """
    size = unit.image_size
    rows = np.zeros((len(unit.paths), size, size, 3), np.uint8)
    broken = []
    for place, path in enumerate(unit.paths):
        try:
            rows[place] = np.asarray(central_crop(unit.decode(path), size, unit.central_fraction))
        except Undecodable as error:
            broken.append((unit.first + place, str(error)))
    with (unit.folder / IMAGES_FILE).open("r+b", buffering=0) as file:
        view, offset = rows.data.cast("B"), unit.offset
        while view:
            written = os.pwrite(file.fileno(), view, offset)
            view, offset = view[written:], offset + written
        os.fsync(file.fileno())
    piece = (rows.nbytes, sha256(rows.data).hexdigest())
    return Finished(unit.number, {IMAGES_FILE: (piece,)}, tuple(broken))


def _allocate(descriptor: int, length: int) -> None:
    """Reserves the bytes where the file system can; elsewhere a full disk shows when it is full."""
    os.ftruncate(descriptor, length)
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(descriptor, 0, length)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
            os.ftruncate(descriptor, 0)
            raise
