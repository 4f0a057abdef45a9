"""The drawing of cells: complete, upwards, without overlaps."""

import re
from random import Random

import pytest

from nas.networks.genotypes import PNASNET_5
from nas.reporting.drawings.cells import description, drawing, short
from nas.reporting.figures.cells import OP_HEIGHT, OP_WIDTH, Cell, Combination, cell_figure, is_cells, read_cells

OPS = ("none", "sep_conv_3x3", "avg_pool_3x3", "conv_1x7_7x1", "dil_4_conv_3x3")


def random_cell(seed: int, combinations: int = 5) -> Cell:
    rng = Random(seed)
    genome = [[[rng.choice(OPS), rng.randrange(k + 2)] for _ in range(2)] for k in range(combinations)]
    return read_cells({"normal": genome, "reduction": genome})[0]


@pytest.mark.parametrize("seed", range(20))
def test_every_op_is_drawn_once(seed):
    cell = random_cell(seed)
    drawn = re.findall(r'data-op="([^"]+)"', drawing(cell_figure(cell)))
    assert sorted(drawn) == sorted(op for combination in cell.combinations for op in combination.ops)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("combinations", [1, 5, 15])
def test_boxes_do_not_overlap_and_stay_inside(seed, combinations):
    figure = cell_figure(random_cell(seed, combinations))
    for box in figure.ops:
        assert box.x >= 0
        assert box.x + OP_WIDTH <= figure.width
        assert box.y >= 0
        assert box.y + OP_HEIGHT <= figure.height
    for index, box in enumerate(figure.ops):
        for other in figure.ops[index + 1 :]:
            assert abs(box.x - other.x) >= OP_WIDTH or abs(box.y - other.y) >= OP_HEIGHT


@pytest.mark.parametrize("seed", range(20))
def test_edges_lead_upwards_and_are_as_many_as_the_cell_has(seed):
    cell = random_cell(seed)
    figure = cell_figure(cell)
    assert len(figure.edges) == 4 * len(cell.combinations) + len(cell.concat)  # into an op, out of it, into the output
    for edge in figure.edges:
        heights = [y for _, y in edge.points]
        assert heights == sorted(heights, reverse=True)


def test_unused_states_are_joined_unless_the_architecture_says_otherwise():
    genome = [[["none", 0], ["none", 1]], [["none", 2], ["none", 0]], [["none", 1], ["none", 0]]]
    assert read_cells({"normal": genome, "reduction": genome})[0].concat == (3, 4)
    said = {"combinations": genome, "concat": [1, 2, 4]}
    assert read_cells({"normal": said, "reduction": said})[0].concat == (1, 2, 4)


def test_an_input_that_nothing_reads_is_drawn_as_unused():
    cell = Cell("normal", (Combination(("none", "none"), (0, 0)),), (2,))
    assert [place.used for place in cell_figure(cell).inputs] == [True, False]
    assert "state unused" in drawing(cell_figure(cell))


def test_a_state_that_reads_a_later_one_is_refused():
    with pytest.raises(ValueError, match="not made before"):
        read_cells({"normal": [[["none", 2], ["none", 0]]], "reduction": []})


@pytest.mark.parametrize("genome", ["0110", [1, 2], {"normal": []}, None, 3])
def test_other_genomes_are_not_taken_for_cells(genome):
    assert not is_cells(genome)


@pytest.mark.parametrize(
    ("op", "label"),
    [
        ("none", "identity"),
        ("sep_conv_7x7", "sep 7×7"),
        ("dil_sep_conv_3x3", "dil 3×3"),
        ("dil_6_conv_3x3", "3×3 rate 6"),
        ("avg_pool_2x2", "avg 2×2"),
        ("conv_1x1", "conv 1×1"),
        ("conv_1x7_7x1", "1×7 7×1"),
        ("something_else", "something else"),
    ],
)
def test_short_names(op, label):
    assert short(op) == label


def test_the_words_name_every_op_and_state():
    cell = Cell("normal", (Combination(("none", "sep_conv_3x3"), (0, 1)),), (2,))
    assert description(cell) == (
        "Normal cell: state 2 = none of h[i−1] + sep_conv_3x3 of h[i−2]; output: concatenation of 2."
    )


def test_one_cell_for_both_purposes_is_drawn_once():
    assert is_cells(PNASNET_5)
    (cell,) = read_cells(PNASNET_5)
    assert (cell.name, cell.concat) == ("normal", (2, 3, 4, 5, 6))
    assert len(cell_figure(cell).ops) == 10


@pytest.mark.parametrize("unread", [0, 1])
def test_an_input_that_nothing_reads_stands_beside_the_other(unread: int):
    read = 1 - unread
    combinations = [[["none", read], ["sep_conv_3x3", read]], [["none", 2], ["sep_conv_3x3", read]]] * 2
    figure = cell_figure(read_cells({"normal": combinations, "reduction": combinations})[0])
    left, right = sorted(place.x for place in figure.inputs)
    assert right - left < 3 * OP_WIDTH
    assert not figure.inputs[unread].used
