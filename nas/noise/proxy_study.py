"""A proxy study: random genomes and the best of a search, evaluated by the search's settings and by final ones.

How well the search's signal ranks what is wanted in the end. All are evaluated anew with seeds of their own, as the
fitness that a search chose by is a maximum over noise; accuracies are those of the validation part, test stays sealed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from nas.comparison.proxy import Agreement, Floats, agreement, within_top
from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.noise.reevaluation import Say, run_trainings
from nas.retraining.trainings import Failed, Training
from nas.search.history import History
from nas.search.lock import DriverLock
from nas.search_spaces.base import SearchSpace

SETTINGS = ("proxy", "final")
RANDOM, TOP = "random", "top"
_DRAWS = 1000  # in a row that give nothing new, after which a space has no further genome


@dataclass(frozen=True, kw_only=True)
class ProxyStudy:
    """What is evaluated.

    Attributes:
        random: genomes drawn as the search draws its first; each differs from the others and from the top.
        top: of the search's best, different ones.
        seeds: evaluations of each genome at both settings.
        within: agreement is also told among so many of the best by the search's settings.
        final: overrides of the search's settings.
    """

    random: int
    top: int
    seeds: int
    within: Sequence[int]
    final: Sequence[str]

    def __post_init__(self) -> None:
        for key, least in (("random", 0), ("top", 0), ("seeds", 1)):
            value = getattr(self, key)
            if type(value) is not int or value < least:
                raise UserError(f"proxy_study.{key} is {value!r}, it must be a whole number of at least {least}")
        total = self.random + self.top
        if total < 2:
            raise UserError(f"proxy_study.random and proxy_study.top sum to {total}, they must to at least 2")
        if isinstance(self.within, str) or not all(type(one) is int and 2 <= one <= total for one in self.within):
            raise UserError(
                f"proxy_study.within is {self.within!r}, it must be a list of whole numbers from 2 to {total}"
            )
        if not self.final:
            raise UserError("proxy_study.final is empty, say what differs from the search: [training.epochs=20]")


@dataclass(frozen=True, kw_only=True)
class Member:
    """A genome of a study.

    Attributes:
        name: "top-NUMBER", the individual's in the search, or "random-INDEX".
        genome: of the space.
        fitness: what the search chose it by; None for a random one.
    """

    name: str
    genome: Any
    fitness: float | None

    @property
    def origin(self) -> str:
        return RANDOM if self.fitness is None else TOP


@dataclass(frozen=True, kw_only=True)
class ProxyResult:
    """What a study found.

    Attributes:
        run: name of the search.
        final: overrides of its settings.
        members: those that could be evaluated.
        values: (members, seeds) by setting: "proxy" and "final".
        agreements: by the set of genomes, in words.
        missing: names of members that could not be evaluated.
    """

    run: str
    final: Sequence[str]
    members: Sequence[Member]
    values: Mapping[str, Floats]
    agreements: Mapping[str, Agreement]
    missing: Sequence[str]


def choose_members(history: History, space: SearchSpace, study: ProxyStudy) -> list[Member]:
    """The top first; fewer where the search or the space has no more.

    Raises:
        UserError: there are fewer than two.
    """
    members: dict[Any, Member] = {}
    for individual in history.top(len(history.told)):
        genome = space.from_json(individual.genome)
        if len(members) == study.top:
            break
        members.setdefault(
            genome, Member(name=f"{TOP}-{individual.number}", genome=genome, fitness=individual.fitness or 0.0)
        )
    rng, found, in_vain = Random(derived_seed(history.identity["seed"], "proxy", "genomes")), 0, 0
    while found < study.random and in_vain < _DRAWS:
        genome = space.initial(rng)
        if genome in members:
            in_vain += 1
            continue
        members[genome] = Member(name=f"{RANDOM}-{found}", genome=genome, fitness=None)
        found, in_vain = found + 1, 0
    if len(members) < 2:
        raise UserError(f"{history.path.parent} and its space have {len(members)} genome, a proxy study needs 2")
    return list(members.values())


def run_proxy_study(
    history: History,
    space: SearchSpace,
    evaluators: Mapping[str, Evaluator],
    study: ProxyStudy,
    folder: Path,
    make_executor: Callable[[Path], Any],
    lock: DriverLock,
    say: Say,
) -> ProxyResult:
    """Evaluates what is left to evaluate, and compares.

    Args:
        history: of the finished search.
        space: its space.
        evaluators: by setting, "proxy" and "final".
        study: what is evaluated.
        folder: of the study; trainings have their folders in it.
        make_executor: see `run_trainings`.
        lock: of the folder.
        say: is told a sentence on each training that ends.

    Raises:
        UserError: fewer than two genomes could be evaluated.
        KeyboardInterrupt: a stop was asked for.
    """
    members = choose_members(history, space, study)
    seed = history.identity["seed"]
    wanted = {
        f"{setting}/{member.name}-{index}": (setting, member, derived_seed(seed, "proxy", setting, member.name, index))
        for setting in SETTINGS
        for member in members
        for index in range(study.seeds)
    }
    found: dict[str, float] = {}
    trainings = []
    for name, (setting, member, own_seed) in wanted.items():
        evaluator = evaluators[setting]
        if evaluator.writes_files:
            genome = space.architecture(member.genome)
            trainings.append(Training(name=name, evaluator=evaluator, genome=genome, seed=own_seed))
        else:
            metrics = evaluator.evaluate(Task(number=0, genome=member.genome, seed=own_seed))
            found[name] = float(metrics[evaluator.fitness])
    if trainings:
        ended = run_trainings(trainings, folder, make_executor, lock, say)
        for name, outcome in ended.items():
            if not isinstance(outcome, Failed):
                found[name] = float(outcome.metrics[evaluators[wanted[name][0]].fitness])
    names = {
        member.name: [f"{setting}/{member.name}-{index}" for setting in SETTINGS for index in range(study.seeds)]
        for member in members
    }
    whole = [member for member in members if all(name in found for name in names[member.name])]
    missing = [member.name for member in members if member not in whole]
    if len(whole) < 2:
        raise UserError(f"{len(missing)} of {len(members)} genomes of {folder} could not be evaluated, see their logs")
    values = {
        setting: np.array(
            [[found[f"{setting}/{member.name}-{index}"] for index in range(study.seeds)] for member in whole]
        )
        for setting in SETTINGS
    }
    return ProxyResult(
        run=history.path.absolute().parent.name,
        final=study.final,
        members=whole,
        values=values,
        agreements=_agreements(whole, values, study.within),
        missing=missing,
    )


def _agreements(members: Sequence[Member], values: Mapping[str, Floats], within: Sequence[int]) -> dict[str, Agreement]:
    proxy, final = (values[setting] for setting in SETTINGS)
    subsets = {"all": np.arange(len(members))}
    drawn = np.array([place for place, member in enumerate(members) if member.origin == RANDOM], dtype=np.int64)
    if 2 <= len(drawn) < len(members):
        subsets["random genomes"] = drawn
    for count in within:
        if count < len(members):
            subsets[f"top {count} by proxy"] = within_top(proxy, count)
    return {name: agreement(proxy[subset], final[subset]) for name, subset in subsets.items()}
