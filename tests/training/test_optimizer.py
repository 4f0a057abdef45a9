"""RMSProp beside the formula in numpy and beside torch's, which is another one."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from nas.training.optimizer import make_optimizer
from nas.training.rmsprop import RMSProp
from tests.training.recipes import recipe

RATES = (0.1, 0.1, 0.05, 0.02)
GRADIENTS = np.array([[0.3, -2.0], [0.5, 1.0], [-0.2, 0.1], [0.0, 4.0]])
DECAY, MOMENTUM, EPSILON, PENALTY = 0.9, 0.8, 0.1, 0.01


def test_it_is_the_formula_step_by_step() -> None:
    start = np.array([1.0, -0.5])
    weight, square, velocity = start.copy(), np.ones(2), np.zeros(2)
    parameter = nn.Parameter(torch.tensor(start))
    optimizer = RMSProp([parameter], lr=RATES[0], decay=DECAY, momentum=MOMENTUM, epsilon=EPSILON, weight_decay=PENALTY)
    for rate, gradient in zip(RATES, GRADIENTS, strict=True):
        penalised = gradient + PENALTY * weight
        square = DECAY * square + (1 - DECAY) * penalised**2
        velocity = MOMENTUM * velocity + rate * penalised / np.sqrt(square + EPSILON)
        weight = weight - velocity
        optimizer.param_groups[0]["lr"] = rate
        parameter.grad = torch.tensor(gradient)
        optimizer.step()
        np.testing.assert_allclose(parameter.detach().numpy(), weight, rtol=1e-12)


def test_it_is_not_torchs() -> None:
    """The first step by hand, without momentum or penalty: 0.1 * 2 / sqrt(0.9 + 0.1 * 4 + 0.1) against
    0.1 * 2 / (sqrt(0.1 * 4) + 0.1)."""
    ours, torchs = (nn.Parameter(torch.zeros(1, dtype=torch.float64)) for _ in range(2))
    for parameter, optimizer in (
        (ours, RMSProp([ours], lr=0.1, decay=0.9, momentum=0.0, epsilon=0.1)),
        (torchs, torch.optim.RMSprop([torchs], lr=0.1, alpha=0.9, eps=0.1)),
    ):
        parameter.grad = torch.tensor([2.0], dtype=torch.float64)
        optimizer.step()  # type: ignore[attr-defined]
    assert ours.item() == pytest.approx(-0.2 / 1.4**0.5, rel=1e-12)
    assert torchs.item() == pytest.approx(-0.2 / (0.4**0.5 + 0.1), rel=1e-12)


def test_the_recipe_sets_its_numbers_and_scales_the_learning_rate() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    paper = make_optimizer(network, recipe("final_imagenet"))
    assert isinstance(paper, RMSProp)
    weights, others = paper.param_groups
    assert (weights["lr"], weights["decay"], weights["momentum"], weights["epsilon"]) == (0.001, 0.9, 0.9, 0.1)
    assert (weights["weight_decay"], others["weight_decay"]) == (4e-5, 0.0)
    modern = recipe("final_imagenet_modern")
    assert make_optimizer(network, modern).param_groups[0]["lr"] == pytest.approx(0.4)
    assert make_optimizer(network, replace(modern, batch_size=256)).param_groups[0]["lr"] == pytest.approx(0.1)
