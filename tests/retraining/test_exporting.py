"""Exported models, run by what reads them."""

import json
import shutil
from pathlib import Path

import onnx
import onnxruntime
import pytest
import torch
from torch import Tensor, nn

from nas import load_model
from nas.errors import UserError
from nas.recorded_network import network_spec
from nas.retraining.exporting import export_model
from nas.retraining.loading import Model
from nas.retraining.retraining import Result


@pytest.fixture(scope="module")
def model(finished: Result) -> Model:
    return load_model(finished.folder)


def images(count: int) -> Tensor:
    return torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(count))


@pytest.mark.slow
def test_onnxruntime_gives_the_same_logits_for_any_batch(model: Model, tmp_path: Path) -> None:
    (path,) = export_model(model, tmp_path, "onnx")
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path))
    for count in (1, 5):
        with torch.no_grad():
            expected = model(images(count))
        (logits,) = session.run(None, {"images": images(count).numpy()})
        assert torch.allclose(torch.from_numpy(logits), expected, atol=1e-4, rtol=0)
    facts = {entry.key: json.loads(entry.value) for entry in onnx.load(path).metadata_props}
    assert facts["classes"] == list(model.classes)
    assert facts["preprocessing"] == model.card["preprocessing"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["model.onnx"]


def test_torch_export_needs_nothing_of_ours(model: Model, tmp_path: Path) -> None:
    (path,) = export_model(model, tmp_path, "torch_export")
    extra = {"card.json": ""}
    program = torch.export.load(path, extra_files=extra).module()
    for count in (1, 5):
        with torch.no_grad():
            assert torch.allclose(program(images(count)), model(images(count)), atol=1e-4, rtol=0)
    assert json.loads(extra["card.json"])["classes"] == list(model.classes)


def test_the_state_dict_comes_with_the_architecture(model: Model, tmp_path: Path) -> None:
    (path,) = export_model(model, tmp_path / "new", "state_dict")
    saved = torch.load(path, weights_only=True)
    network = network_spec(saved["network"]).build(saved["architecture"], (1, 8, 8), saved["num_classes"])
    network.load_state_dict(saved["state_dict"])
    with torch.no_grad():
        assert torch.equal(network.eval()(images(2)), model(images(2)))


def test_nothing_is_overwritten(model: Model, tmp_path: Path) -> None:
    (tmp_path / "model.pt2").write_text("mine")
    for kind in ("torch_export", "all"):
        with pytest.raises(UserError, match="nothing is overwritten"):
            export_model(model, tmp_path, kind)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_an_unknown_format(model: Model, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="allowed are onnx, torch_export, state_dict, all"):
        export_model(model, tmp_path, "tflite")


class Bessel(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return torch.special.bessel_j0(images).mean((2, 3))


class Undecided(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)) if images.sum() > 0 else -images.mean((2, 3))


def test_an_op_that_onnx_does_not_have_is_named(model: Model, tmp_path: Path) -> None:
    other = Model(Bessel(), model.preprocess, model.card).eval()
    with pytest.raises(UserError, match=r"^the op prims.bessel_j0.* cannot be exported to ONNX$"):
        export_model(other, tmp_path / "new", "onnx")
    assert not list((tmp_path / "new").iterdir())


def test_a_network_that_cannot_be_traced(model: Model, tmp_path: Path) -> None:
    other = Model(Undecided(), model.preprocess, model.card).eval()
    with pytest.raises(UserError, match=r"cannot be exported to torch.export$"):
        export_model(other, tmp_path, "torch_export")


class Forgetful(nn.Module):
    """Computes something else while it is exported."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)) + (1.0 if torch.compiler.is_exporting() else 0.0)


def test_other_logits_are_refused(model: Model, tmp_path: Path) -> None:
    other = Model(Forgetful(), model.preprocess, model.card).eval()
    with pytest.raises(UserError, match=r"logits of the torch\.export model differ by 1\.0e"):
        export_model(other, tmp_path, "torch_export")
    assert not list(tmp_path.iterdir())


def test_export_leaves_the_retraining_as_it_was(finished: Result, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(finished.folder, tmp_path / "copied"))
    before = {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()}
    export_model(load_model(copied), tmp_path / "out", "state_dict")
    assert {path: path.read_bytes() for path in copied.rglob("*") if path.is_file()} == before
