"""Folders of images as people have them: layouts, parts, defects, and mistakes in one sentence."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.findings import KINDS
from nas.data.folder_layout import read_layout
from nas.data.image_folder import ImageFolder
from nas.data.imagenet import ImageNet
from nas.errors import UserError
from tests.helpers.photos import CLASSES, make_photos, make_planted, write

COMMON: dict[str, Any] = {
    "image_size": 16,
    "fraction": 1.0,
    "num_valid": 0.15,
    "num_selection": 0,
    "num_test": 0.15,
    "split_seed": 0,
    "flip": True,
    "max_broken": 0.1,
    "least_crop": 0.5,
    "central_fraction": 0.875,
    "mean": (0.5, 0.5, 0.5),
    "std": (0.25, 0.25, 0.25),
}


def folder(root: Path, **fields: Any) -> ImageFolder:
    return ImageFolder(root=str(root), **(COMMON | fields))


def names(dataset: ImageFolder, part: str) -> set[str]:
    return {dataset.listing.files[place].name for place in getattr(dataset.division, part)}


def class_counts(dataset: ImageFolder, part: str) -> list[int]:
    return np.bincount(getattr(dataset.load(), part).labels, minlength=dataset.num_classes).tolist()


def of_kind(dataset: ImageFolder, kind: str) -> list[str]:
    return [finding.name for finding in dataset.listing.findings if finding.kind == kind]


def labels_csv(root: Path, text: str, encoding: str = "utf-8") -> Path:
    write(root / "labels.csv", text.encode(encoding))
    return root


def flat(root: Path, images: int = 10) -> Path:
    """All images in one folder beside a labels.csv."""
    make_photos(root, images)
    rows = ["path,label"]
    for name in CLASSES:
        rows += [f"{name}/{number:03d}.png,{name}" for number in range(images)]
    return labels_csv(root, "\n".join(rows) + "\n")


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


def fresh() -> None:
    """Forgets what this process knows of folders."""
    from nas.data import folder_listing, image_folder

    folder_listing.list_folder.cache_clear()
    image_folder._listing.cache_clear()
    image_folder._division.cache_clear()


def test_identity_is_the_content_wherever_it_lies(tmp_path: Path) -> None:
    here, there = make_photos(tmp_path / "a", 8), make_photos(tmp_path / "b", 8)
    assert folder(here, max_broken=0.5).identity() == folder(there, cache=str(tmp_path / "c")).identity()
    data = bytearray((there / "red/000.png").read_bytes())
    data[-20] ^= 1  # same name and size
    (there / "red/000.png").write_bytes(data)
    fresh()
    assert folder(here).fingerprint() != folder(there, max_broken=0.5).fingerprint()


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
