"""Noise of the fitness, from genomes that the search evaluated more than once."""

from collections.abc import Iterator

from nas.comparison.noise import Estimate
from nas.reporting.figures.repeated import Repeated, inherits, repeated
from nas.reporting.labels import count, fitness, plural
from nas.reporting.material import Material
from nas.reporting.reliability.part import Part, are, deviation, signed, within
from nas.reporting.spread import Spread
from nas.reporting.table import Table

TITLE = "Noise of the fitness"


def parts(material: Material) -> Iterator[Part]:
    if inherits(material):
        reason = "children begin with their parents' weights, so equal genomes are no repeated measurements"
        yield Part("noise", TITLE, [f"The search itself does not tell how noisy its fitness is: {reason}."])
        return
    found = repeated(material)
    if found is not None:
        steady = found.spread.deviation == 0
        table = [("Genomes that were evaluated most often", _often(found))]
        yield Part("noise", TITLE, list(_sentences(found)), None if steady else found.figure, table)


def _sentences(found: Repeated) -> Iterator[str]:
    spread = found.spread
    again = f"{plural(found.genomes, 'genome')} {'was' if found.genomes == 1 else 'were'} evaluated more than once"
    if spread.deviation == 0:
        yield f"{again}, and always gave the very same fitness: nothing is drawn at random in an evaluation."
        return
    yield f"{again}, {count(found.evaluations)} evaluations in all. {deviation(spread)}"
    yield from _meaning(spread, found.told)
    if found.excess is not None:
        yield _excess(found.excess, found.chosen)
    if found.diverged:
        yield f"{plural(found.diverged, 'individual')} whose training diverged {are(found.diverged)} left out."


def _excess(excess: Estimate, chosen: bool) -> str:
    assert excess.interval is not None
    by = f"First evaluations exceed later ones of the same genome by {signed(excess.mean)}{within(excess.interval)}"
    low, high = excess.interval
    if low <= 0 <= high:
        return f"{by}, which may be nothing."
    if not chosen or high < 0:
        return f"{by}."
    return f"{by}: a genome comes again mostly because its first evaluation was good, so luck was chosen too."


def _meaning(spread: Spread, told: int) -> Iterator[str]:
    yield (
        f"Two individuals that were evaluated once are told apart only if they differ by more than "
        f"{spread.told_apart:.4f} (the shaded band)."
    )
    if told > 1:
        yield (
            f"If all {count(told)} individuals were equally good, the best would still look "
            f"{spread.luck_of_best(told):.4f} better than it is."
        )


def _often(found: Repeated) -> Table:
    rows = [
        [
            str(group.individuals[0].number),
            count(len(group.individuals)),
            f"{group.mean:.4f}",
            f"{group.deviation:.4f}",
            ", ".join(fitness(individual.fitness) for individual in group.individuals[:6])
            + (", …" if len(group.individuals) > 6 else ""),
        ]
        for group in found.often
    ]
    return Table(["number", "evaluations", "mean", "deviation", "fitness, in order"], rows)
