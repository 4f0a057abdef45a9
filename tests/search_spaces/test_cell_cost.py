"""The closed-form cost of cell networks: published sizes, and equality with the built module."""

from dataclasses import replace
from random import Random

import pytest
import torch

from nas.networks.cell_network_spec import CellNetworkSpec
from nas.networks.cost import count_parameters, network_cost
from nas.networks.genotypes import AMOEBANET_A, AMOEBANET_B, AMOEBANET_C, GENOTYPES, NASNET_A, PNASNET_5
from nas.search_spaces.cell_architecture import OPS
from nas.search_spaces.cell_cost import OP_COSTS
from nas.search_spaces.cells import Cells

CIFAR = (3, 32, 32)
SPEC = CellNetworkSpec(
    num_cells=3,
    filters=24,
    stem="auto",
    imagenet_stem_from=128,
    stem_multiplier=3,
    stem_filters=32,
    skip_reduction_layer_input=False,
    auxiliary_head=False,
    auxiliary_filters=(128, 768),
    drop_path_keep=1.0,
    drop_path_by_depth=False,
    dropout=0.0,
    batch_norm_momentum=0.1,
    batch_norm_epsilon=1e-5,
)
SPACE = Cells(ops=OPS, num_combinations=5, identity_probability=0.05, op_mutation="any")

REFERENCES = [  # genotype, N, F, image, classes, trainable, with running statistics, multiply-adds
    (NASNET_A, 6, 32, CIFAR, 10, 3_346_538, 3_383_786, 544_333_312),
    (NASNET_A, 4, 44, (3, 224, 224), 1000, 5_289_978, 5_326_716, 563_638_816),
    (NASNET_A, 3, 24, CIFAR, 10, 1_053_922, 1_069_762, 181_941_888),
    (AMOEBANET_A, 1, 8, CIFAR, 10, 59_482, 61_810, 10_618_112),
    (AMOEBANET_A, 3, 24, CIFAR, 10, 843_322, 857_026, 139_349_760),
    (AMOEBANET_A, 6, 32, CIFAR, 10, 2_567_754, 2_599_466, 407_671_808),
    (AMOEBANET_A, 6, 36, CIFAR, 10, 3_218_266, 3_253_942, 509_668_992),
    (AMOEBANET_B, 6, 36, CIFAR, 10, 2_839_186, 2_873_458, 454_925_952),
    (PNASNET_5, 3, 48, CIFAR, 10, 3_189_082, 3_218_170, 574_891_392),
]
IDS = ["nasnet-6-32", "nasnet-mobile", "nasnet-3-24", "a-1-8", "a-3-24", "a-6-32", "a-6-36", "b-6-36", "pnasnet-3-48"]


def on_meta(spec, architecture, image_shape, num_classes) -> torch.nn.Module:
    with torch.device("meta"):
        return spec.build(architecture, image_shape, num_classes)


@pytest.mark.parametrize(
    ("genotype", "num_cells", "filters", "image", "classes", "trainable", "total", "multiply_adds"), REFERENCES, ids=IDS
)
def test_published_sizes(genotype, num_cells, filters, image, classes, trainable, total, multiply_adds):
    spec = replace(SPEC, num_cells=num_cells, filters=filters)
    cost = spec.cost(genotype, image, classes)
    assert cost[:2] == (trainable, multiply_adds)
    network = on_meta(spec, genotype, image, classes)
    assert network_cost(network, image) == cost
    statistics = sum(
        value.numel() for name, value in network.named_buffers() if name.split(".")[-1].startswith("running")
    )
    assert trainable + statistics == total


def unused_only(genotype) -> dict:
    return {name: {"combinations": cell["combinations"]} for name, cell in genotype.items()}


@pytest.mark.parametrize(
    ("genotype", "filters", "parameters"),
    [(AMOEBANET_A, 32, 2_257_162), (AMOEBANET_A, 36, 2_825_362), (NASNET_A, 32, 3_076_906)],
)
def test_sizes_with_the_papers_concat(genotype, filters, parameters):
    spec = replace(SPEC, num_cells=6, filters=filters)
    assert spec.cost(unused_only(genotype), CIFAR, 10).parameters == parameters


@pytest.mark.parametrize(
    ("genotype", "filters", "parameters"),
    [(AMOEBANET_A, 32, 4_182_868), (AMOEBANET_A, 36, 4_837_476), (NASNET_A, 32, 4_978_036)],
)
def test_the_auxiliary_head_has_the_published_size_and_is_never_counted(genotype, filters, parameters):
    plain = replace(SPEC, num_cells=6, filters=filters)
    spec = replace(plain, auxiliary_head=True)
    network = on_meta(spec, genotype, CIFAR, 10)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert count_parameters(network) == spec.cost(genotype, CIFAR, 10).parameters
    assert spec.cost(genotype, CIFAR, 10) == plain.cost(genotype, CIFAR, 10)
    assert network_cost(network.train(), CIFAR) == plain.cost(genotype, CIFAR, 10)
    assert network.training


def test_cifar_100_and_tensorflows_1001_classes():
    assert replace(SPEC, num_cells=6, filters=36).cost(AMOEBANET_A, CIFAR, 100).parameters == 3_270_196
    assert replace(SPEC, num_cells=6, filters=196).cost(AMOEBANET_B, (3, 331, 331), 1001).parameters == 83_964_110


@pytest.mark.parametrize(
    ("genotype", "num_cells", "filters", "image", "millions", "multiply_adds"),
    [
        (AMOEBANET_A, 4, 50, 224, "5.1", "0.555"),
        (AMOEBANET_A, 6, 190, 331, "86.7", "23.1"),
        (AMOEBANET_B, 3, 62, 224, "5.3", "0.555"),
        (AMOEBANET_C, 4, 44, 224, "5.1", "0.535"),
        (AMOEBANET_C, 6, 228, 331, "155.3", "41.1"),
    ],
)
def test_imagenet_sizes_of_the_papers(genotype, num_cells, filters, image, millions, multiply_adds):
    """Odd widths in the stem included (50 -> 12, 25). The multiply-adds (in G) are the papers' to their last digit.

    Not reproduced: AmoebaNet-A 6/448 has the published 469M parameters to 0.2 %, but 127G instead of 104G multiply-adds
    at 331 pixels; AmoebaNet-B 6/190 has 79.0M instead of 84.0M.
    """
    spec = replace(SPEC, num_cells=num_cells, filters=filters)
    cost = spec.cost(genotype, (3, image, image), 1000)
    assert f"{cost.parameters / 1e6:.1f}" == millions
    assert f"{cost.multiply_adds / 1e9:.{len(multiply_adds.split('.')[1])}f}" == multiply_adds


def test_nasnet_large():
    spec = replace(SPEC, num_cells=6, filters=168, stem_filters=96, skip_reduction_layer_input=True)
    cost = spec.cost(NASNET_A, (3, 331, 331), 1000)
    assert f"{cost.parameters / 1e6:.2f}" == "88.75"  # 88.9 with running statistics
    assert f"{cost.multiply_adds / 1e9:.1f}" == "23.8"


def test_skip_reduction_layer_input_keeps_the_parameters():
    spec = replace(SPEC, skip_reduction_layer_input=True)
    for genotype in GENOTYPES.values():
        cost = spec.cost(genotype, CIFAR, 10)
        assert network_cost(on_meta(spec, genotype, CIFAR, 10), CIFAR) == cost
    assert spec.cost(NASNET_A, CIFAR, 10).parameters == SPEC.cost(NASNET_A, CIFAR, 10).parameters


def test_every_op_has_a_cost():
    assert set(OP_COSTS) == set(OPS)


@pytest.mark.parametrize(
    ("op", "channels", "filters", "stride", "activations"),
    [
        ("conv_1x1", 3, 8, 1, 2 * 8 * 25),
        ("sep_conv_3x3", 3, 8, 2, 3 * 9 + 2 * 8 * 9 + 8 * 9 + 2 * 8 * 9),  # a depthwise one has no batch norm
        ("conv_1x3_3x1", 3, 8, 2, 2 * 3 * 25 + 2 * 3 * 5 * 3 + 2 * 3 * 9 + 2 * 8 * 9),
        ("max_pool_3x3", 8, 8, 2, 0),
        ("max_pool_3x3", 3, 8, 2, 2 * 8 * 9),
        ("none", 8, 8, 1, 0),
    ],
)
def test_activations_counted_by_hand(op, channels, filters, stride, activations):
    assert OP_COSTS[op](channels, filters, stride, (5, 5)).activations == activations


def random_case(rng: Random):
    """A random genome, in a random stack, on images of random size; now and then with an explicit concat."""
    image = rng.choice([(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 17, 23), (3, 9, 31), (3, 130, 141)])
    spec = replace(
        SPEC,
        num_cells=rng.choice([1, 1, 2]),
        filters=rng.choice([8, 9, 11, 18]),
        stem=rng.choice(["auto", "cifar"]),
        stem_multiplier=rng.choice([1, 3]),
        skip_reduction_layer_input=rng.random() < 0.3,
        auxiliary_head=min(image[1:]) > 9 and rng.random() < 0.3,
    )
    space = replace(SPACE, num_combinations=rng.choice([1, 2, 5]))
    architecture = space.architecture(space.initial(rng))
    if rng.random() < 0.4:
        for cell in architecture.values():
            states = range(len(cell["combinations"]) + 2)
            cell["concat"] = sorted(rng.sample(states, rng.randint(1, len(states))))
    if rng.random() < 0.2:
        del architecture["reduction"]  # one type of cell
    return spec, architecture, image


def check_random_cases(seed: str, count: int) -> None:
    rng = Random(seed)
    for _ in range(count):
        spec, architecture, image = random_case(rng)
        closed = spec.cost(architecture, image, 7)
        assert network_cost(on_meta(spec, architecture, image, 7), image) == closed, (spec, architecture, image)


def test_closed_form_equals_the_built_module():
    check_random_cases("few", 60)


@pytest.mark.slow
def test_closed_form_equals_the_built_module_on_a_thousand_genomes():
    check_random_cases("many", 1000)
