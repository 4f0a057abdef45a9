"""The network around a cell of NAS-Bench-201, as plain values (Dong and Yang 2020, arXiv 2001.00326, section 2.1).
Torch-free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.cell_cost import conv_cost
from nas.search_spaces.cost import NOTHING, Block, Cost, Layer, classifier, total_cost
from nas.search_spaces.nasbench201 import EDGES, parse_nasbench201

if TYPE_CHECKING:
    from nas.networks.nasbench201_network import NasBench201Network

STAGES = 3
_KERNEL_AREAS = {"nor_conv_1x1": 1, "nor_conv_3x3": 9}


@dataclass(frozen=True, kw_only=True)
class NasBench201Spec:
    """Three stages of equal cells, residual blocks of stride 2 between them.

    Attributes:
        num_cells: cells per stage; 5 in the benchmark.
        filters: channels of the first stage, doubled by each residual block; 16 in the benchmark.
        batch_norm_momentum: weight of the newest batch in the running statistics.
        batch_norm_epsilon: added to variances.
    """

    num_cells: int
    filters: int
    batch_norm_momentum: float
    batch_norm_epsilon: float
    name: ClassVar[str] = "nasbench201"

    def __post_init__(self) -> None:
        for key in ("num_cells", "filters"):
            value = getattr(self, key)
            if type(value) is not int or value < 1:
                raise UserError(f"network.{key} is {value!r}, it must be a whole number of at least 1")

    def build(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> NasBench201Network:
        """The network with fresh weights, drawn from torch's global generator (`torch.manual_seed`).

        Args:
            architecture: the benchmark's text, see `nas.search_spaces.nasbench201`.
            image_shape: channels, height, width.
            num_classes: outputs.

        Raises:
            UserError: no such architecture.
        """
        from nas.networks.nasbench201_network import NasBench201Network

        return NasBench201Network(parse_nasbench201(architecture), image_shape[0], num_classes, self)

    def cost(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> Cost:
        """In closed form; arguments and errors are those of `build`."""
        return total_cost(self.blocks(architecture, image_shape, num_classes))

    def blocks(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int | None) -> Iterator[Block]:
        """What is counted, without the classifier if `num_classes` is None. All edges count, also those that reach
        nothing: the benchmark builds them."""
        ops = parse_nasbench201(architecture)
        channels, height, width = image_shape
        filters, size = self.filters, (height, width)
        stem = conv_cost(channels, filters, 9, size)
        yield Block("stem", (filters, *size), (Layer("conv_3x3", None, None, (filters, *size), stem),))
        for stage in range(STAGES):
            if stage:
                size = (-(-size[0] // 2), -(-size[1] // 2))
                yield Block("residual", (2 * filters, *size), tuple(_residual(filters, size)))
                filters *= 2
            cell = tuple(_cell(ops, (filters, *size)))
            for _ in range(self.num_cells):
                yield Block("cell", (filters, *size), cell)
        norm = Cost(2 * filters, 0, filters * size[0] * size[1])
        yield Block("norm", (filters, *size), (Layer("norm", None, None, (filters, *size), norm),))
        if num_classes is not None:
            yield classifier(filters, num_classes)


def _cell(ops: tuple[str, ...], shape: tuple[int, int, int]) -> Iterator[Layer]:
    filters, *size = shape
    for op, (source, target) in zip(ops, EDGES, strict=True):
        area = _KERNEL_AREAS.get(op)
        cost = NOTHING if area is None else conv_cost(filters, filters, area, (size[0], size[1]))
        yield Layer(op, source, target, shape, cost)


def _residual(filters: int, size: tuple[int, int]) -> Iterator[Layer]:
    """Two 3x3 convolutions with batch norms, and beside them a 1x1 convolution without."""
    shape = (2 * filters, *size)
    yield Layer("conv_3x3", None, None, shape, conv_cost(filters, 2 * filters, 9, size))
    yield Layer("conv_3x3", None, None, shape, conv_cost(2 * filters, 2 * filters, 9, size))
    weights, pixels = filters * 2 * filters, size[0] * size[1]
    yield Layer("shortcut", None, None, shape, Cost(weights, weights * pixels, 2 * filters * pixels))
