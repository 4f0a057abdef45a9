"""Layered drawing of a small directed graph: order within layers and positions across.

The usual four steps (Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11(2), 1981), the first left to the caller: layers are
given; long edges get a bend in each layer they pass; layers are ordered by barycentres, keeping the order with the
fewest crossings; then each layer is moved towards its neighbours without touching.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

GAP = 20.0
BEND_WIDTH = 8.0
SWEEPS = 12
STRAIGHTNESS = (1.0, 2.0, 8.0)  # pull of a link with no, one and two bends at its ends


@dataclass(frozen=True, slots=True)
class Node:
    """
    Attributes:
        key: its number, at least 0.
        layer: where it lies; 0 is lowest.
        width: of its box.
        bar: links reach it anywhere along its side, so it draws none to its middle.
    """

    key: int
    layer: int
    width: float
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """
    Attributes:
        x: middle of every node.
        bends: for every link (from, to), the x at which it passes the layers between, from the upper to the lower.
        width: of the whole.
    """

    x: Mapping[int, float]
    bends: Mapping[tuple[int, int], tuple[float, ...]]
    width: float


def arrange(nodes: Sequence[Node], links: Iterable[tuple[int, int]]) -> Places:
    """Places nodes so that the links, which lead upwards, cross little."""
    graph = _Graph(nodes, dict.fromkeys(links))
    graph.order()
    x = graph.positions()
    left = min(x[node] - graph.width[node] / 2 for node in x)
    right = max(x[node] + graph.width[node] / 2 for node in x)
    bends = {link: tuple(x[bend] - left for bend in reversed(chain)) for link, chain in graph.chains.items()}
    return Places({node.key: x[node.key] - left for node in nodes}, bends, right - left)


class _Graph:
    """Layers of nodes and bends; bends have negative keys."""

    def __init__(self, nodes: Sequence[Node], links: Iterable[tuple[int, int]]) -> None:
        layer = {node.key: node.layer for node in nodes}
        self.width = {node.key: node.width for node in nodes}
        self.bars = {node.key for node in nodes if node.bar}
        self.layers: list[list[int]] = [[] for _ in range(max(layer.values()) + 1)]
        for node in nodes:
            self.layers[node.layer].append(node.key)
        self.above: defaultdict[int, list[int]] = defaultdict(list)
        self.below: defaultdict[int, list[int]] = defaultdict(list)
        self.chains: dict[tuple[int, int], list[int]] = {}
        for source, target in links:
            chain: list[int] = []
            for between in range(layer[source] + 1, layer[target]):
                bend = -1 - sum(map(len, self.chains.values())) - len(chain)
                self.width[bend] = BEND_WIDTH
                self.layers[between].append(bend)
                chain.append(bend)
            self.chains[source, target] = chain
            for low, high in pairwise([source, *chain, target]):
                self.above[low].append(high)
                self.below[high].append(low)

    def order(self) -> None:
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(SWEEPS):
            neighbours, layers = (self.below, self.layers) if sweep % 2 == 0 else (self.above, self.layers[::-1])
            for fixed, moving in pairwise(layers):
                place = {node: index for index, node in enumerate(fixed)}
                here = {node: index for index, node in enumerate(moving)}
                middle = {
                    node: _mean([place[other] for other in neighbours[node]], default=here[node]) for node in moving
                }
                moving.sort(key=lambda node, middle=middle: middle[node])  # type: ignore[misc]
            crossings = self._crossings()
            if crossings < fewest:
                best, fewest = [list(layer) for layer in self.layers], crossings
        self.layers = best

    def positions(self) -> dict[int, float]:
        x: dict[int, float] = {}
        for layer in self.layers:
            wanted = [0.0] * len(layer)
            x.update(zip(layer, self._apart(layer, wanted), strict=True))
        for sweep in range(4 * SWEEPS):
            for layer in self.layers if sweep % 2 == 0 else self.layers[::-1]:
                wanted = [self._wanted(node, x) for node in layer]
                x.update(zip(layer, self._apart(layer, wanted), strict=True))
        return x

    def _crossings(self) -> int:
        crossed = 0
        for lower, upper in pairwise(self.layers):
            place = {node: index for index, node in enumerate(upper)}
            edges = [(index, place[high]) for index, low in enumerate(lower) for high in self.above[low]]
            crossed += sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in combinations(edges, 2))
        return crossed

    def _wanted(self, node: int, x: Mapping[int, float]) -> float:
        """The middle of a node's neighbours, where long links pull more, so that they come out straight."""
        neighbours = [other for other in self.below[node] + self.above[node] if other not in self.bars]
        pulls = [STRAIGHTNESS[(node < 0) + (other < 0)] for other in neighbours]
        if not pulls:
            return x[node]
        return sum(pull * x[other] for pull, other in zip(pulls, neighbours, strict=True)) / sum(pulls)

    def _apart(self, layer: Sequence[int], wanted: Sequence[float]) -> list[float]:
        """The positions nearest to `wanted` (least squares) that keep order and distance: pool adjacent violators."""
        offsets = [0.0]
        for left, right in pairwise(layer):
            offsets.append(offsets[-1] + (self.width[left] + self.width[right]) / 2 + GAP)
        blocks: list[tuple[float, float, int]] = []
        for node, value, offset in zip(layer, wanted, offsets, strict=True):
            mean, weight, size = value - offset, 4.0 if node < 0 else 1.0, 1
            while blocks and blocks[-1][0] > mean:
                other, others, count = blocks.pop()
                mean, weight = (mean * weight + other * others) / (weight + others), weight + others
                size += count
            blocks.append((mean, weight, size))
        flat = [mean for mean, _, size in blocks for _ in range(size)]
        return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default
