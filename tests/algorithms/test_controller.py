"""The policies: probabilities against computations of others, sampling, weights."""

import itertools
import math
from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from nas.algorithms.controller import IndependentPolicy, LstmPolicy, Policy, one_thread

NUM_OPTIONS = (2, 4, 1, 3)
GENOMES = list(itertools.product(*map(range, NUM_OPTIONS)))
SQUASHES = [(1.0, None), (5.0, 2.5)]


def lstm(seed: int = 0, init_range: float = 1.0, squash: tuple[float, Any] = (1.0, None)) -> LstmPolicy:
    policy = LstmPolicy(NUM_OPTIONS, *squash, num_units=5)
    policy.initialize(seed, init_range)
    return policy


def independent(seed: int = 0, init_range: float = 1.0, squash: tuple[float, Any] = (1.0, None)) -> IndependentPolicy:
    policy = IndependentPolicy(NUM_OPTIONS, *squash)
    policy.initialize(seed, init_range)
    return policy


BOTH = pytest.mark.parametrize("make", [lstm, independent])


def numpy_logits(policy: LstmPolicy, genome: tuple[int, ...]) -> list[np.ndarray]:
    """NASNet's controller again, with nothing of torch but the weights."""
    weights = {name: value.detach().double().numpy() for name, value in policy.named_parameters()}
    hidden = cell = np.zeros(len(weights["start"]))
    all_logits = []
    for choice, count in enumerate(NUM_OPTIONS):
        given = weights["embeddings"][choice - 1, genome[choice - 1]] if choice else weights["start"]
        gates = weights["lstm.weight_ih_l0"] @ given + weights["lstm.weight_hh_l0"] @ hidden
        gates += weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"]
        into, forget, new, out = np.split(gates, 4)
        sigmoid_in, sigmoid_forget, sigmoid_out = (1 / (1 + np.exp(-gate)) for gate in (into, forget, out))
        cell = sigmoid_forget * cell + sigmoid_in * np.tanh(new)
        hidden = sigmoid_out * np.tanh(cell)
        logits = weights["softmax_weights"][choice, :count] @ hidden + weights["softmax_biases"][choice, :count]
        logits = logits / policy.temperature
        all_logits.append(logits if policy.tanh_constant is None else policy.tanh_constant * np.tanh(logits))
    return all_logits


def expected(policy: Policy, genome: tuple[int, ...]) -> tuple[float, float]:
    """Log-probability and entropy by torch.distributions, from logits of our own."""
    if isinstance(policy, LstmPolicy):
        logits = numpy_logits(policy, genome)
    else:
        logits = [row[:count] for row, count in zip(policy._squashed(policy.logits), NUM_OPTIONS, strict=True)]
    choices = [torch.distributions.Categorical(logits=torch.as_tensor(row).detach().double()) for row in logits]
    logs = [choice.log_prob(torch.tensor(option)) for choice, option in zip(choices, genome, strict=True)]
    return float(sum(logs)), float(sum(choice.entropy() for choice in choices))


@BOTH
@pytest.mark.parametrize("squash", SQUASHES)
def test_probabilities_and_entropies_are_those_of_a_computation_of_others(make: Any, squash: Any) -> None:
    policy = make(squash=squash)
    logs, entropies = (values.detach() for values in policy(torch.tensor(GENOMES)))
    assert float(logs.exp().sum()) == pytest.approx(1, abs=1e-6)
    for genome, log, entropy in zip(GENOMES, logs, entropies, strict=True):
        assert (float(log), float(entropy)) == pytest.approx(expected(policy, genome), abs=2e-6)


@BOTH
@pytest.mark.parametrize("squash", SQUASHES)
def test_samples_have_the_probabilities_they_say(make: Any, squash: Any) -> None:
    from scipy import stats

    policy, rng = make(squash=squash), Random(0)
    drawn = [policy.sample(rng) for _ in range(6000)]
    logs = dict(zip(GENOMES, policy(torch.tensor(GENOMES))[0].tolist(), strict=True))
    assert all(log == pytest.approx(logs[genome], abs=2e-6) for genome, log in drawn)
    counts = Counter(genome for genome, _ in drawn)
    expected_counts = np.array([math.exp(logs[genome]) for genome in GENOMES])
    expected_counts *= len(drawn) / expected_counts.sum()
    assert stats.chisquare([counts[genome] for genome in GENOMES], expected_counts).pvalue > 1e-3


def test_only_the_lstm_knows_the_decisions_before() -> None:
    """Swapping the first decision changes what the last one costs."""

    def last(policy: Policy, first: int) -> float:
        pairs = torch.tensor([[first, 0, 0, 0], [first, 0, 0, 1]])
        logs = policy(pairs)[0].detach()
        return float(logs[0] - logs[1])

    assert last(lstm(), 0) != pytest.approx(last(lstm(), 1), abs=1e-4)
    assert last(independent(), 0) == pytest.approx(last(independent(), 1), abs=1e-6)


def test_all_weights_are_uniform_between_plus_and_minus_the_range() -> None:
    from scipy import stats

    policy = LstmPolicy((2, 3) * 20, 1.0, None, num_units=100)
    policy.initialize(0, 0.1)
    for name, parameter in policy.named_parameters():
        values = parameter.detach().flatten().numpy()
        assert abs(values).max() <= 0.1
        assert stats.kstest(values, stats.uniform(-0.1, 0.2).cdf).pvalue > 1e-3, name


@BOTH
def test_weights_follow_from_the_seed_and_leave_torchs_own_generator_alone(make: Any) -> None:
    torch.manual_seed(3)
    state = torch.get_rng_state()
    one, same, other = make(7), make(7), make(8)
    one.sample(Random(0))
    assert torch.equal(torch.get_rng_state(), state)
    for left, right, different in zip(one.parameters(), same.parameters(), other.parameters(), strict=True):
        assert torch.equal(left, right)
        assert not torch.equal(left, different)


def test_options_that_do_not_exist_get_no_gradient() -> None:
    policy = lstm()
    policy(torch.tensor(GENOMES))[0].sum().backward()
    for parameter in (policy.softmax_weights, policy.softmax_biases):
        assert not parameter.grad[~policy.allowed].any()
    assert all(parameter.grad.isfinite().all() for parameter in policy.parameters())


@pytest.mark.parametrize("threads", [1, 2])
def test_the_processs_threads_come_back(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        with pytest.raises(KeyError), one_thread():
            raise KeyError
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
