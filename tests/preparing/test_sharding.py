"""Shards hold the files as they are: whoever reads them sees the batches of the folder."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest
import torch

from nas.data.augmentation import Augmentation
from nas.data.batches import evaluation_batches, training_batches
from nas.data.image_folder import ImageFolder
from nas.data.prepared import shard_images
from nas.data.prepared.manifest import Manifest
from nas.errors import UserError
from tests.preparing.conftest import TOTAL, dataset, preparation, prepared, run, sentence

CPU = torch.device("cpu")
AUGMENTATION = Augmentation(crop_padding=0, flip=True, cutout=0)


@pytest.fixture
def shards(root: Path) -> Path:
    pytest.importorskip("litdata", reason="the extra `shards` is not installed")
    return prepared(root, format="shards", chunk=25)


def training(found: ImageFolder, epoch: int, **options: Any) -> Any:
    made = training_batches(
        found,
        **{"batch_size": 8, "drop_last": False, "seed": 1, "device": CPU} | options,
        augmentation=AUGMENTATION,
    )
    made.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
    return made


def test_batches_are_those_of_the_folder(root: Path, shards: Path) -> None:
    folder, sharded = dataset(root), dataset(root, "dataset.shards=auto")
    assert sharded.prepared is not None
    assert sharded.identity() == folder.identity()
    for ours, theirs in zip(training(sharded, 1), training(folder, 1), strict=True):
        assert torch.equal(ours[0], theirs[0])
        assert torch.equal(ours[1], theirs[1])
    options: dict[str, Any] = {"batch_size": 5, "device": CPU}
    pairs = zip(
        evaluation_batches(sharded, sharded.load().test, **options),
        evaluation_batches(folder, folder.load().test, **options),
        strict=True,
    )
    assert all(torch.equal(ours[0], theirs[0]) for ours, theirs in pairs)


def test_workers_and_ranks_read_their_share_and_go_on_within_an_epoch(root: Path, shards: Path) -> None:
    found = dataset(root, "dataset.shards=auto")
    whole = [images for images, _ in training(found, 2)]
    halves = [training(found, 2, rank=rank, world_size=2, loader_workers=1) for rank in (0, 1)]
    for rank, half in enumerate(halves):
        half.skip(2)
        rest = [images for images, _ in half]
        assert len(rest) == len(whole) - 2
        assert all(torch.equal(images[rank::2], ours) for images, ours in zip(whole[2:], rest, strict=True))


def test_prepared_again_it_has_the_same_checksum(root: Path, shards: Path, tmp_path: Path) -> None:
    again = prepared(root, f"dataset.shards={tmp_path}/again", format="shards", chunk=25, workers=2)
    assert Manifest.read(again).checksum == Manifest.read(shards).checksum
    assert preparation(root, format="shards").verify().source["files"] == TOTAL


def test_broken_files_are_left_out(root: Path) -> None:
    pytest.importorskip("litdata", reason="the extra `shards` is not installed")
    (path, *_) = sorted((root / "train" / "n00000001").iterdir())
    path.write_bytes(b"no image")
    done = run(root, "format=shards")
    assert done.returncode == 0, done.stderr
    assert f"left out: train/n00000001/{path.name}" in done.stderr
    assert dataset(root, "dataset.shards=auto").num_images == TOTAL - 12 - 1


def test_without_the_library_it_is_one_sentence(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(shard_images, "version", missing)
    with pytest.raises(UserError, match=r"shards need the package litdata: pip install 'nas-evolve\[shards\]'"):
        prepared(root, format="shards")


def test_shards_that_are_not_there(root: Path) -> None:
    with pytest.raises(UserError, match=r"python -m nas.prepare makes it"):
        dataset(root, f"dataset.shards={root}/nowhere")
    assert dataset(root, "dataset.shards=auto").prepared is None
    assert "verify=true" not in sentence(run(root, "format=shards", "shard_mb=0"))
