"""The drawing of a DNA: what its layers are, that nothing is lost, that nothing overlaps."""

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from dna_search import dna_space, grown

from nas.reporting.drawings.dna import description, drawing, lines
from nas.reporting.figures.dna import Layer, dna_layers, read_dna
from nas.reporting.figures.dna_places import BOX_HEIGHT, MOST_ROWS, dna_figure
from nas.reporting.figures.image_shape import image_shape
from nas.reporting.report import write_report
from nas.search_spaces.dna_graph import SKIP_PRECEDENCE, Conv, Dna, Edge, Vertex, seed_dna
from nas.search_spaces.dna_json import dna_to_json

IMAGE = (3, 32, 32)


def chain(*layers: tuple[str, Conv | None], skips: tuple[tuple[int, int], ...] = ()) -> Dna:
    """A DNA of vertices (type, convolution into it) between the input and the output."""
    types = ["linear", *(kind for kind, _ in layers), "linear"]
    convs = [*(conv for _, conv in layers), None]
    edges = [Edge(at, at + 1, conv) for at, conv in enumerate(convs)]
    edges += [Edge(source, target, None, SKIP_PRECEDENCE, SKIP_PRECEDENCE) for source, target in skips]
    vertices = tuple(Vertex(kind, f"{at:02x}a") for at, kind in enumerate(types))  # type: ignore[arg-type]
    return Dna(0.1, vertices, tuple(sorted(edges, key=lambda edge: (edge.target, edge.source))), "c")


def conv(name: str, factor: float = 1.0, height: float = 1.0, width: float = 1.0, scale: float = 0.0) -> Conv:
    return Conv(factor, height, width, scale, name)


def labels(dna: Dna) -> list[str]:
    return [layer.label for layer in dna_layers(dna).layers]


@pytest.fixture(scope="module")
def space():
    """Mutations that grow fast and skip a lot."""
    found = dna_space()
    return replace(found, weights={**found.weights, "insert_convolution": 4, "insert_one_to_one": 2, "add_skip": 3})


def test_the_first_individual_is_that_of_the_papers_figure():
    assert labels(seed_dna(0.1, "a", "b", "c")) == ["Input", "Global Pool", "Output"]


def test_layers_are_named_as_in_the_papers_figure():
    """The second network of figure 1: its skip leads from the first convolution into a BN + R of its own."""
    dna = chain(
        ("linear", conv("1")), ("bn_relu", conv("2")), ("bn_relu", None), ("bn_relu", conv("3")), skips=((1, 3),)
    )
    assert labels(dna) == ["Input", "C", "C + BN + R", "BN + R", "C + BN + R", "Global Pool", "Output"]
    (skip,) = dna_layers(dna).skips
    assert (skip.source, skip.target) == (1, 3)


def test_rectifiers_in_a_row_are_one_layer_unless_a_skip_leaves_between_them():
    row = (("bn_relu", conv("1")), ("bn_relu", None), ("bn_relu", None), ("bn_relu", conv("2")))
    assert labels(chain(*row))[1:-2] == ["C + (BN + R)×3", "C + BN + R"]
    dna = chain(*row, skips=((2, 4),))
    assert labels(dna)[1:-2] == ["C + (BN + R)×2", "BN + R", "C + BN + R"]
    (skip,) = dna_layers(dna).skips
    assert (skip.source, skip.target) == (1, 3)


def test_what_changes_nothing_is_no_layer_but_a_sum_is_one():
    row = (("linear", conv("1")), ("linear", None), ("linear", None))
    assert labels(chain(*row)) == ["Input", "C", "Global Pool", "Output"]
    assert labels(chain(*row, skips=((1, 3),))) == ["Input", "C", "+", "Global Pool", "Output"]


def test_details_are_what_is_not_the_default():
    dna = chain(
        ("linear", conv("1", 5.0)), ("linear", conv("2", 2.0, 2.0, 0.0, 1.0)), ("linear", conv("3", 1.5, scale=3))
    )
    known = [layer.details for layer in dna_layers(dna, IMAGE).layers]
    assert known == ["3 · 32×32", "15", "30 · 5×1 · /2", "45 · /8", "2×2", ""]
    unknown = [layer.details for layer in dna_layers(dna).layers]
    assert unknown == ["", "×5", "×2 · 5×1 · /2", "×1.5 · /8", "", ""]


def test_more_channels_than_a_float_holds_are_left_out():
    dna = chain(*(("linear", conv(str(at), 1e300)) for at in range(3)))
    assert dna_layers(dna, IMAGE).layers[1] == Layer("conv", "C", "×1e+300")


@pytest.mark.parametrize("seed", range(8))
def test_every_convolution_rectifier_and_skip_is_drawn(space, seed):
    dna = grown(space, 150, seed)
    layers = dna_layers(dna)
    drawn = [layer.label for layer in layers.layers]
    assert sum(label.startswith("C") for label in drawn) == sum(edge.conv is not None for edge in dna.edges)
    rectifiers = sum(int((re.findall(r"×(\d+)", label) or ["1"])[0]) for label in drawn if "BN" in label)
    assert rectifiers == sum(vertex.type == "bn_relu" for vertex in dna.vertices)
    assert len(layers.skips) == sum(edge.is_skip for edge in dna.edges)
    assert all(skip.source < skip.target for skip in layers.skips)
    picture = drawing(dna_figure(layers))
    assert len(re.findall("data-skip=", picture)) == len(layers.skips)
    assert len(re.findall("data-layer=", picture)) == len(drawn)
    ElementTree.fromstring(picture)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("mutations", [0, 10, 60, 400])
def test_boxes_and_lines_stay_inside_and_apart(space, seed, mutations):
    figure = dna_figure(dna_layers(grown(space, mutations, seed), IMAGE))
    assert len({x for x, _ in figure.boxes}) == -(-len(figure.boxes) // MOST_ROWS)
    for x, y in figure.boxes:
        assert 0 < x <= figure.width - figure.box_width
        assert 0 < y <= figure.height - BOX_HEIGHT
    for index, (x, y) in enumerate(figure.boxes):
        for other_x, other_y in figure.boxes[index + 1 :]:
            assert abs(x - other_x) > figure.box_width or abs(y - other_y) > BOX_HEIGHT
    for points in (*figure.links, *figure.skips):
        assert all(0 < x < figure.width and 0 < y < figure.height for x, y in points)


@pytest.mark.parametrize("seed", range(8))
def test_no_line_runs_over_another_or_over_a_box(space, seed):
    figure = dna_figure(dna_layers(grown(space, 400, seed)))
    assert len(figure.skips) > 10
    upright: dict[float, list[tuple[float, float]]] = {}
    for points in (*figure.skips, *(link for link in figure.links if len(link) > 2)):
        for (x, y), (to_x, to_y) in pairwise(points[1:-1]):
            if x == to_x:
                upright.setdefault(x, []).append((min(y, to_y), max(y, to_y)))
    for x, spans in upright.items():
        assert not any(left <= x <= left + figure.box_width for left, _ in figure.boxes)
        spans.sort()
        assert all(upper[1] <= lower[0] for upper, lower in pairwise(spans))


def test_skips_lead_from_their_layer_to_their_layer(space):
    figure = dna_figure(dna_layers(grown(space, 200, 3)))
    for skip, points in zip(figure.dna.skips, figure.skips, strict=True):
        for layer, (x, y) in ((skip.source, points[0]), (skip.target, points[-1])):
            left, top = figure.boxes[layer]
            assert x == left
            assert top < y < top + BOX_HEIGHT


def test_the_words_name_every_layer():
    dna = chain(("bn_relu", conv("1", 5.0, 2.0, 1.0, 1.0)), ("linear", None), ("linear", conv("2")), skips=((1, 3),))
    assert lines(dna_layers(dna, IMAGE)) == [
        "0: Input, 3, 32×32",
        "1: C + BN + R, 15, 5×3, stride 2",
        "2: C, 15, reads also 1",
        "3: Global Pool, 16×16",
        "4: Output",
    ]
    assert description(dna_layers(dna)).startswith("Network of learning rate 0.1: 0: Input; 1: C + BN + R")


@pytest.mark.parametrize(
    "genome", ["0101", None, 3, {}, {"learning_rate": 0.1}, {"normal": [], "reduction": []}, [1], {"vertices": [1]}]
)
def test_what_is_no_dna_is_not_read(genome):
    assert read_dna(genome) is None


def test_broken_dna_is_not_read(space):
    genome = dna_to_json(grown(space, 30))
    assert read_dna(json.loads(json.dumps(genome))) is not None
    rng = Random(0)
    for _ in range(300):
        broken = json.loads(json.dumps(genome))
        part = broken[rng.choice(["vertices", "edges"])]
        part[rng.randrange(len(part))] = rng.choice([None, [], {}, {"type": []}, {"source": "0"}])
        assert read_dna(broken) is None


@pytest.mark.parametrize(
    ("dataset", "shape"),
    [
        ({"name": "cifar10", "image_size": None}, (3, 32, 32)),
        ({"name": "cifar10", "image_size": 16}, (3, 16, 16)),
        ({"name": "digits", "image_size": None}, (1, 8, 8)),
        ({"name": "imagenet", "image_size": 224}, (3, 224, 224)),
        ({"name": "arrays", "image_size": 32}, None),
        ({"name": ["cifar10"]}, None),
        (None, None),
    ],
)
def test_the_shape_of_images_comes_from_the_identity(dataset, shape):
    assert image_shape({"evaluator": {"name": "train", "dataset": dataset}}) == shape
    assert image_shape({"evaluator": "train"}) is None


def test_the_best_individuals_of_a_report_are_drawn_and_in_words(new_run):
    run = new_run()
    run.asked(0, dna_to_json(chain(("bn_relu", conv("1", 21.0)))))
    run.told(0, 0.5)
    page = write_report(run.folder).read_text()
    assert "Network, learning rate 0.1" in page
    assert "<li>1: C + BN + R, 63</li>" in page
    assert (run.folder / "figures" / "best-1-network.svg").exists()
