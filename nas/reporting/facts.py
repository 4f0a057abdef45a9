"""What the report says in words: headline, findings, tables. Plain data from a journal."""

import shlex
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from nas.reporting import labels
from nas.reporting.findings import findings
from nas.search.history import History
from nas.search.individual import Individual, State

TOP = 10
MOST_REASONS = 20
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
class Failure:
    """A reason, how often it was given, the first individuals it struck and one log."""

    reason: str
    count: int
    numbers: list[int]
    log: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """Headings, and rows of as many cells."""

    head: list[str]
    rows: list[list[str]]


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
        top: the best individuals; its first column is the rank, its second the number.
        failures: by how often they happened.
        budget: (bound, value).
        versions: (package, version) of the last session.
        sessions: one row each.
    """

    name: str
    status: str
    status_sentence: str
    what: str
    tiles: list[tuple[str, str]]
    findings: list[str]
    command: str | None
    top: Table
    failures: list[Failure]
    budget: list[tuple[str, str]]
    versions: list[tuple[str, str]]
    sessions: Table
    identity: Mapping[str, Any] = field(default_factory=dict)


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
        top=_top(history),
        failures=_failures(history),
        budget=[(name, labels.count(value)) for name, value in (last.get("budget") or {}).items() if value is not None],
        versions=_versions(history, last),
        sessions=_sessions(history),
        identity=history.identity,
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


def _top(history: History) -> Table:
    best = history.top(TOP)
    living = {individual.number for individual in history.alive}
    metrics = [key for key in ("parameters", "multiply_adds", "train_s") if any(key in ind.metrics for ind in best)]
    names = {"parameters": "parameters", "multiply_adds": "multiply-adds", "train_s": "training"}
    head = ["rank", "number", "fitness", *(names[key] for key in metrics), "mutation", "parents", "at the end"]
    rows = [
        [
            str(rank),
            str(individual.number),
            labels.fitness(individual.fitness),
            *(_metric(key, individual.metrics.get(key)) for key in metrics),
            _mutation(individual),
            ", ".join(map(str, individual.parents)) or "–",
            "alive" if individual.number in living else "dead",
        ]
        for rank, individual in enumerate(best, start=1)
    ]
    return Table(head, rows)


def _metric(key: str, value: Any) -> str:
    return labels.duration(value) if key.endswith("_s") and isinstance(value, int | float) else labels.quantity(value)


def _mutation(individual: Individual) -> str:
    if individual.mutation is None:
        return labels.origin(individual) if not individual.parents else "–"
    details = labels.details(individual.mutation.details)
    return f"{individual.mutation.name.replace('_', ' ')} ({details})" if details else individual.mutation.name


def _failures(history: History) -> list[Failure]:
    struck: dict[str, list[Individual]] = defaultdict(list)
    for individual in history.individuals:
        if individual.state in (State.FAILED, State.CANCELLED):
            struck[individual.reason or "no reason was recorded"].append(individual)
    common = sorted(struck.items(), key=lambda item: -len(item[1]))[:MOST_REASONS]
    return [Failure(reason, len(who), [ind.number for ind in who[:8]], who[0].log) for reason, who in common]


def _versions(history: History, session: Mapping[str, Any]) -> list[tuple[str, str]]:
    versions = session.get("versions") or history.header.get("versions") or {}
    rows = [(str(name), str(version)) for name, version in versions.items()]
    commit = session.get("commit") or history.header.get("commit")
    return [*rows, ("commit", str(commit)[:12] + ("+" if str(commit).endswith("+") else ""))] if commit else rows


def _sessions(history: History) -> Table:
    rows = []
    for number, session in enumerate(history.sessions, start=1):
        began = datetime.fromtimestamp(float(session.get("time", 0)), UTC)
        slots = session.get("slots")
        rows.append([str(number), f"{began:%Y-%m-%d %H:%M:%S} UTC", str(session.get("host", "–")), str(slots or "–")])
    return Table(["session", "began", "host", "children at once"], rows)
