"""timm's NASNet-A and PNASNet-5 with their weights in our networks: equal logits prove the wiring, not only the sizes.

Nothing is downloaded: the weights are random, and the running statistics those of random images. timm's average pools
at stride 2 are first made TensorFlow's, see `nas.networks.timm_weights`.
"""

from collections.abc import Callable

import pytest
import timm
import torch
from huggingface_hub import constants
from safetensors.torch import save_file
from timm.layers.pool2d_same import AvgPool2dSame
from timm.models import nasnet, pnasnet
from torch import Tensor, nn

from nas.errors import UserError
from nas.networks.ops import make_op
from nas.networks.timm_weights import load_timm_weights
from nas.networks.zoo import create_model

CLASSES = 7
TOLERANCE = 1e-4


class TensorFlowAveragePool(nn.Module):
    """timm's pool of a map, divided by its pool of ones: the padding is in neither mean."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(x) / self.pool(torch.ones_like(x))


def with_tensorflows_pools(model: nn.Module) -> nn.Module:
    for name, part in list(model.named_modules()):
        if isinstance(part, AvgPool2dSame):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, TensorFlowAveragePool(part))
    return model


def with_statistics(model: nn.Module, image: int, batch: int = 4) -> nn.Module:
    """Batch norms with random scales and shifts, and the running statistics of random images; in evaluation mode."""
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, 0.0, 0.2)
            part.momentum = None  # the mean over all batches
    with torch.no_grad():
        model.train()(torch.randn(batch, 3, image, image))
    return model.eval()


def small_nasnet() -> nn.Module:
    return nasnet.NASNetALarge(CLASSES, stem_size=12, num_features=24 * 8, pad_type="same")


def small_pnasnet() -> nn.Module:
    """timm's constructor has no widths: its own cells, made again with 8 filters instead of 216."""
    with torch.device("meta"):
        model = pnasnet.PNASNet5Large(CLASSES, pad_type="same")
    stem, filters = 12, 8
    model.conv_0 = timm.layers.ConvNormAct(3, stem, 3, stride=2, padding=0, apply_act=False)
    model.conv_0.bn.eps = 1e-3
    model.cell_stem_0 = pnasnet.CellStem0(stem, filters // 4, stem, filters // 4, pad_type="same")
    before, previous = stem, 5 * (filters // 4)
    was_reduced = True
    for name in model.layer_names[2:]:
        is_reduction = name in ("cell_stem_1", "cell_4", "cell_8")
        width = filters // 2 if name == "cell_stem_1" else filters * 2 ** (int(name.removeprefix("cell_")) // 4)
        cell = pnasnet.Cell(before, width, previous, width, "same", is_reduction, match_prev_layer_dims=was_reduced)
        setattr(model, name, cell)
        before, previous, was_reduced = previous, 5 * width, is_reduction
    model.last_linear = nn.Linear(previous, CLASSES)
    return model


SMALL = {"nasnet_a": small_nasnet, "pnasnet_5": small_pnasnet}
FULL = {"nasnet_a": "nasnetalarge", "pnasnet_5": "pnasnet5large"}


@pytest.fixture(params=SMALL)
def pair(request: pytest.FixtureRequest) -> tuple[str, nn.Module, nn.Module]:
    """A model's name, timm's network, and ours with its weights."""
    torch.manual_seed(0)
    theirs = with_statistics(with_tensorflows_pools(SMALL[request.param]()), 75)
    ours = create_model(request.param, "large", filters=8, stem_filters=12, num_classes=CLASSES, image_size=75).eval()
    load_timm_weights(ours, request.param, theirs.state_dict())
    return request.param, theirs, ours


def check_equal(ours: nn.Module, theirs: nn.Module, images: Tensor) -> None:
    with torch.no_grad():
        expected, got = theirs(images), ours(images)
    assert expected.std(0).mean() > 0.01, "the logits must depend on the images"
    assert (got - expected).abs().max() < TOLERANCE


def test_logits_are_timms(pair):
    _, theirs, ours = pair
    for size in (64, 75, 83):  # even and odd maps before every reduction
        check_equal(ours, theirs, torch.randn(3, 3, size, size))
    check_equal(ours, theirs, torch.randn(2, 3, 70, 97))


def test_every_tensor_of_timm_has_its_place(pair):
    name, theirs, ours = pair
    weights = {key: value for key, value in theirs.state_dict().items() if not key.endswith("num_batches_tracked")}
    assert sum(value.numel() for value in weights.values()) == sum(
        value.numel() for key, value in ours.state_dict().items() if not key.endswith("num_batches_tracked")
    )
    with pytest.raises(UserError, match="another"):
        load_timm_weights(ours, name, {**theirs.state_dict(), "another.weight": torch.zeros(1)})


def test_another_number_of_classes_and_the_auxiliary_head_keep_fresh_weights(pair):
    name, theirs, _ = pair
    other = create_model(
        name, "large", filters=8, stem_filters=12, num_classes=3, image_size=140, auxiliary_head=True
    ).eval()
    fresh = {key: value.clone() for key, value in other.state_dict().items() if "classifier" in key or "aux" in key}
    load_timm_weights(other, name, theirs.state_dict())
    assert all(torch.equal(other.state_dict()[key], value) for key, value in fresh.items())
    other.classifier = nn.Identity()
    images = torch.randn(1, 3, 70, 70)
    with torch.no_grad():
        expected = theirs.forward_head(theirs.forward_features(images), pre_logits=True)
        assert (other(images) - expected).abs().max() < TOLERANCE


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"filters": 16}, "instead of"), ({"num_cells": 7}, "cells"), ({"num_cells": 2}, "tensors")],
)
def test_weights_of_another_size_are_refused(pair, settings, word):
    name, theirs, _ = pair
    chosen = {"filters": 8, "stem_filters": 12, "num_classes": CLASSES, "image_size": 64, **settings}
    network = create_model(name, "large", **chosen)
    with pytest.raises(UserError, match=word) as caught:
        load_timm_weights(network, name, theirs.state_dict())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [6, 7])
def test_timms_average_pools_at_stride_2_count_the_padding(size):
    """When this fails, timm's pools have become TensorFlow's, and NASNet-A needs no correction any more."""
    ones = torch.ones(1, 1, size, size)
    theirs = AvgPool2dSame(3, 2, count_include_pad=False)(ones)
    assert theirs.min() == pytest.approx(4 / 9)
    ours = make_op("avg_pool_3x3", 1, 1, 2, nn.BatchNorm2d)
    assert torch.equal(ours(ones), torch.ones_like(theirs))
    x = torch.randn(2, 3, size, size)
    corrected = TensorFlowAveragePool(AvgPool2dSame(3, 2, count_include_pad=False))
    torch.testing.assert_close(corrected(x), make_op("avg_pool_3x3", 3, 3, 2, nn.BatchNorm2d)(x))


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Callable[[str, nn.Module], None]:
    """An empty cache of the hub, without a network; the call puts a model's weights into it, as a download would."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def put(name: str, model: nn.Module) -> None:
        folder = tmp_path / f"models--timm--{FULL[name]}.tf_in1k"
        (folder / "snapshots" / "one").mkdir(parents=True)
        (folder / "refs").mkdir()
        (folder / "refs" / "main").write_text("one")
        save_file(model.state_dict(), folder / "snapshots" / "one" / "model.safetensors")

    return put


@pytest.mark.parametrize("name", FULL)
def test_weights_that_cannot_be_downloaded_are_told_in_one_sentence(name, hub):
    with pytest.raises(UserError, match=f"timm's weights of {FULL[name]} could not be loaded") as caught:
        create_model(name, "large", pretrained="timm")
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", FULL)
def test_the_full_size_through_timms_own_loading(name, hub):
    """`pretrained="timm"` at 331 pixels, the hub's cache holding random weights of the right sizes."""
    torch.manual_seed(0)
    theirs = with_statistics(timm.create_model(FULL[name]), 331, batch=2)
    hub(name, theirs)
    ours = create_model(name, "large", pretrained="timm").eval()
    images = torch.randn(2, 3, 331, 331)
    with torch.no_grad():
        uncorrected = (ours(images) - theirs(images)).abs().max()
    check_equal(ours, with_tensorflows_pools(theirs), images)
    print(f"{name}: logits differ by {uncorrected:.2g} from those of timm as it is")
