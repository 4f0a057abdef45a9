"""Whose weights a child was given, and which trainings come before it can be trained again."""

from collections.abc import Mapping
from pathlib import Path

from nas.reproduction.remaking import readable
from nas.search.history import History
from nas.search.weights import weight_file


def sources(history: History) -> dict[int, int]:
    """The parent whose weights each child inherited; nothing for children that began with fresh ones.

    The rule is that of `nas.search.state`: a first parent that was told, had not diverged, and was in the population
    when the child was asked for. A child whose metrics say that the file was of no use had fresh weights.
    """
    with readable(history):
        return _sources(history)


def _sources(history: History) -> dict[int, int]:
    alive: dict[int, bool] = {}
    found: dict[int, int] = {}
    for grown, event in History.replay(history.path):
        if event["event"] == "asked":
            individual = grown.individuals[event["number"]]
            if individual.parents and alive.get(individual.parents[0]):
                found[individual.number] = individual.parents[0]
            removed = individual.removed
        elif event["event"] == "told":
            individual = grown.individuals[event["number"]]
            alive[individual.number] = not individual.metrics.get("diverged")
            if "inheritance_warning" in individual.metrics:
                found.pop(individual.number, None)
            removed = tuple(event["removed"])
        else:
            continue
        for number in removed:
            alive.pop(number, None)
    return found


def chain(number: int, parents: Mapping[int, int], kept: Mapping[int, Path]) -> list[int]:
    """The ancestors that are trained before an individual, the first one first.

    Args:
        parents: see `sources`.
        kept: weight files that are there, so that their owners need no training.
    """
    found: list[int] = []
    while number in parents and parents[number] not in kept:
        number = parents[number]
        found.append(number)
    return found[::-1]


def kept_weights(history: History, parents: Mapping[int, int]) -> dict[int, Path]:
    """Weight files of those who were inherited from, as far as the run folder still has them for these very genomes."""
    run = history.path.absolute().parent
    found = {number: weight_file(run, number) for number in set(parents.values())}
    return {number: path for number, path in found.items() if path.is_file() and _is_of(path, history, number)}


def _is_of(path: Path, history: History, number: int) -> bool:
    from nas.training.inheritance import WeightsUnusable, load_weights

    try:
        _, about = load_weights(path)
        return about["genome"] == history.individuals[number].genome
    except (WeightsUnusable, KeyError, TypeError):
        return False
