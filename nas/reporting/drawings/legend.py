"""A figure's legend as one row in the upper margin of its file."""

from collections.abc import Callable, Iterable, Iterator

from markupsafe import Markup

from nas.reporting.drawings.svg import element

_TOP, _LETTER = 16.0, 6.2  # pixels


def row(entries: Iterable[tuple[str, str]], symbol: Callable[[str], Markup], left: float) -> Iterator[Markup]:
    """Symbols and labels beside each other.

    Args:
        entries: (kind of symbol, label).
        symbol: draws a kind, 26 x 16 pixels.
        left: where the row begins, pixels.
    """
    x = left
    for kind, label in entries:
        yield element("svg", symbol(kind), x=x, y=_TOP, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 33, y=_TOP + 12.5, class_="legend")
        x += 51 + _LETTER * len(label)
