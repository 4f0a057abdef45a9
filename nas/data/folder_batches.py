"""Batches of image files, decoded and transformed one by one by a DataLoader."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import torch
from PIL.Image import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from nas.data.augmentation import Augmentation
from nas.data.image_file import Undecodable
from nas.data.image_folder import ImageFolder
from nas.data.parts import Part, Parts
from nas.data.prepared.shard_images import ShardImages
from nas.data.seeds import derived_seed
from nas.errors import UserError

Drawn = tuple[int, int]  # seed of the image's augmentation, index of the image


class FolderTrainingBatches:
    """As `nas.data.batches.training_batches`, but on the CPU.

    An image's augmentation follows from the training seed, the epoch and its own index, so any number of decoding
    processes gives the same. Instead of the crop of `augmentation` there is one of random size and place, as usual for
    photographs; flip and cutout are as they are.
    """

    def __init__(
        self,
        dataset: ImageFolder,
        parts: Parts,
        batch_size: int,
        drop_last: bool,
        augmentation: Augmentation,
        seed: int,
        loader_workers: int,
        rank: int,
        world_size: int,
    ) -> None:
        size = dataset.image_shape[1]
        steps: list[Any] = [v2.RandomResizedCrop(size, scale=(dataset.least_crop, 1.0), antialias=True)]
        if augmentation.flip:
            steps.append(v2.RandomHorizontalFlip())
        steps.extend(_to_normalised(dataset))
        if augmentation.cutout:
            steps.append(_Cutout(augmentation.cutout))
        self.sampler = EpochSampler(len(parts.train), batch_size, drop_last, seed, rank, world_size)
        self._loader = DataLoader(
            ImageFiles(parts.train, dataset.decode, v2.Compose(steps)),
            batch_sampler=self.sampler,
            num_workers=loader_workers,
            persistent_workers=loader_workers > 0,
            multiprocessing_context="forkserver" if loader_workers else None,
            generator=torch.Generator(),  # or iterating draws from the source that dropout uses
        )

    def skip(self, batches: int) -> None:
        self.sampler.skip(batches)

    def __len__(self) -> int:
        return len(self.sampler)

    def __iter__(self) -> Iterator[Any]:
        """Asks for the first file when the first batch is wanted: by then the epoch is known."""
        yield from self._loader


def folder_evaluation_batches(
    dataset: ImageFolder, part: Part, batch_size: int, loader_workers: int, rank: int, world_size: int
) -> "DataLoader[Any]":
    """As `nas.data.batches.evaluation_batches`, but on the CPU: the shorter side resized, the centre cropped."""
    size = dataset.image_shape[1]
    shorter = int(size / dataset.central_fraction + 0.5)
    transform = v2.Compose([v2.Resize(shorter, antialias=True), v2.CenterCrop(size), *_to_normalised(dataset)])
    indices = range(rank, len(part), world_size)
    return DataLoader(
        ImageFiles(part, dataset.decode, transform),
        batch_size=batch_size,
        sampler=[(0, index) for index in indices],
        num_workers=loader_workers,
        multiprocessing_context="forkserver" if loader_workers else None,
    )


class ImageFiles(Dataset[tuple[Tensor, int]]):
    """Decoded and transformed images of a part."""

    def __init__(self, part: Part, decode: Callable[[str | BytesIO], Image], transform: v2.Transform) -> None:
        self._part = part
        self._decode = decode
        self._transform = transform

    def __getitem__(self, drawn: Drawn) -> tuple[Tensor, int]:
        """The image as float `(channels, height, width)` and its label.

        Raises:
            UserError: the file is no image.
        """
        seed, index = drawn
        image = self._decoded(index)
        with torch.random.fork_rng(devices=[]):  # torchvision's transforms draw from the global generator
            torch.default_generator.manual_seed(seed)
            return self._transform(image), int(self._part.labels[index])

    def __len__(self) -> int:
        return len(self._part)

    def _decoded(self, index: int) -> Image:
        images = self._part.images
        assert isinstance(images, list | ShardImages)
        try:
            return self._decode(images[index] if isinstance(images, list) else images.content(index))
        except Undecodable as error:
            name = images[index] if isinstance(images, list) else images.name(index)
            raise UserError(f"{name} cannot be decoded: {error}") from error


class EpochSampler:
    """A rank's batches of one epoch; Lightning sets the epoch of what its loader calls `sampler`."""

    def __init__(self, number: int, batch_size: int, drop_last: bool, seed: int, rank: int, world_size: int) -> None:
        self._number = number
        self._batch_size = batch_size
        self._end = number - number % batch_size if drop_last else number
        self._seed = seed
        self._rank, self._world_size = rank, world_size
        self._epoch = self._skipped = 0

    def set_epoch(self, epoch: int) -> None:
        """Makes the next iteration that of `epoch`, from 0."""
        self._epoch = epoch

    def skip(self, batches: int) -> None:
        """Leaves so many out of the next iteration."""
        self._skipped = batches

    def __len__(self) -> int:
        return -(-self._end // self._batch_size)

    def __iter__(self) -> Iterator[list[Drawn]]:
        source = torch.Generator().manual_seed(derived_seed(self._seed, "order", self._epoch))
        order = torch.randperm(self._number, generator=source).tolist()
        first, self._skipped = self._skipped * self._batch_size, 0
        for start in range(first, self._end, self._batch_size):
            share = order[start + self._rank : min(start + self._batch_size, self._end) : self._world_size]
            yield [(derived_seed(self._seed, "image", self._epoch, index), index) for index in share]


class _Cutout:
    def __init__(self, side: int) -> None:
        self._side = side

    def __call__(self, image: Tensor) -> Tensor:
        from nas.data.transforms import cut_out

        centre = torch.stack([torch.randint(side, (1,)) for side in image.shape[1:]], 1)
        return cut_out(image.permute(1, 2, 0)[None], self._side, centre)[0].permute(2, 0, 1)


def _to_normalised(dataset: ImageFolder) -> list[Any]:
    return [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(list(dataset.mean), list(dataset.std))]
