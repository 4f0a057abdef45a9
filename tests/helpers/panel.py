"""The panel of a report's page as tests read it: what it draws, and what its words say."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page

from nas import History
from nas.reporting.drawings.architecture import architecture_drawings
from nas.reporting.figures import dna_places
from nas.reporting.figures.image_shape import image_shape

Shape = tuple[str, str, tuple[float, ...], str]  # tag, class, numbers, text
_READ = """svg => [...svg.querySelectorAll("rect:not(.paper), circle, text, path")].map(element => [
  element.tagName, element.getAttribute("class") ?? "",
  element.tagName === "path" ? [element.getAttribute("d")] :
    ["x", "y", "cx", "cy", "r", "width", "height"].map(name => element.getAttribute(name) ?? "0"),
  element.tagName === "text" ? element.textContent : ""])"""


def shown(page: Page) -> dict[str, str]:
    """The facts of the individual that the panel shows, by name."""
    names, values = (page.locator(f"#panel dl > {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def shown_by(page: Page, marks: str) -> list[int]:
    """The individuals that marks stand for, ascending."""
    return sorted(page.locator(marks).evaluate_all("marks => marks.map(mark => Number(mark.dataset.show))"))


def check_architecture(page: Page, history: History) -> None:
    """The panel draws what Python draws of the journal's genome, to a fiftieth of a pixel, and says the same."""
    genome = history.individuals[number(page)].genome
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dna_places, "MOST_ROWS", 10_000)  # a panel is narrow: the longest DNA is one column
        expected = architecture_drawings(genome, image_shape(history.identity))
    images = page.locator("#panel-body svg")
    assert images.count() == len(expected) > 0
    for place, drawing in enumerate(expected):
        assert unmatched(drawn(images.nth(place)), drawn_by_python(drawing.image)) == []
    if "normal" in genome:
        assert cells_in_words(words(page)) == genome


def number(page: Page) -> int:
    """Of the individual that the panel shows."""
    return int(page.locator("#panel").get_attribute("data-number") or -1)


def drawn(svg: Locator) -> list[Shape]:
    """The shapes and texts of a drawing on a page."""
    return [_shape(*parts) for parts in svg.evaluate(_READ)]


def drawn_by_python(svg: str) -> list[Shape]:
    """The same of a drawing as Python made it."""
    found = []
    for element in ElementTree.fromstring(svg).iter():
        if element.tag in ("rect", "circle", "text", "path") and element.get("class") != "paper":
            names = ("x", "y", "cx", "cy", "r", "width", "height")
            numbers = [element.get("d")] if element.tag == "path" else [element.get(name) or "0" for name in names]
            text = (element.text or "") if element.tag == "text" else ""
            found.append(_shape(element.tag, element.get("class") or "", numbers, text))
    return found


def unmatched(some: list[Shape], others: list[Shape]) -> list[Shape]:
    """The shapes of which the other drawing has no equal, to a fiftieth of a pixel."""
    left, alone = list(others), []
    for shape in some:
        for place, other in enumerate(left):
            if shape[:2] == other[:2] and shape[3] == other[3] and _near(shape[2], other[2]):
                del left[place]
                break
        else:
            alone.append(shape)
    return alone + left


def words(page: Page) -> list[list[str]]:
    """The lines that tell each drawing of the panel in words."""
    return [text.split("\n") for text in page.locator("#panel details pre").all_text_contents()]


def cells_in_words(lines: list[list[str]]) -> dict[str, Any]:
    """A genome of cells read back from its words."""
    states = {"h[i−1]": 0, "h[i−2]": 1}
    cells = []
    for cell in lines:
        terms = [re.findall(r"(\S+) of (\S+)", line) for line in cell if not line.startswith("output")]
        cells.append([[[op, states[state] if state in states else int(state)] for op, state in pair] for pair in terms])
    return dict(zip(("normal", "reduction"), cells, strict=True))


def _near(some: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return len(some) == len(others) and all(abs(a - b) < 0.02 for a, b in zip(some, others, strict=True))


def _shape(tag: str, classes: str, numbers: list[Any], text: str) -> Shape:
    found = re.findall(r"-?\d+(?:\.\d+)?", " ".join(map(str, numbers)))
    return tag, classes, tuple(map(float, found)), text
