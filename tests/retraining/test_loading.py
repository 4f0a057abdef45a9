"""`load_model`: what was measured comes out again, and what does not belong together is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from parts import dataset
from PIL import Image

from nas import History, load_model
from nas.errors import UserError
from nas.retraining.retraining import Result


@pytest.fixture
def copied(finished: Result, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished.folder, tmp_path / "copied"))


@pytest.mark.parametrize("place", ["", "card.json"])
def test_predictions_reproduce_the_recorded_accuracy(finished: Result, place: str) -> None:
    model = load_model(finished.folder / place)
    assert not model.training
    test = dataset().load().test
    with torch.no_grad():
        logits = model(torch.cat([model.preprocess(image) for image in test.images]))
    accuracy = float((logits.argmax(1).numpy() == test.labels).mean())
    assert accuracy == pytest.approx(model.card["weights"]["test_accuracy"], abs=1e-9)
    assert model.classes == tuple("0123456789")


def test_a_file_an_image_and_an_array_are_the_same(finished: Result, tmp_path: Path) -> None:
    model = load_model(str(finished.folder))
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    image = Image.fromarray(pixels)
    image.save(tmp_path / "image.png")
    tensors = [
        model.preprocess(given) for given in (pixels, image, tmp_path / "image.png", str(tmp_path / "image.png"))
    ]
    assert tensors[0].shape == (1, 1, 8, 8)
    assert all(torch.equal(tensor, tensors[0]) for tensor in tensors)


def test_the_folder_of_a_search_finds_its_retraining(finished: Result, searched: History, tmp_path: Path) -> None:
    shutil.copytree(searched.path.parent, tmp_path / "small")
    with pytest.raises(UserError, match=r"no trained model yet, `python -m nas.retrain"):
        load_model(tmp_path / "small")
    shutil.copytree(finished.folder, tmp_path / "one")
    assert load_model(tmp_path / "small").card == finished.card
    shutil.copytree(finished.folder, tmp_path / "two")
    with pytest.raises(UserError, match="choose one of one, two"):
        load_model(tmp_path / "small")


def test_places_without_a_model(copied: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no model at"):
        load_model(tmp_path / "nowhere")
    (copied / "card.json").unlink()
    with pytest.raises(UserError, match="not finished"):
        load_model(copied)
    (tmp_path / "other.json").write_text('{"a": 1}')
    with pytest.raises(UserError, match="no model card"):
        load_model(tmp_path / "other.json")


def test_weights_of_another_genome(copied: Path) -> None:
    change(copied, lambda card: card["architecture"]["normal"].update(combinations=[[["conv_1x1", 0], ["none", 1]]]))
    with pytest.raises(UserError, match="do not fit the architecture"):
        load_model(copied)


def test_weights_that_fit_but_are_others(copied: Path) -> None:
    state = torch.load(copied / "weights.pt", weights_only=True)
    torch.save({name: torch.zeros_like(tensor) for name, tensor in state.items()}, copied / "weights.pt")
    with pytest.raises(UserError, match="are not those that"):
        load_model(copied)


def test_weights_that_are_none(copied: Path) -> None:
    (copied / "weights.pt").write_bytes(b"nothing")
    with pytest.raises(UserError, match="holds no weights"):
        load_model(copied)
    (copied / "weights.pt").unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_model(copied)


def test_nothing_is_unpickled(copied: Path, tmp_path: Path) -> None:
    torch.save(Harmful(), copied / "weights.pt")
    with pytest.raises(UserError, match="holds no weights"):
        load_model(copied)
    assert not Path("harmed").exists()


class Harmful:
    def __reduce__(self) -> Any:
        return (Path("harmed").touch, ())


def test_cards_that_are_broken(copied: Path) -> None:
    change(copied, lambda card: card.update(network={"name": "cell"}))
    with pytest.raises(UserError, match="did you mean cells"):
        load_model(copied)
    change(copied, lambda card: card.pop("network"))
    with pytest.raises(UserError, match="describes no network"):
        load_model(copied)
    change(copied, lambda card: card.update(version=2))
    with pytest.raises(UserError, match="version 2"):
        load_model(copied)


def change(folder: Path, how: Any) -> None:
    card = json.loads((folder / "card.json").read_text())
    how(card)
    (folder / "card.json").write_text(json.dumps(card))
