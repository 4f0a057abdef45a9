"""What the figures of mutations and of the population mean, and what of it is a finding, in sentences."""

from collections.abc import Iterator

from nas.reporting import labels
from nas.reporting.drawings.estimates import written
from nas.reporting.figures.diversity import DiversityFigure
from nas.reporting.figures.fan_in import CellFanIn, FanInFigure
from nas.reporting.figures.founders import FoundersFigure
from nas.reporting.figures.operators import Operator, OperatorsFigure
from nas.reporting.intervals import Estimate

LEAST_FOR_A_FINDING = 20  # children of a mutation


def on_operators(figure: OperatorsFigure, inherits: bool) -> Iterator[str]:
    """How the changes are to be read.

    Args:
        inherits: whether children go on from their parents' weights.
    """
    yield (
        "A change is the fitness of a child minus that of its parent. Parents were chosen because their fitness was "
        "high, and high fitness is partly luck: so children fall back on average, whatever was mutated."
    )
    identity = figure.identity
    if identity is None or identity.change is None:
        yield (
            "No child of this search came of an identity mutation, so how much of a mean below zero is that falling "
            "back is not known."
        )
    else:
        yield (
            f"The identity changes nothing and shows by how much: {written(identity.change)}. What another mutation "
            "adds is its difference to that, given in the table under “against identity”."
        )
        if inherits:
            yield "Here the identity also goes on training the weights that it inherits."
    yield "Intervals are of 95 %; children of one parent count as one cluster in them, as they share its luck."
    told, compared = (sum(getattr(operator, of) for operator in figure.operators) for of in ("told", "compared"))
    if compared < told:
        yield (
            f"Of {labels.count(told)} told children {labels.count(told - compared)} are left out of means and medians, "
            "because they or their parent diverged: that is the fitness of a constant prediction, and a few of those "
            "would hide what a mutation does to the others."
        )


def on_diversity(figure: DiversityFigure) -> Iterator[str]:
    """What is counted."""
    if figure.of_dna:
        yield (
            "Architectures are equal if their graphs are, with all numbers of their convolutions: learning rates and "
            "the ids of variables do not count. DNA has no places in which two could be compared, so there is no "
            "distance."
        )
        yield "The random individuals of this space are all alike; what is distinct has been made by mutations."
    else:
        yield "Distinct genomes: the share that is left when equal ones count once."
        if figure.has_distance:
            yield (
                "Distance of two genomes: the share of their places (ops, inputs, bits) in which they differ, as a "
                "mean over all pairs."
            )
    if not figure.moments.kept:
        yield "This search keeps no population; the individuals told last stand for it."


def on_fan_in(figure: FanInFigure) -> Iterator[str]:
    """How far the final population lies above random, and whether fan-in has an effect of its own."""
    number = len(figure.moments.moments[-1].members)
    yield (
        "The output fan-in of a cell is the number of states that its output joins: those that no combination reads, "
        f"unless the genome lists others. Of {figure.num_combinations} combinations with random inputs these are "
        f"{figure.random_mean:.2f} ± {figure.random_deviation:.2f} (mean ± standard deviation, exact)."
    )
    ends = " ".join(_end(figure, cell, number) for cell in figure.cells)
    yield (
        f"{ends} The paper of aging evolution (arXiv 1802.01548) saw 3 sigma above random without saying of which. "
        "Members of a population are kin and drift together, so neither number is a test."
    )
    yield (
        "In that paper accuracy grows with fan-in. Over a search both may grow with time alone; so children whose "
        "hidden-state mutation changed the fan-in are also compared with their parents."
    )
    for cell in figure.cells:
        if cell.effect is not None:
            yield f"{cell.name.capitalize()} cells: {_effect(cell)}"


def found_on_operators(figure: OperatorsFigure, inherits: bool) -> Iterator[str]:
    """Which mutation most often made a child fitter than its parent."""
    known = [operator for operator in figure.operators if operator.told >= LEAST_FOR_A_FINDING]
    others = [operator for operator in known if not operator.is_identity]
    if not others:
        return
    best = max(others, key=_fitter)
    assert best.fitter is not None
    name = f"“{best.name}”"
    start = f"Of the mutations {name} most often gave" if len(others) > 1 else f"The mutation {name} gave"
    share = labels.percent(_fitter(best))
    text = f"{start} a child fitter than its parent: {share} of {labels.count(best.told)}{_interval(best.fitter)}"
    identity = next((operator for operator in known if operator.is_identity), None)
    if identity is None or best.oftener is None:
        yield f"{text}."
        return
    luck = "" if inherits else ", by luck alone,"
    compared = ", which is not clearly less" if best.oftener.value > 0 else ", which is no less"
    clear = best.oftener.low is not None and best.oftener.low > 0
    yield (f"{text}. With the identity{luck} it was {labels.percent(_fitter(identity))}{'' if clear else compared}.")


def found_on_founders(figure: FoundersFigure) -> Iterator[str]:
    """Since when all descend from one random individual."""
    if figure.fixed is not None and figure.left == 1 and not figure.new:
        place, founder = figure.fixed
        yield f"Since evaluation {labels.count(place)} the whole population descends from random individual {founder}."


def _end(figure: FanInFigure, cell: CellFanIn, number: int) -> str:
    one, mean = figure.sigmas(cell)
    side = "above" if one >= 0 else "below"
    who = "alive at the end" if figure.moments.kept else "told last"
    return (
        f"The {labels.count(number)} {cell.name} cells {who} have {cell.final:.2f} on average. That is {abs(one):.1f} "
        f"standard deviations of a single random genome {side} random, and {abs(mean):.1f} of the mean of "
        f"{labels.count(number)} random genomes."
    )


def _effect(cell: CellFanIn) -> str:
    effect = cell.effect
    assert effect is not None
    text = f"children in which it rose changed by {written(effect)} more than those in which it fell"
    if effect.low is None or effect.high is None:
        return f"{text}; there are too few parents to judge that."
    if effect.low <= 0 <= effect.high:
        return f"{text}, so this search does not show that fan-in has an effect of its own."
    return f"{text}, so a larger fan-in {'helped' if effect.value > 0 else 'harmed'} by itself."


def _fitter(operator: Operator) -> float:
    return operator.fitter.value if operator.fitter is not None else -1.0


def _interval(share: Estimate) -> str:
    if share.low is None or share.high is None:
        return ""
    return f" (95 % interval {labels.percent(share.low)} to {labels.percent(share.high)})"
