"""Cell networks: the outer stack, shapes, gradients, initialisation, auxiliary head, drop-path."""

import copy
import math
import pickle
from dataclasses import replace
from random import Random

import pytest
import torch
from torch import nn

from nas.errors import UserError
from nas.networks.genotypes import AMOEBANET_A, AMOEBANET_B, AMOEBANET_C, GENOTYPES, NASNET_A, PNASNET_5
from nas.search_spaces.cell_architecture import OPS, parse_architecture
from nas.search_spaces.cell_stack import CellStack
from nas.search_spaces.cells import Cells

SP_I_OPS = (
    "none",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "sep_conv_7x7",
    "avg_pool_3x3",
    "max_pool_3x3",
    "dil_sep_conv_3x3",
    "conv_1x7_7x1",
)
SP_I = Cells(ops=SP_I_OPS, num_combinations=5, identity_probability=0.05, op_mutation="any")
SP_II = replace(SP_I, ops=OPS)
SP_III = replace(SP_II, num_combinations=15)


def without_gradient(network: nn.Module) -> list[str]:
    return [name for name, parameter in network.named_parameters() if parameter.grad is None]


def train_step(network: nn.Module, image_shape: tuple[int, int, int], batch: int = 4) -> torch.Tensor:
    network.train()
    logits = network(torch.randn(batch, *image_shape))
    loss = logits.square().mean()
    if network.auxiliary_logits is not None:
        loss = loss + network.auxiliary_logits.square().mean()
    loss.backward()
    return logits


def shapes(stack: CellStack, kind: str) -> list[tuple[int, int]]:
    found = [(place.out_channels, place.size[0]) for place in stack.cells if place.kind == kind]
    return list(dict.fromkeys(found))


def test_stack_of_nasnet_a(spec):
    stack = replace(spec, num_cells=6, filters=32).stack(NASNET_A, (3, 32, 32))
    assert (stack.stem_channels, stack.stem_size) == (96, (32, 32))
    assert shapes(stack, "normal") == [(192, 32), (384, 16), (768, 8)]
    assert shapes(stack, "reduction") == [(256, 16), (512, 8)]


def test_stack_of_amoebanet_a(spec):
    stack = replace(spec, num_cells=3, filters=24).stack(AMOEBANET_A, (3, 32, 32))
    assert stack.stem_channels == 72
    assert shapes(stack, "normal") == [(96, 32), (192, 16), (384, 8)]
    assert shapes(stack, "reduction") == [(240, 16), (480, 8)]


def test_reductions_come_before_cells_6_and_12_of_18(spec):
    stack = replace(spec, num_cells=6, auxiliary_head=True).stack(NASNET_A, (3, 32, 32))
    kinds = [place.kind for place in stack.cells]
    assert kinds == ["normal"] * 6 + (["reduction"] + ["normal"] * 6) * 2
    assert stack.auxiliary == 13  # the last normal cell before the second reduction
    assert [place.filters for place in stack.cells] == [8] * 6 + [16] * 7 + [32] * 7


def test_one_type_of_cell_reduces_in_the_place_of_cells_n_and_2n(spec):
    """PNASNet: 9 cells, of which numbers 3 and 6 (from 0) have stride 2; every cell reads the two before it."""
    for skip_reduction_layer_input in (False, True):
        changed = replace(spec, num_cells=3, filters=48, skip_reduction_layer_input=skip_reduction_layer_input)
        stack = replace(changed, auxiliary_head=True).stack(PNASNET_5, (3, 32, 32))
        assert [place.stride for place in stack.cells] == [1, 1, 1, 2, 1, 1, 2, 1, 1]
        assert [place.filters for place in stack.cells] == [48] * 3 + [96] * 3 + [192] * 3
        assert [place.sources for place in stack.cells] == [(0, 0), *((n, n - 1) for n in range(1, 9))]
        assert [place.projections[1] for place in stack.cells[3:]] == ["conv", "reduction", "conv"] * 2
        assert stack.auxiliary == 6  # the last cell before the second reduction
    stem = changed.stack(PNASNET_5, (3, 224, 224)).cells[:3]
    assert [(place.stride, place.filters, place.size[0]) for place in stem] == [(2, 12, 56), (2, 24, 28), (1, 48, 28)]
    assert len({id(place.wiring) for place in stack.cells}) == 1


def test_imagenet_stem(spec):
    stack = replace(spec, num_cells=4, filters=50).stack(NASNET_A, (3, 224, 224))
    assert (stack.stem, stack.stem_channels, stack.stem_size) == ("imagenet", 32, (111, 111))
    assert [(place.kind, place.filters, place.size[0]) for place in stack.cells[:3]] == [
        ("reduction", 12, 56),
        ("reduction", 25, 28),
        ("normal", 50, 28),
    ]


def test_the_skip_input_of_a_cell(spec):
    def sources(skip_reduction_layer_input: bool, image: int) -> list[tuple[int, int]]:
        changed = replace(spec, num_cells=2, skip_reduction_layer_input=skip_reduction_layer_input)
        return [place.sources for place in changed.stack(NASNET_A, (3, image, image)).cells]

    chain = [(0, 0), (1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6)]
    assert sources(False, 32) == chain
    # Cells 4 and 7 follow the reductions 3 and 6, whose own skip inputs are outputs 1 and 4.
    assert sources(True, 32) == [*chain[:3], (3, 1), *chain[4:6], (6, 4), chain[7]]
    # The reductions of the ImageNet stem are not skipped over.
    assert sources(True, 128)[:3] == [(0, 0), (1, 0), (2, 1)]


def test_the_first_cell_reads_the_raw_stem_as_its_skip_input(spec):
    stack = spec.stack(AMOEBANET_A, (3, 32, 32))
    first, second = stack.cells[:2]
    assert first.projections == ("conv", "untouched")
    assert (first.state_channels(0), first.state_channels(1)) == (8, 24)
    assert second.projections == ("conv", "conv")
    assert stack.cells[2].projections == ("conv", "reduction")


@pytest.mark.parametrize("name", GENOTYPES)
@pytest.mark.parametrize("image_shape", [(1, 8, 8), (1, 28, 28), (3, 32, 32), (3, 15, 22)], ids=str)
def test_forward_and_gradients_of_published_genotypes(spec, name, image_shape):
    network = spec.build(GENOTYPES[name], image_shape, 10)
    logits = train_step(network, image_shape)
    assert logits.shape == (4, 10)
    assert without_gradient(network) == []
    assert all(parameter.grad.isfinite().all() for parameter in network.parameters())


@pytest.mark.parametrize("filters", [8, 9, 11])
def test_imagenet_stem_forward_with_odd_widths(spec, filters):
    network = replace(spec, filters=filters, stem="imagenet").build(AMOEBANET_C, (3, 67, 70), 5)
    assert train_step(network, (3, 67, 70), batch=2).shape == (2, 5)
    assert without_gradient(network) == []


@pytest.mark.parametrize(("space", "count"), [(SP_I, 40), (SP_II, 40), (SP_III, 8)], ids=["SP-I", "SP-II", "SP-III"])
def test_every_parameter_of_a_random_network_gets_a_gradient(spec, space, count):
    rng = Random(f"gradient/{space.num_combinations}/{len(space.ops)}")
    unread = 0
    for number in range(count):
        architecture = space.architecture(space.initial(rng))
        changed = replace(spec, num_cells=1 + number % 2, auxiliary_head=number % 3 == 0)
        image_shape = (3, 10 + number % 3, 10)
        network = changed.build(architecture, image_shape, 3)
        assert train_step(network, image_shape).shape == (4, 3)
        assert without_gradient(network) == [], architecture
        unread += any(not {0, 1} <= wiring.live_states for wiring in parse_architecture(architecture).values())
    assert unread or space is not SP_I, "the sample must hold cells that do not read one of their inputs"


@pytest.mark.parametrize("auxiliary_head", [False, True])
@pytest.mark.parametrize("unread", [0, 1])
def test_what_nothing_reads_is_not_built(spec, unread, auxiliary_head):
    """Cells that read one input only: with input 1 alone, every second cell is out of the network."""
    cell = {"combinations": [[["conv_3x3", 1 - unread], ["max_pool_3x3", 1 - unread]]]}
    changed = replace(spec, num_cells=2, auxiliary_head=auxiliary_head)
    network = changed.build({"normal": cell, "reduction": cell}, (3, 16, 16), 3)
    train_step(network, (3, 16, 16))
    assert without_gradient(network) == []
    # The last cell of eight reads number 6; the auxiliary head, cell 5, brings the odd ones up to it to life.
    assert len(network.cells) == (8 if unread else 4 + 3 * auxiliary_head)


@pytest.mark.parametrize("concat", [[0], [1], [0, 1, 3], [2, 0], [1, 2, 3]])
def test_explicit_concat_lists(spec, concat):
    """Cell inputs join through a factorized reduction; a state that nothing needs is not built."""
    cell = {
        "combinations": [[["sep_conv_3x3", 0], ["conv_1x1", 1]], [["avg_pool_3x3", 1], ["conv_3x3", 0]]],
        "concat": concat,
    }
    network = replace(spec, num_cells=2).build({"normal": cell, "reduction": cell}, (3, 11, 14), 3)
    assert network.cells[-1].concat == tuple(concat)
    train_step(network, (3, 11, 14))
    assert without_gradient(network) == []
    assert network.classifier.in_features == 32 * len(concat)


def test_weights_come_from_torchs_seed(spec):
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        network = spec.build(AMOEBANET_A, (3, 32, 32), 10)
        return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])

    assert torch.equal(weights(3), weights(3))
    assert not torch.equal(weights(3), weights(4))


def test_weights_have_slims_variance(spec):
    torch.manual_seed(0)
    network = replace(spec, num_cells=1, filters=32).build(NASNET_A, (3, 32, 32), 10)
    for part in network.modules():
        if isinstance(part, nn.Conv2d) and part.weight.numel() > 4000:
            fan_out = part.weight[0, 0].numel() * part.out_channels / part.groups
            assert part.weight.std().item() == pytest.approx(math.sqrt(2 / fan_out), rel=0.06)
            assert part.weight.abs().max() <= 2 * math.sqrt(2.6 / fan_out) + 1e-6


@pytest.mark.parametrize("image_shape", [(1, 20, 20), (3, 32, 32), (3, 33, 40)], ids=str)
def test_auxiliary_head_in_training_only(spec, image_shape):
    network = replace(spec, num_cells=2, auxiliary_head=True).build(AMOEBANET_B, image_shape, 7)
    assert network.auxiliary_logits is None
    train_step(network, image_shape)
    assert network.auxiliary_logits.shape == (4, 7)
    assert without_gradient(network) == []
    twin = pickle.loads(pickle.dumps(copy.deepcopy(network)))
    assert twin.auxiliary_logits is None
    network.eval()(torch.randn(2, *image_shape))
    assert network.auxiliary_logits is None


def test_batch_norm_settings_reach_every_batch_norm(spec):
    changed = replace(spec, auxiliary_head=True, batch_norm_momentum=0.0003, batch_norm_epsilon=1e-3)
    network = changed.build(AMOEBANET_A, (3, 32, 32), 10)
    norms = [part for part in network.modules() if isinstance(part, nn.BatchNorm2d)]
    assert {(part.momentum, part.eps) for part in norms} == {(0.0003, 1e-3)}


def test_a_step_is_the_same_bits_with_the_same_seed(spec):
    def step() -> torch.Tensor:
        torch.manual_seed(5)
        network = replace(spec, drop_path_keep=0.5).build(NASNET_A, (3, 12, 12), 4)
        network.set_progress(1.0)
        network.seed_drop_path(9)
        train_step(network, (3, 12, 12))
        return torch.cat([parameter.grad.flatten() for parameter in network.parameters()])

    assert torch.equal(step(), step())


def test_drop_path_has_its_own_random_source(spec):
    network = replace(spec, drop_path_keep=0.5).build(NASNET_A, (3, 12, 12), 4).train()
    images = torch.randn(4, 3, 12, 12)
    network.set_progress(1.0)

    def logits(seed: int) -> torch.Tensor:
        network.seed_drop_path(seed)
        return network(images)

    state = torch.get_rng_state()
    assert torch.equal(logits(1), logits(1))
    assert not torch.equal(logits(1), logits(2))
    assert torch.equal(torch.get_rng_state(), state)
    copy.deepcopy(network)
    network.eval()
    assert torch.equal(logits(1), logits(2))


@pytest.mark.parametrize(
    ("changes", "image_shape", "words"),
    [
        ({"auxiliary_head": True}, (1, 8, 8), ["auxiliary_head", "8x8", "4x4", "5x5"]),
        ({"stem": "imagenet"}, (3, 2, 2), ["2x2", "imagenet"]),
        ({"stem": "imagenet", "filters": 4}, (3, 64, 64), ["filters", "4", "8"]),
        ({"filters": 1}, (3, 32, 32), ["filters", "1", "2"]),
    ],
)
def test_what_cannot_be_built_is_refused(spec, changes, image_shape, words):
    changed = replace(spec, **changes)
    for call in (changed.build, changed.cost):
        with pytest.raises(UserError) as caught:
            call(AMOEBANET_A, image_shape, 10)
        assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"stem": "resnet"}, "'resnet'"),
        ({"num_cells": 0}, "num_cells"),
        ({"filters": 2.5}, "2.5"),
        ({"drop_path_keep": 0.0}, "drop_path_keep"),
        ({"dropout": 1.0}, "dropout"),
        ({"auxiliary_filters": (128,)}, "auxiliary_filters"),
        ({"auxiliary_filters": 128}, "auxiliary_filters"),
        ({"drop_path_keep": "a"}, "drop_path_keep is 'a'"),
        ({"batch_norm_epsilon": None}, "batch_norm_epsilon is None"),
        ({"skip_reduction_layer_input": "yes"}, "skip_reduction_layer_input is 'yes'"),
    ],
)
def test_wrong_settings_are_refused(spec, changes, word):
    with pytest.raises(UserError, match=word):
        replace(spec, **changes)
