"""Files of a report, each written whole or not at all, and its drawings as SVG (and PNG, see `png`)."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from markupsafe import Markup

from nas.reporting.drawings import svg
from nas.reporting.png import png

FIGURES = "figures"


def write_figures(folder: Path, drawings: Iterable[tuple[str, Markup]]) -> None:
    """Writes every drawing to `figures/NAME.svg`, and to `figures/NAME.png` with the extra `figures`.

    Raises:
        OSError: one cannot be written.
    """
    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    for name, drawing in drawings:
        file = svg.file(drawing)
        write_whole(folder / FIGURES / f"{name}.svg", file.encode())
        image = png(file)
        if image is not None:
            write_whole(folder / FIGURES / f"{name}.png", image)


def write_whole(path: Path, content: bytes) -> None:
    """Replaces a file whole: a reader sees the old one or the new one.

    Raises:
        OSError: it cannot be written.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
