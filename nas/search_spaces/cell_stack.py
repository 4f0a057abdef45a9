"""How cells are stacked into a network: widths, sizes, and which outputs every cell reads. No tensors.

Source: NASNet (arXiv 1707.07012, section 3 and appendix A) and the authors' code (`tensorflow/models`,
`research/slim/nets/nasnet`; `tensorflow/tpu`, `models/official/amoeba_net`). The module and the closed-form cost are
both made from this plan.

Differs from the authors' code: what cannot reach the loss is not built, because its parameters would never get a
gradient (and distributed training would wait for them). That is the projection of a cell input that no live state reads
and, when no later cell reads it, a whole cell. Every published genotype reads both inputs of both cells, so its counts
are unaffected; about one random genome of SP-I in eighteen has an unread input.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from nas.errors import UserError
from nas.search_spaces.cell_architecture import CellWiring

Size = tuple[int, int]  # height, width
Projection = Literal["untouched", "conv", "reduction"]

STEM = 0  # number of the stem's output; the cells' outputs are 1, 2, ...


@dataclass(frozen=True)
class CellPlace:
    """One cell of the stack.

    Attributes:
        number: of its output; outputs are counted from the stem's, 0.
        kind: "normal" or "reduction": whether it is of stride 2.
        wiring: what the cell computes.
        filters: of its convolutions.
        stride: of the ops that read the cell's inputs.
        sources: numbers of the outputs that are its inputs 0 and 1.
        in_channels, in_sizes: of these outputs.
        size: of its own output.
        is_live: whether the network's output or the auxiliary head depends on it.
    """

    number: int
    kind: str
    wiring: CellWiring
    filters: int
    stride: int
    sources: tuple[int, int]
    in_channels: tuple[int, int]
    in_sizes: tuple[Size, Size]
    size: Size
    is_live: bool

    @property
    def out_channels(self) -> int:
        return len(self.wiring.concat) * self.filters

    @property
    def read_sources(self) -> list[int]:
        """The sources that the cell does read."""
        return [source for state, source in enumerate(self.sources) if state in self.wiring.live_states]

    @cached_property
    def projections(self) -> tuple[Projection, Projection]:
        """How the two inputs become states 0 and 1.

        Input 0 always gets a ReLU-1x1-BN. Input 1 gets a factorized reduction if its size is another than input 0's,
        else a ReLU-1x1-BN if it has other channels than the cell. In the first cell both are the stem's output, and
        input 1 stays as it is (authors' code; the paper's text has two copies of the input).
        """
        if self.sources[0] == self.sources[1]:
            return "conv", "untouched"
        if self.in_sizes[0] != self.in_sizes[1]:
            return "conv", "reduction"
        return "conv", "untouched" if self.in_channels[1] == self.filters else "conv"

    def state_channels(self, state: int) -> int:
        """Channels of a state, after the projections."""
        is_raw = state == 1 and self.projections[1] == "untouched"
        return self.in_channels[1] if is_raw else self.filters

    def state_size(self, state: int) -> Size:
        return self.in_sizes[0] if state in (0, 1) else self.size

    def state_stride(self, state: int) -> int:
        """Stride of an op that reads the state: only the cell's inputs are still to be reduced."""
        return self.stride if state in (0, 1) else 1

    def joint_stride(self, state: int) -> int | None:
        """Stride of the factorized reduction between a state and the concat; None where it joins as it is."""
        if self.state_size(state) != self.size:
            return 2
        return 1 if self.state_channels(state) != self.filters else None


@dataclass(frozen=True, slots=True)
class CellStack:
    """The whole network.

    Attributes:
        image_shape: channels, height, width.
        stem: "cifar" (3x3, same size) or "imagenet" (3x3 at stride 2 without padding, then two reduction cells).
        stem_channels: of the stem's convolution.
        cells: in order.
        auxiliary: number of the output that the auxiliary head reads; None without one.
    """

    image_shape: tuple[int, int, int]
    stem: str
    stem_channels: int
    cells: tuple[CellPlace, ...]
    auxiliary: int | None

    @property
    def stem_size(self) -> Size:
        return _stem_size(self.stem, self.image_shape)

    @property
    def out_channels(self) -> int:
        return self.cells[-1].out_channels

    @property
    def auxiliary_size(self) -> Size | None:
        """Size of the map that the auxiliary head reads."""
        return None if self.auxiliary is None else self.cells[self.auxiliary - 1].size


def stack_cells(
    wirings: Mapping[str, CellWiring],
    image_shape: tuple[int, int, int],
    *,
    num_cells: int,
    filters: int,
    stem: str,
    stem_channels: int,
    skip_reduction_layer_input: bool,
    auxiliary_head: bool,
) -> CellStack:
    """Stacks cells: three times `num_cells` normal ones with a reduction before the second and the third stack.

    Where there is one type of cell (PNASNet, arXiv 1712.00559), its stride-2 form is the first cell of the second and
    the third stack instead of an extra one, and stands in the stem as well.

    Args:
        wirings: the "normal" and the "reduction" cell, or the "normal" one alone.
        image_shape: channels, height, width.
        num_cells: normal cells per stack, the papers' N.
        filters: of the first stack's convolutions, the papers' F; doubled by every reduction, which already uses the
            doubled number. The two reduction cells of an ImageNet stem have F // 4 and F // 2.
        stem: "cifar" or "imagenet".
        stem_channels: of the stem's convolution.
        skip_reduction_layer_input: the normal cell after a reduction reads, as input 1, what the reduction read as its
            input 1, instead of what it read as input 0. With one type of cell it says nothing: all read the two before.
        auxiliary_head: whether one reads the last normal cell before the second reduction.

    Raises:
        UserError: the image is too small for the stem.
    """
    stem_size = _stem_size(stem, image_shape)
    if min(stem_size) < 1:
        raise UserError(f"images of {image_shape[1]}x{image_shape[2]} are too small for the {stem} stem")
    normal = wirings["normal"]
    reduction = wirings.get("reduction", normal)
    stage = num_cells + 1 if "reduction" in wirings else num_cells  # cells from one reduction to the next
    kinds = ["normal"] * num_cells + (["reduction"] + ["normal"] * (stage - 1)) * 2
    widths = [filters] * num_cells + [2 * filters] * stage + [4 * filters] * stage
    auxiliary = num_cells + stage
    if stem == "imagenet":
        kinds = ["reduction", "reduction", *kinds]
        widths = [filters // 4, filters // 2, *widths]
        auxiliary += 2
    used = [reduction if kind == "reduction" else normal for kind in kinds]

    channels, sizes = [stem_channels], [stem_size]
    for kind, width, wiring in zip(kinds, widths, used, strict=True):
        height, breadth = sizes[-1]
        channels.append(len(wiring.concat) * width)
        sizes.append(((height + 1) // 2, (breadth + 1) // 2) if kind == "reduction" else (height, breadth))

    # Outputs are numbered from the stem's: cell number n has kinds[n - 1].
    sources = [(number - 1, max(number - 2, STEM)) for number in range(1, len(kinds) + 1)]
    if skip_reduction_layer_input and "reduction" in wirings:
        for number in (auxiliary + 2, auxiliary + 2 - stage):  # the normal cells after the two reductions
            sources[number - 1] = (number - 1, sources[number - 2][1])
    live = {len(kinds), auxiliary} if auxiliary_head else {len(kinds)}
    for number in range(len(kinds), 0, -1):
        if number in live:
            reads = used[number - 1].live_states
            live.update(source for state, source in enumerate(sources[number - 1]) if state in reads)

    cells = tuple(
        CellPlace(
            number=number,
            kind=kind,
            wiring=used[number - 1],
            filters=widths[number - 1],
            stride=2 if kind == "reduction" else 1,
            sources=(first, second),
            in_channels=(channels[first], channels[second]),
            in_sizes=(sizes[first], sizes[second]),
            size=sizes[number],
            is_live=number in live,
        )
        for number, (kind, (first, second)) in enumerate(zip(kinds, sources, strict=True), 1)
    )
    return CellStack(image_shape, stem, stem_channels, cells, auxiliary if auxiliary_head else None)


def _stem_size(stem: str, image_shape: tuple[int, int, int]) -> Size:
    _, height, width = image_shape
    return ((height - 3) // 2 + 1, (width - 3) // 2 + 1) if stem == "imagenet" else (height, width)
