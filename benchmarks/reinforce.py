"""What the controller of `algorithm=reinforce` costs: in a search, and when its journal is folded.

    python -m benchmarks.reinforce [--children 20000] [--in-flight 20]

For 40 bits and for NASNet cells of 40 decisions, as configured: `--children` children through ask and told, with so
many in flight, are written to a journal, and the journal is folded as a resume does it, without asking again. Prints
the time per child of ask, of told (with its share of the updates), and of the slowest told, and the time of the fold;
the policy of the fold must equal the search's to the bit. Goals: 50 ms per child (5 % of a child of 1 s), a fold of
20,000 children in 120 s.
"""

import argparse
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import torch
from hydra import compose, initialize_config_dir

from nas.algorithms.reinforce import Reinforce
from nas.application import build, config_folder
from nas.search.individual import Individual
from nas.search.journal import FILE_NAME, Journal
from nas.search.randomness import ask_rng
from nas.search.resume import Replay
from nas.search.state import SearchState


def made(option: str, *overrides: str) -> Reinforce:
    """The algorithm as it is configured, for one of the spaces."""
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=["algorithm=reinforce", f"search_space={option}", *overrides])
    return build(config.algorithm, "algorithm", space=build(config.search_space, "search_space"))


class Drive:
    """A search without an evaluator: any child in flight finishes next, and its fitness is the share of its maximum."""

    def __init__(self, algorithm: Reinforce, journal: Journal) -> None:
        self.algorithm, self.journal = algorithm, journal
        self.asking: list[float] = []
        self.telling: list[float] = []

    def run(self, children: int, in_flight: int) -> None:
        rng, flying = Random(0), dict[int, Any]()
        for number in range(children + in_flight):
            if number < children:
                flying[number] = self.ask(number)
            if number >= in_flight:
                finished = rng.choice(list(flying))
                self.tell(finished, flying.pop(finished))

    def ask(self, number: int) -> Any:
        start = time.perf_counter()
        proposal = self.algorithm.ask(ask_rng(0, number))
        self.asking.append(time.perf_counter() - start)
        self.journal.append(
            "asked",
            number=number,
            genome=self.algorithm.space.to_json(proposal.genome),
            seed=0,
            parents=[],
            mutation=None,
            removed=[],
            record=dict(proposal.record),
        )
        self.algorithm.asked(number, proposal)
        return proposal

    def tell(self, number: int, proposal: Any) -> None:
        fitness = sum(proposal.genome) / (8 * len(proposal.genome))
        start = time.perf_counter()
        removed = self.algorithm.told(Individual(number, proposal.genome, 0, fitness=fitness))
        self.telling.append(time.perf_counter() - start)
        self.journal.append("told", number=number, fitness=fitness, metrics={}, removed=removed)


def weights(algorithm: Reinforce) -> list[torch.Tensor]:
    assert algorithm._learner is not None
    return list(algorithm._learner.policy.parameters())


def measure(option: str, *overrides: str, children: int, in_flight: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        drive = Drive(made(option, *overrides), Journal(path, {"identity": {}}))
        drive.run(children, in_flight)
        drive.journal.close()
        fresh = made(option, *overrides)
        state = SearchState(fresh, cost=None)
        start = time.perf_counter()
        Replay(path, fresh.space, state, seed=0, verify=False, versions={}).run()
        fold_s = time.perf_counter() - start
    assert state.spent.told == children
    assert all(map(torch.equal, weights(drive.algorithm), weights(fresh)))
    ask_ms, told_ms = (1e3 * sum(times) / children for times in (drive.asking, drive.telling))
    print(
        f"{' '.join((option, *overrides))}: ask {ask_ms:.2f} ms, told {told_ms:.2f} ms per child "
        f"(slowest {1e3 * max(drive.telling):.0f} ms), together {(ask_ms + told_ms) / 10:.2f} % of a child of 1 s; "
        f"fold of {children} children {fold_s:.1f} s, the same policy to the bit",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--children", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=20)
    arguments = parser.parse_args()
    for space in (("bits", "search_space.num_bits=40"), ("cells",)):
        for policy in ("lstm", "independent"):
            measure(*space, f"algorithm.policy={policy}", **vars(arguments))


if __name__ == "__main__":
    main()
