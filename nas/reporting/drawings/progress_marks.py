"""The marks of the progress figure: told individuals and failures."""

import numpy as np
from markupsafe import Markup

from nas.reporting.drawings.axis import Axis
from nas.reporting.drawings.cloud import cloud
from nas.reporting.drawings.progress_axes import Across
from nas.reporting.drawings.svg import element, number, percent
from nas.reporting.figures.progress import FailureMark, Mark, ProgressFigure

DENSE, DENSE_FAILURES = 4000, 100  # so many, and they are fainter
STRANDS = 24  # of dots in a file
TITLED = 2000  # of more marks the page's script alone says what they are: titles would be most of the page


def told(figure: ProgressFigure, across: Across, up: Axis, *, alive: bool) -> Markup:
    """Those alive at the end, or the others."""
    shown = [mark for mark in figure.marks if mark.alive is alive]
    titled = len(figure.marks) <= TITLED
    radius = _radius(len(figure.marks)) * (1.25 if alive else 1.0)
    state = "alive" if alive else "dead dense" if len(figure.marks) > DENSE else "dead"
    randoms = [_square(mark, across, up, radius, titled) for mark in shown if mark.random]
    mutated = [_dot(mark, across, up, radius, titled) for mark in shown if not mark.random]
    shift = f"translate({number(-radius)} {number(-radius)})"
    return _group(randoms, f"mark random {state}", shift) + _group(mutated, f"mark mutated {state}")


def told_as_clouds(
    figure: ProgressFigure, across: Across, up: Axis, size: tuple[float, float], *, alive: bool
) -> Markup:
    """The same for a file, where nobody clicks: some strands of dots, that lie over each other where there are many."""
    shown = [mark for mark in figure.marks if mark.alive is alive]
    parts = []
    for kind, random in (("random", True), ("mutated", False)):
        marks = [mark for mark in shown if mark.random is random]
        x = np.array([across.fraction(mark.evaluation) for mark in marks])
        y = np.array([1 - up.fraction(mark.fitness) for mark in marks])
        for strand in range(STRANDS):
            every = slice(strand, None, STRANDS)
            classes = f"told {kind} {'alive' if alive else 'dead'}"
            parts.append(cloud(x[every], y[every], classes, total=len(figure.marks), size=size))
    return Markup("").join(parts)


def failed(figure: ProgressFigure, across: Across) -> Markup:
    """Crosses on the lower edge."""
    if not figure.failures:
        return Markup("")
    crosses = (
        element(
            "svg",
            element("path", element("title", failure.title), d="M-3 -9l6 6m0 -6l-6 6", data_show=failure.number),
            x=percent(across.fraction(failure.evaluation)),
            y="100%",
            overflow="visible",
        )
        for failure in figure.failures
    )
    return element("g", *crosses, class_="failure dense" if len(figure.failures) > DENSE_FAILURES else "failure")


def places(figure: ProgressFigure, across: Across) -> dict[int, float]:
    """Where each individual's mark lies across, in per cent, by number."""
    marks: list[Mark | FailureMark] = [*figure.marks, *figure.failures]
    return {mark.number: round(100 * across.fraction(mark.evaluation), 2) for mark in marks}


def _group(marks: list[Markup], classes: str, transform: str | None = None) -> Markup:
    return element("g", *marks, class_=classes, transform=transform) if marks else Markup("")


def _square(mark: Mark, across: Across, up: Axis, radius: float, titled: bool) -> Markup:
    x, y = percent(across.fraction(mark.evaluation)), percent(1 - up.fraction(mark.fitness))
    return element("rect", *_title(mark, titled), x=x, y=y, width=2 * radius, height=2 * radius, data_show=mark.number)


def _dot(mark: Mark, across: Across, up: Axis, radius: float, titled: bool) -> Markup:
    x, y = percent(across.fraction(mark.evaluation)), percent(1 - up.fraction(mark.fitness))
    return element("circle", *_title(mark, titled), cx=x, cy=y, r=radius, data_show=mark.number)


def _title(mark: Mark, titled: bool) -> list[Markup]:
    return [element("title", mark.title)] if titled else []


def _radius(marks: int) -> float:
    return 3.6 if marks <= 300 else 2.8 if marks <= 2000 else 2.0 if marks <= 8000 else 1.5
