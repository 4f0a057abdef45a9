"""DNA as JSON and back; equal graphs with equal ids give equal JSON."""

import re
import reprlib
from collections.abc import Mapping
from typing import Any

from nas.errors import UserError
from nas.search_spaces.dna_graph import Conv, Dna, Edge, Vertex, validate_dna

_DNA_KEYS = {"learning_rate", "vertices", "edges", "classifier_id"}
_FLAGS = ("inputs_mutable", "outputs_mutable", "properties_mutable")
_CONV_NUMBERS = ("depth_factor", "filter_half_height", "filter_half_width", "stride_scale")
_HEXADECIMAL = re.compile("[0-9a-f]+").fullmatch
_CONV_KEYS = {*_CONV_NUMBERS, "id"}


def dna_to_json(dna: Dna) -> dict[str, Any]:
    """Flags that are true and a "conv" that is not there are left out."""
    return {
        "learning_rate": dna.learning_rate,
        "vertices": [_vertex_to_json(vertex) for vertex in dna.vertices],
        "edges": [_edge_to_json(edge) for edge in dna.edges],
        "classifier_id": dna.classifier_id,
    }


def dna_from_json(data: Any) -> Dna:
    """The checked DNA.

    Raises:
        UserError: `data` is no DNA; the sentence says where.
    """
    if isinstance(data, Mapping) and "normal" in data:
        raise UserError("a DNA is a graph, this is made of cells: set another network than dna, such as network=search")
    if not isinstance(data, Mapping) or set(data) != _DNA_KEYS:
        keys = ", ".join(sorted(_DNA_KEYS))
        raise UserError(f"a DNA is an object with the keys {keys}, not {reprlib.repr(data)}")
    for key in ("vertices", "edges"):
        if not isinstance(data[key], list):
            raise UserError(f"the {key} of a DNA are a list, not {reprlib.repr(data[key])}")
    dna = Dna(
        learning_rate=_number("learning_rate", data["learning_rate"]),
        vertices=tuple([_vertex(item) for item in data["vertices"]]),
        edges=tuple([_edge(item) for item in data["edges"]]),
        classifier_id=_id("classifier_id", data["classifier_id"]),
    )
    validate_dna(dna)
    return dna


def _vertex_to_json(vertex: Vertex) -> dict[str, Any]:
    data: dict[str, Any] = {"type": vertex.type, "id": vertex.id}
    for flag in _FLAGS:
        if not getattr(vertex, flag):
            data[flag] = False
    return data


def _edge_to_json(edge: Edge) -> dict[str, Any]:
    data: dict[str, Any] = {
        "source": edge.source,
        "target": edge.target,
        "depth_precedence": edge.depth_precedence,
        "scale_precedence": edge.scale_precedence,
    }
    conv = edge.conv
    if conv is not None:
        data["conv"] = {
            "depth_factor": conv.depth_factor,
            "filter_half_height": conv.filter_half_height,
            "filter_half_width": conv.filter_half_width,
            "stride_scale": conv.stride_scale,
            "id": conv.id,
        }
    return data


def _vertex(data: Any) -> Vertex:
    if not isinstance(data, Mapping) or not {"type", "id"} <= data.keys() <= {"type", "id", *_FLAGS}:
        raise UserError(f"a vertex of a DNA is an object with the keys type and id, not {reprlib.repr(data)}")
    flags = [data.get(flag, True) for flag in _FLAGS]
    for flag, value in zip(_FLAGS, flags, strict=True):
        if not isinstance(value, bool):
            raise UserError(f"{flag} is {value!r} in a DNA, it must be true or false")
    return Vertex(data["type"], _id("id", data["id"]), *flags)


def _edge(data: Any) -> Edge:
    needed = {"source", "target", "depth_precedence", "scale_precedence"}
    if not isinstance(data, Mapping) or not needed <= data.keys() <= {*needed, "conv"}:
        raise UserError(
            f"an edge of a DNA is an object with the keys {', '.join(sorted(needed))} and maybe conv, "
            f"not {reprlib.repr(data)}"
        )
    for key in needed:
        if type(data[key]) is not int:
            raise UserError(f"{key} is {data[key]!r} in a DNA, it must be a whole number")
    conv = _conv(data["conv"]) if "conv" in data else None
    return Edge(data["source"], data["target"], conv, data["depth_precedence"], data["scale_precedence"])


def _conv(data: Any) -> Conv:
    if not isinstance(data, Mapping) or data.keys() != _CONV_KEYS:
        keys = ", ".join(sorted(_CONV_KEYS))
        raise UserError(f"a convolution of a DNA is an object with the keys {keys}, not {reprlib.repr(data)}")
    depth_factor, half_height, half_width, stride_scale = [_number(name, data[name]) for name in _CONV_NUMBERS]
    return Conv(depth_factor, half_height, half_width, stride_scale, _id("id", data["id"]))


def _number(name: str, value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        return float(value)
    raise UserError(f"{name} is {value!r} in a DNA, it must be a number")


def _id(name: str, value: Any) -> str:
    if not isinstance(value, str) or not _HEXADECIMAL(value):
        raise UserError(f"{name} is {value!r} in a DNA, it must be a text of the digits 0-9 and a-f")
    return value
