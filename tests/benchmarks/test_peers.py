"""The benchmark beside peers, as far as it needs none: counts, the same problem for ours and plain, what it refuses."""

import json

import pytest
import yaml

from benchmarks.peer_searches import SEARCHES
from benchmarks.peer_setting import Fitness, Outcome, Setting
from benchmarks.peers import PLAN, chosen, finished, summarise
from nas.errors import UserError

SETTING = Setting(num_decisions=40, population_size=20, sample_size=5, evaluations=300, noise=0.0, seed=3)


@pytest.mark.parametrize("name", ["ours", "plain"])
def test_a_search_makes_exactly_its_evaluations_and_climbs(name: str) -> None:
    outcome = SEARCHES[name](SETTING)

    assert outcome.evaluations == SETTING.evaluations
    # Without noise 20 random strings of 40 bits reach 0.8 with probability 0.002; evolution exceeds it.
    assert outcome.best >= 0.85
    assert (outcome.best * 40) == pytest.approx(round(outcome.best * 40))


def test_the_fitness_is_the_share_of_ones_and_counts() -> None:
    fitness = Fitness(SETTING)

    assert [fitness([1, 1, 0, 0]), fitness([1, 1, 1, 0]), fitness([0, 0, 0, 0])] == [0.5, 0.75, 0.0]
    assert (fitness.evaluations, fitness.best) == (3, 0.75)


def test_the_plan_names_a_function_for_every_search_and_everything_of_a_setting() -> None:
    plan = yaml.safe_load(PLAN.read_text())

    assert plan["searches"].keys() == SEARCHES.keys()
    assert {one["environment"] for one in plan["searches"].values()} == plan["environments"].keys()
    assert {*plan["setting"], "seed"} == set(Setting._fields)
    for environment in plan["environments"].values():
        assert all("==" in requirement for requirement in environment["requirements"])


def test_a_result_is_the_last_line() -> None:
    line = json.dumps(Outcome(300, 1.5, 1.4, 0.9)._asdict())

    assert finished("peer", f"noise\n{line}\n", 300)["seconds"] == 1.5


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ('{"evaluations": 299}', "the search peer made 299 evaluations, it must make exactly 300"),
        ("", "the search peer printed '', it must be one line of JSON"),
        ("done", "the search peer printed 'done', it must be one line of JSON"),
        ("[1]", r"the search peer printed '\[1\]', it must be one line of JSON"),
    ],
)
def test_another_number_of_evaluations_is_refused(output: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        finished("peer", output, 300)


def test_only_known_searches_are_run_and_ours_always() -> None:
    assert list(chosen("plain", {"ours": 1, "plain": 2, "other": 3})) == ["ours", "plain"]
    with pytest.raises(UserError, match="--only names 'plane', allowed are ours, plain"):
        chosen("plane", {"ours": 1, "plain": 2})


def test_ratios_are_medians_over_rounds_not_ratios_of_medians() -> None:
    def outcome(seconds: float) -> dict[str, object]:
        return {"seconds": seconds, "cpu_s": seconds**2, "best": 1.0, "versions": {"python": "3"}}

    rounds = [
        {"ours": outcome(ours), "peer": outcome(peer), "plain": outcome(plain)}
        for ours, peer, plain in [(1.0, 6.0, 0.5), (10.0, 20.0, 2.0), (3.0, 12.0, 1.0)]
    ]
    lines = summarise(rounds, {"ours": "engine", "peer": "engine", "plain": "plain"}, 300)

    assert lines[-2] == "ours is 4.00 times faster than the fastest engine, peer (goal 5); by processor time 16.00"
    assert lines[-1] == "ours takes 3.00 times the plain loop's time (goal: at most 8); by processor time 9.00"
