"""Validation against test, of finished searches whose children sealed a test."""

from collections.abc import Iterator

from nas.errors import UserError
from nas.reporting.figures.tested import Tested, Top, validation_against_test
from nas.reporting.labels import count, fitness, plural
from nas.reporting.material import Material
from nas.reporting.reliability.part import Part, are, interval, signed, within
from nas.reporting.table import Table

TITLE = "Validation against test"


def parts(material: Material) -> Iterator[Part]:
    try:
        found = validation_against_test(material)
    except UserError as error:
        yield Part("validation-test", TITLE, [f"Test accuracies cannot be shown: {error}."])
        return
    if found is not None:
        tables = [("Means of the best by validation", _tops(found)), ("The best by validation", _best_tested(found))]
        yield Part("validation-test", TITLE, list(_sentences(found)), found.figure, tables)


def _sentences(found: Tested) -> Iterator[str]:
    whole, correlations = found.tops[-1], found.correlations
    chosen = next((top for top in reversed(found.tops[:-1]) if top.count == 10), found.tops[0])
    yield (
        f"Validation chose, test was sealed until the search had finished. Over {plural(whole.count, 'individual')} "
        f"validation is {signed(whole.gap)} against test{within(whole.interval)}; over "
        f"{'the best' if chosen.count == 1 else f'the {chosen.count} best'} by validation it is {signed(chosen.gap)}. "
        f"Choosing by validation so flatters them by {signed(chosen.chosen)}{_beyond(chosen, whole)}."
    )
    yield (
        f"Ranks of both agree to {correlations.kendall.words} by Kendall's tau and {correlations.spearman.words} by "
        f"Spearman's rho, n = {count(correlations.count)}."
    )
    best, accuracy, place = found.best[0]
    first = "the best" if place == 1 else f"number {count(place)}"
    yield f"#{best.number}, the best by validation, is {first} by test, with {accuracy:.4f}."
    if found.missing:
        yield f"{plural(found.missing, 'individual')} left no sealed test and {are(found.missing)} not drawn."
    if found.sampled:
        read = f"So many were sealed that only {count(whole.count)} were read: those that the progress figure draws"
        yield f"{read}, the best among them, which are no random sample."


def _beyond(top: Top, whole: Top) -> str:
    """The interval of what choosing adds; the difference over all is known far better, and taken as it is."""
    if top.interval is None or top is whole:
        return ""
    low, high = (end - whole.gap for end in top.interval)
    return within((low, high)) + (", which may be nothing" if low <= 0 <= high else "")


def _tops(found: Tested) -> Table:
    rows = [
        [
            "all" if top is found.tops[-1] else count(top.count),
            f"{top.valid:.4f}",
            f"{top.test:.4f}",
            signed(top.gap),
            interval(top.interval),
            "–" if top is found.tops[-1] else signed(top.chosen),
        ]
        for top in found.tops
    ]
    return Table(["best", "validation", "test", "difference", "95 %", "by choosing"], rows)


def _best_tested(found: Tested) -> Table:
    rows = [
        [str(individual.number), fitness(individual.fitness), f"{test:.4f}", count(place)]
        for individual, test, place in found.best
    ]
    return Table(["number", "validation", "test", "rank by test"], rows)
