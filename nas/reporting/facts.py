"""What the report says first: headline, findings and the command. Plain data from a journal."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from nas.reporting import labels
from nas.reporting.findings import findings
from nas.search.history import History
from nas.search.individual import State

_STATUS = {
    "budget": ("finished", "The budget is used up."),
    "finished": ("finished", "The budget is used up."),
    "stopped": ("stopped", "The search was stopped before its budget was used up: this report shows a part of it."),
    "failures": ("gave up", "The search gave up because too many children failed."),
    "constraint": ("gave up", "The search gave up because too many draws in a row were beyond the constraint."),
}
_OPEN = ("unfinished", "The search is running, or its driver was interrupted: this report shows a part of it.")
ENTRIES = ("evolve", "retrain", "compare")
_ALGORITHMS = {
    "aging": "Aging evolution",
    "non_aging": "Non-aging evolution",
    "pairs": "Evolution by pairs",
    "nsga2": "NSGA-II",
    "local_search": "Local search",
    "random": "Random search",
    "reinforce": "Reinforcement learning",
    "tournament": "A tournament of pairs",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Attributes:
        name: of the run.
        status: "finished", "stopped", "gave up" or "unfinished"; `status_sentence` says it in full.
        what: one sentence on what was searched.
        tiles: (label, value) of the headline.
        findings: one sentence each.
        command: what repeats or resumes the search, None if the journal does not know.
    """

    name: str
    status: str
    status_sentence: str
    what: str
    tiles: list[tuple[str, str]]
    findings: list[str]
    command: str | None


def facts(history: History) -> Facts:
    status, sentence = _STATUS.get(history.closed["reason"], _OPEN) if history.closed else _OPEN
    last = history.sessions[-1] if history.sessions else {}
    return Facts(
        name=history.path.absolute().parent.name,
        status=status,
        status_sentence=sentence,
        what=_what(history),
        tiles=_tiles(history, last),
        findings=findings(history),
        command=typed_command(last.get("command")),
    )


def fitness_name(history: History) -> str:
    """The metric that selection maximises, as the identity has it."""
    evaluator = history.identity.get("evaluator")
    name = evaluator.get("fitness") if isinstance(evaluator, Mapping) else None
    return str(name or "fitness")


def part_name(identity: Mapping[str, Any], part: str) -> str:
    """The name of the search space, algorithm, evaluator or (inside the evaluator) data set; "" if there is none."""
    value = identity.get(part)
    if value is None and isinstance(identity.get("evaluator"), Mapping):
        value = identity["evaluator"].get(part)
    if isinstance(value, Mapping):
        value = value.get("name", "")
    return str(value or "").rpartition(".")[2]


def _what(history: History) -> str:
    identity = history.identity
    algorithm = part_name(identity, "algorithm")
    space = part_name(identity, "search_space")
    what = f"{_ALGORITHMS.get(algorithm, algorithm or 'A search')} in the search space {space}"
    dataset, evaluator = part_name(identity, "dataset"), part_name(identity, "evaluator")
    where = f" on {dataset}" if dataset else f", evaluator {evaluator}" if evaluator else ""
    return f"{what}{where}, seed {identity.get('seed', 'unknown')}."


def _tiles(history: History, session: Mapping[str, Any]) -> list[tuple[str, str]]:
    told, bound = len(history.told), (session.get("budget") or {}).get("evaluations")
    evaluations = labels.count(told) if bound is None or bound == told else f"{labels.count(told)} of {bound:,}"
    tiles = [("evaluations", evaluations), ("duration", labels.duration(history.elapsed_s))]
    best = history.best
    if best is not None:
        tiles.insert(0, (f"best {fitness_name(history).replace('_', ' ')}", labels.fitness(best.fitness)))
        tiles.append(("best individual", f"#{best.number}"))
        for key in ("parameters", "multiply_adds"):
            if key in best.metrics:
                tiles.append((f"its {key.replace('_', '-')}", labels.quantity(best.metrics[key])))
    failed = sum(individual.state is State.FAILED for individual in history.individuals)
    if failed:
        tiles.append(("failed", labels.count(failed)))
    return tiles


def typed_command(command: Any) -> str | None:
    """The command line of a session, with the program as people type it; None if it was no command of ours."""
    if not isinstance(command, list) or not command:
        return None
    program, *arguments = map(str, command)
    name = PurePath(program).name
    if name.removesuffix(".py") in ENTRIES:
        start = ["python", "-m", f"nas.{name.removesuffix('.py')}"]
    elif name.removeprefix("nas-") in ENTRIES:
        start = [name]
    elif name.endswith(".py"):
        start = ["python", program]
    else:
        return None
    return shlex.join([*start, *arguments])
