"""timm's ImageNet weights of NASNet-A and PNASNet-5 in our networks.

timm (`timm.models.nasnet`, `timm.models.pnasnet`) has the authors' wiring, and names its parts by a rule: a cell's
inputs are `conv_1x1` and `conv_prev_1x1`, its ops `comb_iter_K_left` and `comb_iter_K_right`. Within a part the tensors
are in the order of ours: convolutions and batch norms as they are applied.

timm departs from the authors' network in one place: its 3x3 average pools at stride 2 count the padding as zeros,
where TensorFlow leaves it out of the mean. Only NASNet-A has such pools, in its reduction cells, where border pixels
differ. We follow TensorFlow, with which the weights were trained: NASNet-A's logits are not quite those of timm.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from torch import Tensor, nn

from nas.errors import UserError
from nas.networks.cost import AUXILIARY_HEAD


@dataclass(frozen=True)
class TimmModel:
    """A model of timm.

    Attributes:
        name: in timm's registry.
        stem: its first convolution and batch norm.
        cells: in the order of ours.
    """

    name: str
    stem: str
    cells: tuple[str, ...]


def _numbered(numbers: Iterable[int]) -> list[str]:
    return [f"cell_{number}" for number in numbers]


_STEM_CELLS = ("cell_stem_0", "cell_stem_1")
_NASNET_CELLS = (
    *_STEM_CELLS,
    *_numbered(range(6)),
    "reduction_cell_0",
    *_numbered(range(6, 12)),
    "reduction_cell_1",
    *_numbered(range(12, 18)),
)
SOURCES = {
    "nasnet_a": TimmModel("nasnetalarge", "conv0", _NASNET_CELLS),
    "pnasnet_5": TimmModel("pnasnet5large", "conv_0", (*_STEM_CELLS, *_numbered(range(12)))),
}

_INPUTS = {  # NASNet-A's factorized reductions are no part of their own, PNASNet-5's are
    "0": ("conv_1x1",),
    "1": ("conv_prev_1x1", "path_1", "path_2", "final_path_bn"),
}
_SIDES = ("left", "right")
_PART = re.compile(r"(?:cells\.(?P<cell>\d+)\.(?P<kind>inputs|ops)\.(?P<number>\d+)|[a-z_]+)\.")


def download_timm_weights(name: str) -> dict[str, Tensor]:
    """The state dict of timm's pretrained model; timm keeps the download.

    Args:
        name: of our model, a key of `SOURCES`.

    Raises:
        UserError: timm is not installed, or the weights cannot be downloaded.
    """
    try:
        import timm
    except ImportError as error:
        raise UserError("pretrained='timm' needs the package timm: pip install timm") from error
    try:
        return timm.create_model(SOURCES[name].name, pretrained=True).state_dict()
    except (OSError, RuntimeError) as error:
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        raise UserError(f"timm's weights of {SOURCES[name].name} could not be loaded: {reason}") from error


def load_timm_weights(network: nn.Module, name: str, weights: Mapping[str, Tensor]) -> None:
    """Copies a timm model's weights and running statistics into a network of the same size.

    An auxiliary head stays as it is, and so does a classifier for another number of classes.

    Args:
        network: a `CellNetwork` with an ImageNet stem.
        name: of the model, a key of `SOURCES`.
        weights: timm's state dict.

    Raises:
        UserError: the network has another size.
    """
    own = {key: value for key, value in network.state_dict().items() if not key.startswith(f"{AUXILIARY_HEAD}.")}
    if own["classifier.bias"].shape != weights["last_linear.bias"].shape:
        own = {key: value for key, value in own.items() if not key.startswith("classifier.")}
        weights = {key: value for key, value in weights.items() if not key.startswith("last_linear.")}
    converted = _rename(SOURCES[name], weights, own)
    left = weights.keys() - {theirs for theirs, _ in converted.values()}
    if left:
        raise UserError(f"timm's {SOURCES[name].name} holds {min(left)}, for which this {name} has no place")
    for ours, (theirs, value) in converted.items():
        if value.shape != own[ours].shape:
            shapes = f"{tuple(value.shape)} instead of {tuple(own[ours].shape)}"
            raise UserError(f"the weights do not have the size of this {name}: timm's {theirs} is {shapes}")
    network.load_state_dict({ours: value for ours, (_, value) in converted.items()}, strict=False)


def _rename(source: TimmModel, weights: Mapping[str, Tensor], own: Iterable[str]) -> dict[str, tuple[str, Tensor]]:
    """For each of our names, timm's name and its tensor."""
    renamed: dict[str, tuple[str, Tensor]] = {}
    for part, names in groupby(own, _part):
        theirs = tuple(f"{name}." for name in _timm_parts(source, part))
        tensors = [(name, value) for name, value in weights.items() if name.startswith(theirs)]
        ours = list(names)
        if len(ours) != len(tensors):
            raise UserError(f"timm's {theirs[0][:-1]} holds {len(tensors)} tensors, {len(ours)} are needed for {part}")
        renamed.update(zip(ours, tensors, strict=True))
    return renamed


def _part(name: str) -> str:
    match = _PART.match(name)
    assert match, name
    return match[0]


def _timm_parts(source: TimmModel, part: str) -> tuple[str, ...]:
    """The parts of timm's model that hold what is in a part of ours."""
    match = _PART.match(part)
    assert match
    if match["cell"] is None:
        return ({"stem.": source.stem, "classifier.": "last_linear"}[part],)
    number = int(match["cell"])
    if number >= len(source.cells):
        raise UserError(f"timm's {source.name} has {len(source.cells)} cells, this network has more")
    if match["kind"] == "inputs":
        return tuple(f"{source.cells[number]}.{name}" for name in _INPUTS[match["number"]])
    combination, element = divmod(int(match["number"]), 2)
    return (f"{source.cells[number]}.comb_iter_{combination}_{_SIDES[element]}",)
