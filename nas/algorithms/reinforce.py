"""The reinforcement-learning baseline: NASNet's controller (Zoph et al. 2017, arXiv 1707.07012, appendix A).

Regularized evolution (Real et al. 2018, arXiv 1802.01548) was compared with it. The one algorithm that needs torch.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Literal, get_args

from nas.algorithms.base import Algorithm, Evaluated, Proposal
from nas.algorithms.controller import IndependentPolicy, LstmPolicy, Policy, one_thread
from nas.algorithms.options import check_whole
from nas.algorithms.policy_gradient import Example, Learner, Update
from nas.errors import UserError
from nas.search_spaces.base import DiscreteSpace, SearchSpace

PolicyName = Literal["lstm", "independent"]


@dataclass(kw_only=True)
class Reinforce(Algorithm):
    """Children are drawn from a policy, which learns from every `batch_size` children that are told.

    A minibatch is the next children told, whatever their age: with many in flight, some were drawn from an older
    policy. What a child was drawn with is recorded as it is asked for: `log_probability` (of the whole genome, natural
    logarithm) and `updates` (how often the policy had been updated), so PPO's ratio is exact however old the child is,
    and `nas.reporting.policy` tells how old they were. Failed children never enter a minibatch. The reward is the
    fitness. With a constraint the probability is that of the draw, among rejected ones or not.

    The weights are drawn with a seed that the first child's generator gives, recorded with it as `weights_seed`: they
    follow from the search's seed.

    Attributes:
        space: where genomes come from; it must be made of choices.
        policy: "lstm" or "independent", see `nas.algorithms.controller`.
        update: "ppo" or "reinforce", see `nas.algorithms.policy_gradient`; REINFORCE takes every child as if the
            present policy had drawn it.
        num_units: of the LSTM.
        init_range: all weights are uniform between minus and plus this.
        learning_rate: of Adam.
        batch_size: children per update.
        baseline_weight: of the past, in the moving average of rewards.
        entropy_weight: of the entropy bonus; the entropy is summed over the decisions.
        clip: PPO's epsilon. NASNet does not state it: 0.2 is the PPO paper's best.
        passes: steps that PPO takes with each minibatch. Not stated: the PPO paper takes 3 to 15; 3 costs least.
        temperature: of the softmaxes. Not stated: 1 leaves them as they are.
        tanh_constant: bounds the logits, see `Policy`. Not stated: None; later controllers of the same authors have 2.5
            (arXiv 1802.03268).
    """

    space: SearchSpace
    policy: PolicyName
    update: Update
    num_units: int
    init_range: float
    learning_rate: float
    batch_size: int
    baseline_weight: float
    entropy_weight: float
    clip: float
    passes: int
    temperature: float
    tanh_constant: float | None
    name: ClassVar[str] = "reinforce"
    exact: ClassVar[bool] = False
    _learner: Learner | None = field(default=None, init=False, repr=False, compare=False)
    _updates: int = field(default=0, init=False, repr=False)
    _in_flight: dict[int, float] = field(default_factory=dict, init=False, repr=False)  # log-probabilities by number
    _batch: list[Example] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.space, DiscreteSpace):
            raise UserError(
                f"algorithm=reinforce needs a search space that is made of choices, such as cells or bits, "
                f"and search_space={self.space.name} is not"
            )
        for name, options in (("policy", get_args(PolicyName)), ("update", get_args(Update))):
            if getattr(self, name) not in options:
                raise UserError(f"algorithm.{name} is {getattr(self, name)!r}, allowed are {' and '.join(options)}")
        for name in ("num_units", "batch_size", "passes"):
            check_whole(name, getattr(self, name), least=1)
        for name, least, below in _RANGES:
            value = getattr(self, name)
            if name == "tanh_constant" and value is None:
                continue
            number = not isinstance(value, bool) and isinstance(value, int | float)
            if not number or not least <= value < below or (value == 0 and name in _POSITIVE):
                null = ", or null" if name == "tanh_constant" else ""
                raise UserError(f"algorithm.{name} is {value!r}, it must be {_allowed(name, least, below)}{null}")
            setattr(self, name, float(value))  # so that 1 and 1.0 are the same search

    def ask(self, rng: Random) -> Proposal:
        record: dict[str, Any] = {"updates": self._updates}
        with one_thread():
            if self._learner is None:
                record["weights_seed"] = rng.getrandbits(32)
                policy = self._new_policy(record["weights_seed"])
            else:
                policy = self._learner.policy
            genome, record["log_probability"] = policy.sample(rng)
        return Proposal(genome, record=record)

    def asked(self, number: int, proposal: Proposal) -> None:
        if self._learner is None:
            self._learner = self._new_learner(proposal.record)
        self._in_flight[number] = float(proposal.record["log_probability"])

    def told(self, individual: Evaluated) -> tuple[int, ...]:
        assert individual.fitness is not None
        assert self._learner is not None
        old = self._in_flight.pop(individual.number)
        self._batch.append(Example(individual.genome, old, individual.fitness))
        if len(self._batch) == self.batch_size:
            self._learner.learn(self._batch)
            self._batch = []
            self._updates += 1
        return (individual.number,)

    def failed(self, number: int) -> None:
        del self._in_flight[number]

    @property
    def population(self) -> Collection[int]:
        return ()

    def _new_policy(self, seed: int) -> Policy:
        assert isinstance(self.space, DiscreteSpace)
        num_options = [len(choice.options) for choice in self.space.choices]
        policy: Policy
        if self.policy == "lstm":
            policy = LstmPolicy(num_options, self.temperature, self.tanh_constant, self.num_units)
        else:
            policy = IndependentPolicy(num_options, self.temperature, self.tanh_constant)
        policy.initialize(seed, self.init_range)
        return policy

    def _new_learner(self, record: Mapping[str, Any]) -> Learner:
        return Learner(
            self._new_policy(record["weights_seed"]),
            update=self.update,
            learning_rate=self.learning_rate,
            baseline_weight=self.baseline_weight,
            entropy_weight=self.entropy_weight,
            clip=self.clip,
            passes=self.passes,
        )


_RANGES = (  # the least value, and what it must stay below
    ("init_range", 0, math.inf),
    ("learning_rate", 0, math.inf),
    ("baseline_weight", 0, 1),
    ("entropy_weight", 0, math.inf),
    ("clip", 0, 1),
    ("temperature", 0, math.inf),
    ("tanh_constant", 0, math.inf),
)
_POSITIVE = ("learning_rate", "clip", "temperature", "tanh_constant")


def _allowed(name: str, least: float, below: float) -> str:
    start = f"greater than {least}" if name in _POSITIVE else f"at least {least}"
    return f"{start} and {'finite' if below == math.inf else f'below {below}'}"
