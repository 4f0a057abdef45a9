"""The updates: gradients against formulas, the baseline against sums by hand."""

from random import Random
from typing import Any

import pytest
import torch

from nas.algorithms.controller import IndependentPolicy, LstmPolicy, Policy
from nas.algorithms.policy_gradient import Baseline, Example, Learner

NUM_OPTIONS = (2, 4, 3)


def independent() -> IndependentPolicy:
    policy = IndependentPolicy(NUM_OPTIONS, 1.0, None)
    policy.initialize(0, 1.0)
    return policy


def lstm() -> LstmPolicy:
    policy = LstmPolicy(NUM_OPTIONS, 1.0, None, num_units=6)
    policy.initialize(0, 1.0)
    return policy


def learner(policy: Policy, **changes: Any) -> Learner:
    settings: dict[str, Any] = {
        "update": "reinforce",
        "learning_rate": 0.01,
        "baseline_weight": 0.95,
        "entropy_weight": 0.0,
        "clip": 0.2,
        "passes": 1,
    }
    return Learner(policy, **settings | changes)


def minibatch(policy: Policy, size: int = 12) -> list[Example]:
    rng = Random(1)
    return [Example(*policy.sample(rng), reward=rng.random()) for _ in range(size)]


def gradients(policy: Policy, **changes: Any) -> list[torch.Tensor]:
    """Of one step from a fresh minibatch."""
    examples = minibatch(policy)
    learner(policy, **changes).learn(examples)
    return [parameter.grad for parameter in policy.parameters() if parameter.grad is not None]


@pytest.mark.parametrize("entropy_weight", [0.0, 0.3])
def test_reinforce_has_the_gradient_of_its_formula(entropy_weight: float) -> None:
    """d log p(a) / d logit k = [a = k] - p_k, and dH / d logit k = -p_k (log p_k + H)."""
    policy = independent()
    rows = zip(policy.logits.detach().double(), NUM_OPTIONS, strict=True)
    probabilities = [row[:count].softmax(0) for row, count in rows]
    examples = minibatch(policy)
    mean = sum(example.reward for example in examples) / len(examples)
    (gradient,) = gradients(policy, entropy_weight=entropy_weight)
    for choice, p in enumerate(probabilities):
        entropy = -(p * p.log()).sum()
        expected = -entropy_weight * p * (p.log() + entropy)
        for genome, _, reward in examples:
            chosen = torch.nn.functional.one_hot(torch.tensor(genome[choice]), len(p))
            expected += (reward - mean) * (chosen - p) / len(examples)
        assert torch.allclose(gradient[choice, : len(p)].double(), -expected, atol=1e-6)
        assert not gradient[choice, len(p) :].any()


@pytest.mark.parametrize("make", [independent, lstm])
def test_ppos_first_pass_over_fresh_samples_is_reinforce(make: Any) -> None:
    """The ratio is 1, and the gradient of a ratio of 1 is that of the logarithm."""
    ppo, reinforce = (gradients(make(), update=update, entropy_weight=0.1) for update in ("ppo", "reinforce"))
    assert len(ppo) == len(reinforce) > 0
    for left, right in zip(ppo, reinforce, strict=True):
        assert torch.allclose(left, right, rtol=1e-4, atol=1e-6)
        assert right.any()


@pytest.mark.parametrize(
    ("log_ratio", "advantage", "moves"),
    [
        (0.3, 1, False),
        (0.3, -1, True),
        (-0.3, 1, True),
        (-0.3, -1, False),
        (0.1, 1, True),
        (-0.1, -1, True),
    ],
)
def test_ppo_stops_where_the_ratio_has_left_the_clip(log_ratio: float, advantage: int, moves: bool) -> None:
    """The ratio is to the recorded log-probability; only a change that goes on in the same direction is held."""
    policy = independent()
    genomes = torch.tensor([[1, 2, 0]])
    old = policy(genomes)[0].detach() - log_ratio
    learner(policy, update="ppo").loss(genomes, old, torch.tensor([float(advantage)])).backward()
    assert bool(policy.logits.grad.any()) is moves


def test_passes_are_steps_of_ppo_alone() -> None:
    steps = {}
    for update in ("ppo", "reinforce"):
        policy = independent()
        learning = learner(policy, update=update, passes=4)
        learning.learn(minibatch(policy))
        steps[update] = int(learning.optimizer.state[policy.logits]["step"])
    assert steps == {"ppo": 4, "reinforce": 1}


def test_the_baseline_is_the_average_before_the_minibatch() -> None:
    baseline = Baseline(0.5)
    assert baseline.advantages([1.0, 3.0]) == [-1.0, 1.0]  # from the mean, 2
    assert baseline.value == 2.25  # 2 -> 1.5 -> 2.25
    assert baseline.advantages([4.25]) == [2.0]
    assert baseline.value == 3.25


def test_the_process_changes_no_bit() -> None:
    """Neither its threads nor a surrounding no_grad or inference_mode."""
    before, found = torch.get_num_threads(), []
    for threads, mode in ((1, torch.enable_grad), (2, torch.no_grad), (3, torch.inference_mode)):
        policy = LstmPolicy((3,) * 30, 1.0, None, num_units=100)
        policy.initialize(0, 0.1)
        torch.set_num_threads(threads)
        try:
            with mode():
                learner(policy, update="ppo", passes=3).learn(minibatch(policy, 20))
            assert torch.get_num_threads() == threads
        finally:
            torch.set_num_threads(before)
        found.append(torch.cat([parameter.detach().flatten() for parameter in policy.parameters()]))
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])
