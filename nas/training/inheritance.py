"""Weight inheritance (Real et al. 2017, arXiv 1703.01041, section 3.6 and supplement S1): a child copies every variable
of its parent that has the same name and the same shape. Names hold the variables' ids, see `nas.networks.dna_network`.

Copied are trainable variables and the batch norms' running statistics; momentum is not.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from nas.training import torch_file

_COUNTER = "num_batches_tracked"  # torch's, and no variable of the paper: nothing reads it at a fixed decay


class Inherited(NamedTuple):
    """What a child has of its parent, as fractions of its own variables.

    Attributes:
        tensors: by their number.
        elements: by the numbers in them.
    """

    tensors: float
    elements: float


class WeightsUnusable(Exception):
    """A weight file is missing or damaged; the text is a sentence."""


def save_weights(network: nn.Module, path: Path, about: Mapping[str, Any]) -> None:
    """Writes all variables, whole or not at all.

    Args:
        network: trained.
        path: of the file.
        about: plain data that is kept beside them.

    Raises:
        OSError: the disk does not take them; nothing is left of the attempt.
    """
    torch_file.write(path, {"variables": variables(network), "about": dict(about)})


def load_weights(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The variables in a file of `save_weights`, on the CPU, and what is kept beside them. Nothing is unpickled but
    tensors and plain data.

    Raises:
        WeightsUnusable: the file is missing or damaged.
    """
    try:
        found = torch_file.read(path)
    except torch_file.Unreadable as error:
        raise WeightsUnusable(f"{path.name} {error}") from error
    if not isinstance(found, dict) or not found.keys() == {"variables", "about"}:
        raise WeightsUnusable(f"{path.name} holds no weights of a search")
    return found["variables"], found["about"]


def inherit(network: nn.Module, parent: dict[str, Tensor]) -> Inherited:
    """Copies what has the same name and shape, in place."""
    own = variables(network)
    copied = [name for name, tensor in own.items() if name in parent and parent[name].shape == tensor.shape]
    with torch.no_grad():
        for name in copied:
            own[name].copy_(parent[name])
    elements = sum(own[name].numel() for name in copied)
    return Inherited(len(copied) / len(own), elements / sum(tensor.numel() for tensor in own.values()))


def variables(network: nn.Module) -> dict[str, Tensor]:
    """Trainable variables and running statistics by name; they share the network's memory."""
    return {name: tensor for name, tensor in network.state_dict().items() if not name.endswith(_COUNTER)}


def inherited_from(network: nn.Module, parent: Path | None) -> dict[str, Any]:
    """Copies from the parent's file what fits; the shares that came from there, as a child's metrics.

    Args:
        network: fresh.
        parent: of `save_weights`; None where there is no parent. A file of no use is named in `inheritance_warning`.
    """
    shares, warning = Inherited(0.0, 0.0), {}
    if parent is not None:
        try:
            shares = inherit(network, load_weights(parent)[0])
        except WeightsUnusable as error:
            warning = {"inheritance_warning": f"fresh weights were taken: {error}"}
    return {"inherited_tensors": shares.tensors, "inherited_elements": shares.elements, **warning}
