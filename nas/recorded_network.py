"""The network settings that a model card or a journal may name: nothing else is ever made from either. Torch-free."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from nas.errors import UserError, unknown

NETWORKS = {
    "dna": "nas.networks.dna_network_spec.DnaNetworkSpec",
    "cells": "nas.networks.cell_network_spec.CellNetworkSpec",
    "nasbench201": "nas.networks.nasbench201_spec.NasBench201Spec",
    "resnet18": "nas.retraining.resnet.ResNet18Spec",
}


def network_spec(data: Mapping[str, Any]) -> Any:
    """Network settings from plain data: `name` and the fields.

    Raises:
        UserError: there is no such network, or it has other fields.
    """
    name = str(data.get("name"))
    if name not in NETWORKS:
        raise UserError(unknown(f"the network {name!r}", name, list(NETWORKS)))
    module, _, attribute = NETWORKS[name].rpartition(".")
    try:
        return getattr(import_module(module), attribute)(**{key: value for key, value in data.items() if key != "name"})
    except TypeError as error:
        raise UserError(f"the network {name!r} cannot be made from these settings: {error}") from error
