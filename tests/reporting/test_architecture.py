"""The best individual's network: its outer stack, its layers and their sums, for every kind of network we build."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from example_runs import example_run
from pages import Page

from nas import History
from nas.networks.genotypes import NASNET_A, PNASNET_5
from nas.networks.zoo import plan_model
from nas.reporting.drawings import stack as stack_drawing
from nas.reporting.figures.layer_table import layer_table
from nas.reporting.figures.network import network_of
from nas.reporting.figures.stack import stack_figure
from nas.reporting.report import write_report
from nas.search.identity import identity_of
from nas.search_spaces.cost import total_cost
from tests.test_contracts import composed

CELLS = replace(plan_model("nasnet_a", "cifar_6_32").spec, num_cells=2, filters=8)
NASBENCH201 = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|avg_pool_3x3~2|"


def identity(network: Any, dataset: str = "cifar10", image_size: int | None = None) -> dict[str, Any]:
    """As a journal has it."""
    plain = network if isinstance(network, dict) else json.loads(json.dumps(identity_of(network)))
    parts = {"network": plain, "dataset": {"name": dataset, "image_size": image_size}}
    return {"evaluator": {"name": "train", "fitness": "valid_accuracy", **parts}}


def boxes(network: Any, genome: Any, *data: Any) -> list[tuple[str, str]]:
    """(what, what it puts out) of the outer stack, the image first."""
    figure = stack_figure(network_of(identity(network, *data), genome))
    return [
        (f"{box.times} × {box.label}" if box.times > 1 else box.label, stack_drawing.sizes(box.shape))
        for box in figure.boxes
    ]


@pytest.mark.parametrize("space", ["cells", "dna"])
def test_the_layers_of_every_individual_sum_up_to_its_metrics(space, tmp_path):
    history = History.load(example_run(tmp_path / space, space, 40))
    for individual in history.told:
        table = layer_table(network_of(history.identity, individual.genome), individual.genome, individual.metrics)
        assert table.total[:2] == (individual.metrics["parameters"], individual.metrics["multiply_adds"])
        for at in (0, 1):
            assert sum(row.cost[at] for row in table.rows) == table.total[at]
            assert all(sum(part.cost[at] for part in row.parts) == row.cost[at] for row in table.rows if row.parts)
        assert not table.differing


@pytest.mark.parametrize("space", ["cells", "dna"])
def test_the_page_shows_them_to_the_integer(space, tmp_path):
    run = example_run(tmp_path / space, space, 20)
    best = History.load(run).best
    page = Page(write_report(run).read_text())
    (table,) = [table for table in page.tables if table[0][:2] == ["layer", "output"]]
    number = lambda text: int(text.replace(",", "")) if text != "–" else 0  # noqa: E731
    whole = [row for row in table[1:-1] if not row[0].startswith(("projection", "joint")) and "→" not in row[0]]
    for column, key in ((2, "parameters"), (4, "multiply_adds")):
        assert number(table[-1][column]) == best.metrics[key]
        assert sum(number(row[column]) for row in whole) == best.metrics[key]
    assert "this version counts" not in page.text


def test_a_stack_of_cells():
    assert boxes(CELLS, NASNET_A) == [
        ("image", "3 · 32×32"),
        ("3×3 convolution", "24 · 32×32"),
        ("2 × normal cell", "48 · 32×32"),
        ("reduction cell", "64 · 16×16"),
        ("2 × normal cell", "96 · 16×16"),
        ("reduction cell", "128 · 8×8"),
        ("2 × normal cell", "192 · 8×8"),
        ("global average pool", "192"),
        ("10 classes", ""),
    ]


def test_the_filters_are_those_of_the_convolutions():
    figure = stack_figure(network_of(identity(CELLS), NASNET_A))
    assert [box.filters for box in figure.boxes if box.filters] == [8, 16, 16, 32, 32]


def test_a_stack_with_the_stem_for_large_images_and_an_unknown_number_of_classes():
    mobile = plan_model("nasnet_a", "mobile").spec
    found = boxes(mobile, NASNET_A, "imagenet", 224)
    assert found[:5] == [
        ("image", "3 · 224×224"),
        ("3×3 convolution", "32 · 111×111"),
        ("reduction cell", "44 · 56×56"),
        ("reduction cell", "88 · 28×28"),
        ("4 × normal cell", "264 · 28×28"),
    ]
    assert found[-1] == ("4 × normal cell", "1056 · 7×7")
    network = network_of(identity(mobile, "imagenet", 224), NASNET_A)
    assert "does not say how many classes there are" in " ".join(stack_figure(network).notes)
    table = layer_table(network, NASNET_A, {"parameters": 1, "multiply_adds": 1})
    assert not table.has_classifier
    assert not table.differing
    whole = mobile.cost(NASNET_A, (3, 224, 224), 1000)
    assert table.total.parameters == whole.parameters - 1057 * 1000


def test_a_stack_of_one_type_of_cell():
    assert boxes(CELLS, PNASNET_5) == [
        ("image", "3 · 32×32"),
        ("3×3 convolution", "24 · 32×32"),
        ("2 × cell", "40 · 32×32"),
        ("cell, stride 2", "80 · 16×16"),
        ("cell", "80 · 16×16"),
        ("cell, stride 2", "160 · 8×8"),
        ("cell", "160 · 8×8"),
        ("global average pool", "160"),
        ("10 classes", ""),
    ]


def test_a_stack_of_nasbench201():
    spec = composed("network", "network=nasbench201")
    assert boxes(spec, NASBENCH201, "cifar100") == [
        ("image", "3 · 32×32"),
        ("3×3 convolution", "16 · 32×32"),
        ("5 × cell", "16 · 32×32"),
        ("residual block", "32 · 16×16"),
        ("5 × cell", "32 · 16×16"),
        ("residual block", "64 · 8×8"),
        ("5 × cell", "64 · 8×8"),
        ("batch norm", "64 · 8×8"),
        ("global average pool", "64"),
        ("100 classes", ""),
    ]
    table = layer_table(network_of(identity(spec, "cifar100"), NASBENCH201), NASBENCH201, {})
    assert table.total == spec.cost(NASBENCH201, (3, 32, 32), 100)
    assert [part.details for part in table.rows[1].parts] == [
        "input → node 1",
        "input → node 2",
        "node 1 → node 2",
        "input → output",
        "node 1 → output",
        "node 2 → output",
    ]


def test_a_cell_that_nothing_reads_is_said_not_to_be_built():
    cell = [[["none", 1], ["sep_conv_3x3", 1]]]
    network = network_of(identity(CELLS), {"normal": cell, "reduction": cell})
    figure = stack_figure(network)
    cells = [box.built for box in figure.boxes if "cell" in box.label]
    assert cells == [False, True] * 4  # each of the eight reads the one before the previous alone
    assert "not built, as nothing reads it" in stack_drawing.description(figure)
    unbuilt = [row.details for row in layer_table(network, None, {}).rows if not row.built]
    assert unbuilt == ["not built: nothing reads it"] * 4


def test_numbers_of_another_version_are_told_beside_ours(new_run):
    run = new_run("other", {"algorithm": {"name": "aging"}, **identity(CELLS)})
    genome = {name: cell["combinations"] for name, cell in NASNET_A.items()}
    run.asked(0, genome)
    run.told(0, 0.5, parameters=12_345, multiply_adds="<b>many</b>")
    total = total_cost(network_of(identity(CELLS), genome).blocks)
    text = Page(write_report(run.folder).read_text()).text
    assert f"The journal has 12,345 parameters, this version counts {total.parameters:,}." in text
    assert f"The journal has <b>many</b> multiply-adds, this version counts {total.multiply_adds:,}." in text


@pytest.mark.parametrize(
    ("network", "dataset"),
    [
        (None, "cifar10"),
        ({"name": "os.system", "command": "touch /tmp/owned"}, "cifar10"),
        ({"name": "nas.networks.cell_network_spec.CellNetworkSpec"}, "cifar10"),
        ({"name": "cells", "filters": 8}, "cifar10"),
        (
            {"name": "dna", "batch_norm_momentum": "<b>", "batch_norm_epsilon": 1, "leakiness": 1, "init_scale": 1},
            "mnist",
        ),
        ({"name": "resnet18", "imagenet_stem_from": 1}, "cifar10"),
        (CELLS, "somebody's own"),
        (CELLS, "image_folder"),
    ],
)
def test_networks_that_are_not_known_are_left_out(network, dataset):
    assert network_of(identity(network, dataset) if network else {"evaluator": "toy"}, NASNET_A) is None


@pytest.mark.parametrize("genome", ["0110", {"normal": 3, "reduction": []}, {"vertices": []}, NASBENCH201, None])
def test_genomes_of_another_space_have_no_network(genome):
    assert network_of(identity(CELLS), genome) is None


@pytest.mark.parametrize("space", ["cells", "dna"])
def test_a_report_with_all_of_it_loads_no_torch(space, tmp_path):
    run = example_run(tmp_path / space, space, 8)
    code = f"""
import sys
from pathlib import Path
from nas.reporting.report import write_report
write_report(Path({str(run)!r}))
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert 'class="layers"' in (run / "report.html").read_text()


def test_every_row_that_has_parts_can_be_unfolded_by_name(tmp_path):
    page = write_report(example_run(tmp_path / "cells", "cells", 12)).read_text()
    names = re.findall(r'class="unfold" aria-label="Parts of ([^"]+)"', page)
    assert names[0] == "1 · normal cell"
    assert len(names) == len(set(names)) == page.count('<tbody>\n    <tr><th scope="row"><label>')
