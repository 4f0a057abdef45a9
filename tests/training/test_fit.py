"""A training: its numbers beside a plain torch loop, its repeatability, and what happens when it diverges."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir

import nas.training.run
from benchmarks.plain_loop import train_plainly
from nas.application import build, config_folder
from nas.training.build import fresh_network
from nas.training.fit import fit
from nas.training.result import FitResult, constant_accuracy

SHRUNK = ["experiment=demo", "dataset.fraction=0.2", "training.epochs=2"]


class Child:
    """Everything a training needs, composed as the command line composes it."""

    def __init__(self, *overrides: str) -> None:
        with initialize_config_dir(str(config_folder()), version_base="1.3"):
            config = compose("config", overrides=[*SHRUNK, *overrides])
        space = build(config.search_space, "search_space")
        self.architecture = space.architecture(space.initial(Random(1)))
        self.dataset = build(config.dataset, "dataset")
        self.spec = build(config.network, "network")
        self.recipe = build(config.training, "training")
        self.hardware = build(config.hardware, "hardware")

    def train(self, seed: int = 0, **options: Any) -> FitResult:
        network = fresh_network(self.spec, self.architecture, self.dataset, seed)
        return fit(network, self.dataset, self.recipe, self.hardware, seed=seed, **options)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_losses_equal_a_hand_written_loop(smoothing: float, tmp_path: Path) -> None:
    """On noise: the digits' constant borders put activations on the kink of a ReLU, where rounding decides."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (300, 16, 16, 3), dtype=np.uint8)
    np.savez(
        tmp_path / "noise.npz", x_train=images, y_train=np.arange(300) % 5, x_test=images, y_test=np.arange(300) % 5
    )
    child = Child(
        "dataset=arrays",
        f"dataset.path={tmp_path / 'noise.npz'}",
        "dataset.num_valid=50",
        "dataset.fraction=1.0",
        "training=search",
        "training.epochs=1",
        "training.batch_size=64",
        "training.precision=32",
        f"training.label_smoothing={smoothing}",
    )
    ours = child.train()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    plain = train_plainly(child.spec, child.architecture, child.dataset, child.recipe, 0)
    torch.set_num_threads(threads)
    assert ours.train_loss == pytest.approx(plain.train_loss, abs=1e-5)
    assert ours.valid_loss == pytest.approx(plain.valid_loss, rel=1e-4)
    assert ours.valid_accuracy == pytest.approx(plain.valid_accuracy)


def test_equal_seeds_give_equal_bits_also_in_a_fresh_process() -> None:
    child = Child("network.drop_path_keep=0.7", "training.cutout=2")
    first = child.train(seed=3)
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_fit import Child\n"
        "print(repr(Child('network.drop_path_keep=0.7', 'training.cutout=2').train(seed=3).valid_loss))"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert float(done.stdout.split()[-1]) == first.valid_loss
    assert child.train(seed=4).valid_loss != first.valid_loss


def test_a_divergence_ends_the_training_with_the_accuracy_of_a_constant_answer() -> None:
    child = Child("training.learning_rate=1e12", "training.gradient_clip=null", "training.epochs=3")
    result = child.train()
    parts = child.dataset.load()
    assert result.diverged
    assert result.valid_loss is None
    assert result.valid_accuracy == constant_accuracy(parts.train, parts.valid)
    assert result.examples < 3 * child.dataset.num_train  # it stopped early


def test_the_auxiliary_head_and_drop_path_train_too() -> None:
    child = Child("network=cifar", "network.num_cells=1", "network.filters=4", "dataset.image_size=32")
    result = child.train()
    assert not result.diverged
    assert 0 <= result.valid_accuracy <= 1


def test_steps_may_end_within_an_epoch() -> None:
    """More than an epoch and fewer than two; at a constant rate an epoch of steps is an epoch."""
    fixed = ("training.schedule=constant", "training.batch_size=30")
    eleven = Child("training.epochs=null", "training.steps=11", *fixed)
    per_epoch = eleven.recipe.steps_per_epoch(eleven.dataset.num_train)
    assert 1 < per_epoch < 11 < 2 * per_epoch
    result = eleven.train()
    assert result.examples == 11 * 30 == eleven.recipe.num_examples(eleven.dataset.num_train)
    one = Child("training.epochs=1", *fixed).train()
    same = Child("training.epochs=null", f"training.steps={per_epoch}", *fixed).train()
    assert (same.valid_loss, same.train_loss) == (one.valid_loss, one.train_loss)
    assert result.valid_loss != one.valid_loss


def test_waiting_for_the_first_batch_is_data_and_not_training(monkeypatch: pytest.MonkeyPatch) -> None:
    made, waited_s = nas.training.run.training_batches, 0.4

    class Slow:
        """Batches of which the first is late, as where image files are decoded."""

        def __init__(self, batches: Any) -> None:
            self.batches = self.sampler = batches
            self.late = True

        def __len__(self) -> int:
            return len(self.batches)

        def __iter__(self) -> Iterator[Any]:
            if self.late:
                time.sleep(waited_s)
            self.late = False
            yield from self.batches

    monkeypatch.setattr(nas.training.run, "training_batches", lambda *args, **kwargs: Slow(made(*args, **kwargs)))
    start = time.perf_counter()
    result = Child().train()
    whole_s = time.perf_counter() - start
    assert result.data_s >= waited_s
    assert min(result.train_s, result.valid_s) > 0
    assert result.data_s + result.train_s + result.valid_s < whole_s
    assert result.timeless() == Child().train().timeless()
