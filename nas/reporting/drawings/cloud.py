"""Many individuals as dots of one path, and where a click finds them.

A path is a tenth of the bytes of an element for each. What a click hits is found by the page's script among packed
places, so that it opens individuals however many there are and however small their dots.
"""

import base64
import gzip

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nas.reporting.drawings.svg import element, stretched

FINE = 1000.0  # the lines' own coordinates run from 0 to this in both directions
DENSE, COARSE = 20_000, 4.0  # points, from which on dots share places of so many coordinates
_PLACES = 65_535  # of a click, in both directions

Shares = NDArray[np.float64]  # of a plot's width from the left, or of its height from the top


def cloud(
    x: Shares, y: Shares, classes: str, *, total: int, larger: float = 1.0, size: tuple[float, float] = (FINE, FINE)
) -> Markup:
    """Dots; those at one place are one.

    Args:
        x, y: their places.
        classes: of the path.
        total: points of the whole plot, by which a dot's width goes.
        larger: times that width.
        size: what is drawn at, if that is known: then nothing is stretched.
    """
    if not len(x):
        return Markup("")
    step = COARSE if total > DENSE else 1.0
    rows = int(size[1] / step) + 2
    across, down = np.divmod(np.unique(np.rint(x * size[0] / step) * rows + np.rint(y * size[1] / step)), rows)
    # Round ends of lines without length.
    path = "".join(f"M{a:g} {b:g}h0" for a, b in zip((across * step).tolist(), (down * step).tolist(), strict=True))
    width = 2 * (3.2 if total <= 300 else 2.6 if total <= 2000 else 1.8) * larger
    return stretched(element("path", d=path, class_=f"dots {classes}", stroke_width=width), size)


def click_area(numbers: NDArray[np.int64], x: Shares, y: Shares) -> Markup:
    """What covers a plot and shows the individual next to the pointer; see `templates/report/nearest.js`.

    Args:
        numbers: of the individuals that the page holds.
        x, y: their places.
    """
    if not len(numbers):
        return Markup("")
    arrays = (numbers.astype("<u4"), np.rint(x * _PLACES).astype("<u2"), np.rint(y * _PLACES).astype("<u2"))
    packed = gzip.compress(b"".join(array.tobytes() for array in arrays), 9, mtime=0)
    return element(
        "rect", width="100%", height="100%", class_="click-area", data_marks=base64.b64encode(packed).decode()
    )
