"""Which individuals of a search are measured again."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

from nas.data.seeds import derived_seed
from nas.errors import UserError
from nas.reproduction.words import shown
from nas.search.history import History
from nas.search.individual import Individual, State

BEST = "best"


def named(history: History, wanted: Sequence[Any]) -> list[Individual]:
    """Individuals by number, or "best"; each once.

    Raises:
        UserError: there is none of that number, or it has no fitness.
    """
    return list({individual.number: individual for individual in (_one(history, name) for name in wanted)}.values())


def spread(history: History, count: int, seed: int) -> list[Individual]:
    """The best, and one of each of `count` - 1 equal stretches of the others that were told, in the order of telling.

    Args:
        count: how many, 0 for none; fewer where fewer were told.
        seed: draws them: who does not know it beforehand cannot know which.

    Raises:
        UserError: `count` is below 0, or nothing was told.
    """
    if type(count) is not int or count < 0:
        raise UserError(f"sample is {count!r}, it must be a whole number of at least 0")
    if count == 0:
        return []
    best = _one(history, BEST)
    others = [individual for individual in history.told if individual.number != best.number]
    rng = Random(derived_seed(seed, "reproduction", "sample"))
    stretches = min(count - 1, len(others))
    ends = [len(others) * place // stretches for place in range(stretches + 1)] if stretches else []
    drawn = [others[rng.randrange(begin, end)] for begin, end in pairwise(ends)]
    return [best, *drawn]


def _one(history: History, name: Any) -> Individual:
    run = history.path.parent
    if name == BEST:
        best = history.best
        if best is None:
            raise UserError(f"the search {run} has no finished individual yet, there is nothing to measure again")
        return best
    text = str(name)
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and int(text) < len(history.individuals)):
        raise UserError(
            f"individual is {name!r}, the search {run} has 0 to {len(history.individuals) - 1}; also: individual=best"
        )
    individual = history.individuals[int(text)]
    if individual.state is not State.TOLD:
        why = f": {shown(individual.reason)}" if individual.reason else ""
        raise UserError(f"individual {individual.number} of {run} has no fitness, it is {individual.state}{why}")
    return individual
