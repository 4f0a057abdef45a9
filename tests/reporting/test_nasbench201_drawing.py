"""The drawing of a cell of NAS-Bench-201: six edges between four nodes, those without an op faint."""

import re
from random import Random

import pytest

from nas.reporting.drawings.architecture import architecture_drawings
from nas.reporting.drawings.nasbench201 import drawing, lines
from nas.reporting.figures.nasbench201 import HEIGHT, OP_HEIGHT, OP_WIDTH, WIDTH, nasbench201_figure
from nas.search_spaces.nasbench201 import EDGES, NasBench201

SPACE = NasBench201()


def random_text(seed: int) -> str:
    return SPACE.to_json(SPACE.initial(Random(seed)))


@pytest.mark.parametrize("seed", range(20))
def test_every_edge_is_drawn_with_its_op(seed):
    text = random_text(seed)
    drawn = str(drawing(nasbench201_figure(text)))
    assert sorted(re.findall(r'data-op="([^"]+)"', drawn)) == sorted(re.findall(r"\|?(\w+)~", text))
    assert drawn.count('class="edge absent"') == text.count("none~")
    assert drawn.count('class="edge"') == 6 - text.count("none~")


def test_edges_lead_upwards_from_their_source_to_their_target():
    figure = nasbench201_figure(random_text(0))
    assert [(edge.source, edge.target) for edge in figure.edges] == list(EDGES)
    for edge in figure.edges:
        heights = [y for _, y in edge.points]
        assert heights == sorted(heights, reverse=True)
        for point, node in ((edge.points[0], edge.source), (edge.points[-1], edge.target)):
            assert abs(point[1] - figure.nodes[node][1]) <= 13
        x, y = edge.middle
        assert any(a[0] == b[0] == x and b[1] <= y <= a[1] for a, b in zip(edge.points, edge.points[1:], strict=False))


def test_boxes_do_not_overlap_and_stay_inside():
    figure = nasbench201_figure(random_text(0))
    middles = [edge.middle for edge in figure.edges]
    for index, (x, y) in enumerate(middles):
        assert OP_WIDTH / 2 <= x <= WIDTH - OP_WIDTH / 2
        assert OP_HEIGHT / 2 <= y <= HEIGHT - OP_HEIGHT / 2
        assert all(abs(x - u) >= OP_WIDTH or abs(y - v) >= OP_HEIGHT for u, v in middles[index + 1 :])


def test_the_words_say_what_each_node_is_the_sum_of():
    text = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"
    assert lines(nasbench201_figure(text)) == [
        "node 1 = nor_conv_3x3 of input",
        "node 2 = zeros",
        "output = skip_connect of input + avg_pool_3x3 of node 2",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "|<b>~0|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|none~0|",
        "none",
        "|none~0|+|none~1|none~0|+|none~0|none~1|none~2|",
    ],
)
def test_texts_that_only_look_like_it_are_not_drawn(text):
    assert nasbench201_figure(text) is None
    assert architecture_drawings(text, None) == []
