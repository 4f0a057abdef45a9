"""Mistakes in a folder of images are one sentence."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from nas.errors import UserError
from tests.helpers.photos import (
    flat,
    folder,
    labels_csv,
    make_photos,
    write,
)

BAD_LABELS = {
    "path,class\nred/000.png,red\n": "lacks the column label, its header has path, class",
    "path;label\nred/000.png;red\n": "lacks the column path",
    "": "lacks the column path, its header has nothing",
    "path,label\n": "no row",
    "path,label\nred/999.png,red\n": "line 2: there is no file red/999.png",
    "path,label\n../outside.png,red\n": r"line 2: \.\./outside.png lies outside",
    "path,label\n/etc/passwd,red\n": "line 2: /etc/passwd lies outside",
    "path,label\nlink.png,red\n": "line 2: link.png lies outside",
    "path,label\nred/000.png,red\nred/../red/000.png,red\n": "named in line 2 already",
    "path,label\nlabels.csv,red\n": "no image by its ending",
    "path,label\nred/000.png,\n": "line 2: its label is empty",
    "path,label\nred/000.png\n": "another number of cells",
    "path,label\nred/000.png,red,1\n": "another number of cells",
    "path,label,label\nred/000.png,red,red\n": "column label twice",
    'path,label\n"red/000.png,red\n': "no CSV table",
    "path,label,split\nred/000.png,red,holdout\n": "line 2: the split 'holdout' is unknown, allowed are train, val",
    "path,label,split\nred/000.png,red,train\nblue/000.png,blue,\n": "line 3: its split is empty although others",
    "path,label,split\nred/000.png,red,val\nblue/000.png,blue,test\n": "no row with split train",
    "path,label,split,group\nred/000.png,red,train,a\nblue/000.png,blue,test,a\n": "group 'a' is in train and in test",
    "path,label\nred/000.png,red\nred/001.png,red\n": "one class, 'red'",
    "path,label\nred/000.png,red\nred/001.png,Red\n": "'Red' and 'red' of .* differ only in case",
}


@pytest.mark.parametrize(("text", "words"), BAD_LABELS.items(), ids=range(len(BAD_LABELS)))
def test_a_labels_csv_that_is_wrong_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    root = make_photos(tmp_path / "set", 2)
    write(tmp_path / "outside.png", (root / "red/000.png").read_bytes())
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    with pytest.raises(UserError, match=words) as caught:
        folder(labels_csv(root, text)).identity()
    assert "\n" not in str(caught.value)


def test_a_labels_csv_in_another_encoding(tmp_path: Path) -> None:
    root = labels_csv(make_photos(tmp_path / "set", 2), "path,label\nred/000.png,grün\n", "latin-1")
    with pytest.raises(UserError, match=r"is not UTF-8 .*0xfc.*save it as CSV UTF-8"):
        folder(root).identity()


def test_an_empty_class_and_one_that_lost_all_its_images(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 8)
    (root / "violet").mkdir()
    with pytest.raises(UserError, match=r"violet holds no image: put some there or remove the class"):
        folder(root).identity()
    write(root / "violet/a.jpg", b"no image")
    with pytest.raises(
        UserError, match=r"the class 'violet' of .* has no usable image left: violet/a.jpg \(no image\)"
    ):
        folder(root).identity()


def test_two_classes_that_differ_in_case_alone(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 3)
    shutil.copytree(root / "red", root / "Red")
    with pytest.raises(UserError, match=r"'Red' and 'red' of .* differ only in case"):
        folder(root).identity()


def test_too_many_broken_files_are_refused_with_their_names(tmp_path: Path) -> None:
    root = make_photos(tmp_path / "set", 6)
    for number in range(4):
        write(root / "red" / f"bad{number}.jpg", b"")
    with pytest.raises(UserError, match=r"4 of 22 .*max_broken=0.1 allows 2 .*red/bad0.jpg \(the file is empty\)"):
        folder(root).identity()
    assert len(folder(root, max_broken=0.2).listing.files) == 18


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"num_valid": 1.5}, "num_valid is 1.5"),
        ({"num_valid": -1}, "num_valid is -1"),
        ({"num_test": "all"}, "num_test is 'all'"),
        ({"max_broken": 2}, "max_broken is 2"),
        ({"check": "yes"}, "check is 'yes'"),
        ({"num_valid": 24}, "num_valid is 24"),
        ({"num_test": 24}, "number of"),
    ],
)
def test_values_out_of_range(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        folder(make_photos(tmp_path / "set", 8), **changes).load()


def test_one_group_for_all_cannot_be_divided(tmp_path: Path) -> None:
    root = flat(tmp_path / "set")
    text = (root / "labels.csv").read_text().replace("\n", ",g\n").replace("label,g", "label,group")
    with pytest.raises(UserError, match="cannot be divided: one group, or copies of one picture, hold 30 of 30"):
        folder(labels_csv(root, text)).load()
