import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.data import image_folder
from nas.data.dataset import _loaded
from nas.data.folder_listing import list_folder
from nas.data.image_folder import ImageFolder
from nas.preparing.preparation import Preparation
from tests.helpers.image_trees import image_tree

ROOT = Path(__file__).resolve().parent.parent.parent
CLASSES, TRAIN, VAL = 4, 12, 3
TOTAL = CLASSES * (TRAIN + VAL)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return image_tree(tmp_path / "imagenet", classes=CLASSES, train=TRAIN, val=VAL)


def dataset(root: Path, *overrides: str) -> ImageFolder:
    """dataset=imagenet at 32 pixels, all of it, as a new process would see it."""
    for kept in (image_folder._listing, image_folder._division, list_folder, _loaded):
        kept.cache_clear()
    small = ["dataset=imagenet", f"dataset.root={root}", "dataset.image_size=32", "dataset.fraction=1.0"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        node = compose("config", overrides=[*small, "dataset.num_valid=8", *overrides]).dataset
    made = build(node, "dataset")
    assert made.listing.classes
    return made


def preparation(root: Path, *overrides: str, **changes: Any) -> Preparation:
    values = {"format": "packed", "central_fraction": 1.0, "chunk": 10, "shard_mb": 1, "workers": 1}
    unread = ["dataset.packed=none", "dataset.shards=none"]
    wanted = {override.partition("=")[0]: override.partition("=")[2] for override in overrides}
    found = dataset(root, *overrides, *unread)
    places = {kind: wanted.get(f"dataset.{kind}", getattr(found, kind)) for kind in ("packed", "shards")}
    return Preparation(dataset=replace(found, **places), **values | changes)


def prepared(root: Path, *overrides: str, **changes: Any) -> Path:
    """The folder of a set that is made here."""
    made = preparation(root, *overrides, **changes)
    made.prepare(lambda sentence: None)
    return made.folder


def command(root: Path, *overrides: str) -> list[str]:
    small = ["dataset=imagenet", f"dataset.root={root}", "dataset.image_size=32", "chunk=10", "workers=1"]
    return [sys.executable, "-m", "nas.prepare", *small, *overrides]


def run(root: Path, *overrides: str, before: Callable[[], Any] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(root, *overrides),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=before,
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a refused command says: one line."""
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("nas: ")
    return line
