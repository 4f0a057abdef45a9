"""The network settings that a model card may name: nothing else is ever made from a card."""

from importlib import import_module
from typing import Any

from nas.errors import UserError, unknown

NETWORKS = {
    "dna": "nas.networks.dna_network_spec.DnaNetworkSpec",
    "cells": "nas.networks.cell_network_spec.CellNetworkSpec",
    "resnet18": "nas.retraining.resnet.ResNet18Spec",
}


def network_spec(data: dict[str, Any]) -> Any:
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
