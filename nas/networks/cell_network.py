"""The whole network: stem, stacked cells, classifier, and the auxiliary head (arXiv 1707.07012; authors' code)."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nas.networks.auxiliary_head import AuxiliaryHead
from nas.networks.cell import Cell
from nas.networks.cell_network_spec import AUXILIARY_POOL, CellNetworkSpec
from nas.networks.drop_path import DropPath, keep_at_depth
from nas.networks.initialization import initialize
from nas.networks.ops import NormFactory
from nas.networks.same_padding import SameConv2d
from nas.networks.state import State
from nas.search_spaces.cell_stack import STEM, CellStack

_REACH = 3  # no cell reads an output further back


class CellNetwork(nn.Module):
    """An image classifier made of cells.

    Args:
        stack: the plan.
        num_classes: outputs.
        spec: drop-path, dropout, auxiliary head and batch norm settings.

    Attributes:
        auxiliary_logits: `(batch, num_classes)` of the auxiliary head after a forward pass in training mode, else None.
        auxiliary_head: None if the spec has none.
    """

    def __init__(self, stack: CellStack, num_classes: int, spec: CellNetworkSpec) -> None:
        super().__init__()
        norm = partial(nn.BatchNorm2d, momentum=spec.batch_norm_momentum, eps=spec.batch_norm_epsilon)
        self.stem = _stem(stack, norm)
        places = [place for place in stack.cells if place.is_live]
        self.cells = nn.ModuleList(
            Cell(place, norm, _final_keep(spec, place.number - 1, len(stack.cells)), spec.own_ops) for place in places
        )
        self._numbers = [(place.number, place.sources) for place in places]
        self._auxiliary = stack.auxiliary
        self.auxiliary_head: AuxiliaryHead | None = None
        if stack.auxiliary is not None:
            place = stack.cells[stack.auxiliary - 1]
            self.auxiliary_head = AuxiliaryHead(
                place.out_channels, place.size, num_classes, spec.auxiliary_filters, AUXILIARY_POOL, norm
            )
        self.dropout = nn.Dropout(spec.dropout)
        self.classifier = nn.Linear(stack.out_channels, num_classes)
        self.auxiliary_logits: Tensor | None = None
        initialize(self)

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, num_classes)`."""
        self.auxiliary_logits = None
        outputs = {STEM: State(self.stem(images))}
        for cell, (number, (previous, before)) in zip(self.cells, self._numbers, strict=True):
            outputs[number] = State(cell(outputs.get(previous), outputs.get(before)))
            outputs.pop(number - _REACH, None)
            if self.auxiliary_head is not None and self.training and number == self._auxiliary:
                self.auxiliary_logits = self.auxiliary_head(outputs[number].rectified)
        features = outputs[self._numbers[-1][0]].rectified.mean((2, 3))
        return self.classifier(self.dropout(features))

    def set_progress(self, fraction: float) -> None:
        """Tells the scheduled drop-path which fraction (0 to 1) of the training is done."""
        for part in self._drop_paths():
            part.set_progress(fraction)

    def seed_drop_path(self, seed: int) -> None:
        """Gives drop-path a random source of its own, on the weights' device; without, it is torch's global one."""
        generator = torch.Generator(self.classifier.weight.device).manual_seed(seed)
        for part in self._drop_paths():
            part.generator = generator

    def _drop_paths(self) -> list[DropPath]:
        return [part for part in self.modules() if isinstance(part, DropPath)]

    def __getstate__(self) -> dict[str, Any]:
        # The last batch's auxiliary logits belong to its graph and can be neither copied nor pickled.
        return {**self.__dict__, "auxiliary_logits": None}


def _stem(stack: CellStack, norm: NormFactory) -> nn.Module:
    channels, filters = stack.image_shape[0], stack.stem_channels
    if stack.stem == "imagenet":
        return nn.Sequential(nn.Conv2d(channels, filters, 3, stride=2, bias=False), norm(filters))
    return nn.Sequential(SameConv2d(channels, filters, 3), norm(filters))


def _final_keep(spec: CellNetworkSpec, cell: int, num_cells: int) -> float:
    return keep_at_depth(spec.drop_path_keep, cell, num_cells) if spec.drop_path_by_depth else spec.drop_path_keep
