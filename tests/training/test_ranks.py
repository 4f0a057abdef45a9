"""Several processes train as one does: the loss curve, the measures, the weights that come back, and what fails."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn

from nas.errors import UserError
from nas.metrics.base import Metric
from nas.training.build import fresh_network
from nas.training.checkpoint import CHECKPOINT_FILE, Saving
from nas.training.fit import fit
from nas.training.result import FitResult
from tests.training.test_fit import Child

TWO = "hardware.devices=2"
NOISE = [
    "dataset=arrays",
    "dataset.num_valid=50",
    "dataset.fraction=1.0",
    "network.filters=4",
    "training.batch_size=16",
    "training.epochs=1",
    "training.learning_rate=0.02",
    "training.crop_padding=1",
    "training.cutout=2",
]


class Losses(pl.Callback):
    """Writes the loss of every step, over all ranks, into a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.losses: list[float] = []

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        loss = pl_module.check_loss() if pl_module.plan.begins_step(batch_idx) else None  # type: ignore[operator, union-attr]
        if loss is not None:
            self.losses.append(loss)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        loss = pl_module.check_loss()  # type: ignore[operator]
        if trainer.is_global_zero:
            self.path.write_text(json.dumps([*self.losses, loss]))


@dataclass(frozen=True)
class InOrder(Metric):
    """Depends on every probability, and on the order of the images."""

    name: ClassVar[str] = "in_order"

    def value(self, labels: Any, probabilities: Any) -> float:
        assert len(labels) == len(probabilities) == 51
        weights = np.arange(1, 1 + probabilities.size).reshape(probabilities.shape)
        return float((weights * probabilities).sum() + (weights[:, 0] * labels).sum())


class Fail(pl.Callback):
    """Rank 1 raises, or dies."""

    def __init__(self, how: str) -> None:
        self.how = how

    def on_train_batch_start(self, trainer: pl.Trainer, *_: Any) -> None:
        if trainer.global_rank == 1 and trainer.global_step == 2:
            if self.how == "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            raise torch.OutOfMemoryError("CUDA out of memory") if self.how == "is full" else UserError("no more")


def noise(folder: Path) -> Path:
    """A file of 143 images in the folder, made if it is not there."""
    path = folder / "noise.npz"
    if not path.exists():
        rng = np.random.default_rng(0)
        images, labels = rng.integers(0, 255, (143, 12, 12, 3), dtype=np.uint8), np.arange(143) % 5
        np.savez(path, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return path


def without_norms(network: nn.Module) -> nn.Module:
    for module in list(network.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, name, nn.Identity())
    return network


def trained(
    child: Child, folder: Path, *, norms: bool = False, precision: str = "32-true"
) -> tuple[FitResult, list[float], nn.Module]:
    network = fresh_network(child.spec, child.architecture, child.dataset, 0)
    if not norms:
        without_norms(network)
    if precision == "64-true":
        network.double()
    path = folder / "losses.json"
    options = {"callbacks": [Losses(path)], "precision": precision}
    result = fit(network, child.dataset, child.recipe, child.hardware, seed=0, **options)
    return result, json.loads(path.read_text()), network


def test_answers_of_all_ranks_are_measured_together_and_in_order(tmp_path: Path) -> None:
    """51 images for two ranks: their shares are not equal."""
    results = []
    for devices in (1, 2):
        child = Child(*NOISE, f"dataset.path={noise(tmp_path)}", "dataset.num_valid=51", f"hardware.devices={devices}")
        network = without_norms(fresh_network(child.spec, child.architecture, child.dataset, 0)).double()
        results.append(
            fit(network, child.dataset, child.recipe, child.hardware, seed=0, metric=InOrder(), precision="64-true")
        )
    assert results[0].scores["valid"] == pytest.approx(results[1].scores["valid"], rel=1e-9)
    assert results[0].valid_accuracy == results[1].valid_accuracy


@pytest.mark.parametrize(
    "overrides",
    [
        [TWO],
        ["hardware.accumulate=2"],
        [TWO, "hardware.accumulate=2", "training.drop_last=false", "training.gradient_clip=0.5"],
    ],
)
def test_the_loss_curve_is_that_of_one_process(overrides: list[str], tmp_path: Path) -> None:
    """Without batch norms. In double precision: in single, sums in another order differ in the seventh digit. On noise:
    the digits' constant borders put activations on the kink of a ReLU, where rounding decides. Of 93 images the last
    step, where it is not left out, has 13: 8 for one pass and 5 for the other, of which one rank gets 3."""
    data = f"dataset.path={noise(tmp_path)}"
    several = Child(*NOISE, data, *overrides)
    one = Child(*NOISE, data, *[text for text in overrides if not text.startswith("hardware")])
    expected, curve, weights = trained(one, tmp_path, precision="64-true")
    result, shared, back = trained(several, tmp_path, precision="64-true")
    assert len(curve) == len(shared) >= 5
    assert shared == pytest.approx(curve, abs=1e-9)
    assert result.valid_loss == pytest.approx(expected.valid_loss, abs=1e-5)
    assert (result.examples, result.valid_accuracy) == (expected.examples, expected.valid_accuracy)
    for name, tensor in weights.state_dict().items():
        torch.testing.assert_close(back.state_dict()[name], tensor, atol=1e-9, rtol=1e-9)


def test_every_image_is_measured_once_and_weights_and_measures_belong_together(tmp_path: Path) -> None:
    """An odd number of validation images, in odd batches; batch norms differ from rank to rank while they train."""
    child = Child(TWO, "training.epochs=1", "dataset.num_valid=37", "hardware.evaluation_batch_size=9")
    result, _, network = trained(child, tmp_path, norms=True)
    part = child.dataset.load().valid
    parts = child.dataset.load()
    images = (torch.from_numpy(part.images).float() / 255 - torch.tensor(parts.mean)) / torch.tensor(parts.std)
    with torch.inference_mode():
        logits = network.eval()(images.permute(0, 3, 1, 2))
    labels = torch.from_numpy(part.labels)
    assert result.valid_loss == pytest.approx(nn.functional.cross_entropy(logits, labels).item(), abs=1e-5)
    assert result.valid_accuracy == int((logits.argmax(1) == labels).sum()) / len(part)


def test_a_rank_without_an_image_to_measure(tmp_path: Path) -> None:
    result, _, _ = trained(Child(TWO, "dataset.num_valid=1", "training.epochs=1"), tmp_path)
    assert result.valid_accuracy in (0, 1)


def test_two_processes_resume_too(tmp_path: Path) -> None:
    small = ["training.epochs=2", "network.filters=4", "dataset.fraction=0.2"]
    child = Child(TWO, *small, "network.drop_path_keep=0.7", "training.ema=0.9")

    def train(folder: Path, **options: Any) -> tuple[FitResult, dict[str, torch.Tensor]]:
        network = fresh_network(child.spec, child.architecture, child.dataset, 0)
        result = fit(network, child.dataset, child.recipe, child.hardware, seed=0, checkpoint=folder, **options)
        return result.timeless(), network.state_dict()

    expected, weights = train(tmp_path / "whole")
    for batch in (0, 3):  # between epochs, and within the second
        with pytest.raises(UserError, match="no more"):
            train(tmp_path / "parts", callbacks=[FailLater(batch)], saving=Saving(within_epoch_s=0))
        found = torch.load(tmp_path / "parts" / CHECKPOINT_FILE, weights_only=True)
        assert (found["nas_batches"] > 0) == (batch > 0)
    result, resumed = train(tmp_path / "parts")
    assert result == expected
    assert all(torch.equal(weights[name], resumed[name]) for name in weights)


class FailLater(Fail):
    def __init__(self, batch: int) -> None:
        super().__init__("raises")
        self.batch = batch

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, _: Any, batch: int) -> None:
        if trainer.current_epoch == 1 and batch == self.batch:
            raise UserError("no more")


@pytest.mark.parametrize(("how", "message"), [("raises", "no more"), ("is full", "out of memory"), ("dies", "SIGKILL")])
def test_a_rank_that_fails_ends_the_training(how: str, message: str) -> None:
    child = Child(TWO)
    with pytest.raises(Exception, match=message):
        child.train(callbacks=[Fail(how)])


def test_a_divergence_ends_all_ranks() -> None:
    result = Child(TWO, "training.learning_rate=1e12", "training.gradient_clip=null").train()
    assert result.diverged


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["hardware.devices=100"], r"hardware\.devices is 100, there are \d+ CPU cores here"),
        ([TWO, "training.batch_size=31"], r"training\.batch_size is 31, it must be a multiple of .*2 x 1 = 2"),
        (["hardware.accumulate=3"], r"training\.batch_size is 32, it must be a multiple of .*1 x 3 = 3"),
        ([TWO, "training.sync_batchnorm=true"], r"training\.sync_batchnorm is true, which torch has on CUDA only"),
        ([TWO, "training.drop_last=false", "training.batch_size=226"], "leaves 1 images for an epoch's last pass"),
    ],
)
def test_what_cannot_be_shared_out(overrides: list[str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        Child(*overrides).train()
