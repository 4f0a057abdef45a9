"""Batches for training and evaluation: of a part in memory, or of image files.

What comes is `(images, labels)`: float `(batch, channels, height, width)`, with mean 0 and deviation 1 per channel over
the training part, and int64 `(batch,)`, both on the device.
"""

from collections.abc import Iterable, Iterator, Sized
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nas.data.augmentation import Augmentation
from nas.data.dataset import Dataset
from nas.data.epoch import EpochDraws
from nas.data.image_folder import ImageFolder
from nas.data.parts import Part, Parts
from nas.data.prepared.packed_images import PackedImages
from nas.data.prepared.shard_images import ShardImages
from nas.data.transforms import crop, cut_out, mirror

Batch = tuple[Tensor, Tensor]


class Batches(Iterable[Any], Sized, Protocol):
    """An iterable of batches that knows how many there are."""


class EpochBatches(Batches, Protocol):
    """Those of one epoch after another."""

    def skip(self, batches: int) -> None:
        """Leaves so many out of the next epoch: a training that goes on has seen them."""


def training_batches(
    dataset: Dataset,
    *,
    batch_size: int,
    drop_last: bool,
    augmentation: Augmentation,
    seed: int,
    device: torch.device,
    hold_on_device: bool = True,
    channels_last: bool = False,
    loader_workers: int = 0,
    rank: int = 0,
    world_size: int = 1,
) -> EpochBatches:
    """The training part, anew in another order every epoch.

    Args:
        batch_size: over all ranks; of a global batch, a rank gets every `world_size`-th image.
        drop_last: leaves out an epoch's last images where they do not fill a batch, other ones every epoch.
        augmentation: applied if the data set allows it (`Dataset.flip`).
        seed: the training seed; with the epoch it decides every random number.
        device: where batches come.
        hold_on_device: keeps all images there, as uint8.
        channels_last: memory format.
        loader_workers: processes that decode image files; 0 decodes in this one.
    """
    parts = dataset.load()
    allowed = Augmentation(
        crop_padding=augmentation.crop_padding, flip=augmentation.flip and dataset.flip, cutout=augmentation.cutout
    )
    if isinstance(dataset, ImageFolder) and not dataset.is_packed:
        from nas.data.folder_batches import FolderTrainingBatches

        return FolderTrainingBatches(
            dataset, parts, batch_size, drop_last, allowed, seed, loader_workers, rank, world_size
        )
    source = ImageSource(parts, parts.train, device, hold_on_device, channels_last)
    return TrainingBatches(source, batch_size, drop_last, allowed, seed, rank, world_size)


def evaluation_batches(
    dataset: Dataset,
    part: Part,
    *,
    batch_size: int,
    device: torch.device,
    hold_on_device: bool = True,
    channels_last: bool = False,
    loader_workers: int = 0,
    rank: int = 0,
    world_size: int = 1,
) -> Batches:
    """A part in its own order, without augmentation and to the last image; a rank gets every `world_size`-th."""
    if isinstance(dataset, ImageFolder) and not dataset.is_packed:
        from nas.data.folder_batches import folder_evaluation_batches

        return folder_evaluation_batches(dataset, part, batch_size, loader_workers, rank, world_size)
    source = ImageSource(dataset.load(), part, device, hold_on_device, channels_last)
    return EvaluationBatches(source, batch_size, rank, world_size)


class ImageSource:
    """A part's images as tensors, and how they become network input."""

    def __init__(
        self, parts: Parts, part: Part, device: torch.device, hold_on_device: bool, channels_last: bool
    ) -> None:
        assert not isinstance(part.images, list | ShardImages)
        self.storage = device if hold_on_device else torch.device("cpu")
        self.images = _stored(part.images, self.storage)
        self.labels = torch.from_numpy(part.labels).to(self.storage)
        self.device = device
        self.channels_last = channels_last
        self.mean = torch.tensor(parts.mean, device=device) * 255
        self.inverse_std = 1 / (torch.tensor(parts.std, device=device) * 255)

    def take(self, chosen: Tensor) -> Batch:
        """The images at these places, uint8 `(batch, height, width, channels)`, with labels, on the device.

        Args:
            chosen: int64 `(batch,)`, in the storage.
        """
        if isinstance(self.images, PackedImages):
            images = torch.from_numpy(self.images[chosen.numpy()])
        else:
            images = self.images[chosen]
        return images.to(self.device, non_blocking=True), self.labels[chosen].to(self.device, non_blocking=True)

    def normalised(self, images: Tensor) -> Tensor:
        """uint8 to float with mean 0 and deviation 1, both `(batch, height, width, channels)`."""
        return images.float().sub_(self.mean).mul_(self.inverse_std)

    def as_input(self, images: Tensor) -> Tensor:
        """`(batch, height, width, channels)` to `(batch, channels, height, width)` in the wanted memory format."""
        wanted = torch.channels_last if self.channels_last else torch.contiguous_format
        return images.permute(0, 3, 1, 2).contiguous(memory_format=wanted)


class TrainingBatches:
    """Shuffled and augmented batches of one epoch; Lightning sets the epoch."""

    def __init__(
        self,
        source: ImageSource,
        batch_size: int,
        drop_last: bool,
        augmentation: Augmentation,
        seed: int,
        rank: int,
        world_size: int,
    ) -> None:
        self._source = source
        self._batch_size = batch_size
        self._augmentation = augmentation
        self._seed = seed
        self._rank, self._world_size = rank, world_size
        self._epoch = self._skipped = 0
        number = len(source.labels)
        self._end = number - number % batch_size if drop_last else number

    @property
    def sampler(self) -> "TrainingBatches":
        """Where Lightning looks for `set_epoch`, which it calls before every epoch."""
        return self

    def set_epoch(self, epoch: int) -> None:
        """Makes the next iteration that of `epoch`, from 0."""
        self._epoch = epoch

    def skip(self, batches: int) -> None:
        self._skipped = batches

    def __len__(self) -> int:
        return -(-self._end // self._batch_size)

    def __iter__(self) -> Iterator[Batch]:
        source = self._source
        height, width = source.images.shape[1:3]
        draws = EpochDraws.draw(len(source.labels), (height, width), self._augmentation, self._seed, self._epoch)
        order = draws.order.to(source.storage)
        draws = draws.to(source.device)
        first, self._skipped = self._skipped * self._batch_size, 0
        for start in range(first, self._end, self._batch_size):
            share = slice(start + self._rank, min(start + self._batch_size, self._end), self._world_size)
            images, labels = source.take(order[share])
            yield source.as_input(self._augmented(images, draws, share)), labels

    def _augmented(self, images: Tensor, draws: EpochDraws, share: slice) -> Tensor:
        options = self._augmentation
        if options.crop_padding:
            images = crop(images, options.crop_padding, draws.corners[share])
        if options.flip:
            images = mirror(images, draws.mirrored[share])
        floats = self._source.normalised(images)
        return cut_out(floats, options.cutout, draws.centres[share]) if options.cutout else floats


class EvaluationBatches:
    """Every image of a part once, in order."""

    def __init__(self, source: ImageSource, batch_size: int, rank: int, world_size: int) -> None:
        self._source = source
        self._batch_size = batch_size
        self._places = torch.arange(rank, len(source.labels), world_size, device=source.storage)

    def __len__(self) -> int:
        return -(-len(self._places) // self._batch_size)

    def __iter__(self) -> Iterator[Batch]:
        source = self._source
        for places in self._places.split(self._batch_size):
            images, labels = source.take(places)
            yield source.as_input(source.normalised(images)), labels


def _stored(images: NDArray[np.uint8] | PackedImages, storage: torch.device) -> Tensor | PackedImages:
    """Mapped images stay where they are, unless the storage is a device with memory of its own."""
    if not isinstance(images, PackedImages):
        return torch.from_numpy(images).to(storage)
    return images if storage.type == "cpu" else torch.from_numpy(images[np.arange(len(images))]).to(storage)
