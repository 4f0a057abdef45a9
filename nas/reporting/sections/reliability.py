"""How far the accuracies can be trusted: validation against test, noise, search rank against final rank."""

from nas.reporting.drawings import pairs
from nas.reporting.material import Material
from nas.reporting.reliability import again, against_test, final_rank, noise
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section

ANSWERS = (against_test.parts, noise.parts, again.parts, final_rank.parts)


def section(material: Material) -> Section | None:
    parts = [part for answer in ANSWERS for part in answer(material)]
    if not parts:
        return None
    body = render("sections/reliability.html.j2", parts=parts, pairs=pairs)
    drawings = [(part.name, pairs.drawing(part.figure)) for part in parts if part.figure is not None]
    return Section(name="reliability", title="How far the numbers can be trusted", body=body, figures=drawings)
