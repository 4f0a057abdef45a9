"""The zoo: published sizes to the integer, presets, and what it refuses."""

import pytest
import torch

from nas.errors import UserError
from nas.networks.cost import network_cost
from nas.networks.genotypes import GENOTYPES
from nas.networks.zoo import create_model, list_models, list_presets, plan_model

ALL_PRESETS = [(name, preset) for name in GENOTYPES for preset in list_presets(name)]

EXACT = [  # model, preset, trainable parameters, with running statistics, multiply-adds
    ("nasnet_a", "cifar_6_32", 3_346_538, 3_383_786, 544_333_312),
    ("nasnet_a", "mobile", 5_289_978, 5_326_716, 563_638_816),
    ("pnasnet_5", "cifar_3_48", 3_189_082, 3_218_170, 574_891_392),
    ("amoebanet_a", "cifar_6_32", 2_567_754, 2_599_466, 407_671_808),
    ("amoebanet_a", "cifar_6_36", 3_218_266, 3_253_942, 509_668_992),
    ("amoebanet_b", "cifar_6_36", 2_839_186, 2_873_458, 454_925_952),
]
PUBLISHED = [  # model, preset, millions of parameters and of multiply-adds, to the digits that are printed
    ("nasnet_a", "cifar_6_32", "3.3", None),
    ("nasnet_a", "mobile", "5.3", "564"),
    ("nasnet_a", "large", "88.75", "23.8e3"),
    ("pnasnet_5", "cifar_3_48", "3.2", None),
    ("pnasnet_5", "mobile", "5.1", None),
    ("pnasnet_5", "large", "86.1", None),
    ("amoebanet_a", "cifar_6_32", "2.6", None),
    ("amoebanet_a", "cifar_6_36", "3.2", None),
    ("amoebanet_a", "mobile", "5.1", "555"),
    ("amoebanet_a", "large", "86.7", "23.1e3"),
    ("amoebanet_b", "cifar_6_36", "2.8", None),
    ("amoebanet_b", "cifar_6_80", "13.7", None),
    ("amoebanet_b", "cifar_6_128", "34.9", None),
    ("amoebanet_b", "mobile", "5.3", "555"),
    ("amoebanet_c", "mobile", "6.4", None),
    ("amoebanet_c", "mobile_4_44", "5.1", "535"),
    ("amoebanet_c", "large", "155.3", "41.1e3"),
]
STATISTICS_INCLUDED = [("nasnet_a", "large", "88.9"), ("amoebanet_a", "large_6_448", "469")]


def on_meta(name, preset=None, **settings):
    with torch.device("meta"):
        return create_model(name, preset, **settings)


def total(network) -> int:
    """Trainable parameters and running statistics."""
    statistics = sum(value.numel() for name, value in network.named_buffers() if "running" in name)
    return sum(parameter.numel() for parameter in network.parameters()) + statistics


def rounded(value: int, printed: str) -> str:
    """`value` in millions with as many digits as `printed`, which may be in thousands of millions."""
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return f"{value / 10 ** (6 + int(exponent or 0)):.{decimals}f}" + (f"e{exponent}" if exponent else "")


@pytest.mark.parametrize(("name", "preset"), ALL_PRESETS)
def test_every_preset_is_built_with_the_cost_of_the_closed_form(name, preset):
    plan = plan_model(name, preset)
    network = on_meta(name, preset)
    assert network_cost(network, plan.image_shape) == plan.cost()
    assert network.classifier.out_features == plan.num_classes


@pytest.mark.parametrize(("name", "preset", "trainable", "with_statistics", "multiply_adds"), EXACT)
def test_exact_sizes(name, preset, trainable, with_statistics, multiply_adds):
    assert plan_model(name, preset).cost()[:2] == (trainable, multiply_adds)
    assert total(on_meta(name, preset)) == with_statistics


@pytest.mark.parametrize(("name", "preset", "parameters", "multiply_adds"), PUBLISHED)
def test_published_sizes(name, preset, parameters, multiply_adds):
    cost = plan_model(name, preset).cost()
    assert rounded(cost.parameters, parameters) == parameters
    if multiply_adds is not None:
        assert rounded(cost.multiply_adds, multiply_adds) == multiply_adds


@pytest.mark.parametrize(("name", "preset", "parameters"), STATISTICS_INCLUDED)
def test_published_sizes_that_include_the_running_statistics(name, preset, parameters):
    assert rounded(total(on_meta(name, preset)), parameters) == parameters


def test_amoebanet_b_large_has_its_published_size_with_196_filters():
    """It is printed as 6/190, which has 79.0M parameters; 1001 classes as in TensorFlow."""
    cost = plan_model("amoebanet_b", "large", filters=196, num_classes=1001).cost()
    assert cost.parameters == 83_964_110
    assert rounded(cost.multiply_adds, "22.3e3") == "22.3e3"


def test_names():
    assert list_models() == ["amoebanet_a", "amoebanet_b", "amoebanet_c", "amoebanet_d", "nasnet_a", "pnasnet_5"]
    assert list_presets("nasnet_a") == ["cifar_6_32", "mobile", "large"]


@pytest.mark.parametrize("name", GENOTYPES)
@pytest.mark.parametrize(
    "settings",
    [
        {"num_cells": 1, "filters": 9, "image_size": (12, 15), "in_channels": 1, "num_classes": 4},
        {"num_cells": 1, "filters": 11, "stem": "imagenet", "stem_filters": 5, "image_size": 40, "num_classes": 3},
        {"num_cells": 2, "filters": 8, "image_size": 33, "auxiliary_head": True, "drop_path_keep": 0.7, "dropout": 0.5},
    ],
    ids=["odd-gray", "odd-imagenet", "training"],
)
def test_forward_and_gradients(name, settings):
    network = create_model(name, **settings)
    plan = plan_model(name, **settings)
    network.set_progress(1.0)
    logits = network(torch.randn(2, *plan.image_shape))
    assert logits.shape == (2, plan.num_classes)
    loss = logits.square().sum()
    if network.auxiliary_head is not None:
        loss = loss + network.auxiliary_logits.square().sum()
    loss.backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_settings_without_a_preset_are_those_of_the_stem():
    small = plan_model("amoebanet_a", num_cells=6, filters=36, num_classes=10, image_size=32)
    assert small == plan_model("amoebanet_a", "cifar_6_36")
    assert (small.spec.batch_norm_momentum, small.spec.batch_norm_epsilon) == (0.1, 1e-5)
    mobile = plan_model("nasnet_a", num_cells=4, filters=44, image_size=224)
    assert mobile == plan_model("nasnet_a", "mobile")
    assert (mobile.spec.batch_norm_momentum, mobile.spec.batch_norm_epsilon) == (0.0003, 1e-3)
    assert plan_model("nasnet_a", num_cells=4, filters=44, image_size=64, stem="imagenet").num_classes == 1000


def test_given_settings_come_before_the_presets():
    plan = plan_model("nasnet_a", "large", stem_filters=24, batch_norm_epsilon=0.01, image_size=(64, 80), num_classes=7)
    assert (plan.spec.stem_filters, plan.spec.batch_norm_epsilon, plan.spec.filters) == (24, 0.01, 168)
    assert (plan.image_shape, plan.num_classes) == ((3, 64, 80), 7)


def test_widths_of_an_imagenet_stem_need_not_be_whole_quarters():
    places = plan_model("amoebanet_a", "large").spec.stack(GENOTYPES["amoebanet_a"], (3, 331, 331)).cells
    assert [place.filters for place in places[:3]] == [47, 95, 190]


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (("amoebanet-A",), {}, ["model 'amoebanet-A'", "did you mean 'amoebanet_a'", "nasnet_a, pnasnet_5"]),
        (("resnet18",), {}, ["model 'resnet18'", "pnasnet_5"]),
        (("nasnet_a", "huge"), {}, ["preset of nasnet_a 'huge'", "cifar_6_32, mobile, large"]),
        (("nasnet_a", "moblie"), {}, ["did you mean 'mobile'"]),
        (("nasnet_a",), {}, ["needs num_cells and filters", "large"]),
        (("nasnet_a", "mobile"), {"filter": 4}, ["setting 'filter'", "did you mean 'filters'"]),
        (("nasnet_a", "mobile"), {"image_size": 2}, ["2x2", "too small for the imagenet stem"]),
        (("nasnet_a", "mobile"), {"image_size": 64, "auxiliary_head": True}, ["64x64", "auxiliary_head"]),
        (("nasnet_a", "mobile"), {"image_size": 0}, ["image_size is 0"]),
        (("nasnet_a", "mobile"), {"num_classes": 1.5}, ["num_classes is 1.5"]),
        (("nasnet_a", "mobile"), {"in_channels": "3"}, ["in_channels is '3'"]),
        (("nasnet_a", "mobile"), {"stem": "vgg"}, ["stem 'vgg'", "cifar, imagenet"]),
        (("amoebanet_a", "large"), {"pretrained": "timm"}, ["no public PyTorch weights of amoebanet_a", "nasnet_a"]),
        (("nasnet_a", "large"), {"pretrained": "imagenet"}, ["'imagenet'", "'timm'"]),
        (("nasnet_a", "mobile"), {"pretrained": "timm"}, ["preset 'large' only", "num_cells is 4, it must be 6"]),
        (("pnasnet_5", "large"), {"pretrained": "timm", "in_channels": 1}, ["in_channels is 1, it must be 3"]),
    ],
)
def test_what_cannot_be_made_is_told_in_one_sentence(arguments, settings, words):
    with pytest.raises(UserError) as caught:
        create_model(*arguments, **settings)
    assert all(word in str(caught.value) for word in words), caught.value
    assert "\n" not in str(caught.value)
