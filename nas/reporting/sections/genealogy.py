"""Who descends from whom: the family tree of the search, and the best individual's line of ancestors."""

import json
from dataclasses import dataclass

from markupsafe import Markup

from nas.reporting.drawings import family_tree as tree_drawing
from nas.reporting.drawings import family_tree_words, lineage_words
from nas.reporting.drawings import lineage as lineage_drawing
from nas.reporting.drawings.architecture import Drawing, architecture_drawings
from nas.reporting.drawings.changed import changed_drawings
from nas.reporting.figures.family_tree import family_tree
from nas.reporting.figures.lineage import Member, Step, lineage
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section

NARROWEST, WIDEST = 210, 470  # of a card, pixels
SCALE, EDGES = 0.8, 36  # a card is so wide that it shows its networks at least at this share of their size
NARROW = 290  # cards below this width stand in four columns
SHOWN, SHOWN_NARROW = 9, 12  # cards that are shown at once; the others when they are asked for
MOST_TEXT = 400  # characters of a genome of an unknown space

Part = tuple[Markup, list[tuple[str, Markup]]]  # what the page shows, and the figures in it


@dataclass(frozen=True, slots=True)
class Card:
    """A member of the line with its networks; `text` is its genome where none can be drawn."""

    step: Step
    drawings: list[Drawing]
    text: str


def section(material: Material) -> Section | None:
    if not material.history.individuals:
        return None
    tree, tree_figures = _tree(material)
    ancestors, line_figures = _line(material) if len(material.line) > 1 else (Markup(""), [])
    figures = [*tree_figures, *line_figures]
    return Section(name="genealogy", title="Genealogy", body=tree + ancestors, figures=figures)


def _tree(material: Material) -> Part:
    if not material.family.generation.any():
        return render("sections/no_family.html.j2"), []
    individuals, columns = material.history.individuals, material.columns
    tree = family_tree(individuals, columns, material.family, material.line, material.relatives)
    body = render("sections/family_tree.html.j2", tree=tree, drawing=tree_drawing, words=family_tree_words)
    return body, [("family-tree", tree_drawing.drawing(tree))]


def _line(material: Material) -> Part:
    line = lineage(material.line, material.columns, material.fitness_name)
    cards = [_card(step, material) for step in line.steps]
    widest = max((drawing.width for card in cards for drawing in card.drawings), default=0.0)
    width = round(min(WIDEST, max(NARROWEST, SCALE * widest + EDGES)))
    shown = SHOWN_NARROW if width < NARROW else SHOWN
    body = render(
        "sections/lineage.html.j2",
        line=line,
        drawing=lineage_drawing,
        words=lineage_words,
        cards=cards,
        shown=min(shown, len(cards)),
        width=width,
        narrow=width < NARROW,
    )
    networks = [
        (f"lineage-{card.step.member.generation}-{drawing.name}", drawing.image)
        for card in cards
        for drawing in card.drawings
        if card.step.rank < shown
    ]
    return body, [("lineage", lineage_drawing.drawing(line)), *networks]


def _card(step: Step, material: Material) -> Card:
    member = step.member
    drawings = _drawings(member, material)
    genome, text = member.individual.genome, ""
    if not drawings and not (member.change is not None and member.change.same):
        text = genome if isinstance(genome, str) else json.dumps(genome, ensure_ascii=False)
    return Card(step, drawings, text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…")


def _drawings(member: Member, material: Material) -> list[Drawing]:
    genome = member.individual.genome
    if member.change is None:
        return architecture_drawings(genome, material.image_shape)
    return changed_drawings(genome, member.change, material.image_shape)
