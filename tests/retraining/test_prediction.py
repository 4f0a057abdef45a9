"""Images in a folder, classified into a table."""

import csv
from pathlib import Path

import pytest
import torch
from parts import dataset
from PIL import Image

from nas import load_model
from nas.errors import UserError
from nas.predict import with_folder
from nas.retraining.loading import Model
from nas.retraining.prediction import predict_folder
from nas.retraining.retraining import Result

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model(finished: Result) -> Model:
    return load_model(finished.folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The first 60 test digits, in folders by class."""
    test = dataset().load().test
    for number, (image, label) in enumerate(zip(test.images[:60], test.labels, strict=False)):
        (tmp_path / "images" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[..., 0]).save(tmp_path / "images" / str(label) / f"{number}.png")
    return tmp_path / "images"


def test_every_image_gets_its_class(model: Model, folder: Path, tmp_path: Path) -> None:
    count = predict_folder(model, folder, tmp_path / "out.csv", batch_size=7, device=CPU, say=print)
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count == 60
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    assert [row["file"] for row in rows] == paths
    for row in rows[::20]:
        with torch.no_grad():
            probabilities = model(model.preprocess(folder / row["file"])).softmax(1)[0]
        assert row["class"] == model.classes[int(probabilities.argmax())]
        assert float(row["probability"]) == pytest.approx(float(probabilities.max()), abs=1e-5)


def test_what_is_no_image_is_told_and_has_no_row(model: Model, folder: Path, tmp_path: Path) -> None:
    (folder / "broken.png").write_text("text")
    (folder / "notes.txt").write_text("text")
    said: list[str] = []
    assert predict_folder(model, folder, tmp_path / "out.csv", batch_size=64, device=CPU, say=said.append) == 60
    (sentence,) = said
    assert "broken.png cannot be decoded" in sentence


def test_bad_input(model: Model, folder: Path, tmp_path: Path) -> None:
    def predict(images: Path, out: Path) -> None:
        predict_folder(model, images, out, batch_size=8, device=CPU, say=print)

    (tmp_path / "there.csv").write_text("mine")
    with pytest.raises(UserError, match="nothing is overwritten"):
        predict(folder, tmp_path / "there.csv")
    assert (tmp_path / "there.csv").read_text() == "mine"
    with pytest.raises(UserError, match="there is no folder"):
        predict(tmp_path / "nowhere", tmp_path / "out.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no image"):
        predict(tmp_path / "empty", tmp_path / "out.csv")
    (tmp_path / "empty" / "a.png").write_text("text")
    with pytest.raises(UserError, match="none of the 1 image files"):
        predict(tmp_path / "empty", tmp_path / "out.csv")
    with pytest.raises(UserError, match="cannot be written"):
        predict(folder, tmp_path / "no" / "out.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "images", "there.csv"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run=a", "my images"], ["run=a", "folder='my images'"]),
        (["run=a", "it's"], ["run=a", r"folder='it\'s'"]),
        (["run=a", "folder=b"], ["run=a", "folder=b"]),
        (["--help"], ["--help"]),
        (["--config-dir", "here"], ["--config-dir", "here"]),
        ([], []),
    ],
)
def test_the_folder_may_be_the_last_word(arguments: list[str], expected: list[str]) -> None:
    assert with_folder(arguments) == expected
