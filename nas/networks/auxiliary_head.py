"""A second classifier in the middle of the network, for training only (arXiv 1707.07012, appendix A; authors' code)."""

from torch import Tensor, nn

from nas.networks.ops import NormFactory


class AuxiliaryHead(nn.Module):
    """ReLU, 5x5 average pool at stride 3, 1x1 convolution, a convolution over all that is left, linear classifier.

    Args:
        in_channels: of the map it reads.
        size: height and width of that map.
        num_classes: outputs.
        filters: of the two convolutions; the papers' code has 128 and 768.
        pool: side of the average pool; the map must be at least as large.
        norm: makes a batch norm.
    """

    def __init__(
        self,
        in_channels: int,
        size: tuple[int, int],
        num_classes: int,
        filters: tuple[int, int],
        pool: int,
        norm: NormFactory,
    ) -> None:
        super().__init__()
        assert min(size) >= pool
        stride = 3
        left = ((size[0] - pool) // stride + 1, (size[1] - pool) // stride + 1)
        self.features = nn.Sequential(
            nn.AvgPool2d(pool, stride),
            nn.Conv2d(in_channels, filters[0], 1, bias=False),
            norm(filters[0]),
            nn.ReLU(inplace=True),
            nn.Conv2d(filters[0], filters[1], left, bias=False),
            norm(filters[1]),
            nn.ReLU(inplace=True),
        )
        self.classifier = nn.Linear(filters[1], num_classes)

    def forward(self, rectified: Tensor) -> Tensor:
        """The map's ReLU, `(batch, in_channels, height, width)`, to logits `(batch, num_classes)`."""
        return self.classifier(self.features(rectified).flatten(1))
