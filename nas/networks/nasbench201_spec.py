"""The network around a cell of NAS-Bench-201, as plain values (Dong and Yang 2020, arXiv 2001.00326, section 2.1).
Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.cell_cost import NOTHING, Cost, conv_cost
from nas.search_spaces.nasbench201 import parse_nasbench201

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
        """In closed form; arguments and errors are those of `build`. All edges count, also those that reach nothing:
        the benchmark builds them."""
        areas = [_KERNEL_AREAS[op] for op in parse_nasbench201(architecture) if op in _KERNEL_AREAS]
        channels, height, width = image_shape
        filters, size = self.filters, (height, width)
        total = conv_cost(channels, filters, 9, size)
        for stage in range(STAGES):
            if stage:
                size = (-(-size[0] // 2), -(-size[1] // 2))
                total += _residual_cost(filters, size)
                filters *= 2
            for area in areas * self.num_cells:
                total += conv_cost(filters, filters, area, size)
        norm = Cost(2 * filters, 0, filters * size[0] * size[1])
        return total + norm + Cost((filters + 1) * num_classes, filters * num_classes, num_classes)


def _residual_cost(filters: int, size: tuple[int, int]) -> Cost:
    """Two 3x3 convolutions with batch norms, and beside them a 1x1 convolution without."""
    shortcut = filters * 2 * filters
    pixels = size[0] * size[1]
    total = NOTHING + conv_cost(filters, 2 * filters, 9, size) + conv_cost(2 * filters, 2 * filters, 9, size)
    return total + Cost(shortcut, shortcut * pixels, 2 * filters * pixels)
