"""Figures as PNG files, for those who install the extra `figures` (resvg, a renderer that needs no system library)."""

import re

from nas.reporting.drawings.svg import stylesheet

ZOOM = 2  # pixels of the image per pixel of the drawing
FALLBACK_FONT = "DejaVu Sans"  # where there is none of the stylesheet's; without any, an image has no text


def png(svg_file: str) -> bytes | None:
    """An SVG file of ours in light colours, None if the extra is not installed."""
    try:
        import resvg_py
    except ImportError:
        return None
    image = resvg_py.svg_to_bytes(svg_string=without_variables(svg_file), zoom=ZOOM, sans_serif_family=FALLBACK_FONT)
    return bytes(image)


def without_variables(svg_file: str) -> str:
    """The file with its colours written out: resvg does not know CSS variables."""
    light = stylesheet().partition("@media")[0]
    colours = dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light))
    return re.sub(r"var\((--[\w-]+)\)", lambda used: colours[used[1]], svg_file)
