"""How a policy learns from a minibatch: PPO (arXiv 1707.06347) or REINFORCE (Williams 1992), with Adam.

The reward's baseline is an exponential moving average of earlier rewards (arXiv 1707.07012, appendix A.2).
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from nas.algorithms.controller import Policy, one_thread

Update = Literal["ppo", "reinforce"]


class Example(NamedTuple):
    """A child that was told: its genome, its log-probability under the policy that proposed it, and its reward."""

    genome: tuple[int, ...]
    log_probability: float
    reward: float


class Baseline:
    """A moving average of rewards, each of which enters with the share `1 - weight`.

    It starts, as nothing is stated, at the mean of the first minibatch, so that the first step favours nobody. A
    minibatch is judged by the average before it, and enters afterwards in the order of telling.
    """

    def __init__(self, weight: float) -> None:
        self.weight = weight
        self.value: float | None = None

    def advantages(self, rewards: Sequence[float]) -> list[float]:
        """The rewards minus the average, which then takes them in."""
        if self.value is None:
            self.value = sum(rewards) / len(rewards)
        before = self.value
        for reward in rewards:
            self.value = self.weight * self.value + (1 - self.weight) * reward
        return [reward - before for reward in rewards]


class Learner:
    """A policy, its optimizer and its baseline.

    Adam has torch's (and its authors') betas and epsilon: NASNet states none, and Zoph & Le (arXiv 1611.01578) nothing
    but "ADAM" and the rate.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        update: Update,
        learning_rate: float,
        baseline_weight: float,
        entropy_weight: float,
        clip: float,
        passes: int,
    ) -> None:
        self.policy = policy
        self.update = update
        self.entropy_weight = entropy_weight
        self.clip = clip
        self.passes = passes if update == "ppo" else 1
        self.baseline = Baseline(baseline_weight)
        self.optimizer = torch.optim.Adam(policy.parameters(), lr=learning_rate)

    def learn(self, examples: Iterable[Example]) -> None:
        """One update from a minibatch, of `passes` steps."""
        genomes, old, rewards = zip(*examples, strict=True)
        advantages = self.baseline.advantages(rewards)
        with one_thread(), torch.inference_mode(False), torch.enable_grad():
            batch = (
                torch.tensor(genomes, device="cpu"),
                torch.tensor(old, dtype=torch.float32, device="cpu"),
                torch.tensor(advantages, dtype=torch.float32, device="cpu"),
            )
            for _ in range(self.passes):
                self.optimizer.zero_grad()
                self.loss(*batch).backward()
                self.optimizer.step()

    def loss(self, genomes: Tensor, old: Tensor, advantages: Tensor) -> Tensor:
        """What a step makes smaller, a mean over the minibatch.

        A genome is one action, so PPO's ratio is that of whole genomes: its reward belongs to no single decision, and
        one number per child is all that the journal has to keep.

        Args:
            genomes: (batch, choices), option indices.
            old: (batch,), log-probabilities under the policy that proposed them.
            advantages: (batch,).
        """
        log_probabilities, entropies = self.policy(genomes)
        if self.update == "reinforce":
            gains = advantages * log_probabilities
        else:
            ratios = (log_probabilities - old).exp()
            clipped = ratios.clamp(1 - self.clip, 1 + self.clip)
            gains = torch.minimum(ratios * advantages, clipped * advantages)
        return -(gains + self.entropy_weight * entropies).mean()
