"""Whether a journal is what its search leads to: every child is asked for again, and what follows from others checked.

The algorithm is told the recorded fitness, so a fitness that was changed afterwards shows where a later child's parent
is another; whether a fitness is right is for `nas.reproduction.measuring`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nas.errors import UserError
from nas.evaluators.base import Evaluator
from nas.reproduction.remaking import readable, remade_algorithm, remade_guard
from nas.search.constraint import Guard
from nas.search.history import History
from nas.search.individual import State
from nas.search.randomness import training_seed
from nas.search.resume import AskedOtherwise, Replay
from nas.search.state import SearchState
from nas.search_spaces.base import SearchSpace

MOST_CHARACTERS = 600


class Asked(StrEnum):
    """What asking again gave."""

    SAME = "same"
    OTHERWISE = "otherwise"
    EXCUSED = "excused"
    NOT_ASKED = "not asked"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """
    Attributes:
        found: see `Asked`.
        children: how many the journal has.
        sentence: what was found, in words.
    """

    found: Asked
    children: int
    sentence: str


def ask_again(history: History, space: SearchSpace, evaluator: Evaluator | None, excuses: Sequence[str]) -> Asking:
    """Folds the journal and asks for every child again.

    Args:
        history: of the search.
        space: of it, able to mutate.
        evaluator: what knows the cost of a child; only needed where the search was constrained.
        excuses: phrases on how this code differs from what ran the search; with any, another child is no accusation.

    Raises:
        UserError: the journal is damaged: its events do not fit each other, or a seed or fitness is not what it must
            be by the journal's own words.
    """
    children = len(history.individuals)
    check_consistency(history)
    try:
        algorithm = remade_algorithm(history, space)
        guard = None if history.identity.get("constraint") is None else _guard(history, evaluator, space)
    except UserError as error:
        return Asking(found=Asked.NOT_ASKED, children=children, sentence=f"Its children were not asked again: {error}.")
    state = SearchState(algorithm, None)
    replay = Replay(history.path, space, state, seed=history.identity["seed"], verify=True, versions={}, guard=guard)
    try:
        with readable(history):
            replay.run()
    except UserError as error:
        if not isinstance(error.__cause__, AskedOtherwise):
            raise
        said = shortened(str(error.__cause__).partition("; resume.verify")[0])
        if not algorithm.exact:
            excuses = [*excuses, f"algorithm={algorithm.name} rounds otherwise on other machines"]
        if excuses:
            why = "; ".join(excuses)
            sentence = f"Asked again, this code goes another way, which its difference may explain ({why}): {said}."
            return Asking(found=Asked.EXCUSED, children=children, sentence=sentence)
        return Asking(found=Asked.OTHERWISE, children=children, sentence=f"NOT what the algorithm asks for: {said}.")
    sentence = f"All {children:,} children are what the algorithm asks for again, in the order of the journal."
    return Asking(found=Asked.SAME, children=children, sentence=sentence)


def check_consistency(history: History) -> None:
    """What a journal says twice must agree.

    Raises:
        UserError: the training seed of a child does not follow from the search's seed, or a fitness is not the metric
            that it stands for.
    """
    seed = history.identity.get("seed")
    if type(seed) is not int:
        raise UserError(f"the journal {history.path} has the seed {seed!r}, it must be a whole number")
    evaluator = history.identity.get("evaluator")
    name = evaluator.get("fitness") if isinstance(evaluator, dict) else None
    for individual in history.individuals:
        if individual.seed != training_seed(seed, individual.number):
            raise UserError(
                f"individual {individual.number} of {history.path} has the training seed {individual.seed!r}, but "
                f"{training_seed(seed, individual.number)} follows from the search's seed"
            )
        if individual.state is State.TOLD and isinstance(name, str) and name in individual.metrics:
            metric = individual.metrics[name]
            if metric != individual.fitness:
                raise UserError(
                    f"individual {individual.number} of {history.path} has the fitness {individual.fitness!r}, but its "
                    f"{name} is {metric!r}"
                )


def shortened(text: str) -> str:
    """A genome may be long."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]} ..."


def _guard(history: History, evaluator: Evaluator | None, space: SearchSpace) -> Guard | None:
    if evaluator is None:
        raise UserError("what measures its children is needed for its constraint, and could not be made")
    return remade_guard(history, evaluator, space)
