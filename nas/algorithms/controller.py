"""Policies over discrete spaces: NASNet's LSTM controller, and one logit vector per choice.

Source: Zoph et al. 2017 (arXiv 1707.07012), appendix A.2 and A.3: "a one-layer LSTM with 100 hidden units at each layer
and 2 x 5B softmax predictions", all weights "initialized uniformly between -0.1 and 0.1". Every softmax is fed with the
embedding of the decision before it (Zoph & Le 2016, arXiv 1611.01578, section 3.1).

Everything is computed on the CPU, in single precision; `one_thread` makes the bits the same whatever the process does.
"""

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import torch
from torch import Tensor, nn

WHERE: dict[str, Any] = {"dtype": torch.float32, "device": "cpu"}


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order: a torch thread more or less would change last bits. The process's number comes back."""
    threads = torch.get_num_threads()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if threads != 1:
            torch.set_num_threads(threads)


class Policy(nn.Module):
    """A distribution over genomes: one softmax per choice.

    Attributes:
        num_options: how many options each choice has.
        temperature: logits are divided by it.
        tanh_constant: logits z become `tanh_constant * tanh(z)`; None leaves them.
    """

    allowed: Tensor  # (choices, options), False where a choice has fewer options than the largest one

    def __init__(self, num_options: Sequence[int], temperature: float, tanh_constant: float | None) -> None:
        super().__init__()
        self.num_options = tuple(num_options)
        self.temperature = temperature
        self.tanh_constant = tanh_constant
        allowed = torch.zeros(len(num_options), max(num_options), dtype=torch.bool, device="cpu")
        for choice, count in enumerate(num_options):
            allowed[choice, :count] = True
        self.register_buffer("allowed", allowed)

    def initialize(self, seed: int, init_range: float) -> None:
        """Draws all weights uniformly from -init_range to init_range."""
        generator = torch.Generator("cpu").manual_seed(seed)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.uniform_(-init_range, init_range, generator=generator)

    @torch.inference_mode()
    def sample(self, rng: Random) -> tuple[tuple[int, ...], float]:
        """A genome and the natural logarithm of its probability. All randomness comes from `rng`."""
        genome: list[int] = []
        log_probability = 0.0
        for choice, logits in enumerate(self._walk(genome)):
            values = self._squashed(logits[: self.num_options[choice]]).tolist()
            top = max(values)
            weights = [math.exp(value - top) for value in values]
            option = rng.choices(range(len(weights)), weights)[0]
            log_probability += values[option] - top - math.log(math.fsum(weights))
            genome.append(option)
        return tuple(genome), log_probability

    def forward(self, genomes: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of genomes, and the entropies of the decisions on the way to them.

        Args:
            genomes: (batch, choices), option indices.

        Returns:
            (batch,) and (batch,), both sums over the choices.
        """
        logits = self._squashed(self._logits(genomes))
        logs = logits.masked_fill(~self.allowed, -math.inf).log_softmax(-1)
        chosen = logs.gather(-1, genomes.unsqueeze(-1)).squeeze(-1).sum(-1)
        surprise = torch.where(self.allowed, -logs, 0.0)
        return chosen, (logs.exp() * surprise).sum((-1, -2))

    def _squashed(self, logits: Tensor) -> Tensor:
        logits = logits / self.temperature
        return logits if self.tanh_constant is None else self.tanh_constant * logits.tanh()

    @abstractmethod
    def _walk(self, genome: list[int]) -> Iterator[Tensor]:
        """The logits (options,) of one choice after the other; `genome` holds the decisions made before it."""

    @abstractmethod
    def _logits(self, genomes: Tensor) -> Tensor:
        """The logits of all choices on the way to these genomes, (batch, choices, options)."""


class LstmPolicy(Policy):
    """NASNet's controller. Embeddings and softmaxes belong to their choice, as options mean something else in each.

    The size of the embeddings and the first input are not stated: embeddings are as wide as the LSTM, and the first
    input is a vector that is learned like them.
    """

    def __init__(
        self, num_options: Sequence[int], temperature: float, tanh_constant: float | None, num_units: int
    ) -> None:
        super().__init__(num_options, temperature, tanh_constant)
        choices, options = self.allowed.shape
        self.start = nn.Parameter(torch.empty(num_units, **WHERE))
        self.embeddings = nn.Parameter(torch.empty(choices - 1, options, num_units, **WHERE))
        with torch.random.fork_rng(devices=[]):  # torch would draw weights with the process's generator
            self.lstm = nn.LSTM(num_units, num_units, **WHERE)
        self.softmax_weights = nn.Parameter(torch.empty(choices, options, num_units, **WHERE))
        self.softmax_biases = nn.Parameter(torch.empty(choices, options, **WHERE))

    def _walk(self, genome: list[int]) -> Iterator[Tensor]:
        weights = list(self.lstm.parameters())
        hidden = cell = torch.zeros(1, self.lstm.hidden_size, **WHERE)
        softmaxes = zip(self.softmax_weights, self.softmax_biases, strict=True)
        for choice, (weight, bias) in enumerate(softmaxes):
            given = self.embeddings[choice - 1, genome[-1]] if choice else self.start
            hidden, cell = torch.lstm_cell(given.unsqueeze(0), (hidden, cell), *weights)
            yield torch.addmv(bias, weight, hidden[0])

    def _logits(self, genomes: Tensor) -> Tensor:
        batch, choices = genomes.shape
        before = self.embeddings[torch.arange(choices - 1, device="cpu"), genomes[:, :-1]].transpose(0, 1)
        hidden, _ = self.lstm(torch.cat([self.start.expand(1, batch, -1), before]))  # (choices, batch, units)
        logits = torch.baddbmm(self.softmax_biases.unsqueeze(1), hidden, self.softmax_weights.transpose(1, 2))
        return logits.transpose(0, 1)


class IndependentPolicy(Policy):
    """One logit vector per choice, whatever the other decisions are."""

    def __init__(self, num_options: Sequence[int], temperature: float, tanh_constant: float | None) -> None:
        super().__init__(num_options, temperature, tanh_constant)
        self.logits = nn.Parameter(torch.empty(self.allowed.shape, **WHERE))

    def _walk(self, genome: list[int]) -> Iterator[Tensor]:
        return iter(self.logits)

    def _logits(self, genomes: Tensor) -> Tensor:
        return self.logits.expand(len(genomes), -1, -1)
