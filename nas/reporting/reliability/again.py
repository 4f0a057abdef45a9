"""The best of a search, measured again by its study."""

from collections.abc import Iterator

from nas.errors import UserError
from nas.reporting.figures.remeasured import remeasured
from nas.reporting.labels import count, fitness, plural
from nas.reporting.material import Material
from nas.reporting.reliability.part import Part, deviation, signed, within
from nas.reporting.table import Table

TITLE = "The best, measured again"


def parts(material: Material) -> Iterator[Part]:
    try:
        found = remeasured(material)
    except UserError as error:
        yield Part("remeasured", TITLE, [f"The study's re-evaluations cannot be shown: {error}."])
        return
    if found is None:
        return
    sentences = [
        f"The study evaluated {plural(len(found.top), 'individual')} of this search with new training seeds. The "
        f"fitness that selected them exceeds the mean of the new evaluations by {signed(found.gap.mean)}"
        f"{within(found.gap.interval)}: their luck when they were selected."
    ]
    sentences += [] if found.spread is None else [deviation(found.spread)]
    rows = [
        [str(one.number), fitness(one.selected), fitness(one.mean), count(len(one.values)), signed(one.gap)]
        for one in found.top
    ]
    table = Table(["number", "when selected", "mean again", "seeds", "difference"], rows)
    yield Part("remeasured", TITLE, sentences, found.figure, [("Individuals", table)])
