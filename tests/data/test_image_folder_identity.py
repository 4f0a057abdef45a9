"""A folder of images is known by its content, and by that alone."""

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nas.data.imagenet import ImageNet
from nas.errors import UserError
from tests.helpers.photos import (
    CLASSES,
    COMMON,
    folder,
    fresh,
    make_photos,
    write,
)


def test_what_is_known_of_a_file_is_kept_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = make_photos(tmp_path / "set", 4), str(tmp_path / "cache")
    (root / "red/009.png").write_bytes(b"x")
    options: dict[str, Any] = {"cache": cache, "num_valid": 3, "num_test": 3}
    first = folder(root, **options).listing
    assert [finding.name for finding in first.findings] == ["red/009.png"]
    read: list[Path] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or real(path))
    fresh()
    assert folder(root, **options).listing.fingerprint == first.fingerprint
    assert read == []
    (root / "red/000.png").write_bytes(real(root / "red/001.png") + b" ")
    fresh()
    assert folder(root, **options).listing.fingerprint != first.fingerprint
    assert read == [root / "red/000.png"]
    for damage in ("{", "[]", '{"version": 1, "files": {"red/001.png": 1}}'):
        next(Path(cache).iterdir()).write_text(damage)
        fresh()
        assert len(folder(root, **options).listing.files) == 12


def test_identity_is_the_content_wherever_it_lies(tmp_path: Path) -> None:
    here, there = make_photos(tmp_path / "a", 8), make_photos(tmp_path / "b", 8)
    assert folder(here, max_broken=0.5).identity() == folder(there, cache=str(tmp_path / "c")).identity()
    data = bytearray((there / "red/000.png").read_bytes())
    data[-20] ^= 1  # same name and size
    (there / "red/000.png").write_bytes(data)
    fresh()
    assert folder(here).fingerprint() != folder(there, max_broken=0.5).fingerprint()


def test_a_root_is_the_same_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_photos(tmp_path / "set", 8)
    monkeypatch.chdir(root)
    written = [folder(Path(path)) for path in (str(root), ".", f"../{root.name}/", "./")]
    assert len({dataset.fingerprint() for dataset in written}) == 1
    assert {file.name for file in written[1].listing.files} == {file.name for file in written[0].listing.files}
    assert all(Path(path).is_file() for path in written[1].load().train.images)


def test_imagenets_identity_is_what_journals_have_always_had(tmp_path: Path) -> None:
    make_photos(tmp_path / "set", 8, "train")
    make_photos(tmp_path / "set", 3, "val", start=100)
    write(tmp_path / "set/train/red/notes.txt", b"passed over")
    (tmp_path / "set/test").mkdir()
    options = {key: value for key, value in COMMON.items() if key not in ("max_broken", "num_test")}
    dataset = ImageNet(root=str(tmp_path / "set"), **(options | {"num_valid": 6}))
    digest = sha256()  # as before there was `check`: part/class/file and size, by class
    for part in ("train", "val"):
        for name in CLASSES:
            for path in sorted((tmp_path / "set" / part / name).glob("*.png")):
                digest.update(f"{part}/{name}/{path.name} {path.stat().st_size}\n".encode())
    assert dataset.identity() == {
        "name": "imagenet",
        **(options | {"num_valid": 6}),
        "fingerprint": digest.hexdigest()[:32],
    }
    sizes = [len(part) for part in (dataset.load().train, dataset.load().valid, dataset.load().test)]
    assert sizes == [18, 6, 9]
    shutil.rmtree(tmp_path / "set/val")
    fresh()
    with pytest.raises(UserError, match=r"there is no folder .*/val"):
        _ = dataset.division
