"""The moving average beside torch's own, and in a training."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from nas.training.build import fresh_network
from nas.training.fit import fit
from nas.training.weight_average import WeightAverage
from tests.training.test_fit import Child


def test_late_averages_are_torchs() -> None:
    """After so many updates that the first decays, which grow, are forgotten; torch's starts at the full one."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    ours = WeightAverage(network, 0.9)
    torchs = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    for _ in range(400):
        with torch.no_grad():
            for tensor in network.state_dict().values():
                if tensor.is_floating_point():
                    tensor.add_(torch.randn_like(tensor))
        ours.update()
        torchs.update_parameters(network)
    ours.copy_to(network)
    for name, tensor in torchs.module.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], tensor)


def test_the_first_updates_forget_the_fresh_weights() -> None:
    network = nn.Linear(1, 1)
    nn.init.zeros_(network.weight)
    average = WeightAverage(network, 0.9999)
    nn.init.ones_(network.weight)
    average.update()
    average.copy_to(network)
    assert network.weight.item() == pytest.approx(1 - 2 / 11)


def test_a_training_ends_with_the_averages() -> None:
    child = Child()
    plain, averaged = (fresh_network(child.spec, child.architecture, child.dataset, 0) for _ in range(2))
    first = fit(plain, child.dataset, child.recipe, child.hardware, seed=0)
    second = fit(averaged, child.dataset, replace(child.recipe, ema=0.9), child.hardware, seed=0)
    assert first.train_loss == second.train_loss  # the same training
    assert first.valid_loss != second.valid_loss
    assert not torch.equal(plain.classifier.weight, averaged.classifier.weight)  # type: ignore[attr-defined]
