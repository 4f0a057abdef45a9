"""Search rank against final rank, from the retrainings beside the run folder."""

from collections.abc import Iterator

from nas.reporting.figures.retrained import Retrained, retrained
from nas.reporting.labels import count, fitness, plural
from nas.reporting.material import Material
from nas.reporting.reliability.part import Part, are
from nas.reporting.retrainings import retrainings
from nas.reporting.table import Table

MOST_SHOWN = 6  # retrainings


def parts(material: Material) -> Iterator[Part]:
    read = retrainings(material)
    shown = [retrained(one, material) for one in read.found[:MOST_SHOWN]]
    for place, found in enumerate(shown, 1):
        name = "retrained" if len(shown) == 1 else f"retrained-{place}"
        tables = [("Ranks", _ranks(found))] if found.figure is not None else []
        title = "Search rank against final rank" if found.figure is not None else "Retrained"
        yield Part(name, f"{title}: {found.retraining.name}", list(_sentences(found)), found.figure, tables)
    rest = [*([_more(len(read.found) - len(shown))] if len(read.found) > len(shown) else []), *read.problems]
    if rest:
        yield Part("retrainings", "Other retrainings", [sentence.rstrip(".") + "." for sentence in rest])


def _sentences(found: Retrained) -> Iterator[str]:
    one, rows = found.retraining, found.retraining.rows
    if found.correlations is not None:
        yield (
            f"{plural(len(rows), 'individual')} of this search were trained anew and ranked by {one.part} accuracy. "
            f"The ranks agree to {found.correlations.kendall.words} by Kendall's tau and "
            f"{found.correlations.spearman.words} by Spearman's rho."
        )
        yield _first(found)
    if one.others:
        winner = "one of another search won" if one.winner is None else f"#{one.winner.number} won"
        yield f"{plural(one.others, 'candidate')} of other searches took part; {winner}."
    elif one.winner is not None and not rows:
        yield f"#{one.winner.number} was retrained without rivals."
    if one.failed:
        yield f"{plural(one.failed, 'candidate')} failed."
    if one.headline is not None:
        yield f"Its model card says: {one.headline}"


def _first(found: Retrained) -> str:
    """Whether the search's best stayed the best."""
    rows = found.retraining.rows
    best = rows[found.searched.index(1)]
    if best is rows[0]:
        return f"The search's best of them, #{best.individual.number}, came first again."
    return (
        f"#{rows[0].individual.number} came first, which was number {found.searched[0]} of them in the search, "
        f"{rows[0].accuracy - best.accuracy:.4f} ahead of the search's best, #{best.individual.number}."
    )


def _ranks(found: Retrained) -> Table:
    rows = [
        [
            str(row.individual.number),
            count(place),
            count(rank),
            f"{row.accuracy:.4f}",
            fitness(row.individual.fitness),
        ]
        for place, row, rank in found.table
    ]
    return Table(["number", "final rank", "search rank", "final", "search"], rows)


def _more(number: int) -> str:
    return f"{plural(number, 'retraining')} more {are(number)} not shown"
