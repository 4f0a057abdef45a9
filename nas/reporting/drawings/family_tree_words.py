"""The family tree in words: its description and its legend."""

from collections.abc import Iterator

from nas.reporting.figures.family_tree import FamilyTree
from nas.reporting.labels import count, fitness, plural


def description(tree: FamilyTree) -> str:
    """The tree in words."""
    return " ".join(_sentences(tree))


def drawn(tree: FamilyTree) -> str:
    """How many of the individuals are nodes."""
    return f"{count(len(tree.nodes))} of {count(len(tree.family.parent))} individuals are drawn"


def legend(tree: FamilyTree) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn; the counts are those of all individuals."""
    kinds = {(node.founder, node.kind) for node in tree.nodes}
    entries = [
        ("random", f"without a parent ({count(len(tree.family.founders))})", any(node.founder for node in tree.nodes)),
        ("alive", f"alive at the end ({count(tree.family.num_living)})", any(kind == "alive" for _, kind in kinds)),
        ("dead", "dead", (False, "dead") in kinds),
        ("failure", "failed", any(kind == "failed" for _, kind in kinds)),
        ("pending", "in flight", any(kind == "pending" for _, kind in kinds)),
        ("ancestor", "ancestors of the best", any(stroke.ancestor for stroke in tree.strokes)),
        ("best", f"the best, {_best(tree)}", tree.best is not None),
        ("skips", "generations between are not drawn", any(stroke.skips for stroke in tree.strokes)),
    ]
    return [(kind, label) for kind, label, shown in entries if shown]


def _sentences(tree: FamilyTree) -> Iterator[str]:
    family = tree.family
    generations, parents = int(family.generation.max()), int((family.children > 0).sum())
    yield (
        f"Family tree of {plural(len(family.parent), 'individual')} in {plural(generations, 'generation')} after the "
        f"first, over evaluations. {count(parents)} have children."
    )
    founders = family.founders
    surviving = int((family.living[founders] > 0).sum())
    if len(founders) > 1:
        yield (
            f"Of {count(len(founders))} families, each begun by an individual without a parent, {count(surviving)} "
            f"{'lives' if surviving == 1 else 'live'} on at the end."
        )
    ancestor = family.common_ancestor
    if ancestor is not None:
        yield (
            f"The {count(family.num_living)} alive descend from #{ancestor}, their latest common ancestor "
            f"(evaluation {count(family.born[ancestor])}, generation {count(family.generation[ancestor])})."
        )
    elif family.num_living > 1:
        yield f"The {count(family.num_living)} alive have no common ancestor."
    if tree.best is not None:
        generation = int(family.generation[tree.best.number])
        yield (
            f"The best, {_best(tree)}, is of generation {count(generation)}"
            f"{': its line of ancestors is marked' if generation else ''}."
        )
    if tree.is_sample:
        yield f"Nodes are a sample: {drawn(tree)}, the best's ancestors and those alive first. Counts are those of all."


def _best(tree: FamilyTree) -> str:
    return "" if tree.best is None else f"#{tree.best.number} · {fitness(tree.best.fitness)}"
