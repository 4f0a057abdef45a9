"""The published sizes of the zoo's networks, as plain data. Torch-free.

Source: arXiv 1707.07012 (NASNet), 1712.00559 (PNASNet, also for the mobile AmoebaNets), 1802.01548 (AmoebaNet; an
earlier version of it for C at 4/44; supplement D for D), and the batch norm settings of the authors' code.

A preset only holds what makes the network. What belongs to a recipe (auxiliary head, drop-path, dropout) is off.

Sizes that are not those published, with these cells and the authors' concat lists: AmoebaNet-B large has 79.0M
parameters instead of 84.0M (filters=196 has 84.0M and the published multiply-adds, so 190 looks like a misprint);
AmoebaNet-A large_6_448 and AmoebaNet-C mobile have the published parameters but 127G and 677M multiply-adds instead of
104G and 570M; PNASNet-5's multiply-adds are 587.3M and 24.94G instead of 588M (mobile) and 25.0G (large).
"""

from typing import Any

Settings = dict[str, Any]  # arguments of `nas.networks.zoo.create_model`

PLAIN: Settings = {
    "imagenet_stem_from": 128,
    "stem_multiplier": 3,
    "stem_filters": 32,
    "skip_reduction_layer_input": False,
    "auxiliary_head": False,
    "auxiliary_filters": (128, 768),
    "drop_path_keep": 1.0,
    "drop_path_by_depth": False,
    "dropout": 0.0,
}
BY_STEM: dict[str, Settings] = {
    "cifar": {"image_size": 32, "num_classes": 10, "batch_norm_momentum": 0.1, "batch_norm_epsilon": 1e-5},
    "imagenet": {"image_size": 224, "num_classes": 1000, "batch_norm_momentum": 0.0003, "batch_norm_epsilon": 1e-3},
}


def _cifar(num_cells: int, filters: int) -> Settings:
    return {"stem": "cifar", "num_cells": num_cells, "filters": filters}


def _mobile(num_cells: int, filters: int) -> Settings:
    return {"stem": "imagenet", "num_cells": num_cells, "filters": filters}


def _large(num_cells: int, filters: int, **changes: Any) -> Settings:
    return {**_mobile(num_cells, filters), "image_size": 331, **changes}


PRESETS: dict[str, dict[str, Settings]] = {
    "amoebanet_a": {
        "cifar_6_32": _cifar(6, 32),
        "cifar_6_36": _cifar(6, 36),
        "mobile": _mobile(4, 50),
        "large": _large(6, 190),
        "large_6_448": _large(6, 448),
    },
    "amoebanet_b": {
        "cifar_6_36": _cifar(6, 36),
        "cifar_6_80": _cifar(6, 80),
        "cifar_6_128": _cifar(6, 128),
        "mobile": _mobile(3, 62),
        "large": _large(6, 190),
    },
    "amoebanet_c": {
        "mobile": _mobile(4, 50),
        "mobile_4_44": _mobile(4, 44),
        "large": _large(6, 228),
    },
    "amoebanet_d": {
        "dawnbench": _mobile(2, 256),  # the paper does not say at which image size
    },
    "nasnet_a": {
        "cifar_6_32": _cifar(6, 32),
        "mobile": _mobile(4, 44),
        "large": _large(6, 168, stem_filters=96, skip_reduction_layer_input=True),
    },
    "pnasnet_5": {
        "cifar_3_48": _cifar(3, 48),
        "mobile": {**_mobile(3, 54), "skip_reduction_layer_input": True},
        "large": _large(4, 216, stem_filters=96, skip_reduction_layer_input=True),
    },
}
