"""The reinforcement-learning baseline as an algorithm: minibatches, records, ages, what it learns, what it refuses."""

import json
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

import pytest
import torch

from nas import History, run_search
from nas.algorithms.base import Proposal
from nas.algorithms.random_search import RandomSearch
from nas.algorithms.reinforce import Reinforce
from nas.errors import UserError
from nas.reporting import labels
from nas.reporting.drawings.progress import legend
from nas.reporting.facts import facts
from nas.reporting.figures.progress import progress_figure
from nas.reporting.policy import staleness
from nas.search.identity import identity_of
from nas.search.individual import Individual
from nas.search_spaces.bits import Bits
from tests.test_contracts import composed

SPACE = Bits(num_bits=16)
SETTINGS: dict[str, Any] = {
    "space": SPACE,
    "policy": "independent",
    "update": "ppo",
    "num_units": 16,
    "init_range": 0.1,
    "learning_rate": 0.05,
    "batch_size": 10,
    "baseline_weight": 0.95,
    "entropy_weight": 1e-5,
    "clip": 0.2,
    "passes": 3,
    "temperature": 1.0,
    "tanh_constant": None,
}


def reinforce(**changes: Any) -> Reinforce:
    return Reinforce(**SETTINGS | changes)


def share_of_ones(genome: tuple[int, ...]) -> float:
    return sum(genome) / len(genome)


def drive(algorithm: Any, numbers: range) -> list[Proposal]:
    """Children one after the other, told their share of ones."""
    proposals = []
    for number in numbers:
        proposals.append(algorithm.ask(Random(f"ask {number}")))
        algorithm.asked(number, proposals[-1])
        tell(algorithm, number, proposals[-1])
    return proposals


def tell(algorithm: Any, number: int, proposal: Proposal) -> None:
    fitness = share_of_ones(proposal.genome)
    assert algorithm.told(Individual(number, proposal.genome, 0, fitness=fitness)) == (number,)


def weights(algorithm: Reinforce) -> torch.Tensor:
    assert algorithm._learner is not None
    return torch.cat([parameter.detach().flatten() for parameter in algorithm._learner.policy.parameters()])


@pytest.mark.parametrize("policy", ["lstm", "independent"])
@pytest.mark.parametrize("update", ["ppo", "reinforce"])
def test_it_learns_what_random_search_does_not(policy: str, update: str) -> None:
    """The last of 600 children have far more ones than the random ones (0.5, with a standard error of 0.0125)."""
    algorithm = reinforce(policy=policy, update=update, learning_rate=0.01 if policy == "lstm" else 0.05)
    last = mean(share_of_ones(proposal.genome) for proposal in drive(algorithm, range(600))[-100:])
    random = mean(share_of_ones(proposal.genome) for proposal in drive(RandomSearch(SPACE), range(600))[-100:])
    assert random < 0.55
    assert last > 0.8


def test_it_learns_at_the_published_settings() -> None:
    algorithm = composed("algorithm", "algorithm=reinforce", space=SPACE)
    proposals = drive(algorithm, range(600))
    shares = [share_of_ones(proposal.genome) for proposal in proposals]
    assert mean(shares[:100]) < 0.55
    assert mean(shares[-100:]) > 0.8


def test_the_configuration_has_the_published_numbers() -> None:
    """arXiv 1707.07012, appendix A; the learning rate is the one that arXiv 1802.01548 tuned."""
    algorithm = composed("algorithm", "algorithm=reinforce", space=SPACE)
    assert (algorithm.policy, algorithm.update, algorithm.num_units, algorithm.init_range) == ("lstm", "ppo", 100, 0.1)
    assert (algorithm.learning_rate, algorithm.batch_size) == (0.0008, 20)
    assert (algorithm.baseline_weight, algorithm.entropy_weight) == (0.95, 1e-5)
    drive(algorithm, range(1))
    assert weights(algorithm).abs().max() <= 0.1


def test_a_minibatch_is_the_next_told_and_failed_children_are_not_in_it() -> None:
    """A search whose failures are left out learns the same, whatever was asked and told between."""
    algorithm, other = reinforce(), reinforce()
    proposals = dict[int, Proposal]()
    for number in range(30):
        proposals[number] = algorithm.ask(Random(number))
        algorithm.asked(number, proposals[number])
        other.asked(number, proposals[number])
    for number in range(0, 30, 3):
        algorithm.failed(number)
    survivors = [number for number in range(29, -1, -1) if number % 3]
    for number in survivors:
        before = weights(algorithm).clone()
        tell(algorithm, number, proposals[number])
        assert torch.equal(weights(algorithm), before) == (number not in (survivors[9], survivors[19]))
        tell(other, number, proposals[number])
    assert torch.equal(weights(algorithm), weights(other))
    assert algorithm.ask(Random(0)).record["updates"] == 2


def test_the_recorded_log_probability_decides_ppos_step_and_not_the_present_one() -> None:
    steps = []
    for update, offset in (("ppo", 0.0), ("ppo", -1.0), ("reinforce", 0.0), ("reinforce", -1.0)):
        algorithm = reinforce(update=update, passes=1)
        for number in range(10):
            proposal = algorithm.ask(Random(number))
            record = {**proposal.record, "log_probability": proposal.record["log_probability"] + offset}
            algorithm.asked(number, Proposal(proposal.genome, record=record))
            tell(algorithm, number, proposal)
        steps.append(weights(algorithm))
    assert not torch.equal(steps[0], steps[1])
    assert torch.equal(steps[2], steps[3])


def test_children_are_recorded_with_the_policy_they_came_from() -> None:
    proposals = drive(reinforce(), range(25))
    assert [proposal.record["updates"] for proposal in proposals] == [0] * 10 + [1] * 10 + [2] * 5
    assert all(proposal.record["log_probability"] < 0 for proposal in proposals)
    assert ["weights_seed" in proposal.record for proposal in proposals] == [True] + [False] * 24


def test_searches_of_other_seeds_have_other_weights() -> None:
    one, other = reinforce(), reinforce()
    one.asked(0, one.ask(Random("0/ask/0")))
    other.asked(0, other.ask(Random("1/ask/0")))
    assert not torch.equal(weights(one), weights(other))


def search(folder: Path, budget: int = 60, verify: bool | None = True, **more: Any) -> History:
    return run_search(
        space=SPACE,
        algorithm=reinforce(),
        evaluator=_some_fail,
        budget=budget,
        run=folder,
        verify=verify,
        **more,
    ).history()


def _some_fail(genome: tuple[int, ...], seed: int) -> float:
    if seed % 6 == 0:
        raise RuntimeError("unlucky")
    return share_of_ones(genome)


def test_the_journal_has_the_records_and_the_report_the_ages(tmp_path: Path) -> None:
    """Two workers: some children are told after the policy that proposed them was updated, but few and by little."""
    history = search(tmp_path / "run", workers=2, order="number")
    updates = [individual.record["updates"] for individual in history.individuals]
    assert sorted(updates) == updates
    stale = staleness(history)
    assert (len(stale), set(stale)) == (60, {0, 1})
    assert sum(stale) <= 6  # one child at most is in flight at each of 6 updates
    sentence = next(sentence for sentence in facts(history).findings if "policy was updated" in sentence)
    assert sentence.startswith("The policy was updated 6 times; individuals were told 0.0")
    assert labels.origin(history.told[-1]) == f"policy after {updates[-1]} updates"
    shown = dict(legend(progress_figure(history, "fitness")))
    assert shown["random"] == f"before the policy learned ({sum(not i.record['updates'] for i in history.told)})"
    assert "record" not in history.science()
    assert len(search(tmp_path / "run", budget=70, workers=2, order="number").told) == 70  # asks for all 60 again


def test_a_policy_that_has_other_bits_is_found_by_verifying(tmp_path: Path) -> None:
    """Without it the recorded log-probabilities are taken, as by default: another machine has other last bits."""
    search(tmp_path / "run", budget=20)
    path = tmp_path / "run" / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if '"event":"asked"' in line and '"number":15' in line)
    event = json.loads(lines[at])
    event["record"]["log_probability"] += 1e-9
    lines[at] = json.dumps(event) + "\n"
    path.write_text("".join(lines))
    with pytest.raises(UserError, match=rf"line {at + 1} .*another individual 15: .* with .*log_probability"):
        search(tmp_path / "run", budget=30)
    assert len(search(tmp_path / "run", budget=30, verify=None).told) == 30


def test_a_journal_without_records_does_not_fit(tmp_path: Path) -> None:
    search(tmp_path / "run", budget=5)
    path = tmp_path / "run" / "history.jsonl"
    path.write_text(path.read_text().replace('"record"', '"other"'))
    with pytest.raises(UserError, match=r"line 3 .* does not fit the lines before it"):
        search(tmp_path / "run", budget=9, verify=False)


def test_a_space_without_choices_is_refused() -> None:
    with pytest.raises(UserError, match=r"algorithm=reinforce needs .* made of choices, .* search_space=dna is not$"):
        composed("algorithm", "algorithm=reinforce", space=composed("search_space", "search_space=dna"))


def test_whole_numbers_are_the_same_search() -> None:
    assert json.dumps(identity_of(reinforce(temperature=1))) == json.dumps(identity_of(reinforce(temperature=1.0)))


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("policy", "gru", "lstm and independent"),
        ("update", "a2c", "ppo and reinforce"),
        ("num_units", 0, "a whole number of at least 1"),
        ("batch_size", 2.5, "a whole number of at least 1"),
        ("passes", True, "a whole number of at least 1"),
        ("init_range", -0.1, "at least 0 and finite"),
        ("learning_rate", 0, "greater than 0 and finite"),
        ("learning_rate", "fast", "greater than 0 and finite"),
        ("baseline_weight", 1, "at least 0 and below 1"),
        ("entropy_weight", float("nan"), "at least 0 and finite"),
        ("clip", 0.0, "greater than 0 and below 1"),
        ("temperature", float("inf"), "greater than 0 and finite"),
        ("tanh_constant", 0, "greater than 0 and finite, or null"),
    ],
)
def test_bad_values_are_named(key: str, value: Any, allowed: str) -> None:
    with pytest.raises(UserError) as caught:
        reinforce(**{key: value})
    verb = "allowed are" if key in ("policy", "update") else "it must be"
    assert str(caught.value) == f"algorithm.{key} is {value!r}, {verb} {allowed}"
