"""A bit string as SVG: a strip of squares, filled for 1."""

from collections.abc import Collection

from markupsafe import Markup

from nas.reporting.drawings.svg import element, viewbox

PITCH, SIZE, PER_ROW = 14, 11, 25
LEFT, MARGIN = 34, 10


def drawing(bits: str, changed: Collection[int] = ()) -> Markup:
    """Rows of 25 squares, each row with the index of its first bit; `changed` ones are marked."""
    rows = -(-len(bits) // PER_ROW)
    width, height = LEFT + min(len(bits), PER_ROW) * PITCH + MARGIN, rows * PITCH + 2 * MARGIN
    squares = [
        element(
            "rect",
            element("title", f"bit {index}: {bit}"),
            x=LEFT + index % PER_ROW * PITCH,
            y=MARGIN + index // PER_ROW * PITCH,
            width=SIZE,
            height=SIZE,
            rx=2,
            class_="bit" + " one" * (bit == "1") + " changed" * (index in changed),
        )
        for index, bit in enumerate(bits)
    ]
    labels = [
        element("text", str(row * PER_ROW), x=LEFT - 7, y=MARGIN + row * PITCH + SIZE - 2, class_="bit-index")
        for row in range(rows)
    ]
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="paper"),
        *labels,
        *squares,
        width=width,
        height=height,
        viewBox=viewbox(width, height),
        class_="figure bits",
        role="img",
        aria_label=f"{len(bits)} bits, {bits.count('1')} of them 1: {bits}",
    )
