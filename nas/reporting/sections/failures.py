"""Why individuals failed."""

from collections import defaultdict
from dataclasses import dataclass

from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.search.history import History
from nas.search.individual import Individual, State

MOST_REASONS = 20
MOST_NUMBERS = 8  # individuals of a reason


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason, how often it was given, what it cost, the first individuals it struck and one log."""

    reason: str
    count: int
    device_s: float
    numbers: list[int]
    log: str | None


def section(material: Material) -> Section | None:
    failures = _failures(material.history)
    if not failures:
        return None
    body = render(
        "sections/failures.html.j2",
        failures=failures[:MOST_REASONS],
        others=len(failures[MOST_REASONS:]),
        others_count=sum(failure.count for failure in failures[MOST_REASONS:]),
    )
    return Section(name="failures", title="Failures", body=body)


def _failures(history: History) -> list[Failure]:
    """By how often they happened."""
    struck: dict[str, list[Individual]] = defaultdict(list)
    for individual in history.individuals:
        if individual.state in (State.FAILED, State.CANCELLED):
            struck[individual.reason or "no reason was recorded"].append(individual)
    return [
        Failure(
            reason,
            len(who),
            sum(individual.device_s for individual in who),
            [individual.number for individual in who[:MOST_NUMBERS]],
            who[0].log,
        )
        for reason, who in sorted(struck.items(), key=lambda item: -len(item[1]))
    ]
