"""A copy on a node's own disk: made once, whole or not at all, whoever asks and whoever dies."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from nas.data.prepared.manifest import Manifest
from nas.data.prepared.packed_images import PackedImages
from nas.data.prepared.staging import staged
from nas.errors import UserError
from tests.preparing.conftest import ROOT, dataset, prepared

SCRIPT = """
import sys
from pathlib import Path
from nas.data.prepared import staging
from nas.data.prepared.manifest import Manifest
copy, made = staging._copy, []
staging._copy = lambda *args: (made.append(1), copy(*args))
folder = Path(sys.argv[1])
print(staging.staged(folder, Manifest.read(folder), Path(sys.argv[2])), len(made))
"""


def test_four_processes_make_one_copy(root: Path, tmp_path: Path) -> None:
    folder, scratch = prepared(root), tmp_path / "scratch"
    command = [sys.executable, "-c", SCRIPT, str(folder), str(scratch)]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert len({path for path, _ in answers}) == 1
    assert sorted(made for _, made in answers) == ["0", "0", "0", "1"]
    (copy,) = scratch.iterdir()
    Manifest.read(folder).check_content(copy)


def test_children_read_the_copy(root: Path, tmp_path: Path) -> None:
    folder = prepared(root)
    here, there = dataset(root), dataset(root, f"dataset.stage_to={tmp_path}/scratch")
    images, copied = here.load().train.images, there.load().train.images
    assert isinstance(images, PackedImages)
    assert isinstance(copied, PackedImages)
    assert copied.path.parent.parent == tmp_path / "scratch"
    assert np.array_equal(images[np.arange(len(images))], copied[np.arange(len(copied))])
    assert there.identity() == here.identity()
    assert images.path.parent == folder


def test_what_a_dead_process_left_is_taken_over(root: Path, tmp_path: Path) -> None:
    folder, scratch = prepared(root), tmp_path / "scratch"
    manifest = Manifest.read(folder)
    name = f"{folder.name}-{manifest.checksum[:16]}"
    (scratch / f"{name}.dead.part").mkdir(parents=True)
    (scratch / f"{name}.dead.part" / "images.npy").write_bytes(b"half")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    owner = {"host": socket.gethostname(), "pid": dead.pid, "start": psutil.Process(dead.pid).create_time()}
    dead.wait()
    (scratch / f"{name}.lock").write_text(json.dumps(owner))
    assert staged(folder, manifest, scratch) == scratch / name
    assert [path.name for path in scratch.iterdir()] == [name]


def test_a_damaged_copy_is_made_anew_and_a_damaged_set_is_not_copied(root: Path, tmp_path: Path) -> None:
    folder, scratch = prepared(root), tmp_path / "scratch"
    manifest = Manifest.read(folder)
    copy = staged(folder, manifest, scratch)
    os.truncate(copy / "images.npy", 100)
    assert staged(folder, manifest, scratch) == copy
    manifest.check_content(copy)
    with (folder / "images.npy").open("r+b") as file:
        file.seek(1000)
        file.write(b"damaged")
    with pytest.raises(UserError, match="its checksum differs"):
        staged(folder, manifest, tmp_path / "other")
    assert not list((tmp_path / "other").iterdir())


def test_a_scratch_that_cannot_be_written_is_one_sentence(root: Path, tmp_path: Path) -> None:
    folder = prepared(root)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"dataset.stage_to=.*file/scratch cannot take .*, which needs 0.0 GB"):
        staged(folder, Manifest.read(folder), tmp_path / "file" / "scratch")
