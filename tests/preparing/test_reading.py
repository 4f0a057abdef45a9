"""What was prepared is used where it is there, says so in the identity, and is refused once it does not fit."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.data.augmentation import Augmentation
from nas.data.batches import ImageSource, TrainingBatches, evaluation_batches, training_batches
from nas.data.class_names import class_names
from nas.data.image_folder import ImageFolder
from nas.data.parts import Part
from nas.data.prepared import opening
from nas.data.prepared.manifest import MANIFEST_FILE
from nas.data.prepared.packed_images import PackedImages
from nas.data.preprocessing import Preprocessing
from nas.errors import UserError
from tests.preparing.conftest import TOTAL, dataset, preparation, prepared, run, sentence

CPU = torch.device("cpu")
AUGMENTATION = Augmentation(crop_padding=4, flip=True, cutout=8)


def training(found: ImageFolder, **options: Any) -> list[Any]:
    made = training_batches(
        found,
        **{"batch_size": 8, "drop_last": False, "seed": 1, "device": CPU} | options,
        augmentation=AUGMENTATION,
    )
    return list(made)


def test_batches_are_those_of_the_same_pixels_in_memory(root: Path) -> None:
    prepared(root)
    found = dataset(root)
    parts = found.load()
    assert isinstance(parts.train.images, PackedImages)
    in_memory = Part(parts.train.images[np.arange(len(parts.train))], parts.train.labels)
    source = ImageSource(parts, in_memory, CPU, True, False)
    expected = TrainingBatches(source, 8, False, AUGMENTATION, 1, 0, 1)
    for (images, labels), (their_images, their_labels) in zip(training(found), expected, strict=True):
        assert torch.equal(images, their_images)
        assert torch.equal(labels, their_labels)


def test_parts_are_those_of_the_files(root: Path) -> None:
    files = dataset(root).load()
    folder = prepared(root)
    packed = dataset(root).load()
    names = np.array((folder / "files.txt").read_text().splitlines())
    for part in ("train", "valid", "test"):
        theirs, ours = getattr(files, part), getattr(packed, part)
        assert [str(root / name) for name in names[ours.images.rows]] == theirs.images
        assert np.array_equal(ours.labels, theirs.labels)


def test_ranks_share_the_epoch_of_one_process(root: Path) -> None:
    prepared(root)
    whole = torch.cat([images for images, _ in training(dataset(root))])
    halves = [torch.cat([images for images, _ in training(dataset(root), rank=rank, world_size=2)]) for rank in (0, 1)]
    assert torch.equal(whole[0::2], halves[0])
    assert torch.equal(whole[1::2], halves[1])


def test_evaluation_sees_what_prediction_sees(root: Path) -> None:
    folder = prepared(root)
    found = dataset(root)
    test = found.load().test
    images = torch.cat([batch for batch, _ in evaluation_batches(found, test, batch_size=5, device=CPU)])
    assert isinstance(test.images, PackedImages)
    name = (folder / "files.txt").read_text().splitlines()[test.images.rows[3]]
    assert torch.allclose(images[3:4], Preprocessing.of(found)(root / name), atol=1e-6)


def test_identity_names_the_pixels_wherever_they_lie(root: Path, tmp_path: Path) -> None:
    files = dataset(root).identity()
    assert "pixels" not in files
    manifest = preparation(root).prepare(lambda sentence: None)
    packed = dataset(root).identity()
    assert packed == files | {"pixels": manifest.checksum}
    assert dataset(root, "dataset.packed=none").identity() == files
    moved = tmp_path / "elsewhere"
    root.with_name("imagenet-32px").rename(moved)
    root.rename(tmp_path / "gone")
    scratch = f"dataset.stage_to={tmp_path}/scratch"
    assert dataset(root, f"dataset.packed={moved}", scratch).identity() == packed
    assert class_names(dataset(root, f"dataset.packed={moved}")) == manifest.classes


def test_another_rule_is_another_identity(root: Path, tmp_path: Path) -> None:
    prepared(root)
    prepared(root, f"dataset.packed={tmp_path}/wider", central_fraction=0.875)
    wider = dataset(root, f"dataset.packed={tmp_path}/wider")
    assert wider.identity()["pixels"] != dataset(root).identity()["pixels"]
    assert Preprocessing.of(wider).central_fraction == 0.875
    assert Preprocessing.of(dataset(root)).central_fraction == 1.0


@pytest.mark.parametrize("known", [True, False])
def test_a_source_that_changed_is_refused(root: Path, known: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not known:  # as for a million files, which are not listed unless a folder has changed
        monkeypatch.setattr(opening, "LISTED_ANEW", 0)
    prepared(root)
    assert dataset(root).is_packed
    (path, *_) = (root / "train" / "n00000001").iterdir()
    path.rename(path.with_name("other.JPEG"))
    with pytest.raises(UserError, match=r"prepared from other files than .* holds now"):
        dataset(root)


def test_large_sources_are_not_listed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LISTED_ANEW", 0)
    prepared(root)
    monkeypatch.setattr(ImageFolder, "source_listing", lambda self: pytest.fail("it was listed"))
    assert dataset(root).num_images == TOTAL - 12


def test_damage_is_found_when_a_set_is_opened_and_every_byte_by_verify(root: Path) -> None:
    folder = prepared(root)
    images = folder / "images.npy"
    whole = images.read_bytes()
    images.write_bytes(whole[:-1])
    with pytest.raises(UserError, match=r"images.npy has .* bytes, its manifest says"):
        dataset(root)
    images.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert dataset(root, "dataset.split_seed=1").is_packed  # the cheap check does not read pixels
    assert "its checksum differs in the" in sentence(run(root, "verify=true"))
    images.write_bytes(whole)
    assert run(root, "verify=true").returncode == 0
    manifest = folder / MANIFEST_FILE
    manifest.write_text(manifest.read_text().replace("images.npy", "images.npz"))
    assert "has been changed, its checksum does not fit" in sentence(run(root, "verify=true"))
    manifest.write_text("{")
    assert "is damaged" in sentence(run(root, "verify=true"))
    manifest.write_text('{"format": 2}')
    assert "has format 2, this version reads up to 1" in sentence(run(root, "verify=true"))


def test_another_size_or_data_set_is_refused(root: Path) -> None:
    folder = prepared(root)
    with pytest.raises(UserError, match=r"holds images of 32 pixels, dataset.image_size is 48"):
        dataset(root, f"dataset.packed={folder}", "dataset.image_size=48")
    assert not dataset(root, "dataset.image_size=48").is_packed
    with pytest.raises(UserError, match="was prepared as packed of dataset=imagenet"):
        dataset(root, "dataset=image_folder", f"dataset.packed={folder}", "dataset.cache=null")
    with pytest.raises(UserError, match=r"dataset.packed is None, it must be auto, none or a path"):
        dataset(root, "dataset.packed=null")


def test_folders_of_the_users_own(root: Path) -> None:
    own = ["dataset=image_folder", "dataset.cache=null", "dataset.num_valid=0.2"]
    (root / "train" / "n00000000" / "broken.png").write_bytes(b"no image")
    files = dataset(root, *own).load()
    folder = prepared(root, *own)
    packed = dataset(root, *own)
    assert packed.is_packed
    names = np.array((folder / "files.txt").read_text().splitlines())
    rows = packed.load().valid.images.rows  # type: ignore[union-attr]
    assert [str(root / name) for name in names[rows]] == files.valid.images
    os.utime(root / "train" / "n00000000")
    assert dataset(root, *own, "dataset.split_seed=3").is_packed
