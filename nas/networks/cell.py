"""One cell as a module (arXiv 1707.07012, section 3 and appendix A.4; plumbing as in the authors' code)."""

import torch
from torch import Tensor, nn

from nas.networks.drop_path import DropPath
from nas.networks.factorized_reduction import FactorizedReduction
from nas.networks.ops import NormFactory, make_op, relu_conv_norm
from nas.networks.same_padding import SameConv2d
from nas.search_spaces.cell_architecture import NUM_INPUTS
from nas.search_spaces.cell_stack import CellPlace


class Cell(nn.Module):
    """Two inputs, sums of pairs of ops, and the concatenation of some of the states.

    Only what reaches the output is built: see `nas.search_spaces.cell_stack`.

    Args:
        place: what the cell is and where it stands.
        norm: makes a batch norm.
        final_keep: drop-path's probability of keeping an op's output at the end of training; `none` is never dropped.
    """

    def __init__(self, place: CellPlace, norm: NormFactory, final_keep: float) -> None:
        super().__init__()
        live = place.wiring.live_states
        self.concat = place.wiring.concat
        self.inputs = nn.ModuleDict(
            {str(state): _projection(place, state, norm) for state in range(NUM_INPUTS) if state in live}
        )
        self.combinations = tuple(
            (state, combination)
            for state, combination in enumerate(place.wiring.combinations, NUM_INPUTS)
            if state in live
        )
        self.ops = nn.ModuleList(
            make_op(op, place.state_channels(source), place.filters, place.state_stride(source), norm)
            for _, combination in self.combinations
            for op, source in combination
        )
        self.joints = nn.ModuleDict(
            {str(state): _joint(place, state, norm) for state in self.concat if place.joint_stride(state)}
        )
        self.drop_path = DropPath(final_keep)

    def forward(self, previous: Tensor | None, before: Tensor | None) -> Tensor:
        """The cell's output, `(batch, len(concat) * filters, height, width)`.

        Args:
            previous: output of the previous cell, `(batch, channels, height, width)`; None if it is not read.
            before: output of the cell before that one, in its own shape; likewise.
        """
        given = (previous, before)
        states = {int(state): project(given[int(state)]) for state, project in self.inputs.items()}
        ops = iter(self.ops)
        for state, combination in self.combinations:
            first, second = (self._run(op, next(ops), states[source]) for op, source in combination)
            states[state] = first + second
        joined = [self._join(state, states[state]) for state in self.concat]
        return joined[0] if len(joined) == 1 else torch.cat(joined, 1)

    def _run(self, name: str, op: nn.Module, x: Tensor) -> Tensor:
        return op(x) if name == "none" else self.drop_path(op(x))

    def _join(self, state: int, x: Tensor) -> Tensor:
        return self.joints[str(state)](x) if str(state) in self.joints else x


def _projection(place: CellPlace, state: int, norm: NormFactory) -> nn.Module:
    projection = place.projections[state]
    if projection == "untouched":
        return nn.Identity()
    channels = place.in_channels[state]
    if projection == "conv":
        return relu_conv_norm(channels, place.filters, norm)
    return nn.Sequential(nn.ReLU(), FactorizedReduction(channels, place.filters), norm(place.filters))


def _joint(place: CellPlace, state: int, norm: NormFactory) -> nn.Module:
    """Brings a cell input to the output's shape; without a ReLU, as in the authors' code."""
    channels = place.state_channels(state)
    if place.joint_stride(state) == 2:
        return nn.Sequential(FactorizedReduction(channels, place.filters), norm(place.filters))
    return nn.Sequential(SameConv2d(channels, place.filters, 1), norm(place.filters))
