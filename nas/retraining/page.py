"""The model card as one HTML page that needs nothing but itself."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nas.reporting.drawings.architecture import architecture_drawings
from nas.reporting.facts import typed_command
from nas.reporting.rendering import render

FILE_NAME = "card.html"


def write_page(folder: Path, card: Mapping[str, Any]) -> Path:
    """Writes `card.html`, whole or not at all."""
    text = render(
        "card.html.j2",
        card=card,
        drawings=architecture_drawings(card["architecture"], tuple(card["image_shape"])),
        accuracy=lambda row, part: _spread(row["accuracy"], part),
        score=lambda row, part: _spread(row["metric"], part),
        command=typed_command(card["command"]),
        settings={
            name: json.dumps(card[name], indent=1, ensure_ascii=False) for name in ("network", "training", "dataset")
        },
        genome=json.dumps(card["genome"] or card["architecture"], ensure_ascii=False),
    )
    page = folder / FILE_NAME
    draft = page.with_name(f".{page.name}.part")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, page)
    return page


def _spread(parts: Mapping[str, Any], part: str) -> str:
    """Mean and standard deviation on a part; empty where it was not measured."""
    measured = parts.get(part)
    if measured is None:
        return ""
    spread = "" if measured["sd"] is None else f" ± {measured['sd']:.4f}"
    return f"{measured['mean']:.4f}{spread}"
