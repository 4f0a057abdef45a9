"""What differs between two DNAs, in words."""

from collections.abc import Iterator

from nas.reporting.figures.dna import dna_layers
from nas.reporting.figures.dna_changes import Altered, DnaChange
from nas.search_spaces.dna_graph import Conv, Dna

_TYPES = {"linear": "linear", "bn_relu": "batch norm and rectifier"}
_NAMES = {"type": "activation", "depth_precedence": "rank in channels", "scale_precedence": "rank in size"}


def sentences(change: DnaChange) -> Iterator[str]:
    """One for each difference; layers are counted from the input, which is 0."""
    if change.learning_rate:
        yield f"learning rate {change.parent.learning_rate:.3g} → {change.child.learning_rate:.3g}"
    layer_of, old_layer_of = dna_layers(change.child).layer_of, dna_layers(change.parent).layer_of
    for vertex in change.inserted:
        yield f"layer {layer_of[vertex]}: {_vertex(change.child, vertex)} inserted"
    for vertex in change.removed:
        yield f"{_vertex(change.parent, vertex)} removed (layer {old_layer_of[vertex]} of the parent)"
    for altered in change.altered:
        yield f"layer {layer_of[altered.vertex]}: {_altered(altered)}"
    for source, target in change.skips:
        yield f"skip from layer {layer_of[source]} to {layer_of[target]} added"
    for source, target in change.lost_skips:
        if source not in change.removed and target not in change.removed:
            yield f"skip from layer {old_layer_of[source]} to {old_layer_of[target]} of the parent removed"
    if change.fresh:
        yield "fresh weights: no variable of the parent is left"


def _vertex(dna: Dna, vertex: int) -> str:
    conv, kind = dna.in_edges()[vertex][-1].conv, dna.vertices[vertex].type
    if conv is None:
        return "identity" if kind == "linear" else _TYPES[kind]
    return _conv(conv) + (f" with {_TYPES[kind]}" if kind != "linear" else "")


def _conv(conv: Conv | None) -> str:
    if conv is None:
        return "identity"
    return f"convolution {_kernel(conv.kernel)}" + (f", stride {conv.stride}," if conv.stride > 1 else "")


def _altered(altered: Altered) -> str:
    old, new = altered.old, altered.new
    if altered.name == "depth_factor":
        return f"channels ×{old:.3g} → ×{new:.3g}"
    if altered.name == "convolution":
        return f"{_conv(old)} → {_conv(new)}".replace(",", "")
    if altered.name in ("stride_scale", "filter_half_height", "filter_half_width"):
        return _rounded(altered)
    return f"{_NAMES[altered.name]} {_TYPES.get(old, old)} → {_TYPES.get(new, new)}"


def _rounded(altered: Altered) -> str:
    """Numbers that are rounded on use: what they come to, and where that is the same the numbers themselves."""
    name, before = _whole(altered.name, altered.old)
    _, after = _whole(altered.name, altered.new)
    if before != after:
        return f"{name} {before} → {after}"
    return f"{name} stays {before} ({altered.old:.3g} → {altered.new:.3g} before rounding)"


def _whole(name: str, value: float) -> tuple[str, int]:
    if name == "stride_scale":
        return "stride", Conv(1.0, 0.0, 0.0, value, "").stride
    conv = Conv(1.0, value, value, 0.0, "")
    return ("filter height" if name == "filter_half_height" else "filter width"), conv.kernel[0]


def _kernel(kernel: tuple[int, int]) -> str:
    return f"{kernel[0]}×{kernel[1]}"
