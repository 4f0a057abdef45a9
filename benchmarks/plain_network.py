"""The same network, weights included, computed the plain way: what our detours are measured and tested against."""

import copy
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nas.networks.cell import Cell
from nas.networks.cell_network import CellNetwork
from nas.networks.depthwise import DepthwiseConv2d
from nas.networks.factorized_reduction import FactorizedReduction
from nas.networks.same_padding import SameConv2d
from nas.networks.state import State

Network = TypeVar("Network", bound=nn.Module)


def plain(network: Network) -> Network:
    """A copy in which every reader has its own ReLU, and convolutions and concatenations are torch's own."""
    network = copy.deepcopy(network)
    classes = {
        Cell: _Cell,
        DepthwiseConv2d: SameConv2d,
        FactorizedReduction: _FactorizedReduction,
        CellNetwork: _CellNetwork,
    }
    for part in network.modules():
        if type(part) in classes:
            part.__class__ = classes[type(part)]
    return network


class _Cell(Cell):
    def forward(self, previous: State | None, before: State | None) -> Tensor:
        given = {"0": previous, "1": before}
        states = {int(name): projection(given[name].value) for name, projection in self.inputs.items()}
        ops = iter(self.ops)
        for number, combination in self.combinations:
            made = []
            for name, source in combination:
                result = next(ops)(states[source])
                made.append(result if name == "none" else self.drop_path(result))
            states[number] = made[0] + made[1]
        return torch.cat([self._join(number, states[number]) for number in self.concat], 1)


class _FactorizedReduction(FactorizedReduction):
    def forward(self, x: Tensor) -> Tensor:
        shifted = F.pad(x[:, :, 1:, 1:], (0, 1, 0, 1))
        return torch.cat((self.even(x[:, :, ::2, ::2]), self.odd(shifted[:, :, ::2, ::2])), 1)


class _CellNetwork(CellNetwork):
    def forward(self, images: Tensor) -> Tensor:
        self.auxiliary_logits = None
        outputs = {0: self.stem(images)}
        for cell, (number, (previous, before)) in zip(self.cells, self._numbers, strict=True):
            outputs[number] = cell(State(outputs[previous]), State(outputs[before]))
            if self.auxiliary_head is not None and self.training and number == self._auxiliary:
                self.auxiliary_logits = self.auxiliary_head(F.relu(outputs[number]))
        features = F.relu(outputs[self._numbers[-1][0]]).mean((2, 3))
        return self.classifier(self.dropout(features))
