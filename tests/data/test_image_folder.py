"""Folders of images as people have them: layouts, parts, defects."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from nas.data.findings import KINDS
from nas.data.folder_layout import read_layout
from nas.errors import UserError
from tests.helpers.photos import (
    CLASSES,
    class_counts,
    folder,
    fresh,
    labels_csv,
    make_photos,
    make_planted,
    names,
    of_kind,
    write,
)


def test_class_folders_alone_are_divided_in_proportion(tmp_path: Path) -> None:
    dataset = folder(make_photos(tmp_path / "set", 20))
    assert dataset.listing.classes == CLASSES
    assert [class_counts(dataset, part) for part in ("train", "valid", "test")] == [[14] * 3, [3] * 3, [3] * 3]
    parts = [names(dataset, part) for part in ("train", "valid", "test")]
    assert len(set.union(*parts)) == sum(map(len, parts)) == 60
    assert folder(tmp_path / "set", split_seed=1).load().test.images != dataset.load().test.images
    assert dataset.sizes.train == dataset.num_train == 42
    assert dataset.num_images == 51


def test_the_test_part_depends_on_its_own_size_alone(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 20)
    one, other = folder(root), folder(root, num_valid=20, num_selection=6, fraction=0.5)
    assert names(one, "test") == names(other, "test")
    assert [len(names(other, part)) for part in ("train", "valid", "selection")] == [13, 20, 6]


@pytest.mark.parametrize(
    "words", [("train", "val", "test"), ("training", "validation", "test"), ("Train", "valid", "TEST")]
)
def test_three_parts_are_as_the_folder_gives_them(tmp_path: Path, words: tuple[str, str, str]) -> None:
    for place, word in enumerate(words):
        make_photos(tmp_path / "set", (8, 3, 2)[place], word, start=100 * place)
    dataset = folder(tmp_path / "set", num_selection=3)
    assert [class_counts(dataset, part)[0] for part in ("train", "valid", "selection", "test")] == [7, 3, 1, 2]
    assert all(name.startswith(words[1]) for name in names(dataset, "valid"))
    assert all(name.startswith(words[2]) for name in names(dataset, "test"))


@pytest.mark.parametrize("word", ["val", "test"])
def test_of_two_parts_the_second_is_sealed(tmp_path: Path, word: str) -> None:
    make_photos(tmp_path / "set", 8, "train")
    make_photos(tmp_path / "set", 2, word, start=100)
    dataset = folder(tmp_path / "set")
    assert all(name.startswith(word) for name in names(dataset, "test"))
    assert len(names(dataset, "test")) == 6
    assert len(names(dataset, "valid")) == 4  # 15 % of 24
    assert f"{word}/ as the folder gives it" in dataset.notes()[0]


def test_labels_csv_names_the_files_whatever_their_folders(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 6)
    rows = [
        f"{name}/{number:03d}.png, {'warm' if name == 'red' else 'cold'} " for name in CLASSES for number in range(6)
    ]
    dataset = folder(labels_csv(root, "\ufeffPath,Label\r\n" + "\r\n".join(rows)))
    assert dataset.listing.classes == ("cold", "warm")
    assert np.bincount(dataset.listing.labels).tolist() == [12, 6]
    (root / "red" / "extra.png").write_bytes((root / "red" / "000.png").read_bytes())
    fresh()
    assert of_kind(folder(root), "place") == ["red/extra.png"]


def test_labels_csv_may_give_the_parts(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 6)
    part = {0: "val", 1: "test"}
    rows = [f"{name}/{number:03d}.png,{name},{part.get(number, 'train')}" for name in CLASSES for number in range(6)]
    dataset = folder(labels_csv(root, "path,label,split\n" + "\n".join(rows)))
    assert [class_counts(dataset, part) for part in ("train", "valid", "test")] == [[4] * 3, [1] * 3, [1] * 3]


def test_a_group_stays_on_one_side(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 20)
    rows = [f"{name}/{number:03d}.png,{name},patient {number // 2}" for name in CLASSES for number in range(20)]
    dataset = folder(labels_csv(root, "path,label,group\n" + "\n".join(rows)), num_selection=6)
    group = {file.name: file.group for file in dataset.listing.files}
    sides = [{group[name] for name in names(dataset, part)} for part in ("train", "valid", "selection", "test")]
    assert all(sides)
    assert sum(map(len, sides)) == len(set.union(*sides)) == 10
    for part in ("train", "valid", "test"):
        assert len(set(class_counts(dataset, part))) == 1  # every patient has all classes
    again = folder(root, num_selection=6, split_seed=1)
    assert names(again, "valid") != names(dataset, "valid")


def test_equal_pictures_stay_on_one_side(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 20)
    for number in range(0, 20, 2):
        shutil.copy(root / f"red/{number:03d}.png", root / f"red/{number:03d} copy.png")
    dataset = folder(root, num_valid=0.3)
    for part in ("train", "valid", "test"):
        copied = {name for name in names(dataset, part) if "copy" in name}
        assert {name.replace(" copy", "") for name in copied} <= names(dataset, part)
    assert len(of_kind(dataset, "duplicate")) == 10


def test_twelve_defects_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    planted = make_planted(tmp_path / "set")
    dataset = folder(tmp_path / "set")
    told = "\n".join(dataset.notes())
    for name, words in planted.items():
        assert any(name in line and words in line for line in told.splitlines()), name
    used = {file.name for file in dataset.listing.files}
    left_out = {name for name in planted if name not in used}
    assert {name.rpartition("/")[2] for name in left_out} == {
        *("truncated.jpg", "notes.jpg", "empty.png", "again.png", "either.png", "or.png", ".DS_Store", "clip.gif")
    }
    assert len(used) == 72 + len(planted) - len(left_out)
    assert names(dataset, "test") >= {"test/green/100.png"}
    description = json.loads(json.dumps(dataset.description()))
    assert {finding["name"] for finding in description["findings"]} >= set(planted)
    assert {finding["kind"] for finding in description["findings"]} <= set(KINDS)


def test_a_name_steers_no_terminal(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 8)
    write(root / "red" / "a\x1b[2Jb.gif", b"")
    os.close(os.open(os.fsencode(root / "red") + b"/\xff.gif", os.O_CREAT))
    told = "\n".join(folder(root).notes())
    assert "\x1b" not in told
    assert "\\x1b" in told
    assert "\\udcff" in told
    told.encode()
    (root / "red").rename(root / "r\x1bed")
    fresh()
    with pytest.raises(UserError, match="has a name that cannot be printed"):
        folder(root).identity()


def test_symbolic_links_are_passed_over_when_files_are_looked_into(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 8)
    outside = write(tmp_path / "secret.png", (root / "red/000.png").read_bytes())
    (root / "red/link.png").symlink_to(outside)
    (root / "red/gone.png").symlink_to(tmp_path / "nowhere")
    assert of_kind(folder(root), "link") == ["red/gone.png", "red/link.png"]
    trusted = read_layout(root, follow_links=True)
    assert "red/link.png" in {file.name for file in trusted.files}


def test_images_deep_below_a_class_and_beside_the_classes(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 8)
    (root / "red/2024/may").mkdir(parents=True)
    (root / "red/000.png").rename(root / "red/2024/may/000.png")
    (root / "blue/000.png").rename(root / "stray.png")
    write(root / "readme.txt", b"")
    dataset = folder(root)
    assert "red/2024/may/000.png" in {file.name for file in dataset.listing.files}
    assert of_kind(dataset, "place") == ["stray.png"]
    assert of_kind(dataset, "ending") == ["readme.txt"]


def test_a_class_that_is_called_train(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 8)
    (root / "red").rename(root / "train")
    assert folder(root).listing.classes == ("blue", "green", "train")
