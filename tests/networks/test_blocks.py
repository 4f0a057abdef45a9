"""The blocks that a cost is the sum of, beside the parts of the built module: their weights, what they put out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nas.networks.genotypes import AMOEBANET_D, NASNET_A, PNASNET_5
from nas.search_spaces.cell_architecture import OPS
from nas.search_spaces.cells import Cells
from nas.search_spaces.cost import Block, Cost, classifier, total_cost
from nas.search_spaces.dna_shapes import plan_dna
from tests.helpers.dna_search import dna_space, grown
from tests.test_contracts import composed

SPACE = Cells(ops=OPS, num_combinations=5, identity_probability=0.05, op_mutation="any")


def measured(network: nn.Module, parts: Sequence[Iterable[nn.Module]], image: tuple[int, int, int]) -> list[Block]:
    """What each part has and does in a forward pass; its shape is that of its last module."""
    shapes: dict[nn.Module, tuple[int, ...]] = {}
    for part in network.modules():
        part.register_forward_hook(
            lambda module, _, output: shapes.__setitem__(module, tuple(getattr(output, "shape", ())))
        )
    with torch.no_grad():
        network.eval()(torch.zeros(1, *image, device="meta"))
    return [_measured(list(part), shapes) for part in parts]


def _measured(part: list[nn.Module], shapes: dict[nn.Module, tuple[int, ...]]) -> Any:
    inside = [module for member in part for module in member.modules()]
    parameters = sum(value.numel() for module in inside for value in module.parameters(recurse=False))
    multiply_adds = sum(
        torch.Size(shapes[module]).numel() * module.weight[0].numel()
        for module in inside
        if isinstance(module, nn.Conv2d | nn.Linear)
    )
    return parameters, multiply_adds, shapes[part[-1]][1:]


def told(blocks: Iterable[Block]) -> list[Any]:
    return [(block.cost.parameters, block.cost.multiply_adds, block.shape) for block in blocks]


def on_meta(spec: Any, architecture: Any, image: tuple[int, int, int], classes: int) -> Any:
    with torch.device("meta"):
        return spec.build(architecture, image, classes)


def random_cells(seed: int) -> Any:
    return SPACE.architecture(SPACE.initial(Random(seed)))


CELLS = [NASNET_A, AMOEBANET_D, PNASNET_5, *map(random_cells, range(6))]


@pytest.mark.parametrize("image", [(3, 32, 32), (1, 9, 9), (3, 64, 64)])
@pytest.mark.parametrize("architecture", CELLS)
def test_blocks_of_cells(architecture: Any, image: tuple[int, int, int], spec: Any) -> None:
    spec = replace(spec, num_cells=2, imagenet_stem_from=64)
    blocks = list(spec.blocks(architecture, image, 7))
    network = on_meta(spec, architecture, image, 7)
    parts = [network.stem, *network.cells, network.classifier]
    expected = measured(network, [[part] for part in parts], image)
    expected[-1] = (*expected[-1][:2], (7, 1, 1))
    assert told(block for block in blocks if block.layers) == expected
    assert [block.kind for block in blocks][:2] == (["stem", "reduction"] if image[1] == 64 else ["stem", "normal"])
    assert len(blocks) == 2 + len(spec.stack(architecture, image).cells)


def test_layers_of_a_cell_are_its_modules(spec: Any) -> None:
    for architecture in CELLS:
        blocks = list(spec.blocks(architecture, (3, 16, 16), None))[1:]
        cells = on_meta(spec, architecture, (3, 16, 16), 7).cells
        for block, cell in zip([block for block in blocks if block.layers], cells, strict=True):
            projections = [part for part in cell.inputs.values() if not isinstance(part, nn.Identity)]
            modules = [*projections, *cell.ops, *cell.joints.values()]
            sizes = [sum(value.numel() for value in module.parameters()) for module in modules]
            assert [layer.cost.parameters for layer in block.layers] == sizes
            ops = [(op, source, state) for state, pair in cell.combinations for op, source in pair]
            assert [(layer.what, layer.reads, layer.makes) for layer in block.layers if layer.what in OPS] == ops
            assert all(layer.shape[1:] == block.shape[1:] for layer in block.layers if layer.what in OPS)


def test_a_cell_that_nothing_reads_has_no_layers(spec: Any) -> None:
    reads_the_one_before = {"combinations": [[["none", 1], ["sep_conv_3x3", 1]]]}
    architecture = {"normal": reads_the_one_before, "reduction": reads_the_one_before}
    blocks = list(spec.blocks(architecture, (3, 16, 16), 7))
    assert [bool(block.layers) for block in blocks] == [True, True, False, True, False, True, True]


@pytest.mark.parametrize("image", [(3, 32, 32), (1, 9, 9)])
def test_blocks_of_nasbench201(image: tuple[int, int, int]) -> None:
    spec = composed("network", "network=nasbench201")
    text = "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_1x1~1|avg_pool_3x3~2|"
    blocks = list(spec.blocks(text, image, 7))
    network = on_meta(spec, text, image, 7)
    stem, cells, norm = network.body[:2], network.body[2:-2], network.body[-2]
    expected = measured(network, [stem, *([cell] for cell in cells), [norm], [network.classifier]], image)
    expected[-1] = (*expected[-1][:2], (7, 1, 1))
    assert told(blocks) == expected
    kinds = ["stem", *["cell"] * 5, "residual", *["cell"] * 5, "residual", *["cell"] * 5, "norm", "classifier"]
    assert [block.kind for block in blocks] == kinds
    for block in blocks:
        if block.kind == "cell":
            assert [layer.cost.parameters > 0 for layer in block.layers] == [True, False, True, False, True, False]


@pytest.mark.parametrize("seed", range(8))
def test_blocks_of_dna(seed: int) -> None:
    spec, space, image = composed("network", "network=dna"), dna_space(), (3, 16, 16)
    dna = grown(space, 40, seed)
    blocks = list(spec.blocks(space.to_json(dna), image, 7))
    plan = plan_dna(dna, image)
    network = on_meta(spec, space.to_json(dna), image, 7)
    assert [block.shape for block in blocks] == [*(planned.shape for planned in plan), (7, 1, 1)]
    for block, planned in zip(blocks, plan, strict=False):
        modules = [network.convs[edge.conv.id] for edge in planned.in_edges if edge.conv]
        modules += [network.norms[planned.vertex.id]] if planned.vertex.id in network.norms else []
        sizes = [sum(value.numel() for value in module.parameters()) for module in modules]
        assert [layer.cost.parameters for layer in block.layers] == sizes
    assert total_cost(blocks) == spec.cost(space.to_json(dna), image, 7)


def test_without_a_number_of_classes_the_classifier_is_left_out(spec: Any) -> None:
    for made, architecture in (
        (spec, NASNET_A),
        (composed("network", "network=nasbench201"), "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"),
        (composed("network", "network=dna"), dna_space().to_json(grown(dna_space(), 20))),
    ):
        whole, without = (list(made.blocks(architecture, (3, 16, 16), classes)) for classes in (7, None))
        assert whole[:-1] == without
        assert whole[-1].kind == "classifier"


def test_the_classifier_is_a_linear_layer() -> None:
    linear = nn.Linear(24, 7)
    assert classifier(24, 7).cost == Cost(sum(value.numel() for value in linear.parameters()), linear.weight.numel(), 7)
    assert isinstance(linear(torch.zeros(1, 24)), Tensor)
