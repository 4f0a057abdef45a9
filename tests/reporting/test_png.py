"""PNG files, drawn by resvg where the extra `figures` is installed."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from nas.reporting.png import ZOOM, png, without_variables
from nas.reporting.report import write_report


def test_without_the_extra_there_are_svg_files_only(new_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    run = new_run()
    run.search(12)
    write_report(run.folder)
    assert {path.suffix for path in (run.folder / "figures").iterdir()} == {".svg"}
    assert png("<svg/>") is None


def test_no_variable_is_left(new_run):
    run = new_run()
    run.search(12)
    write_report(run.folder)
    for figure in (run.folder / "figures").glob("*.svg"):
        written = without_variables(figure.read_text())
        assert "var(" not in written
        assert "fill: #ffffff" in written


def test_every_figure_is_an_image_in_its_colours(new_run):
    pytest.importorskip("resvg_py", reason="the extra `figures` is not installed")
    run = new_run()
    run.search(60)
    write_report(run.folder)
    names = {path.stem for path in (run.folder / "figures").glob("*.svg")}
    assert {path.stem for path in (run.folder / "figures").glob("*.png")} == names
    image = Image.open(io.BytesIO((run.folder / "figures" / "progress.png").read_bytes())).convert("RGB")
    assert image.size == (900 * ZOOM, 490 * ZOOM)
    pixels = np.asarray(image).reshape(-1, 3)
    for colour in ((255, 255, 255), (0xC2, 0x41, 0x0C), (0x12, 0x3F, 0x8C)):  # paper, the best so far, alive
        assert (pixels == colour).all(axis=1).sum() > 300
