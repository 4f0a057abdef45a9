"""The networks of NAS-Bench-201 (Dong and Yang 2020, arXiv 2001.00326, section 2.1)."""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nas.networks.nasbench201_spec import STAGES, NasBench201Spec
from nas.search_spaces.nasbench201 import EDGES

Norm = Callable[[int], nn.Module]


class NasBench201Network(nn.Module):
    """Stem, three stages of equal cells with residual blocks between them, and a linear classifier.

    Args:
        ops: of the cell's edges, in the order of `EDGES`.
        in_channels: of the images.
        num_classes: outputs.
        spec: sizes and batch norm settings.

    Attributes:
        auxiliary_logits: None; there is no auxiliary head.
    """

    def __init__(self, ops: tuple[str, ...], in_channels: int, num_classes: int, spec: NasBench201Spec) -> None:
        super().__init__()
        self.auxiliary_logits: Tensor | None = None
        norm = partial(nn.BatchNorm2d, momentum=spec.batch_norm_momentum, eps=spec.batch_norm_epsilon)
        filters = spec.filters
        layers: list[nn.Module] = [nn.Conv2d(in_channels, filters, 3, padding=1, bias=False), norm(filters)]
        for stage in range(STAGES):
            if stage:
                layers.append(ResidualBlock(filters, norm))
                filters *= 2
            layers += [NasBench201Cell(ops, filters, norm) for _ in range(spec.num_cells)]
        self.body = nn.Sequential(*layers, norm(filters), nn.ReLU())
        self.classifier = nn.Linear(filters, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, num_classes)`."""
        return self.classifier(self.body(images).mean((2, 3)))

    def set_progress(self, fraction: float) -> None:
        """Nothing here follows a schedule."""

    def seed_drop_path(self, seed: int) -> None:
        """There is no drop-path."""


class NasBench201Cell(nn.Module):
    """Every node is the sum of its in-edges; the last one is the output."""

    def __init__(self, ops: tuple[str, ...], filters: int, norm: Norm) -> None:
        super().__init__()
        self.edges = nn.ModuleList(_make_op(op, filters, norm) for op in ops)

    def forward(self, x: Tensor) -> Tensor:
        nodes = [x]
        for (source, target), edge in zip(EDGES, self.edges, strict=True):
            value = edge(nodes[source])
            if target == len(nodes):
                nodes.append(value)
            else:
                nodes[target] = nodes[target] + value
        return nodes[-1]


class ResidualBlock(nn.Module):
    """Half the height and width, twice the channels."""

    def __init__(self, filters: int, norm: Norm) -> None:
        super().__init__()
        self.first = _relu_conv_norm(filters, 2 * filters, 3, 2, norm)
        self.second = _relu_conv_norm(2 * filters, 2 * filters, 3, 1, norm)
        # ceil_mode for odd sizes, which the benchmark's images do not have
        self.pool = nn.AvgPool2d(2, 2, ceil_mode=True)
        self.shortcut = nn.Conv2d(filters, 2 * filters, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(self.pool(x)) + self.second(self.first(x))


class _Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


class _AveragePool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


def _make_op(op: str, filters: int, norm: Norm) -> nn.Module:
    if op.startswith("nor_conv"):
        return _relu_conv_norm(filters, filters, int(op[-1]), 1, norm)
    return {"none": _Zero, "skip_connect": nn.Identity, "avg_pool_3x3": _AveragePool}[op]()


def _relu_conv_norm(in_channels: int, out_channels: int, kernel: int, stride: int, norm: Norm) -> nn.Module:
    conv = nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(nn.ReLU(), conv, norm(out_channels))
