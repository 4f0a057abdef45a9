"""What a training leaves behind in its process: nothing printed, nothing changed, nothing held."""

import gc
import signal
import weakref
from random import Random
from typing import Any

import pytest
import torch
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.errors import UserError
from nas.training.build import fresh_network
from nas.training.fit import fit


def parts(*overrides: str) -> dict[str, Any]:
    shrunk = ["experiment=demo", "dataset.fraction=0.1", "training.epochs=1"]
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[*shrunk, *overrides])
    return {name: build(config[name], name) for name in ("search_space", "dataset", "network", "training", "hardware")}


def fresh(made: dict[str, Any]) -> torch.nn.Module:
    space = made["search_space"]
    return fresh_network(made["network"], space.architecture(space.initial(Random(0))), made["dataset"], 0)


def train(made: dict[str, Any], network: torch.nn.Module) -> None:
    fit(network, made["dataset"], made["training"], made["hardware"], seed=0)


def test_it_is_quiet_and_leaves_the_process_as_it_was(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    made = parts("hardware.threads=1")
    before = (torch.get_rng_state(), torch.get_num_threads(), signal.getsignal(signal.SIGTERM))
    network = fresh(made)
    train(made, network)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_num_threads() == before[1]
    assert signal.getsignal(signal.SIGTERM) == before[2]
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    assert not [str(warning.message) for warning in recwarn]


def test_weights_and_momentum_are_freed_without_a_collection_of_cycles() -> None:
    made = parts()
    train(made, fresh(made))  # first use makes caches
    gc.collect()
    gc.disable()
    try:
        network = fresh(made)
        weight = weakref.ref(next(network.parameters()))
        train(made, network)
        del network
        assert weight() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("training.epochs=0", r"training\.epochs is 0"),
        ("training.learning_rate=0", r"training\.learning_rate is 0"),
        ("training.learning_rate=high", r"training\.learning_rate is 'high'"),
        ("training.schedule=step", r"training\.schedule is 'step', allowed are cosine, exponential"),
        ("training.precision=16", r"training\.precision is '16', allowed are auto, 32, bf16"),
        ("training.optimizer=adam", r"training\.optimizer is 'adam', allowed are sgd, rmsprop"),
        ("training.warmup_epochs=1", r"training\.warmup_epochs is 1, it must be below training\.epochs, 1"),
        ("training.learning_rate_batch_size=0", r"training\.learning_rate_batch_size is 0"),
        ("training.decay_epochs=0", r"training\.decay_epochs is 0"),
        ("training.rmsprop_epsilon=0", r"training\.rmsprop_epsilon is 0"),
        ("training.ema=1", r"training\.ema is 1, it must be above 0 and below 1, or null"),
        ("training.gradient_clip=-1", r"training\.gradient_clip is -1"),
        ("training.label_smoothing=1", r"training\.label_smoothing is 1"),
        ("hardware.accelerator=tpu", r"hardware\.accelerator is 'tpu'"),
        ("hardware.workers=many", r"hardware\.workers is 'many'"),
        ("hardware.threads=0", r"hardware\.threads is 0"),
    ],
)
def test_values_out_of_range_are_named(override: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        parts(override)


def test_a_batch_that_is_larger_than_the_training_part() -> None:
    made = parts("training.batch_size=500")
    with pytest.raises(UserError, match=r"training\.batch_size is 500"):
        train(made, fresh(made))
    made = parts("training.batch_size=500", "training.drop_last=false")
    assert made["training"].num_examples(made["dataset"].num_train) == made["dataset"].num_train
    train(made, fresh(made))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_an_accelerator_that_is_not_here() -> None:
    made = parts("hardware=gpu")
    with pytest.raises(UserError, match=r"hardware\.accelerator is 'cuda', which torch does not find"):
        train(made, fresh(made))
