"""The best of every search of a study, measured again with new training seeds: how much of their fitness was luck.

Evaluators that look up or compute are asked in this process; trainings go where the searches' children went.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from nas.comparison.noise import Reevaluated, RunGap, SelectionGap
from nas.comparison.study import Search
from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.evaluators.base import Evaluator, Task
from nas.noise.measured_file import FOLDER_NAME, Measured, measured_path, read_measured, write_measured
from nas.retraining.trainings import Failed, Training, Trainings
from nas.search.history import History
from nas.search.identity import differences, identity_of, plain_json
from nas.search.lock import DriverLock
from nas.search.stop import StopNow, StopSwitch, let_go
from nas.search_spaces.base import SearchSpace

Say = Callable[[str], None]
EXACT = "exact"


class Parts(Protocol):
    """What a search is made of, and where its children run."""

    @property
    def space(self) -> SearchSpace: ...

    @property
    def evaluator(self) -> Evaluator: ...

    def make_executor(self, folder: Path) -> Any:
        """An executor whose files go to `folder`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Reevaluation:
    """What is measured again.

    Attributes:
        top: so many of the best by validation of every search; 0 is none.
        seeds: new training seeds for each; "exact" takes the expectation over all seeds, see `Evaluator.expectation`.
    """

    top: int
    seeds: int | str

    def __post_init__(self) -> None:
        if type(self.top) is not int or self.top < 0:
            raise UserError(f"compare.reevaluate.top is {self.top!r}, it must be a whole number of at least 0")
        least = 1 if self.top else 0
        if self.seeds != EXACT and (type(self.seeds) is not int or self.seeds < least):
            raise UserError(
                f"compare.reevaluate.seeds is {self.seeds!r}, it must be a whole number of at least {least}, or {EXACT}"
            )


def reevaluation_seed(seed: int, number: int, index: int) -> int:
    """The new training seed number `index` of an individual of the search with this seed."""
    return derived_seed(seed, "reevaluation", number, index)


@dataclass(frozen=True, kw_only=True)
class _Best:
    """The best of one search.

    Attributes:
        search: of the study.
        file: where measurements of it are kept.
        fitness: of all its individuals, by number.
        genomes: of the best, by number, best first.
        measured: by number and by the new seed's index.
    """

    search: Search
    file: Path
    fitness: Mapping[int, float]
    genomes: Mapping[int, Any]
    measured: Measured

    def left(self, seeds: int) -> list[tuple[int, int]]:
        """Number and index of what is not measured yet."""
        return [
            (number, index)
            for number in self.genomes
            for index in range(seeds)
            if index not in self.measured.get(number, {})
        ]

    def keep(self, number: int, index: int, value: float) -> None:
        self.measured.setdefault(number, {})[index] = value

    def gap(self, seeds: int) -> RunGap | None:
        """None if nothing could be measured."""
        top = []
        for number in self.genomes:
            values = tuple(value for index, value in sorted(self.measured.get(number, {}).items()) if index < seeds)
            if values:
                top.append(Reevaluated(number=number, selected=self.fitness[number], values=values))
        return RunGap(seed=self.search.seed, top=tuple(top)) if top else None


def reevaluate(
    searches: Sequence[Search],
    folder: Path,
    wanted: Reevaluation,
    parts_of: Callable[[Sequence[str]], Parts],
    lock: DriverLock,
    say: Say,
) -> dict[str, dict[str, SelectionGap]]:
    """Measures what is left to measure.

    Args:
        searches: those that ended well.
        folder: of the study.
        wanted: what is measured; `top` is at least 1.
        parts_of: makes the parts of a search from its overrides.
        lock: of the study's folder.
        say: is told a sentence on each training that ends, and on searches that had to be left out.

    Returns:
        By context and arm.

    Raises:
        UserError: an evaluator cannot measure anew, or is not that of the search, or a file is damaged.
        KeyboardInterrupt: a stop was asked for.
    """
    groups: dict[tuple[str, str], list[Search]] = defaultdict(list)
    for search in searches:
        groups[search.context, search.arm].append(search)
    found: dict[str, dict[str, SelectionGap]] = defaultdict(dict)
    for (context, arm), group in groups.items():
        parts = parts_of(group[0].overrides)
        if getattr(parts.evaluator, "inherit", False):
            raise UserError(
                "compare.reevaluate cannot measure children of evaluator.inherit=true anew, as their parents' weights "
                "are gone"
            )
        best = [_best(folder, search, wanted.top, parts.evaluator) for search in group]
        if isinstance(wanted.seeds, int):
            _measure(best, folder, wanted.seeds, parts, lock, say)
            gaps = [one.gap(wanted.seeds) for one in best]
        else:
            gaps = [_exact(one, parts) for one in best]
        whole = tuple(gap for gap in gaps if gap is not None)
        if len(whole) < len(gaps):
            say(f"{len(gaps) - len(whole)} of {len(gaps)} searches of {arm} have no best that could be measured again")
        if whole:
            seeds = wanted.seeds if isinstance(wanted.seeds, int) else None
            found[context][arm] = SelectionGap(top=wanted.top, seeds=seeds, runs=whole)
    return dict(found)


def _best(folder: Path, search: Search, top: int, evaluator: Evaluator) -> _Best:
    history = History.load(folder / search.folder)
    here = plain_json({"evaluator": identity_of(evaluator)})
    changed = differences({"evaluator": history.identity["evaluator"]}, here)
    if changed:
        raise UserError(f"the search {folder / search.folder} was made with another {'; '.join(changed)}")
    if history.best is not None and history.best.fidelity is not None:
        raise UserError(f"the search {folder / search.folder} has no full evaluation, and those are what is repeated")
    fitness = {individual.number: individual.fitness or 0.0 for individual in history.told}
    file = measured_path(folder, search.context, _name(search))
    return _Best(
        search=search,
        file=file,
        fitness=fitness,
        genomes={individual.number: individual.genome for individual in history.top(top)},
        measured=read_measured(file, fitness),
    )


def _exact(best: _Best, parts: Parts) -> RunGap:
    top = []
    for number, genome in best.genomes.items():
        expectation = parts.evaluator.expectation(parts.space.from_json(genome))
        if expectation is None:
            raise UserError(
                f"compare.reevaluate.seeds is {EXACT}, but evaluator={parts.evaluator.name} does not know the mean "
                "over all seeds: set a number of seeds"
            )
        top.append(Reevaluated(number=number, selected=best.fitness[number], values=(expectation,)))
    return RunGap(seed=best.search.seed, top=tuple(top))


def _measure(best: Sequence[_Best], folder: Path, seeds: int, parts: Parts, lock: DriverLock, say: Say) -> None:
    """Measures what is missing, and keeps it."""
    waiting = [one for one in best if one.left(seeds)]
    if parts.evaluator.writes_files and waiting:
        _train(waiting, folder, seeds, parts, lock, say)
    for one in waiting:
        if not parts.evaluator.writes_files:
            for number, index in one.left(seeds):
                seed = reevaluation_seed(one.search.seed, number, index)
                task = Task(number=number, genome=parts.space.from_json(one.genomes[number]), seed=seed)
                one.keep(number, index, float(parts.evaluator.evaluate(task)[parts.evaluator.fitness]))
        write_measured(one.file, one.fitness, one.measured)


def _train(best: Sequence[_Best], folder: Path, seeds: int, parts: Parts, lock: DriverLock, say: Say) -> None:
    wanted: dict[str, tuple[_Best, int, int]] = {}
    trainings, evaluator = [], _without_extras(parts.evaluator)
    for one in best:
        for number, index in one.left(seeds):
            name = f"{one.search.context}/{_name(one.search)}/{number:06d}-{index}"
            wanted[name] = (one, number, index)
            seed, genome = reevaluation_seed(one.search.seed, number, index), one.genomes[number]
            trainings.append(Training(name=name, evaluator=evaluator, genome=parts.space.from_json(genome), seed=seed))
    for name, outcome in run_trainings(trainings, folder / FOLDER_NAME, parts.make_executor, lock, say).items():
        one, number, index = wanted[name]
        if not isinstance(outcome, Failed):
            one.keep(number, index, float(outcome.metrics[evaluator.fitness]))


def run_trainings(
    trainings: Sequence[Training],
    folder: Path,
    make_executor: Callable[[Path], Any],
    lock: DriverLock,
    say: Say,
) -> dict[str, Any]:
    """Runs trainings until all ended; see `Trainings`.

    Raises:
        KeyboardInterrupt: a stop was asked for; the next time goes on with what is left.
    """
    executor, stop = make_executor(folder), StopSwitch()
    try:
        with stop.listening():
            return dict(Trainings(folder=folder, executor=executor, lock=lock, stop=stop, say=say).run(trainings))
    except StopNow as signal:
        raise KeyboardInterrupt from signal
    finally:
        let_go(executor)


def _without_extras(evaluator: Any) -> Any:
    """The same measurement without what a search keeps beside it: sealed tests are made once, by the search."""
    extras = {key: False for key in ("sealed_test", "keep_weights") if hasattr(evaluator, key)}
    return replace(evaluator, **extras) if extras else evaluator


def _name(search: Search) -> str:
    return f"{search.arm}-s{search.seed}"
