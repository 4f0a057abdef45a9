"""What an archive holds, byte for byte, and what it says of searches that are not finished or older than it."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra import compose
from hydra.core.hydra_config import HydraConfig
from PIL import Image

from nas.application import build
from nas.errors import UserError
from nas.reproduction.archiving import write_archive
from nas.reproduction.opening import opened_archive
from nas.reproduction.split_files import split_files
from nas.retrain import retrain
from nas.search.history import History
from nas.search.lock import DriverLock
from tests.reproduction.conftest import DIGITS, TOY, searched

pytestmark = pytest.mark.usefixtures("configuration")
Make = Callable[..., Path]
NAMES = ["config.yaml", "environment.json", "history.jsonl", "manifest.json", "report.html"]
SPLIT = ["split/selection.npy", "split/train.npy", "split/valid.npy"]


def manifest_of(path: Path) -> dict[str, Any]:
    return json.loads(zipfile.ZipFile(path).read("manifest.json"))


def test_an_archive_holds_its_files_and_their_checksums(kept: Make, tmp_path: Path) -> None:
    run, said = kept(*DIGITS, evaluations=6), []
    path = write_archive(run, tmp_path / "a.zip", said.append)
    assert said == []
    manifest = manifest_of(path)
    assert (manifest["format"], manifest["version"], manifest["partial"]) == ("nas-archive", 1, False)
    assert manifest["environment_of"] == "the search began"
    assert subprocess.run([sys.executable, "-m", "zipfile", "-t", path], check=False).returncode == 0
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == NAMES + SPLIT
        for name in set(NAMES + SPLIT) - {"manifest.json"}:
            content = archive.read(name)
            facts = manifest["files"][name]
            assert (hashlib.sha256(content).hexdigest(), len(content)) == (facts["sha256"], facts["bytes"])
        assert archive.read("history.jsonl") == (run / "history.jsonl").read_bytes()
        assert archive.read("environment.json") == (run / "environment.json").read_bytes()
        environment = json.loads(archive.read("environment.json"))["environment"]
    assert environment["packages"]["numpy"] == np.__version__
    assert environment["cpu"]
    assert manifest["commit"] == History.load(run).header["commit"]


def test_equal_searches_give_equal_bytes_and_nothing_is_overwritten(kept: Make, tmp_path: Path) -> None:
    run = kept(*DIGITS, evaluations=6)
    first, second = (write_archive(run, tmp_path / name, print) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(UserError, match="exists already, nothing is overwritten"):
        write_archive(run, first, print)
    with pytest.raises(UserError, match=r"must end in \.zip"):
        write_archive(run, tmp_path / "a.tar", print)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_the_split_is_that_of_the_search(kept: Make, tmp_path: Path) -> None:
    """Images of the data set's own file, chosen by the archive's indices, are what a search was trained on."""
    path = write_archive(kept(*DIGITS, evaluations=6), tmp_path / "a.zip", print)
    dataset = build(compose("config", overrides=["dataset=digits", "dataset.fraction=0.1"]).dataset, "dataset")
    loaded, arrays = dataset.load(), dataset.arrays()
    with zipfile.ZipFile(path) as archive:
        for name in ("train", "valid", "selection"):
            indices = np.load(io.BytesIO(archive.read(f"split/{name}.npy")), allow_pickle=False)
            np.testing.assert_array_equal(arrays.x_train[indices], getattr(loaded, name).images)
            np.testing.assert_array_equal(arrays.y_train[indices], getattr(loaded, name).labels)


def test_images_in_files_are_known_by_their_paths(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for part, count in (("train", 6), ("val", 1)):
        for label in ("cat", "dog"):
            (root / part / label).mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (8, 8), (number, 100 * (label == "cat"), count)).save(
                    root / part / label / f"{number}.png"
                )
    overrides = ["dataset=image_folder", f"dataset.root={root}", "dataset.num_valid=4", "dataset.image_size=8"]
    dataset = build(compose("config", overrides=overrides).dataset, "dataset")
    files = split_files(dataset)
    listed = {name: content.decode().splitlines() for name, content in files.items()}
    everything = {path.relative_to(root).as_posix() for path in (root / "train").rglob("*.png")}
    assert set(listed["split/train.txt"]) | set(listed["split/valid.txt"]) == everything
    assert len(listed["split/valid.txt"]) == 4


def test_a_search_that_runs_is_partial_and_cut_at_a_line(copied: Make, tmp_path: Path) -> None:
    run = copied(*TOY, evaluations=40)
    text = (run / "history.jsonl").read_text()
    lines = text.splitlines(keepends=True)[:30]
    (run / "history.jsonl").write_text("".join(lines) + '{"event": "ask')
    path = write_archive(run, tmp_path / "a.zip", print)
    assert manifest_of(path)["partial"] is True
    assert zipfile.ZipFile(path).read("history.jsonl").decode() == "".join(lines)


def test_a_finished_search_that_is_extended_is_partial(copied: Make, tmp_path: Path) -> None:
    run = copied(*TOY, evaluations=40)
    lock = DriverLock(run)
    lock.acquire()
    try:
        assert manifest_of(write_archive(run, tmp_path / "a.zip", print))["partial"] is True
    finally:
        lock.release()


def test_an_older_search_has_the_environment_of_now_and_says_so(copied: Make, tmp_path: Path) -> None:
    run, said = copied(*TOY, evaluations=40), []
    (run / "environment.json").unlink()
    path = write_archive(run, tmp_path / "a.zip", said.append)
    assert manifest_of(path)["environment_of"] == "the archive was made"
    assert len(said) == 1
    assert "as it is older than that" in said[0]


def test_an_older_search_that_goes_on_says_that_too(copied: Make, tmp_path: Path) -> None:
    run, said = copied(*TOY, evaluations=40), []
    (run / "environment.json").unlink()
    searched(run, tuple(TOY), 45)
    assert manifest_of(write_archive(run, tmp_path / "a.zip", said.append))["environment_of"] == "the search went on"
    assert len(said) == 1


def test_without_its_data_a_search_is_archived_without_its_split(copied: Make, tmp_path: Path) -> None:
    run, said = copied(*DIGITS, evaluations=6), []
    journal = run / "history.jsonl"
    fingerprint = History.load(run).identity["evaluator"]["dataset"]["fingerprint"]
    journal.write_text(journal.read_text().replace(fingerprint, "0" * len(fingerprint)))
    path = write_archive(run, tmp_path / "a.zip", said.append)
    assert "split/train.npy" not in zipfile.ZipFile(path).namelist()
    assert len(said) == 1
    assert "The archive has no split indices: the data of" in said[0]


def test_a_folder_without_a_journal_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no journal at"):
        write_archive(tmp_path, tmp_path / "a.zip", print)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_file_is_one_sentence(kept: Make, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        write_archive(kept(*TOY, evaluations=40), Path("/dev/full/a.zip"), print)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        write_archive(kept(*TOY, evaluations=40), tmp_path / "file" / "a.zip", print)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_cards_of_its_retrainings_are_in_it(copied: Make, tmp_path: Path) -> None:
    run = copied(*DIGITS, evaluations=6)
    small = ["network=tiny", "network.filters=4", "training=tiny", "training.epochs=1", "hardware=cpu"]
    more = ["hardware.workers=0", "top_k=1", "repeats=1", "run=run", f"runs_dir={run.parent}", "out=retrained"]
    config = compose("retrain", overrides=[*small, *more], return_hydra_config=True)
    HydraConfig.instance().set_config(config)
    assert retrain(config) is not None
    path = write_archive(run, tmp_path / "a.zip", print)
    card = json.loads(zipfile.ZipFile(path).read("cards/retrained.json"))
    assert card["source"] == {"run": "run", "number": History.load(run).best.number} | card["source"]
    with opened_archive(path) as archive:
        assert "cards/retrained.json" in archive.manifest["files"]


def test_the_guides_recipe_for_the_environment(
    kept: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(write_archive(kept(*TOY, evaluations=40), tmp_path / "a.zip", print)) as archive:
        archive.extract("environment.json", tmp_path)
    monkeypatch.chdir(tmp_path)
    guide = (Path(__file__).parents[2] / "docs" / "reproduction.md").read_text()
    exec(guide.partition("```python\n")[2].partition("```")[0], {})
    assert f"numpy=={np.__version__}" in capsys.readouterr().out.splitlines()
