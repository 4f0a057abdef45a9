"""Networks of mutated DNA: shapes, costs and gradients, and the sums beside torch by hand."""

import json
import math
from random import Random
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from nas.networks.cost import network_cost
from nas.networks.dna_network_spec import DnaNetworkSpec
from nas.search_spaces.dna_graph import Conv, Dna, Edge, Vertex, seed_dna
from nas.search_spaces.dna_json import dna_from_json, dna_to_json
from tests.test_contracts import composed

SPACE: Any = composed("search_space", "search_space=dna")
SPEC: DnaNetworkSpec = composed("network", "network=dna")
SHAPE = (3, 9, 8)


def mutated(seed: int, steps: int) -> Dna:
    rng = Random(seed)
    dna = SPACE.initial(rng)
    for _ in range(steps):
        dna = SPACE.mutate(dna, rng)[0]
        SPACE.validate(dna)
    return dna


def chain(*convs: Conv | None, skips: tuple[Edge, ...] = (), vertex: str = "linear") -> Dna:
    """Input, a vertex after each convolution (or identity), and the output."""
    seed = seed_dna(0.1, "a0", "a1", "a2")
    inner = tuple(Vertex(vertex, f"b{number}") for number in range(len(convs)))  # type: ignore[arg-type]
    edges = [Edge(at, at + 1, conv) for at, conv in enumerate((*convs, None))]
    edges = sorted([*edges, *skips], key=lambda edge: (edge.target, edge.source))
    return Dna(0.1, (seed.vertices[0], *inner, seed.vertices[1]), tuple(edges), "a2")


def conv(name: str, depth: float = 1.0, height: float = 1.0, width: float = 1.0, scale: float = 0.0) -> Conv:
    return Conv(depth, height, width, scale, name)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(0, 60))
def test_whatever_mutations_make_can_be_trained(seed: int, steps: int) -> None:
    """Valid at every step, the same from JSON, costs in closed form, a gradient for every parameter."""
    check_trainable(mutated(seed, steps))


@pytest.mark.slow
@settings(max_examples=3000, deadline=None)
@given(seed=st.integers(0, 10**9), steps=st.integers(0, 60))
def test_thousands_of_mutated_networks_can_be_trained(seed: int, steps: int) -> None:
    check_trainable(mutated(seed, steps))


def check_trainable(dna: Dna) -> None:
    data = json.loads(json.dumps(SPACE.to_json(dna)))
    assert dna_from_json(data) == dna
    assert list(dna_from_json(data).ids()) == list(dna.ids())
    torch.manual_seed(0)
    network = SPEC.build(data, SHAPE, 5)
    assert SPEC.cost(data, SHAPE, 5) == network_cost(network, SHAPE)
    logits = network(torch.randn(2, *SHAPE))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    assert {name.split(".")[1] for name in network.state_dict()} <= set(dna.ids())


def test_the_initial_network_pools_and_classifies() -> None:
    network = SPEC.build(dna_to_json(seed_dna(0.1, "a0", "a1", "a2")), SHAPE, 5)
    images = torch.randn(4, *SHAPE)
    classifier = network.classifier["a2"]
    assert sum(parameter.numel() for parameter in network.parameters()) == 3 * 5 + 5
    torch.testing.assert_close(network(images), classifier(images.mean((2, 3))))


@pytest.mark.parametrize("depths", [(2.0, 0.5), (0.5, 2.0)], ids=["channels cut", "channels filled up"])
def test_a_skip_is_resized_fitted_and_added(depths: tuple[float, float]) -> None:
    """Source (6 or 2 channels, 9x8) to target (3 channels, 5x4): nearest neighbours, then channels, then the sum."""
    first, second = conv("c0", depth=depths[0]), conv("c1", depth=depths[1], height=0.2, width=2.4, scale=1.2)
    dna = chain(first, conv("c2"), second, skips=(Edge(1, 3, None, 0, 0),))
    network = SPEC.build(dna_to_json(dna), SHAPE, 5).eval()
    weights = {name: module.weight for name, module in network.convs.items()}
    assert weights["c1"].shape[2:] == (1, 5)
    images = torch.randn(2, *SHAPE)
    source = F.conv2d(images, weights["c0"], padding=1)
    between = F.conv2d(source, weights["c2"], padding=1)
    # SAME padding at stride 2: 9 rows need no pixel for one row of filter, 8 columns 3 for five (one before, two after)
    target = F.conv2d(F.pad(between, (1, 2, 0, 0)), weights["c1"], stride=2)
    channels = target.shape[1]
    rows = torch.tensor([math.floor(row * 9 / 5) for row in range(5)])
    columns = torch.tensor([math.floor(column * 8 / 4) for column in range(4)])
    skip = source[:, :, rows][:, :, :, columns]
    fitted = torch.zeros_like(target)
    shared = min(channels, skip.shape[1])
    fitted[:, :shared] = skip[:, :shared]
    features = (target + fitted).mean((2, 3))
    torch.testing.assert_close(network(images), network.classifier["a2"](features))


def test_batch_norm_decays_by_0_9_and_then_rectifies() -> None:
    network = SPEC.build(dna_to_json(chain(conv("c0"), vertex="bn_relu")), SHAPE, 5)
    images = torch.randn(8, *SHAPE) + 1
    network.train()(images)
    summed = F.conv2d(images, network.convs["c0"].weight, padding=1)
    norm = network.norms["b0"]
    torch.testing.assert_close(norm.running_mean, 0.1 * summed.mean((0, 2, 3)))
    rectified = F.relu(F.batch_norm(summed, None, None, norm.weight, norm.bias, training=True, eps=norm.eps))
    torch.testing.assert_close(network(images), network.classifier["a2"](rectified.mean((2, 3))))


def test_fresh_filters_have_hes_deviation_over_the_root_of_the_in_edges() -> None:
    """A vertex without a skip beside one with a skip: sqrt(2 / fan-in), and that over the root of 2."""
    wide = conv("c0", depth=40.0)
    dna = chain(wide, conv("c1"), conv("c2"), skips=(Edge(1, 3, None, 0, 0),))
    torch.manual_seed(0)
    network = SPEC.build(dna_to_json(dna), SHAPE, 5)
    expected = math.sqrt(2 / (120 * 9))
    assert network.convs["c1"].weight.std().item() == pytest.approx(expected, rel=0.02)
    assert network.convs["c2"].weight.std().item() == pytest.approx(expected / math.sqrt(2), rel=0.02)
    assert all(module.bias is None for module in network.convs.values())
