"""What differs between parent and child, against the mutations' own words and against brute force."""

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from dna_search import dna_space, grown

from nas.reporting.drawings.change_words import sentences
from nas.reporting.drawings.changed import changed_drawings
from nas.reporting.figures.cell_changes import CellsChange
from nas.reporting.figures.cells import read_cells
from nas.reporting.figures.changes import BitsChange, OpsChange, OtherChange, change
from nas.reporting.figures.dna import dna_layers
from nas.reporting.figures.dna_changes import DnaChange, dna_change
from nas.search_spaces.bits import Bits
from nas.search_spaces.cells import Cells
from nas.search_spaces.dna_graph import Conv, Dna, Edge, Vertex
from nas.search_spaces.dna_json import dna_from_json, dna_to_json
from nas.search_spaces.dna_mutations import AlterNumberOfChannels
from nas.search_spaces.nasbench201 import EDGES, NasBench201, parse_nasbench201

CELLS = Cells(
    ops=("none", "sep_conv_3x3", "avg_pool_3x3", "conv_1x7_7x1"),
    num_combinations=5,
    identity_probability=0.05,
    op_mutation="any",
)
IMAGE = (3, 32, 32)


def steps(space: Any, count: int, mutations: int = 1, seed: int = 0) -> Iterator[tuple[Any, Any, list[Any]]]:
    """Parent and child in JSON form and the mutations between them, along a line of descent."""
    rng = Random(seed)
    genome = space.initial(rng)
    for _ in range(count):
        child, made = genome, []
        for _ in range(mutations):
            child, mutation = space.mutate(child, rng)
            made.append(mutation)
        yield space.to_json(genome), space.to_json(child), made
        genome = child


@pytest.mark.parametrize("mutations", [1, 3])
def test_changes_of_cells_are_the_differing_elements(mutations):
    for parent, child, _ in steps(CELLS, 300, mutations):
        found = change(parent, child)
        assert isinstance(found, CellsChange)
        assert found.same is (parent == child)
        for cell in found.cells:
            old, new = parent[cell.cell.name], child[cell.cell.name]
            places = [(state, element) for state in range(2, 7) for element in (0, 1)]
            ops = {(state, at): old[state - 2][at][0] for state, at in places}
            inputs = {(state, at): old[state - 2][at][1] for state, at in places}
            assert cell.ops == {place: op for place, op in ops.items() if new[place[0] - 2][place[1]][0] != op}
            assert cell.inputs == {
                place: source for place, source in inputs.items() if new[place[0] - 2][place[1]][1] != source
            }
            before, after = (unread(combinations) for combinations in (old, new))
            assert (set(cell.joined), set(cell.left), cell.lost) == (after - before, before - after, ())


def unread(combinations: list[Any]) -> set[int]:
    return set(range(2, len(combinations) + 2)) - {source for pair in combinations for _, source in pair}


def test_what_is_marked_in_a_cell_is_what_the_mutation_says():
    for parent, child, (mutation,) in steps(CELLS, 300, seed=1):
        found = change(parent, child)
        drawn = "".join(drawing.image for drawing in changed_drawings(child, found, None))
        details = mutation.details
        if mutation.name == "identity" or details["from"] == details["to"]:
            assert drawn == ""
            assert sentences(found) == []
            continue
        place = (details["combination"] + 2, details["element"])
        (cell,) = [cell for cell in found.cells if not cell.same]
        assert cell.cell.name == details["cell"]
        marked_ops = re.findall(r'<rect[^>]* class="op[^"]* changed"/><text[^>]*>[^<]*</text><title>([^<]*)<', drawn)
        assert marked_ops == ([details["to"]] if mutation.name == "op" else [])
        assert drawn.count('class="edge changed"') == (mutation.name == "hidden_state")
        assert drawn.count('class="edge changed joined"') == len(cell.joined)
        assert (cell.ops if mutation.name == "op" else cell.inputs) == {place: details["from"]}


def test_cells_of_other_sizes_and_architectures_with_their_own_output():
    pair = [["none", 0], ["sep_conv_3x3", 1]]
    small, large = ({"normal": [pair] * size, "reduction": [pair]} for size in (1, 2))
    grown_cell = change(small, large).cells[0]
    assert (grown_cell.ops, grown_cell.inputs) == ({(3, 0): "", (3, 1): ""}, {(3, 0): -1, (3, 1): -1})
    assert sentences(change(large, small)) == ["normal cell, state 3 is gone"]
    said = [{"normal": {"combinations": [pair], "concat": concat}} for concat in ([2], [1, 2])]
    assert sentences(change(*said)) == ["normal cell, h[i−2] is joined to the output"]
    assert sentences(change(*said[::-1])) == ["normal cell, h[i−2] is no longer joined to the output"]


@pytest.mark.parametrize("mutations", [1, 4])
def test_changes_of_bits(mutations):
    for parent, child, made in steps(Bits(num_bits=40), 300, mutations):
        found = change(parent, child)
        flips = [mutation.details["bit"] for mutation in made]
        expected = tuple(sorted(bit for bit in set(flips) if flips.count(bit) % 2))
        assert found == BitsChange(expected)
        drawn = "".join(drawing.image for drawing in changed_drawings(child, found, None))
        marked = re.findall(r'<rect[^>]*class="[^"]*changed"[^>]*><title>bit (\d+)', drawn)
        assert tuple(map(int, marked)) == expected


def test_changes_of_nasbench201():
    for parent, child, (mutation,) in steps(NasBench201(), 300):
        found = change(parent, child)
        details = mutation.details
        assert found == OpsChange(((details["source"], details["target"], details["from"], details["to"]),))
        differing = [a != b for a, b in zip(parse_nasbench201(parent), parse_nasbench201(child), strict=True)]
        assert [edge[:2] for edge in found.edges] == [
            edge for edge, other in zip(EDGES, differing, strict=True) if other
        ]
        assert sentences(found) == [
            f"edge {details['source']} to {details['target']}: {details['from']} → {details['to']}"
        ]


def nothing_but(found: DnaChange, *names: str) -> bool:
    """Whether these are the only differences."""
    facts = ("learning_rate", "inserted", "removed", "altered", "skips", "lost_skips")
    return all(bool(getattr(found, name)) is (name in names) for name in facts)


@pytest.mark.parametrize("seed", range(3))
def test_changes_of_dna_are_what_the_mutation_says(seed):
    space, met = dna_space(), set()
    space = replace(space, weights={**space.weights, "add_skip": 3, "insert_convolution": 2})
    for old, new, (mutation,) in steps(space, 300, seed=seed):
        parent, child = dna_from_json(old), dna_from_json(new)
        found, name, details = dna_change(parent, child), mutation.name, mutation.details
        met.add(name)
        assert found.same is (parent == child)
        assert found.fresh is (name == "reset_weights")
        if name in ("identity", "reset_weights"):
            assert nothing_but(found)
        elif name == "alter_learning_rate":
            assert nothing_but(found, "learning_rate")
        elif name in ("insert_convolution", "insert_one_to_one"):
            assert nothing_but(found, "inserted")
            assert found.inserted == (details["vertex"],)
        elif name == "remove_convolution":
            at = details["vertex"]
            own = [
                (edge.source, edge.target) for edge in parent.edges if edge.is_skip and at in (edge.source, edge.target)
            ]
            over = [
                (edge.source, edge.target) for edge in parent.edges if (edge.source, edge.target) == (at - 1, at + 1)
            ]
            assert nothing_but(found, "removed", *["lost_skips"] * bool(own + over))
            assert (found.removed, found.gaps, set(found.lost_skips)) == ((at,), (at,), {*own, *over})
        elif name == "add_skip":
            assert nothing_but(found, "skips")
            assert found.skips == ((details["source"], details["target"]),)
        elif name == "remove_skip":
            assert nothing_but(found, "lost_skips")
            assert found.lost_skips == ((details["source"], details["target"]),)
        elif details["from"] != details["to"]:
            assert nothing_but(found, "altered")
            (altered,) = found.altered
            assert (altered.vertex, altered.old, altered.new) == (details["vertex"], details["from"], details["to"])
    assert len(met) >= 10


def inner_ids(dna: Dna) -> list[str]:
    return [vertex.id for vertex in dna.vertices[1:-1]]


@pytest.mark.parametrize("seed", range(5))
def test_several_mutations_at_once_are_the_differing_vertices_and_skips(seed):
    space = dna_space()
    space = replace(space, weights={**space.weights, "reset_weights": 0, "add_skip": 3, "insert_convolution": 2})
    for old, new, _ in steps(space, 60, mutations=5, seed=seed):
        parent, child = dna_from_json(old), dna_from_json(new)
        found = dna_change(parent, child)
        before, after = inner_ids(parent), inner_ids(child)
        assert [child.vertices[at].id for at in found.inserted] == [name for name in after if name not in before]
        assert [parent.vertices[at].id for at in found.removed] == [name for name in before if name not in after]
        assert named_skips(child, found.skips) == skips_of(child) - skips_of(parent)
        assert named_skips(parent, found.lost_skips) == skips_of(parent) - skips_of(child)
        changed = {
            vertex.id
            for vertex, edges in zip(child.vertices[1:], child.in_edges()[1:], strict=True)
            for other, other_edges in zip(parent.vertices[1:], parent.in_edges()[1:], strict=True)
            if vertex.id == other.id and (vertex.type, edges[-1].conv) != (other.type, other_edges[-1].conv)
        }
        assert {child.vertices[altered.vertex].id for altered in found.altered} == changed


def skips_of(dna: Dna) -> set[tuple[str, str]]:
    return named_skips(dna, [(edge.source, edge.target) for edge in dna.edges if edge.is_skip])


def named_skips(dna: Dna, places: Any) -> set[tuple[str, str]]:
    return {(dna.vertices[source].id, dna.vertices[target].id) for source, target in places}


def test_a_child_without_any_of_its_parents_ids_is_compared_in_order():
    space, rng = dna_space(), Random(3)
    parent = grown(space, 60, 3)
    fresh = space.renewed(parent, rng)
    assert nothing_but(dna_change(parent, fresh))
    assert sentences(dna_change(parent, fresh)) == ["fresh weights: no variable of the parent is left"]
    wider, details = AlterNumberOfChannels(factor=2)(fresh, rng)
    found = dna_change(parent, wider)
    assert [altered.vertex for altered in found.altered] == [details["vertex"]]
    assert (found.inserted, found.removed) == ((), ())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_marked_in_a_dna_are_the_layers_links_and_skips_that_changed(seed):
    space = dna_space()
    space = replace(space, weights={**space.weights, "add_skip": 3, "insert_convolution": 2})
    for _, new, (mutation,) in steps(space, 150, seed=seed):
        parent, child = dna_from_json(_), dna_from_json(new)
        found = dna_change(parent, child)
        drawings = changed_drawings(new, found, IMAGE)
        if found.same:
            assert drawings == []
            continue
        (drawing,) = drawings
        layer_of = dna_layers(child).layer_of
        boxes = re.findall(r'<g data-layer="[^"]*"><rect[^>]*class="([^"]*)"', drawing.image)
        marked = {layer for layer, classes in enumerate(boxes) if "changed" in classes}
        links = drawing.image.count('class="edge changed"')
        expected = {layer_of[vertex] for vertex in found.inserted}
        expected |= {layer_of[altered.vertex] for altered in found.altered}
        if mutation.name == "remove_convolution":
            assert links + len(marked) == 1
        else:
            assert (marked, links) == (expected, 0)
        skips = re.findall(r'<g(?: class="(changed)")? data-skip="([^"]*)"', drawing.image)
        new_skips = {f"{layer_of[source]}-{layer_of[target]}" for source, target in found.skips}
        assert {name for changed, name in skips if changed} == new_skips
        assert sentences(found)


def with_conv(conv: Conv) -> Dna:
    vertices = tuple(Vertex("linear", name) for name in "abc")
    return Dna(0.1, vertices, (Edge(0, 1, conv), Edge(1, 2)), "d")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((1.0, 1.0, 1.0, 0.3), "layer 1: stride stays 1 (0 → 0.3 before rounding)"),
        ((1.0, 1.0, 1.0, 1.2), "layer 1: stride 1 → 2"),
        ((1.0, 2.4, 1.0, 0.0), "layer 1: filter height 3 → 5"),
        ((1.0, 1.0, 1.4, 0.0), "layer 1: filter width stays 3 (1 → 1.4 before rounding)"),
        ((1.5, 1.0, 1.0, 0.0), "layer 1: channels ×1 → ×1.5"),
    ],
)
def test_the_words_of_altered_convolutions(numbers, words):
    parent, child = with_conv(Conv(1.0, 1.0, 1.0, 0.0, "e")), with_conv(Conv(*numbers, "e"))
    assert sentences(dna_change(parent, child)) == [words]


@pytest.mark.parametrize(
    ("parent", "child", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ("0101", "010", False),
        ("0101", {"normal": [], "reduction": []}, False),
        (None, None, True),
        ({"normal": ["what"], "reduction": 1}, {"normal": ["else"], "reduction": 1}, False),
        (dna_to_json(grown(dna_space(), 0)), "|none~0|", False),
    ],
)
def test_genomes_that_are_not_known_from_inside(parent, child, same):
    assert change(parent, child) == OtherChange(same)
    assert sentences(change(parent, child)) == []


def test_the_words_of_cells():
    old = {"normal": [[["none", 0], ["none", 1]], [["sep_conv_3x3", 0], ["none", 1]]], "reduction": [[["none", 0]] * 2]}
    new = {"normal": [[["none", 0], ["none", 1]], [["avg_pool_3x3", 2], ["none", 1]]], "reduction": old["reduction"]}
    assert sentences(change(old, new)) == [
        "normal cell, state 3: sep 3×3 → avg 3×3",
        "normal cell, state 3: avg 3×3 reads 2 instead of h[i−1]",
        "normal cell, state 2 is no longer joined to the output",
    ]
    assert len(read_cells(new)) == 2
