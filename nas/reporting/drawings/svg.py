"""SVG elements as escaped markup."""

from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

COLOURS = "colours.css"


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """One element. Text among `children` and attribute values are escaped; an attribute that is None is left out.

    A trailing underscore is dropped from an attribute's name and others become hyphens: `class_`, `stroke_width`.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>") + Markup("").join(children) + Markup(f"</{tag}>")


def viewbox(width: float, height: float) -> str:
    return f"0 0 {number(width)} {number(height)}"


def stretched(content: Markup, size: tuple[float, float]) -> Markup:
    """What is drawn in coordinates from 0 to `size`, over the whole width and height of where it is put."""
    return element(
        "svg",
        content,
        width="100%",
        height="100%",
        viewBox=viewbox(*size),
        preserveAspectRatio="none",
        overflow="visible",
        class_="lines",
    )


def number(value: float) -> str:
    """At most two decimals: a hundredth of a pixel is not seen."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def percent(fraction: float) -> str:
    return f"{number(100 * fraction)}%"


def file(drawing: Markup) -> str:
    """A drawing as a file of its own, with the style that the page has once for all figures."""
    opening, _, rest = str(drawing).partition(">")
    opening = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{opening}><style>{stylesheet()}</style>{rest}"


@cache
def stylesheet() -> str:
    """Colours and type of every figure, light and dark: `templates/figures/*.css`, the colours first."""
    sheets = sorted(
        files("nas.reporting").joinpath("templates", "figures").iterdir(),
        key=lambda file: (file.name != COLOURS, file.name),
    )
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _value(value: Any) -> str:
    return number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(escape(value))
