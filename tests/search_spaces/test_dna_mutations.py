"""The eleven mutations: what they do, and that they draw as the paper says (chi-square and Kolmogorov-Smirnov)."""

import json
import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from scipy import stats

from nas.errors import UserError
from nas.search_spaces.dna import DnaSpace
from nas.search_spaces.dna_graph import Conv, Dna, Edge, Vertex, seed_dna
from nas.search_spaces.dna_mutations import NotApplicable
from nas.search_spaces.dna_shapes import plan_dna
from tests.test_contracts import composed

SPACE: DnaSpace = composed("search_space", "search_space=dna")
DRAWS = 4000
LEAST_P = 1e-4  # the draws are seeded: a test passes always or never


def grown(size: int, seed: int = 0) -> Dna:
    """A DNA with so many vertices, by mutations."""
    rng = Random(seed)
    dna = SPACE.initial(rng)
    while len(dna.vertices) != size:
        dna = SPACE.mutate(dna, rng)[0]
    return dna


def three_convs() -> Dna:
    """Input -c- 1 -c- 2 -identity- 3 -c- 4 -identity- output, with a skip from 1 to 4."""
    ends = seed_dna(0.1, "a0", "a1", "a2")
    convs = [Conv(1.0, 1.0, 1.0, 0.0, f"c{at}") for at in range(4)]
    inner = tuple(Vertex("bn_relu", f"b{at}") for at in range(4))
    chain = [Edge(0, 1, convs[0]), Edge(1, 2, convs[1]), Edge(2, 3), Edge(3, 4, convs[3]), Edge(4, 5)]
    edges = sorted([*chain, Edge(1, 4, None, 0, 0)], key=lambda edge: (edge.target, edge.source))
    return Dna(0.1, (ends.vertices[0], *inner, ends.vertices[1]), tuple(edges), "a2")


def draws(name: str, dna: Dna, count: int = DRAWS) -> list[tuple[Dna, dict[str, Any]]]:
    rng = Random(f"draws of {name}")
    return [(child, dict(details)) for child, details in (SPACE.mutations[name](dna, rng) for _ in range(count))]


def is_uniform(values: list[Any], options: int) -> bool:
    counts = Counter(values)
    assert len(counts) == options
    return bool(stats.chisquare(list(counts.values())).pvalue > LEAST_P)


def is_uniform_between(values: list[float], low: float, high: float) -> bool:
    return bool(stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > LEAST_P)


def test_each_of_the_eleven_is_drawn_equally_often() -> None:
    """Of a DNA to which all apply."""
    dna, rng = three_convs(), Random(0)
    names = [SPACE.mutate(dna, rng)[1].name for _ in range(11_000)]
    assert len(SPACE.mutations) == 11
    assert is_uniform(names, 11)


def test_weights_are_chances_in_proportion() -> None:
    weights = dict.fromkeys(SPACE.mutations, 0) | {"identity": 3, "add_skip": 1}
    space = DnaSpace(learning_rate=0.1, mutations=SPACE.mutations, weights=weights)
    dna, rng = grown(12), Random(0)
    counts = Counter(space.mutate(dna, rng)[1].name for _ in range(DRAWS))
    assert set(counts) == {"identity", "add_skip"}
    assert stats.binomtest(counts["identity"], DRAWS, 0.75).pvalue > LEAST_P


def test_one_that_does_not_apply_leaves_its_chance_to_the_rest() -> None:
    seed, rng = SPACE.initial(Random(1)), Random(0)
    names = [SPACE.mutate(seed, rng)[1].name for _ in range(5000)]
    assert set(names) == {
        "alter_learning_rate",
        "identity",
        "reset_weights",
        "insert_convolution",
        "insert_one_to_one",
    }
    assert is_uniform(names, 5)


def test_the_learning_rate_is_uniform_in_its_logarithm() -> None:
    rates = [child.learning_rate for child, _ in draws("alter_learning_rate", three_convs())]
    assert is_uniform_between([math.log2(rate / 0.1) for rate in rates], -1, 1)


def test_channels_are_linear_and_uniform_from_half_to_double() -> None:
    """10 channels become any of 5 to 20 (section 3.2); the ends round from half a step."""
    dna = three_convs()
    found = draws("alter_number_of_channels", dna)
    factors = [details["to"] for _, details in found]
    assert is_uniform_between(factors, 0.5, 2)
    channels = Counter(plan_dna(child, (10, 8, 8))[details["vertex"]].shape.channels for child, details in found)
    assert set(channels) == set(range(5, 21))
    inner = [channels[number] for number in range(6, 20)]
    assert stats.chisquare(inner).pvalue > LEAST_P
    assert is_uniform([details["vertex"] for _, details in found], 3)


def test_filter_sizes_stay_odd_and_change_in_one_direction() -> None:
    found = draws("filter_size", three_convs())
    assert is_uniform([details["side"] for _, details in found], 2)
    assert is_uniform_between([details["to"] for _, details in found], 0.5, 2)
    for child, details in found[:500]:
        kernels = {edge.conv.kernel for edge in child.edges if edge.conv}
        assert kernels <= {(3, 3), (3, 5), (5, 3)}
        assert {edge.conv.kernel for edge in child.edges if edge.conv and edge.target != details["vertex"]} == {(3, 3)}


def test_small_changes_of_a_filter_add_up() -> None:
    """Floats are kept and rounded on use (footnote 3): sizes that one mutation cannot reach are reached by several."""
    rng, seen = Random(0), set()
    for _ in range(100):
        dna = three_convs()
        for _ in range(10):
            dna, _ = SPACE.mutations["filter_size"](dna, rng)
        seen |= {size for edge in dna.edges if edge.conv for size in edge.conv.kernel}
    assert {1, 3, 5, 7, 9} <= seen
    assert all(size % 2 for size in seen)


def test_strides_are_powers_of_two_around_the_old_one() -> None:
    found = draws("alter_stride", three_convs())
    assert is_uniform_between([details["to"] for _, details in found], 0, 1)
    assert {edge.conv.stride for child, _ in found for edge in child.edges if edge.conv} == {1, 2}
    fast = three_convs()
    edges = tuple(
        Edge(e.source, e.target, Conv(1.0, 1.0, 1.0, 2.0, f"c{e.target}")) if e.conv else e for e in fast.edges
    )
    again = draws("alter_stride", Dna(0.1, fast.vertices, edges, "a2"))
    assert is_uniform_between([details["to"] for _, details in again], 1, 3)


@pytest.mark.parametrize("name", ["insert_convolution", "insert_one_to_one"])
def test_insertions_fall_anywhere_on_the_backbone(name: str) -> None:
    dna = three_convs()
    found = draws(name, dna)
    assert is_uniform([details["vertex"] for _, details in found], 5)
    assert is_uniform([details["type"] for _, details in found], 2)
    for child, details in found[:300]:
        at = details["vertex"]
        assert len(child.vertices) == len(dna.vertices) + 1
        (new,) = [edge for edge in child.edges if edge.target == at and not edge.is_skip]
        assert (new.conv is None) == (name == "insert_one_to_one")
        (onward,) = [edge for edge in child.edges if edge.target == at + 1 and not edge.is_skip]
        (before,) = [edge for edge in dna.edges if edge.target == at and not edge.is_skip]
        assert onward.conv == before.conv  # the edge that was there leads on
        (skip,) = [edge for edge in child.edges if edge.is_skip]
        joined = {child.vertices[skip.source].id, child.vertices[skip.target].id}
        assert joined == {"b0", "b3"}


def test_new_convolutions_are_3x3_with_stride_1_or_2_and_keep_the_channels() -> None:
    found = draws("insert_convolution", three_convs())
    assert is_uniform([details["stride"] for _, details in found], 2)
    for child, details in found[:300]:
        (new,) = [edge for edge in child.edges if edge.target == details["vertex"] and not edge.is_skip]
        assert new.conv is not None
        assert (new.conv.kernel, new.conv.out_channels(7)) == ((3, 3), 7)


def test_a_removal_takes_a_convolution_and_its_vertex_and_their_skips() -> None:
    dna = three_convs()
    found = draws("remove_convolution", dna)
    assert is_uniform([details["vertex"] for _, details in found], 3)  # vertex 3 has an identity before it
    for child, details in found[:300]:
        gone = {1: "b0", 2: "b1", 4: "b3"}[details["vertex"]]
        assert [vertex.id for vertex in child.vertices] == [v.id for v in dna.vertices if v.id != gone]
        assert sum(edge.is_skip for edge in child.edges) == (gone == "b1")
        assert len([edge for edge in child.edges if edge.conv]) == 2


def test_removing_what_a_skip_jumps_over_leaves_no_second_edge() -> None:
    dna = three_convs()
    for at in (2, 1):  # the skip from 1 to 4 first jumps over fewer vertices
        dna = next(child for child, details in draws("remove_convolution", dna, 50) if details["vertex"] == at)
        SPACE.validate(dna)
    assert not any(edge.is_skip for edge in dna.edges)


def test_skips_join_vertices_of_the_backbone_once() -> None:
    dna = three_convs()  # inner vertices 1 to 4, which have the skip 1-4 already
    found = [(details["source"], details["target"]) for _, details in draws("add_skip", dna)]
    assert set(found) == {(1, 3), (2, 4)}
    assert is_uniform(found, 2)
    full = dna
    for _ in range(2):
        full, _ = SPACE.mutations["add_skip"](full, Random(0))
    with pytest.raises(NotApplicable):
        SPACE.mutations["add_skip"](full, Random(0))
    removed = [(details["source"], details["target"]) for _, details in draws("remove_skip", full)]
    assert is_uniform(removed, 3)


@pytest.mark.parametrize(
    ("flag", "blocked"),
    [
        ("inputs_mutable", {"insert_convolution", "insert_one_to_one", "remove_convolution", "add_skip"}),
        ("outputs_mutable", {"insert_convolution", "insert_one_to_one", "remove_convolution", "add_skip"}),
        ("properties_mutable", {"alter_stride", "alter_number_of_channels", "filter_size", "remove_convolution"}),
    ],
)
def test_flags_shield_vertices(flag: str, blocked: set[str]) -> None:
    dna = three_convs()
    flags = {"inputs_mutable": True, "outputs_mutable": True, "properties_mutable": True, flag: False}
    shielded = Dna(0.1, tuple(Vertex(v.type, v.id, **flags) for v in dna.vertices), dna.edges, "a2")
    for name in blocked:
        with pytest.raises(NotApplicable):
            SPACE.mutations[name](shielded, Random(0))
    for name in SPACE.mutations.keys() - blocked - {"add_skip", "remove_skip"}:
        SPACE.mutations[name](shielded, Random(0))


class Halve:
    """A user's own mutation."""

    def __call__(self, dna: Dna, rng: Random) -> tuple[Dna, dict[str, Any]]:
        return Dna(dna.learning_rate / 2, dna.vertices, dna.edges, dna.classifier_id), {}


def test_a_mutation_of_ones_own_joins() -> None:
    space: DnaSpace = composed(
        "search_space",
        "search_space=dna",
        f"+search_space.mutations.halve={{_target_: {__name__}.Halve}}",
        "+search_space.weights.halve=1000",
    )
    dna, mutation = space.mutate(space.initial(Random(0)), Random(0))
    assert (mutation.name, dna.learning_rate) == ("halve", 0.05)


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["+search_space.weights.add_skips=1"], r"'add_skips'.*is unknown, choose one of .*did you mean add_skip\?"),
        ([f"search_space.weights.{name}=0" for name in SPACE.mutations], "sum to 0"),
        (["search_space.weights.identity=-1"], r"weights\.identity is -1, it must be a number of at least 0"),
        (["search_space.learning_rate=0"], "learning_rate is 0, it must be above 0"),
        (["search_space.mutations.filter_size.factor=0.5"], "factor is 0.5"),
    ],
)
def test_bad_settings_are_one_sentence(overrides: list[str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        composed("search_space", "search_space=dna", *overrides)


def test_a_space_whose_mutations_all_fail_says_which() -> None:
    weights = dict.fromkeys(SPACE.mutations, 0) | {"remove_skip": 1}
    space = DnaSpace(learning_rate=0.1, mutations=SPACE.mutations, weights=weights)
    with pytest.raises(UserError, match="remove_skip"):
        space.mutate(space.initial(Random(0)), Random(0))


def _broken(change: Callable[[Any], object]) -> Any:
    data = json.loads(json.dumps(SPACE.to_json(three_convs())))
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda data: data.pop("edges"), "keys"),
        (lambda data: data["edges"].pop(0), "no edge of the backbone leads from vertex 0 to 1"),
        (lambda data: data["edges"][2].update(source=4, target=3), "cycle|ordered"),
        (lambda data: data["edges"].append(data["edges"][-1]), "no two between the same vertices"),
        (lambda data: data["vertices"][1].update(type="relu"), "'relu', allowed are linear, bn_relu"),
        (lambda data: data["vertices"][1].update(id=data["vertices"][2]["id"]), "used twice"),
        (lambda data: data["vertices"][1].update(id="a.b"), "'a.b'"),
        (lambda data: data["edges"][0]["conv"].update(depth_factor=0), "depth_factor is 0.0"),
        (lambda data: data["edges"][0]["conv"].update(stride_scale=-1), "stride_scale is -1.0"),
        (lambda data: data["edges"][3].update(depth_precedence=7), "outrank"),
        (lambda data: data.update(learning_rate="fast"), "learning_rate is 'fast'"),
    ],
)
def test_what_is_no_dna_is_refused_with_its_place(change: Any, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        SPACE.from_json(_broken(change))
