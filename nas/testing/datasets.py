"""What every data set must hold."""

import hashlib
import json
import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nas.data.dataset import Dataset
from nas.data.parts import Images, Part
from nas.data.prepared.shard_images import ShardImages
from nas.search.identity import identity_of
from nas.testing.processes import elsewhere
from nas.testing.rules import rule


class DatasetSuite(ABC):
    """Subclass it as `TestMyDataset`; a few hundred images are enough."""

    @abstractmethod
    def make(self) -> Dataset:
        """The data set under test; importable, so that a fresh process can make it too."""

    def digests(self) -> dict[str, str]:
        """Of every part, for comparisons between processes."""
        parts = self.make().load()
        return {name: _digest(getattr(parts, name)) for name in ("train", "valid", "selection", "test")}

    @rule("a data set extends Dataset, and its parts have the sizes that it says")
    def test_parts_have_their_sizes(self) -> None:
        dataset = self.make()
        assert isinstance(dataset, Dataset), f"{type(dataset).__name__} is no Dataset"
        parts, sizes = dataset.load(), dataset.sizes
        found = (len(parts.train), len(parts.valid), len(parts.selection))
        assert found == (sizes.train, dataset.num_valid, dataset.num_selection), f"train, valid, selection have {found}"
        assert len(parts.test) > 0, "the test part is empty"

    @rule("images are uint8 (number, height, width, channels) of image_shape, or paths; labels are int64, one for each")
    def test_images_and_labels_have_their_form(self) -> None:
        dataset = self.make()
        channels, height, width = dataset.image_shape
        parts = dataset.load()
        for name in ("train", "valid", "selection", "test"):
            part: Part = getattr(parts, name)
            assert part.labels.dtype == np.int64, f"labels of {name} are {part.labels.dtype}"
            assert len(part.images) == len(part.labels), f"{name} has {len(part.images)} images"
            if isinstance(part.images, np.ndarray) and len(part):
                assert part.images.dtype == np.uint8, f"images of {name} are {part.images.dtype}"
                assert part.images.shape[1:] == (height, width, channels), f"images of {name}: {part.images.shape}"
        assert len(parts.mean) == len(parts.std) == channels, "mean and std have a number for each channel"

    @rule("labels run from 0 to num_classes - 1, and every class is trained on")
    def test_labels_are_classes(self) -> None:
        dataset = self.make()
        parts = dataset.load()
        for name in ("train", "valid", "selection", "test"):
            labels = getattr(parts, name).labels
            assert not len(labels) or 0 <= labels.min() <= labels.max() < dataset.num_classes, f"in {name}"
        missing = set(range(dataset.num_classes)) - set(parts.train.labels.tolist())
        assert not missing, f"train lacks {sorted(missing)[:5]}"

    @rule("a fraction takes from the training part alone, and validation keeps its images")
    def test_a_fraction_leaves_validation_as_it_is(self) -> None:
        dataset = self.make()
        half = replace(dataset, fraction=dataset.fraction / 2)
        assert half.num_train < dataset.num_train
        assert _digest(half.load().valid) == _digest(dataset.load().valid)

    @rule("every process loads the same images in the same order")
    def test_a_fresh_process_loads_the_same(self) -> None:
        assert elsewhere(self, "digests", hash_seed=12345) == self.digests()

    @rule("its identity is plain data with the content's fingerprint, travels with it, and tells fractions apart")
    def test_it_has_an_identity(self) -> None:
        dataset = self.make()
        identity = identity_of(dataset)
        json.dumps(identity, allow_nan=False)
        assert identity["fingerprint"] == dataset.fingerprint()
        assert identity_of(pickle.loads(pickle.dumps(dataset))) == identity
        assert identity_of(replace(dataset, fraction=dataset.fraction / 2)) != identity


def _digest(part: Part) -> str:
    digest = hashlib.sha256(part.labels.tobytes())
    images = part.images
    for content in _contents(images):
        digest.update(content)
    return digest.hexdigest()


def _contents(images: Images) -> Iterator[bytes]:
    if isinstance(images, ShardImages):
        yield from (images.content(index).getvalue() for index in range(len(images)))
    elif isinstance(images, list):
        yield from (path.encode() + b"\n" for path in images)
    else:
        yield images[np.arange(len(images))].tobytes()
