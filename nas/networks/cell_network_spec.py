"""What a cell network is made like, as plain values; the module itself is built in a worker. Torch-free."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.cell_architecture import OPS, parse_architecture
from nas.search_spaces.cell_cost import network_blocks, network_cost
from nas.search_spaces.cell_op import CellOp, checked_own_ops
from nas.search_spaces.cell_stack import CellStack, stack_cells
from nas.search_spaces.cost import Block, Cost

if TYPE_CHECKING:
    from nas.networks.cell_network import CellNetwork

STEMS = ("auto", "cifar", "imagenet")
AUXILIARY_POOL = 5  # side of the auxiliary head's average pool
MIN_FILTERS = {"cifar": 2, "imagenet": 8}  # a factorized reduction halves them, the ImageNet stem starts at a quarter


@dataclass(frozen=True, kw_only=True)
class CellNetworkSpec:
    """The stack around the cells (arXiv 1707.07012, section 3 and appendix A.4; the authors' code).

    Attributes:
        num_cells: normal cells per stack, the papers' N; reduction cells are not counted.
        filters: of the first stack's convolutions, the papers' F.
        stem: "cifar": a 3x3 convolution; "imagenet": a 3x3 convolution at stride 2 and two reduction cells, together an
            eighth of the image's height; "auto": by the size of the images.
        imagenet_stem_from: smallest side, in pixels, from which "auto" takes the ImageNet stem.
        stem_multiplier: the CIFAR stem has this many times `filters` channels.
        stem_filters: channels of the ImageNet stem's convolution.
        skip_reduction_layer_input: the normal cell after a reduction reads the same skip input as the reduction did
            (NASNet large) instead of the last normal cell before it; says nothing where there is one type of cell.
        auxiliary_head: a second classifier at two thirds of the depth, in training only.
        auxiliary_filters: channels of its two convolutions.
        drop_path_keep: probability of keeping an op's output, reached linearly at the end of training; 1 = off.
        drop_path_by_depth: later cells drop more (the third version in NASNet's code); AmoebaNet's code does not.
        dropout: probability of dropping a feature before the classifier.
        batch_norm_momentum: weight of the newest batch in the running statistics: 1 - the papers' decay.
        batch_norm_epsilon: added to variances.
        own_ops: further ops by name, see `nas.search_spaces.cell_op`; None for the papers' alone.
    """

    num_cells: int
    filters: int
    stem: str
    imagenet_stem_from: int
    stem_multiplier: int
    stem_filters: int
    skip_reduction_layer_input: bool
    auxiliary_head: bool
    auxiliary_filters: tuple[int, int]
    drop_path_keep: float
    drop_path_by_depth: bool
    dropout: float
    batch_norm_momentum: float
    batch_norm_epsilon: float
    own_ops: Mapping[str, CellOp] | None = field(default=None, metadata={"identity": "when set"})
    name: ClassVar[str] = "cells"

    def __post_init__(self) -> None:
        object.__setattr__(self, "own_ops", checked_own_ops(self.own_ops))
        filters = self.auxiliary_filters
        object.__setattr__(self, "auxiliary_filters", tuple(filters) if isinstance(filters, Iterable) else (filters,))
        if self.stem not in STEMS:
            raise UserError(f"network.stem is {self.stem!r}, allowed are {', '.join(STEMS)}")
        for key in ("num_cells", "filters", "imagenet_stem_from", "stem_multiplier", "stem_filters"):
            _check_count(key, getattr(self, key))
        if len(self.auxiliary_filters) != 2:
            raise UserError(f"network.auxiliary_filters is {list(self.auxiliary_filters)}, it must hold two numbers")
        for count in self.auxiliary_filters:
            _check_count("auxiliary_filters", count)
        for key in ("skip_reduction_layer_input", "auxiliary_head", "drop_path_by_depth"):
            if not isinstance(getattr(self, key), bool):
                raise UserError(f"network.{key} is {getattr(self, key)!r}, it must be true or false")
        for key in ("drop_path_keep", "dropout", "batch_norm_momentum", "batch_norm_epsilon"):
            if type(getattr(self, key)) not in (int, float):
                raise UserError(f"network.{key} is {getattr(self, key)!r}, it must be a number")
        if not 0 < self.drop_path_keep <= 1:
            raise UserError(f"network.drop_path_keep is {self.drop_path_keep!r}, it must be above 0 and at most 1")
        if not 0 <= self.dropout < 1:
            raise UserError(f"network.dropout is {self.dropout!r}, it must be at least 0 and below 1")

    def build(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> CellNetwork:
        """The network with fresh weights, drawn from torch's global generator (`torch.manual_seed`).

        Args:
            architecture: plain data, see `nas.search_spaces.cell_architecture.parse_architecture`.
            image_shape: channels, height, width.
            num_classes: outputs of the classifier.

        Raises:
            UserError: no valid architecture, or images too small for the stem or the auxiliary head.
        """
        from nas.networks.cell_network import CellNetwork

        return CellNetwork(self.stack(architecture, image_shape), num_classes, self)

    def cost(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> Cost:
        """Parameters, multiply-adds and activations in closed form; arguments and errors are those of `build`."""
        return network_cost(self.stack(architecture, image_shape), num_classes, self.own_ops)

    def blocks(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int | None) -> Iterator[Block]:
        """What is counted, without the classifier if `num_classes` is None; errors are those of `build`."""
        return network_blocks(self.stack(architecture, image_shape), num_classes, self.own_ops)

    def stack(self, architecture: Any, image_shape: tuple[int, int, int]) -> CellStack:
        """The plan of the network; arguments and errors are those of `build`."""
        channels, height, width = image_shape
        stem = self.stem
        if stem == "auto":
            stem = "imagenet" if min(height, width) >= self.imagenet_stem_from else "cifar"
        if self.filters < MIN_FILTERS[stem]:
            raise UserError(f"network.filters is {self.filters}, the {stem} stem needs at least {MIN_FILTERS[stem]}")
        stack = stack_cells(
            parse_architecture(architecture, (*OPS, *(self.own_ops or ()))),
            (channels, height, width),
            num_cells=self.num_cells,
            filters=self.filters,
            stem=stem,
            stem_channels=self.stem_filters if stem == "imagenet" else self.stem_multiplier * self.filters,
            skip_reduction_layer_input=self.skip_reduction_layer_input,
            auxiliary_head=self.auxiliary_head,
        )
        if stack.auxiliary_size is not None and min(stack.auxiliary_size) < AUXILIARY_POOL:
            height, width = stack.auxiliary_size
            raise UserError(
                f"network.auxiliary_head=true needs at least {AUXILIARY_POOL}x{AUXILIARY_POOL} pixels before the last "
                f"reduction, images of {image_shape[1]}x{image_shape[2]} leave {height}x{width}"
            )
        return stack


def _check_count(key: str, value: Any) -> None:
    if type(value) is not int or value < 1:
        raise UserError(f"network.{key} is {value!r}, it must be a whole number of at least 1")
