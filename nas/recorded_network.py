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


def network_spec(data: Mapping[str, Any], own_ops: Mapping[str, Any] | None = None) -> Any:
    """Network settings from plain data: `name` and the fields.

    Args:
        data: the settings; of ops of the user's own they have the identity, which makes none.
        own_ops: these ops by name.

    Raises:
        UserError: there is no such network, or it has other fields.
    """
    name = str(data.get("name"))
    if name not in NETWORKS:
        raise UserError(unknown(f"the network {name!r}", name, list(NETWORKS)))
    fields = {key: value for key, value in data.items() if key != "name"}
    if data.get("own_ops"):
        fields["own_ops"] = _own_ops(data["own_ops"], own_ops or {})
    module, _, attribute = NETWORKS[name].rpartition(".")
    try:
        return getattr(import_module(module), attribute)(**fields)
    except TypeError as error:
        raise UserError(f"the network {name!r} cannot be made from these settings: {error}") from error


def _own_ops(recorded: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    from nas.search.identity import identity_of, plain_json

    here = plain_json({name: identity_of(op) for name, op in given.items() if name in recorded})
    for name, identity in recorded.items():
        if name not in here:
            raise UserError(f"the network has an op {name!r} of its own, give own_ops={{{name!r}: ...}}: {identity}")
        if here[name] != identity:
            raise UserError(f"the network's op {name!r} is {identity}, not {here[name]}")
    return {name: given[name] for name in recorded}
