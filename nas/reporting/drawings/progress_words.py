"""The progress figure in words: its description and its legend."""

from nas.reporting.figures.progress import ProgressFigure
from nas.reporting.labels import count, fitness, plural


def description(figure: ProgressFigure) -> str:
    """The figure in words."""
    if not figure.told:
        text = f"Progress: no individual has a fitness yet; {count(figure.failed)} failed."
        return f"{text} Marks are a sample: {drawn(figure)}." if figure.is_sample else text
    first, last = figure.best[0], figure.best[-1]
    text = (
        f"Progress: {figure.fitness_name} of {plural(figure.told, 'individual')} in the order of evaluation. "
        f"The best so far starts at {fitness(first[1])} and reaches {fitness(last[1])} at evaluation {count(last[0])} "
        f"(individual {figure.best_number})."
    )
    text += f" Alive at the end: {plural(figure.alive, 'individual')}." if figure.alive else ""
    text += f" Failed: {plural(figure.failed, 'individual')}." if figure.failed else ""
    if figure.is_sample:
        text += f" Marks are a sample: {drawn(figure)}, the best among them."
        text += " Lines, band, axes and counts are those of all."
    return text


def drawn(figure: ProgressFigure) -> str:
    """How many of the individuals have a mark."""
    told = f"{count(len(figure.marks))} of {plural(figure.told, 'individual')}"
    failed = f" and {count(len(figure.failures))} of {count(figure.failed)} failed ones" if figure.failed else ""
    return f"{told}{failed} are drawn"


def legend(figure: ProgressFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    random, alive, failed = figure.random, figure.alive, figure.failed
    others = figure.told - random
    words = ("before the policy learned", "after its first update") if figure.policy else ("random", "mutated")
    entries = [
        ("random", f"{words[0]} ({count(random)})", random),
        ("mutated", f"{words[1]} ({count(others)})", others),
        ("alive", f"alive at the end ({count(alive)})", alive),
        ("best", "best so far", len(figure.best)),
        ("band", "population: median, quartiles", len(figure.band)),
        ("failure", f"failed ({count(failed)})", failed),
    ]
    return [(kind, label) for kind, label, shown in entries if shown]
