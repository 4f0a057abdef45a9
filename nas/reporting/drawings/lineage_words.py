"""The line of ancestors of the best in words."""

from collections.abc import Iterator

from nas.reporting import labels
from nas.reporting.drawings import change_words
from nas.reporting.figures.cell_changes import CellsChange
from nas.reporting.figures.dna_changes import DnaChange
from nas.reporting.figures.lineage import Lineage, Member


def description(line: Lineage) -> str:
    """The curve in words."""
    first, last = line.steps[0].member.individual, line.steps[-1].member.individual
    if line.length == 1:
        return f"The best, #{last.number} ({labels.fitness(last.fitness)}), has no ancestors."
    text = (
        f"Line of ancestors: {line.fitness_name} over evaluations, from #{first.number} "
        f"({labels.fitness(first.fitness)}) in {labels.plural(line.length - 1, 'generation')} to the best, "
        f"#{last.number} ({labels.fitness(last.fitness)})."
    )
    if line.largest is not None:
        number, gain = line.largest
        text += f" The largest rise from parent to child is {signed(gain)}, to #{number}."
    if len(line.curve) < line.length:
        text += f" {labels.count(len(line.curve))} of {labels.count(line.length)} are drawn as points."
    return text


def signed(value: float) -> str:
    """A change of fitness: 0.0031 -> "+0.0031"."""
    return f"{'−' if value < 0 else '+'}{labels.fitness(abs(value))}"


def came_by(member: Member) -> str:
    """The mutation by its name, or how somebody without one came to be."""
    individual = member.individual
    return labels.origin(individual) if individual.mutation is None else individual.mutation.name.replace("_", " ")


def details(member: Member) -> list[str]:
    """What the mutation changed: the differences between both genomes; where they are not known its own details."""
    if member.change is None:
        return []
    if member.change.same:
        return [_same(member), *change_words.sentences(member.change)]
    found = change_words.sentences(member.change)
    if not found and member.individual.mutation is not None:
        found = [labels.details(member.individual.mutation.details)]
    if isinstance(member.change, CellsChange):
        found += [f"{cell.cell.name} cell unchanged" for cell in member.change.cells if cell.same]
    return [sentence for sentence in found if sentence]


def facts(member: Member) -> Iterator[tuple[str, str]]:
    """(name, value) of what is known of a member besides its fitness."""
    metrics = member.individual.metrics
    for key in ("multiply_adds", "parameters"):
        if key in metrics:
            yield key.replace("_", "-"), labels.quantity(metrics[key])
    if "multiply_adds" not in metrics and "train_flops" in metrics:
        yield "training FLOPs", labels.quantity(metrics["train_flops"])
    if isinstance(member.change, DnaChange):
        yield "learning rate", f"{member.change.child.learning_rate:.3g}"
    yield "generation", labels.count(member.generation)
    parents = member.individual.parents
    if parents:
        yield f"parent{'s' if len(parents) > 1 else ''}", ", ".join(f"#{number}" for number in parents)
    if member.born is None:
        yield "state", member.individual.state.value
    else:
        yield "born", f"evaluation {labels.count(member.born)}"
        if member.died is None:
            yield "at the end", "alive"
        else:
            yield "died", f"evaluation {labels.count(member.died)}"


def passed(members: list[Member], count: int) -> str:
    """What lies between two networks that are drawn."""
    names: dict[str, int] = {}
    for member in members:
        names[came_by(member)] = names.get(came_by(member), 0) + 1
    common = sorted(names.items(), key=lambda item: -item[1])
    made = ", ".join(f"{labels.count(number)} {name}" for name, number in common)
    if len(members) < count:
        return f"{labels.plural(count, 'step')} before it, {labels.count(len(members))} of them listed"
    return f"{labels.plural(count, 'step')} before it: {made}"


def _same(member: Member) -> str:
    inherits = member.individual.metrics.get("inherited_tensors")
    return "same architecture, trained further" if inherits else "same architecture, trained anew"
