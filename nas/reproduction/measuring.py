"""Individuals measured again: first with their own seed, then with fresh ones; trainings go where the launcher says.

A child that inherited weights is trained after its ancestors, each with its own seed, from the first one that has
weights still kept, or else from the random one. Its fresh seeds begin with the same weights, so their spread is that
of its own training alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nas.errors import UserError
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.child import WEIGHTS_FILE, Outcome, plain_scalars
from nas.noise.reevaluation import Say, reevaluation_seed, run_trainings
from nas.reporting.labels import plural
from nas.reproduction.ancestry import chain
from nas.reproduction.remaking import readable
from nas.retraining.trainings import FOLDER_NAME, Failed, Training
from nas.search.history import History
from nas.search.individual import Individual
from nas.search.lock import DriverLock
from nas.search_spaces.base import SearchSpace


@dataclass(frozen=True, kw_only=True)
class Again:
    """An individual that was measured again.

    Attributes:
        individual: as the journal has it.
        ancestors: numbers of those that were trained before it, the first one first.
        from_kept: the number of the ancestor whose kept weights the chain began with; None where it needed none.
        same: metrics with its own seed; None where that failed.
        fresh: metrics with fresh seeds, by their index from 1.
        provenance: where the first one ran.
        problems: why measurements have no result, a sentence each.
    """

    individual: Individual
    ancestors: Sequence[int] = ()
    from_kept: int | None = None
    same: Metrics | None = None
    fresh: Mapping[int, Metrics] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Measuring:
    """What is measured, and with what.

    Attributes:
        history: of the search.
        space: of it.
        evaluator: of it, see `nas.reproduction.remaking`.
        individuals: that are measured again.
        times: measurements of each: one with its own seed, the others with fresh ones.
        parents: whose weights were inherited, see `nas.reproduction.ancestry.sources`.
        kept: weight files of those, by number.
    """

    history: History
    space: SearchSpace
    evaluator: Evaluator
    individuals: Sequence[Individual]
    times: int
    parents: Mapping[int, int] = field(default_factory=dict)
    kept: Mapping[int, Path] = field(default_factory=dict)

    def run(self, folder: Path, make_executor: Callable[[Path], Any], lock: DriverLock, say: Say) -> list[Again]:
        """Measures what has not been measured in this folder.

        Args:
            folder: of the reproduction; trainings have their folders in it.
            make_executor: see `nas.noise.reevaluation.run_trainings`.
            lock: of the folder.
            say: is told a sentence on each training that ends.

        Raises:
            UserError: a genome does not belong to the space.
            KeyboardInterrupt: a stop was asked for.
        """
        if self.evaluator.writes_files:
            many, ancestors = self.num_trainings()
            more = f" and {ancestors} of ancestors" if ancestors else ""
            say(f"{plural(many, 'training')}{more}, in {folder}")
            outcomes = self._train(folder, make_executor, lock, say)
        else:
            outcomes = {name: self._look_up(number, index) for name, (number, index) in self._wanted().items()}
        return [self._again(individual, outcomes) for individual in self.individuals]

    def num_trainings(self) -> tuple[int, int]:
        """How many measurements there are, and how many further trainings of ancestors they need."""
        wanted = self._wanted()
        ancestors = {number for one in self.individuals for number in self._chain(one.number)}
        return len(wanted), len({_name(number, 0) for number in ancestors} - wanted.keys())

    def _wanted(self) -> dict[str, tuple[int, int]]:
        """Number and index of the seed, by name."""
        pairs = [(one.number, index) for one in self.individuals for index in range(self.times)]
        return {_name(*pair): pair for pair in pairs}

    def _train(
        self, folder: Path, make_executor: Callable[[Path], Any], lock: DriverLock, say: Say
    ) -> dict[str, Outcome | Failed]:
        """Generation by generation: all whose parents' weights are there at a time."""
        generations: dict[int, dict[str, tuple[int, int]]] = {}
        for name, (number, index) in self._wanted().items():
            ancestors = self._chain(number)
            for depth, ancestor in enumerate(ancestors):
                generations.setdefault(depth, {})[_name(ancestor, 0)] = (ancestor, 0)
            generations.setdefault(len(ancestors), {})[name] = (number, index)
        found: dict[str, Outcome | Failed] = {}
        for _, generation in sorted(generations.items()):
            trainings = []
            for name, (number, index) in generation.items():
                lost = self._lost_parent(number, found)
                if lost is None:
                    trainings.append(self._training(folder, name, number, index))
                else:
                    found[name] = Failed(f"its ancestor {lost} could not be trained again", None)
            found |= run_trainings(trainings, folder, make_executor, lock, say)
        return found

    def _lost_parent(self, number: int, found: Mapping[str, Outcome | Failed]) -> int | None:
        parent = self.parents.get(number)
        if parent is None or parent in self.kept:
            return None
        return parent if isinstance(found.get(_name(parent, 0)), Failed) else None

    def _training(self, folder: Path, name: str, number: int, index: int) -> Training:
        return Training(
            name=name,
            evaluator=self.evaluator,
            genome=self._genome(number),
            seed=self._seed(number, index),
            parent_weights=self._parent_weights(folder, number),
            fidelity=self.history.individuals[number].fidelity,
        )

    def _parent_weights(self, folder: Path, number: int) -> Path | None:
        parent = self.parents.get(number)
        if parent is None:
            return None
        return self.kept.get(parent, folder.absolute() / FOLDER_NAME / _name(parent, 0) / WEIGHTS_FILE)

    def _look_up(self, number: int, index: int) -> Outcome | Failed:
        task = Task(
            number=number,
            genome=self._genome(number),
            seed=self._seed(number, index),
            fidelity=self.history.individuals[number].fidelity,
        )
        try:
            return Outcome(plain_scalars(self.evaluator.evaluate(task)), device_s=0.0)
        except UserError as error:
            return Failed(str(error), None)

    def _again(self, individual: Individual, outcomes: Mapping[str, Outcome | Failed]) -> Again:
        own = {index: outcomes[_name(individual.number, index)] for index in range(self.times)}
        same = own[0]
        ancestors = self._chain(individual.number)
        first = ancestors[0] if ancestors else individual.number
        return Again(
            individual=individual,
            ancestors=ancestors,
            from_kept=self.parents.get(first),
            same=None if isinstance(same, Failed) else same.metrics,
            fresh={index: one.metrics for index, one in own.items() if index and isinstance(one, Outcome)},
            provenance={} if isinstance(same, Failed) else same.provenance,
            problems=[_problem(index, one) for index, one in own.items() if isinstance(one, Failed)],
        )

    def _chain(self, number: int) -> list[int]:
        return chain(number, self.parents, self.kept)

    def _genome(self, number: int) -> Any:
        with readable(self.history):
            genome = self.space.from_json(self.history.individuals[number].genome)
            self.space.validate(genome)
            return genome

    def _seed(self, number: int, index: int) -> int:
        if index == 0:
            return self.history.individuals[number].seed
        return reevaluation_seed(self.history.identity["seed"], number, index)


def _name(number: int, index: int) -> str:
    return f"{number:06d}-{index}"


def _problem(index: int, failed: Failed) -> str:
    what = "with its own seed" if index == 0 else f"with fresh seed {index}"
    log = "" if failed.log is None else f" (log: {failed.log})"
    return f"{what}: {failed.reason}{log}"
