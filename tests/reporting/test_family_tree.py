"""The family tree of a search: who hangs where, what is drawn, and that no line is in another's way."""

import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from example_runs import example_run
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.reporting.columns import NEVER, NOBODY, Columns
from nas.reporting.drawings.family_tree import drawing, plot
from nas.reporting.drawings.family_tree_words import description, legend
from nas.reporting.figures import family_sample
from nas.reporting.figures.family import family, nearest_drawn
from nas.reporting.figures.family_sample import drawn_nodes
from nas.reporting.figures.family_tree import FamilyTree, family_tree
from nas.reporting.material import Material
from nas.search.history import History
from nas.search.individual import Individual, State
from nas.search_spaces.base import Mutation

SPACES = [("cells", ()), ("cells", ("algorithm=non_aging",)), ("dna", ())]


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[Individual], Columns]:
    """A search that needs no algorithm: anybody told may have children; some fail, some stay in flight, some live."""
    size = draw(st.integers(1, 60))
    told: list[int] = []
    individuals = []
    for number in range(size):
        parents = (draw(st.sampled_from(told)),) if told and draw(st.integers(0, 5)) else ()
        state = draw(st.sampled_from([State.TOLD] * 6 + [State.FAILED, State.CANCELLED, State.PENDING]))
        mutation = Mutation("flip") if parents else None
        individual = Individual(number, "01", 0, parents=parents, mutation=mutation, state=state)
        if state is State.TOLD:
            individual.fitness = draw(st.floats(0, 1))
            told.append(number)
        individual.finished_s = None if state is State.PENDING else float(number)
        individuals.append(individual)
    alive = draw(st.sets(st.sampled_from(told))) if told else set()
    return individuals, columns_of(individuals, alive)


def columns_of(individuals: list[Individual], alive: set[int]) -> Columns:
    told = [individual.number for individual in individuals if individual.state is State.TOLD]
    place = {number: at for at, number in enumerate(told, start=1)}
    nan = float("nan")
    return Columns(
        parent=np.array([ind.parents[0] if ind.parents else NOBODY for ind in individuals], dtype=np.int64),
        told_place=np.array([place.get(ind.number, NEVER) for ind in individuals], dtype=np.int64),
        left_place=np.array([len(told) + (ind.number in alive) for ind in individuals], dtype=np.int64),
        fitness=np.array([nan if ind.fitness is None else ind.fitness for ind in individuals]),
        fidelity=np.zeros(len(individuals), dtype=np.int64),
        asked_s=np.zeros(len(individuals)),
        finished_s=np.array([nan if ind.finished_s is None else ind.finished_s for ind in individuals]),
        numbers_told=np.array(told, dtype=np.int64),
    )


def line_of(individuals: list[Individual]) -> list[Individual]:
    told = [individual for individual in individuals if individual.fitness is not None]
    if not told:
        return []
    line = [max(told, key=lambda individual: individual.fitness)]
    while line[-1].parents:
        line.append(individuals[line[-1].parents[0]])
    return line[::-1]


def ancestors(individuals: list[Individual], number: int) -> list[int]:
    """Itself first."""
    found = [number]
    while individuals[found[-1]].parents:
        found.append(individuals[found[-1]].parents[0])
    return found


def tree_of(individuals: list[Individual], columns: Columns, drawn: bytearray | None = None) -> FamilyTree:
    shown = bytearray([True]) * len(individuals) if drawn is None else drawn
    return family_tree(individuals, columns, family(columns), line_of(individuals), shown)


@given(searches())
@settings(max_examples=150, deadline=None)
def test_generations_children_and_common_ancestors_against_brute_force(search):
    individuals, columns = search
    found = family(columns)
    lines = [ancestors(individuals, individual.number) for individual in individuals]
    alive = [number for number in range(len(individuals)) if columns.alive[number]]
    assert found.generation.tolist() == [len(line) - 1 for line in lines]
    for number in range(len(individuals)):
        assert found.children[number] == sum(line[1:2] == [number] for line in lines)
        assert found.living[number] == sum(number in lines[living] for living in alive)
    shared = set.intersection(*(set(lines[living]) for living in alive)) if len(alive) > 1 else set()
    assert found.common_ancestor == max(shared, default=None)
    assert found.num_living == len(alive)


@given(searches(), st.data())
@settings(max_examples=150, deadline=None)
def test_everybody_hangs_on_the_nearest_drawn_ancestor(search, data):
    individuals, columns = search
    drawn = bytearray(data.draw(st.lists(st.booleans(), min_size=len(individuals), max_size=len(individuals))))
    nearest = nearest_drawn(columns.parent, drawn)
    for number in range(len(individuals)):
        above = [ancestor for ancestor in ancestors(individuals, number)[1:] if drawn[ancestor]]
        assert nearest[number] == (above[0] if above else NOBODY)
    tree = tree_of(individuals, columns, drawn)
    assert [node.number for node in tree.nodes] == [number for number, shown in enumerate(drawn) if shown]
    assert tree.parents == [nearest[node.number] for node in tree.nodes]
    for node, parent in zip(tree.nodes, tree.parents, strict=True):
        assert reaches(tree, node.number) == parent
        skips = parent != columns.parent[node.number] and parent != NOBODY
        if skips:
            assert any(stroke.skips and stroke.end == (node.born, node.row) for stroke in tree.strokes)


def reaches(tree: FamilyTree, number: int) -> int:
    """Whose line a node lies on or hangs from, by the strokes alone."""
    by_number = {node.number: node for node in tree.nodes}
    node = by_number[number]
    for stroke in tree.strokes:
        if not stroke.ancestor and stroke.start[1] != stroke.end[1] and stroke.end == (node.born, node.row):
            return owner(tree, stroke.start, number)
    return owner(tree, (node.born, node.row), number)


def owner(tree: FamilyTree, place: tuple[float, int], number: int) -> int:
    """Who begins the line that passes there, `NOBODY` if it begins there or none does."""
    born, row = place
    ends = {}
    for stroke in tree.strokes:
        if not stroke.ancestor and stroke.start[1] == stroke.end[1] == row:
            ends[stroke.start[0]] = stroke.end[0]
    for start in list(ends):
        while ends.get(ends[start], 0) > ends[start]:
            ends[start] = ends[ends[start]]
    starts = [start for start, end in ends.items() if start <= born <= end]
    at = {(node.born, node.row): node.number for node in tree.nodes if node.number != number}
    found = [at[start, row] for start in starts if (start, row) in at]
    return min(found, default=NOBODY)


@given(searches())
@settings(max_examples=150, deadline=None)
def test_lines_neither_touch_nor_cross(search):
    individuals, columns = search
    tree = tree_of(individuals, columns)
    strokes = [stroke for stroke in tree.strokes if not stroke.ancestor]
    level = [stroke for stroke in strokes if stroke.start[1] == stroke.end[1]]
    upright = [stroke for stroke in strokes if stroke.start[1] != stroke.end[1]]
    rows: dict[int, list[tuple[float, float]]] = {}
    for stroke in level:
        rows.setdefault(stroke.start[1], []).append((stroke.start[0], stroke.end[0]))
    for spans in rows.values():
        for (_, end), (start, _) in pairwise(sorted(spans)):
            assert end < start
    for link in upright:
        low, high = sorted((link.start[1], link.end[1]))
        for row in range(low + 1, high):
            assert not any(start <= link.start[0] <= end for start, end in rows.get(row, []))
    assert {node.row for node in tree.nodes} <= set(range(tree.rows))


@given(searches())
@settings(max_examples=60, deadline=None)
def test_the_way_to_the_best_is_drawn_from_its_first_ancestor(search):
    individuals, columns = search
    tree, line = tree_of(individuals, columns), line_of(individuals)
    at = {node.number: (node.born, node.row) for node in tree.nodes}
    way = [stroke for stroke in tree.strokes if stroke.ancestor]
    places = [at[individual.number] for individual in line]
    assert len(way) >= len(line) - 1
    if len(line) > 1:
        assert (way[0].start, way[-1].end) == (places[0], places[-1])
        assert all(before.end == after.start for before, after in pairwise(way))
        assert set(places[1:]) <= {stroke.end for stroke in way}
    assert {node.number for node in tree.nodes if node.ancestor} == {individual.number for individual in line}


@pytest.mark.parametrize(("space", "overrides"), SPACES)
def test_every_individual_of_a_search_is_a_node_with_its_state(tmp_path: Path, space, overrides):
    history = History.load(example_run(tmp_path / "run", space, 150, *overrides))
    material = Material(history)
    tree = family_tree(history.individuals, material.columns, material.family, material.line, material.relatives)
    alive = {individual.number for individual in history.alive}
    assert [node.number for node in tree.nodes] == list(range(len(history.individuals)))
    assert not tree.is_sample
    for node, parent in zip(tree.nodes, tree.parents, strict=True):
        individual = history.individuals[node.number]
        assert parent == (individual.parents[0] if individual.parents else NOBODY)
        assert node.kind == ("failed" if individual.fitness is None else "alive" if node.number in alive else "dead")
        if individual.fitness is not None:
            assert history.told_order[int(node.born) - 1] == node.number
        else:
            assert node.born == 0.5 + sum(told.finished_s <= individual.finished_s for told in history.told)
    picture = plot(tree)
    assert sorted(map(int, re.findall(r'data-show="(\d+)"', picture))) == list(range(len(history.individuals)))
    root = ElementTree.fromstring(drawing(tree))
    assert root.get("aria-label") == description(tree)
    assert not any(stroke.skips for stroke in tree.strokes)


def large(size: int = 3000, population: int = 40) -> tuple[list[Individual], Columns]:
    """Aging evolution without trainings; every tenth child fails, and the last ones are in flight."""
    rng, living = Random(1), []
    individuals = []
    for number in range(size):
        parents = (max(rng.sample(living, 3)),) if len(living) == population else ()
        individual = Individual(number, "01", 0, parents=parents, mutation=Mutation("flip") if parents else None)
        if number < size - 3:
            individual.finished_s = float(number)
            individual.state = State.FAILED if number % 10 == 9 else State.TOLD
        if individual.state is State.TOLD:
            individual.fitness = rng.random()
            living = [*living[-population + 1 :], number]
        individuals.append(individual)
    return individuals, columns_of(individuals, set(living))


@pytest.fixture(scope="module")
def large_search() -> tuple[list[Individual], Columns]:
    return large()


def drawn_of(individuals: list[Individual], columns: Columns) -> bytearray:
    ended = np.array([ind.state in (State.TOLD, State.FAILED) for ind in individuals])
    lineage = [individual.number for individual in line_of(individuals)]
    return drawn_nodes(family(columns), lineage, np.flatnonzero(columns.alive).tolist(), ended)


def test_a_large_search_is_a_sample_in_which_everybody_hangs_on_a_first_ancestor(large_search):
    individuals, columns = large_search
    drawn = drawn_of(individuals, columns)
    numbers = [number for number, shown in enumerate(drawn) if shown]
    line = [individual.number for individual in line_of(individuals)]
    assert len(numbers) == family_sample.MOST_NODES
    assert {line[0], line[-1]} <= set(numbers)
    assert sum(map(drawn.__getitem__, line)) >= min(len(line), 0.3 * family_sample.MOST_NODES)
    assert all(drawn[number] for number in np.flatnonzero(columns.alive))
    assert not any(drawn[individual.number] for individual in individuals if individual.state is State.PENDING)
    assert any(individuals[number].state is State.FAILED for number in numbers)
    nearest = nearest_drawn(columns.parent, drawn)
    assert all(nearest[number] != NOBODY or not individuals[number].parents for number in numbers)
    assert drawn == drawn_of(individuals, columns)


def test_a_sample_says_so_and_skips_are_dashed(large_search):
    individuals, columns = large_search
    tree = tree_of(individuals, columns, drawn_of(individuals, columns))
    words = f"{family_sample.MOST_NODES:,} of 3,000 individuals are drawn"
    assert tree.is_sample
    assert words in description(tree)
    assert f">{words}</text>" in drawing(tree)
    assert len(re.findall("data-show", plot(tree))) == family_sample.MOST_NODES
    skipping = any(stroke.skips for stroke in tree.strokes)
    assert ("skips" in dict(legend(tree))) is skipping is ('class="descent' in plot(tree) and " skips" in plot(tree))


def test_a_long_line_is_thinned_and_its_gaps_are_dashed():
    size = 5000
    individuals = [
        Individual(
            number,
            "01",
            0,
            parents=(number - 1,) if number else (),
            mutation=Mutation("flip") if number else None,
            state=State.TOLD,
            fitness=number / size,
            finished_s=float(number),
        )
        for number in range(size)
    ]
    columns = columns_of(individuals, {size - 1})
    drawn = drawn_of(individuals, columns)
    assert drawn[0] == drawn[size - 1] == 1
    assert 400 <= drawn.count(1) <= family_sample.MOST_NODES
    tree = tree_of(individuals, columns, drawn)
    assert any(stroke.skips and stroke.ancestor for stroke in tree.strokes)
    assert family(columns).common_ancestor is None  # one is alive


def test_the_words_count_all_of_them():
    told = {"state": State.TOLD, "finished_s": 1.0}
    individuals = [
        Individual(0, "0", 0, fitness=0.1, **told),
        Individual(1, "0", 0, fitness=0.2, **told),
        Individual(2, "0", 0, fitness=0.5, parents=(1,), mutation=Mutation("flip"), **told),
        Individual(3, "0", 0, fitness=0.4, parents=(1,), mutation=Mutation("flip"), **told),
        Individual(4, "0", 0, parents=(2,), mutation=Mutation("flip")),
    ]
    tree = tree_of(individuals, columns_of(individuals, {2, 3}))
    assert description(tree) == (
        "Family tree of 5 individuals in 2 generations after the first, over evaluations. 2 have children. "
        "Of 2 families, each begun by an individual without a parent, 1 lives on at the end. "
        "The 2 alive descend from #1, their latest common ancestor (evaluation 2, generation 0). "
        "The best, #2 · 0.5000, is of generation 1: its line of ancestors is marked."
    )
    assert [kind for kind, _ in legend(tree)] == ["random", "alive", "pending", "ancestor", "best"]
