"""The network of a DNA (Real et al. 2017, arXiv 1703.01041, section 3.2 and supplement S1).

Every variable is named by its id in the DNA, so that a child finds what it inherits in its parent's state by name and
shape alone.
"""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from nas.networks.dna_network_spec import DnaNetworkSpec
from nas.networks.same_padding import SameConv2d
from nas.search_spaces.dna_shapes import PlannedEdge, PlannedVertex, Shape


class DnaNetwork(nn.Module):
    """An image classifier grown by mutations: the vertices, global pooling, and a linear classifier.

    Args:
        plan: the vertices, see `plan_dna`.
        classifier_id: of the classifier's variables.
        num_classes: outputs.
        spec: batch norm, rectifier and fresh weights.

    Attributes:
        auxiliary_logits: None; there is no auxiliary head.
    """

    def __init__(self, plan: list[PlannedVertex], classifier_id: str, num_classes: int, spec: DnaNetworkSpec) -> None:
        super().__init__()
        self.auxiliary_logits: Tensor | None = None
        self._plan = plan
        self._leakiness = spec.leakiness
        self._last_reader = {edge.source: at for at, planned in enumerate(plan) for edge in planned.in_edges}
        self.convs = nn.ModuleDict()
        self.norms = nn.ModuleDict()
        for planned in plan:
            for edge in planned.in_edges:
                if edge.conv is not None:
                    conv = edge.conv
                    self.convs[conv.id] = SameConv2d(conv.in_channels, conv.out_channels, conv.kernel, conv.stride)
                    self._draw(conv.id, len(planned.in_edges), spec)
            if planned.vertex.type == "bn_relu":
                self.norms[planned.vertex.id] = nn.BatchNorm2d(
                    planned.shape.channels, momentum=spec.batch_norm_momentum, eps=spec.batch_norm_epsilon
                )
        classifier = nn.Linear(plan[-1].shape.channels, num_classes)
        nn.init.normal_(classifier.weight, 0.0, math.sqrt(1 / classifier.in_features))
        nn.init.zeros_(classifier.bias)
        self.classifier = nn.ModuleDict({classifier_id: classifier})

    def forward(self, images: Tensor) -> Tensor:
        """Images `(batch, channels, height, width)` to logits `(batch, num_classes)`."""
        outputs: dict[int, Tensor] = {0: images}
        for at, planned in enumerate(self._plan):
            if planned.in_edges:
                outputs[at] = self._activation(planned, outputs)
                for edge in planned.in_edges:
                    if self._last_reader[edge.source] == at:
                        del outputs[edge.source]
        features = outputs[len(self._plan) - 1].mean((2, 3))
        (classifier,) = self.classifier.values()
        return classifier(features)

    def set_progress(self, fraction: float) -> None:
        """Nothing here follows a schedule."""

    def seed_drop_path(self, seed: int) -> None:
        """There is no drop-path."""

    def _activation(self, planned: PlannedVertex, outputs: dict[int, Tensor]) -> Tensor:
        *others, backbone = planned.in_edges
        total = _reconciled(self._along(backbone, outputs), planned.shape)
        for edge in others:
            total = total + _reconciled(self._along(edge, outputs), planned.shape)
        if planned.vertex.type == "linear":
            return total
        normed = self.norms[planned.vertex.id](total)
        return F.leaky_relu(normed, self._leakiness) if self._leakiness else F.relu(normed)

    def _along(self, edge: PlannedEdge, outputs: dict[int, Tensor]) -> Tensor:
        source = outputs[edge.source]
        return source if edge.conv is None else self.convs[edge.conv.id](source)

    def _draw(self, conv_id: str, num_in_edges: int, spec: DnaNetworkSpec) -> None:
        """As He et al. 2015 (arXiv 1502.01852), times 1 / sqrt(edges) where several are summed: our reading."""
        weight = self.convs[conv_id].weight
        assert isinstance(weight, Tensor)
        fan_in = weight[0].numel()
        nn.init.normal_(weight, 0.0, spec.init_scale * math.sqrt(2 / fan_in / num_in_edges))


def _reconciled(x: Tensor, shape: Shape) -> Tensor:
    """Brought to a vertex's shape: nearest-neighbour interpolation, channels cut off or filled up with zeros."""
    size = (shape.height, shape.width)
    if x.shape[2:] != size:
        x = F.interpolate(x, size, mode="nearest")
    missing = shape.channels - x.shape[1]
    if missing < 0:
        return x[:, : shape.channels]
    return F.pad(x, (0, 0, 0, 0, 0, missing)) if missing else x
