"""Learning rates beside torch's schedules and by hand."""

import math

import pytest
import torch

from nas.training.schedule import cosine, learning_rate_factor
from tests.training.recipes import recipe


def test_cosine_is_torchs() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
    for step in range(50):
        assert math.isclose(cosine(step, 50), scheduler.get_last_lr()[0], abs_tol=1e-9)
        optimizer.step()
        scheduler.step()


def test_the_papers_imagenet_rate_falls_every_two_epochs() -> None:
    paper = recipe("final_imagenet")
    factors = [learning_rate_factor(paper, step, steps_per_epoch=10, num_steps=2500) for step in (0, 19, 20, 39, 40)]
    assert factors == pytest.approx([1, 1, 0.97, 0.97, 0.97**2])


def test_a_warm_up_grows_to_the_full_rate_and_the_cosine_takes_the_rest() -> None:
    modern = recipe("final_imagenet_modern", "training.epochs=20")
    factors = [learning_rate_factor(modern, step, steps_per_epoch=10, num_steps=200) for step in range(200)]
    assert factors[:50] == pytest.approx([(step + 1) / 50 for step in range(50)])
    assert factors[50:] == pytest.approx([cosine(step, 150) for step in range(150)])


def test_the_first_papers_rate_is_constant() -> None:
    paper = recipe("large_scale")
    assert {learning_rate_factor(paper, step, steps_per_epoch=900, num_steps=25_600) for step in range(25_600)} == {1.0}
