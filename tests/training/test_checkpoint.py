"""A training that was interrupted ends as if it had not been; a checkpoint of another training stays untouched."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from nas.errors import UserError
from nas.training.batch_plan import BatchPlan
from nas.training.build import fresh_network
from nas.training.checkpoint import CHECKPOINT_FILE, Saving
from nas.training.fit import fit
from nas.training.result import FitResult
from tests.training.test_fit import Child

RANDOM = ["network.drop_path_keep=0.7", "network.dropout=0.3", "training.cutout=2", "training.epochs=3"]


class Interrupted(Exception):
    pass


class Interrupt(pl.Callback):
    """Ends the training in the middle of an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        if trainer.current_epoch == self.epoch:
            raise Interrupted


def train(child: Child, folder: Path | None, **options: Any) -> tuple[FitResult, dict[str, torch.Tensor]]:
    network = fresh_network(child.spec, child.architecture, child.dataset, 5)
    result = fit(network, child.dataset, child.recipe, child.hardware, seed=5, checkpoint=folder, **options)
    return result.timeless(), network.state_dict()


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["training.epochs=null", "training.steps=18"],
        ["training.optimizer=rmsprop", "training.learning_rate=0.01", "training.ema=0.9", "training.warmup_epochs=2"],
    ],
)
def test_an_interrupted_training_ends_bit_equal(overrides: list[str], tmp_path: Path) -> None:
    child = Child(*RANDOM, *overrides)
    expected, weights = train(child, None)
    for epoch in (1, 2):
        with pytest.raises(Interrupted):
            train(child, tmp_path, callbacks=[Interrupt(epoch)])
    for _ in range(2):  # the second time it is done already
        result, resumed = train(child, tmp_path)
        assert asdict(result) == asdict(expected)
        assert weights.keys() == resumed.keys()
        assert all(torch.equal(weights[name], resumed[name]) for name in weights)
    assert [path.name for path in tmp_path.iterdir()] == [CHECKPOINT_FILE]


class InterruptAt(pl.Callback):
    """Ends the training after so many of its batches, after it was saved."""

    def __init__(self, batches: int) -> None:
        self.left = batches

    def on_train_batch_start(self, *_: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise Interrupted


@pytest.mark.parametrize("accumulate", [1, 2])
def test_an_epoch_that_was_interrupted_goes_on_within_it(accumulate: int, tmp_path: Path) -> None:
    child = Child(*RANDOM, "training.ema=0.9", f"hardware.accumulate={accumulate}")
    expected, weights = train(child, None)
    saving = Saving(within_epoch_s=0)
    batches = []
    epoch = BatchPlan(child.recipe, child.dataset.num_train, 1, accumulate).num_batches
    for number in (epoch // 2 + 1, epoch, epoch - 1):  # in the first, second and third epoch
        with pytest.raises(Interrupted):
            train(child, tmp_path, callbacks=[InterruptAt(number)], saving=saving)
        batches.append(torch.load(tmp_path / CHECKPOINT_FILE, weights_only=True)["nas_batches"])
    assert all(found > 0 and found % accumulate == 0 for found in batches)
    result, resumed = train(child, tmp_path)
    assert asdict(result) == asdict(expected)
    assert all(torch.equal(weights[name], resumed[name]) for name in weights)


def test_a_divergence_is_remembered(tmp_path: Path) -> None:
    child = Child("training.learning_rate=1e12", "training.gradient_clip=null", "training.epochs=3")
    first, _ = train(child, tmp_path)
    again, _ = train(child, tmp_path)
    assert first.diverged
    assert again == first


@pytest.mark.parametrize(
    ("overrides", "identity", "key"),
    [
        (["training.momentum=0.8"], {"genome": "A"}, "recipe"),
        (["network.filters=4"], {"genome": "A"}, "network"),
        (["dataset.fraction=0.1"], {"genome": "A"}, "dataset"),
        ([], {"genome": "B"}, "genome"),
    ],
)
def test_another_trainings_checkpoint_is_refused(
    overrides: list[str], identity: dict[str, str], key: str, tmp_path: Path
) -> None:
    train(Child("training.epochs=1"), tmp_path, identity={"genome": "A"})
    before = (tmp_path / CHECKPOINT_FILE).read_bytes()
    with pytest.raises(UserError, match=f"another {key}"):
        train(Child("training.epochs=1", *overrides), tmp_path, identity=identity)
    assert (tmp_path / CHECKPOINT_FILE).read_bytes() == before


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_FILE).write_text("no checkpoint")
    with pytest.raises(UserError, match=r"is no checkpoint of a training"):
        train(Child("training.epochs=1"), tmp_path)
    assert (tmp_path / CHECKPOINT_FILE).read_text() == "no checkpoint"


def test_further_parts_are_measured_when_asked_for() -> None:
    child = Child("training.epochs=1", "dataset.num_selection=50")
    plain, _ = train(child, None)
    assert plain.selection_accuracy is plain.test_accuracy is None
    more, _ = train(child, None, measure=["selection", "test"])
    assert more.valid_loss == plain.valid_loss
    assert 0 <= more.selection_accuracy <= 1  # type: ignore[operator]
    assert 0 <= more.test_accuracy <= 1  # type: ignore[operator]
    with pytest.raises(UserError, match=r"dataset\.num_selection is 0"):
        train(Child("training.epochs=1"), None, measure=["selection"])
    with pytest.raises(UserError, match="allowed are selection, test"):
        train(child, None, measure=["train"])
