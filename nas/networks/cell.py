"""One cell as a module (arXiv 1707.07012, section 3 and appendix A.4; plumbing as in the authors' code)."""

from collections.abc import Mapping

from torch import Tensor, nn

from nas.networks.concatenation import concatenate
from nas.networks.drop_path import DropPath
from nas.networks.factorized_reduction import FactorizedReduction
from nas.networks.ops import NormFactory, make_op, relu_conv_norm
from nas.networks.same_padding import SameConv2d
from nas.networks.state import ReluFirst, State
from nas.search_spaces.cell_architecture import NUM_INPUTS
from nas.search_spaces.cell_op import CellOp
from nas.search_spaces.cell_stack import CellPlace


class Cell(nn.Module):
    """Two inputs, sums of pairs of ops, and the concatenation of some of the states.

    Only what reaches the output is built: see `nas.search_spaces.cell_stack`.

    Args:
        place: what the cell is and where it stands.
        norm: makes a batch norm.
        final_keep: drop-path's probability of keeping an op's output at the end of training; `none` is never dropped.
        own_ops: of the network, see `nas.search_spaces.cell_op`.
    """

    def __init__(
        self,
        place: CellPlace,
        norm: NormFactory,
        final_keep: float,
        own_ops: Mapping[str, CellOp] | None = None,
    ) -> None:
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
            make_op(op, place.state_channels(source), place.filters, place.state_stride(source), norm, own_ops)
            for _, combination in self.combinations
            for op, source in combination
        )
        self.joints = nn.ModuleDict(
            {str(state): _joint(place, state, norm) for state in self.concat if place.joint_stride(state)}
        )
        self.drop_path = DropPath(final_keep)

    def forward(self, previous: State | None, before: State | None) -> Tensor:
        """The cell's output, `(batch, len(concat) * filters, height, width)`.

        Args:
            previous: output of the previous cell, `(batch, channels, height, width)`; None if it is not read.
            before: output of the cell before that one, in its own shape; likewise.
        """
        given = {"0": previous, "1": before}
        states = {int(name): _project(given[name], projection) for name, projection in self.inputs.items()}
        ops = iter(self.ops)
        for number, combination in self.combinations:
            first, second = (self._run(op, next(ops), states[source]) for op, source in combination)
            states[number] = State(first + second)
        return concatenate([self._join(number, states[number].value) for number in self.concat])

    def _run(self, name: str, op: nn.Module, state: State) -> Tensor:
        made = state.into(op)
        return made if name == "none" else self.drop_path(made)

    def _join(self, state: int, x: Tensor) -> Tensor:
        return self.joints[str(state)](x) if str(state) in self.joints else x


def _project(given: State | None, projection: nn.Module) -> State:
    assert given is not None
    return given if isinstance(projection, nn.Identity) else State(given.into(projection))


def _projection(place: CellPlace, state: int, norm: NormFactory) -> nn.Module:
    projection = place.projections[state]
    if projection == "untouched":
        return nn.Identity()
    channels = place.in_channels[state]
    if projection == "conv":
        return relu_conv_norm(channels, place.filters, norm)
    return ReluFirst(FactorizedReduction(channels, place.filters), norm(place.filters))


def _joint(place: CellPlace, state: int, norm: NormFactory) -> nn.Module:
    """Brings a cell input to the output's shape; without a ReLU, as in the authors' code."""
    channels = place.state_channels(state)
    if place.joint_stride(state) == 2:
        return nn.Sequential(FactorizedReduction(channels, place.filters), norm(place.filters))
    return nn.Sequential(SameConv2d(channels, place.filters, 1), norm(place.filters))
