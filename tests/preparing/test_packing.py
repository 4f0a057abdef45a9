"""Images are packed once: the pixels of an evaluation, whatever interrupts it, and nothing that does not belong."""

import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import v2

from nas.data.central_crop import central_crop
from nas.data.image_file import decode
from nas.data.prepared.manifest import Manifest
from nas.errors import UserError
from tests.preparing.conftest import ROOT, TOTAL, command, dataset, preparation, prepared, run, sentence


@pytest.mark.parametrize("size", [(37, 61), (61, 37), (50, 50), (32, 32), (33, 32), (20, 300), (9, 7)])
@pytest.mark.parametrize("fraction", [1.0, 0.875])
def test_the_rule_is_torchvisions(size: tuple[int, int], fraction: float) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8))
    theirs = v2.CenterCrop(32)(v2.Resize(int(32 / fraction + 0.5), antialias=True)(image))
    assert np.array_equal(np.asarray(central_crop(image, 32, fraction)), np.asarray(theirs))


def test_rows_are_the_files_in_the_order_of_their_listing(root: Path) -> None:
    folder = prepared(root)
    names = (folder / "files.txt").read_text().splitlines()
    array = np.load(folder / "images.npy")
    assert array.shape == (TOTAL, 32, 32, 3)
    for number, name in enumerate(names):
        assert np.array_equal(array[number], np.asarray(central_crop(decode(root / name), 32, 1.0)))
    assert Manifest.read(folder).checksum == preparation(root).verify().checksum


def test_killed_and_restarted_it_ends_with_the_same_checksum_and_repeats_nothing(root: Path, tmp_path: Path) -> None:
    whole = Manifest.read(prepared(root, f"dataset.packed={tmp_path}/whole"))
    draft = tmp_path / "imagenet-32px.part"
    process = subprocess.Popen(command(root), cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (draft / "progress.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    finished = len((draft / "progress.jsonl").read_text().splitlines())
    assert 1 <= finished <= 6
    with (draft / "progress.jsonl").open("a") as file:
        file.write('{"unit": 5, "fil')  # as if it had died while writing
    time.sleep(1)  # its process ends with it
    done = run(root)
    assert done.returncode == 0, done.stderr
    assert f"{finished * 10} of {TOTAL} images are there already" in done.stdout
    assert Manifest.read(tmp_path / "imagenet-32px").checksum == whole.checksum
    assert not draft.exists()


def test_number_of_processes_changes_no_byte(root: Path, tmp_path: Path) -> None:
    one = prepared(root, f"dataset.packed={tmp_path}/one")
    two = prepared(root, f"dataset.packed={tmp_path}/two", workers=2)
    assert (one / "images.npy").read_bytes() == (two / "images.npy").read_bytes()
    assert Manifest.read(one).checksum == Manifest.read(two).checksum


def test_a_full_disk_is_one_sentence_and_no_end(root: Path) -> None:
    line = sentence(run(root, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))))
    assert "no space left" in line
    assert "imagenet-32px.part" in line
    assert run(root).returncode == 0


def test_a_disk_that_fills_up_on_the_way(root: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs to mount a small file system")
    try:
        assert "no space left" in sentence(run(root, f"dataset.packed={disk}/packed"))
        subprocess.run(["mount", "-o", "remount,size=4m", str(disk)], check=True)
        assert run(root, f"dataset.packed={disk}/packed").returncode == 0
        assert preparation(root, f"dataset.packed={disk}/packed").verify().kind == "packed"
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_broken_files_are_named_and_left_out(root: Path) -> None:
    paths = sorted((root / "train" / "n00000001").iterdir())
    paths[0].write_bytes(b"no image")
    paths[1].write_bytes(paths[1].read_bytes()[:200])
    done = run(root)
    assert done.returncode == 0
    assert f"{TOTAL - 2} images" in done.stdout
    for path in paths[:2]:
        assert f"left out: train/n00000001/{path.name}" in done.stderr
    found = dataset(root)
    assert found.num_images == TOTAL - 12 - 2
    parts = found.load()
    assert np.bincount(np.concatenate([parts.train.labels, parts.valid.labels])).tolist() == [12, 10, 12, 12]
    assert all(np.asarray(parts.train.images[np.array([place])]).any() for place in range(len(parts.train)))  # type: ignore[index]


def test_a_folder_of_broken_files_is_refused(root: Path) -> None:
    for path in root.rglob("*.JPEG"):
        path.write_bytes(b"no image")
    assert "none of 60 images can be decoded" in sentence(run(root))


def test_a_draft_of_something_else_is_refused(root: Path) -> None:
    draft = root.with_name("imagenet-32px.part")
    draft.mkdir()
    (draft / "about.json").write_text(json.dumps({"format": "packed", "source": "another"}))
    with pytest.raises(UserError, match=r"begun with another image size: remove it"):
        prepared(root)


def test_two_processes_do_not_prepare_one_folder(root: Path) -> None:
    with preparation(root).draft({}).held(), pytest.raises(UserError, match="another"):
        prepared(root)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["format=tar"], "format is 'tar', allowed are packed, shards"),
        (["chunk=0"], "chunk is 0"),
        (["workers=0"], "workers is 0, it must be a whole number of at least 1, or auto"),
        (["central_fraction=2"], "central_fraction is 2"),
        (["verify=maybe"], "verify is 'maybe'"),
        (["dataset=digits", "~dataset.root"], "in memory already"),
        (["dataset.root=nowhere"], "nowhere"),
        (["verify=true"], "cannot be read (No such file or directory): python -m nas.prepare makes it"),
        (["dataset.packed=/proc/nowhere"], "cannot be made"),
        (["chunck=5"], "did you mean chunk"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(root: Path, overrides: list[str], words: str) -> None:
    if "dataset=digits" in overrides:
        done = subprocess.run(
            [*command(root)[:3], "dataset=digits"], capture_output=True, text=True, timeout=60, check=False
        )
    else:
        done = run(root, *overrides)
    assert words in sentence(done)
    assert [path.name for path in root.parent.iterdir()] == ["imagenet"]
