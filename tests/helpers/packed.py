"""Individuals as a page packs them, unpacked without any code of ours."""

import base64
import gzip
import json
import re
from typing import Any


def unpacked(page: str) -> dict[int, dict[str, Any]]:
    """Rows by number from a page's text; genomes as the page holds them."""
    found = re.search(r'id="individuals">([^<]*)<', page)
    assert found is not None
    columns = json.loads(gzip.decompress(base64.b64decode(found[1])))
    texts: list[str] = []
    for text, *delta in ((entry[0], *entry[1:]) for entry in columns["genome"]):
        if delta:
            head, tail, between = delta
            old = texts[text]
            texts.append(old[:head] + between + (old[-tail:] if tail else ""))
        else:
            texts.append(text)
    rows = {}
    for row, number in enumerate(columns["number"]):
        mutation = _listed(columns["mutation"], row)
        rows[number] = {
            "state": _listed(columns["state"], row),
            "alive": number in columns["alive"],
            "updates": _listed(columns["updates"], row),
            "fitness": columns["fitness"][row],
            "parents": columns["parents"][row],
            "mutation": None if mutation is None else json.loads(mutation),
            "reason": _listed(columns["reason"], row),
            "metrics": {
                name: None if values[row] == [] else values[row]
                for name, values in columns["metrics"].items()
                if values[row] is not None
            },
            "genome": json.loads(texts[row]),
            "places": {axis: values[row] for axis, values in columns["places"].items()},
        }
    return rows


def _listed(column: dict[str, Any], row: int) -> Any:
    return column["values"][column["rows"][row]]


def dna(packed: dict[str, Any]) -> dict[str, Any]:
    """A packed DNA in the journal's form, without what only mutation and inheritance read."""
    edges = []
    for target, (_, *into) in enumerate(packed["dna"]):
        for distance, depth, scale, *conv in into:
            edge = {"source": target - distance, "target": target, "depth_precedence": depth, "scale_precedence": scale}
            names = ("depth_factor", "filter_half_height", "filter_half_width", "stride_scale")
            edges.append({**edge, **({"conv": dict(zip(names, conv, strict=True))} if conv else {})})
    vertices = [{"type": layer[0]} for layer in packed["dna"]]
    return {"learning_rate": packed["learning_rate"], "vertices": vertices, "edges": edges}


def without_ids(genome: dict[str, Any]) -> dict[str, Any]:
    """A DNA of a journal without what only mutation and inheritance read."""
    edges = [dict(edge) for edge in genome["edges"]]
    for edge in edges:
        if "conv" in edge:
            edge["conv"] = {key: value for key, value in edge["conv"].items() if key != "id"}
    vertices = [{"type": vertex["type"]} for vertex in genome["vertices"]]
    return {"learning_rate": genome["learning_rate"], "vertices": vertices, "edges": edges}
