"""Why individuals failed."""

from collections import defaultdict
from dataclasses import dataclass

from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.history import History
from nas.search.individual import Individual, State

MOST_REASONS = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason, how often it was given, the first individuals it struck and one log."""

    reason: str
    count: int
    numbers: list[int]
    log: str | None


def section(material: Material) -> Section | None:
    failures = _failures(material.history)
    if not failures:
        return None
    return Section(name="failures", title="Failures", body=render("sections/failures.html.j2", failures=failures))


def _failures(history: History) -> list[Failure]:
    """By how often they happened."""
    struck: dict[str, list[Individual]] = defaultdict(list)
    for individual in history.individuals:
        if individual.state in (State.FAILED, State.CANCELLED):
            struck[individual.reason or "no reason was recorded"].append(individual)
    common = sorted(struck.items(), key=lambda item: -len(item[1]))[:MOST_REASONS]
    return [Failure(reason, len(who), [ind.number for ind in who[:8]], who[0].log) for reason, who in common]
