"""Where children's time went, as SVG: a bar of all time and one of the median child, in parts."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting.drawings.frame import as_file
from nas.reporting.drawings.svg import element, percent
from nas.reporting.figures.phases import Phase, Phases
from nas.reporting.labels import count, duration

WIDTH, HEIGHT = 900, 212  # of the file, pixels
MARGIN = {"left": 24, "right": 24, "top": 84, "bottom": 20}
BAR = 26  # pixels
LEAST_LABELLED = 0.09  # share of a bar that has room for its own
NAMES = {
    "queue": "waiting in the queue",
    "data": "images",
    "train": "training",
    "valid": "validation",
    "rest": "rest of the evaluation",
    "lost": "lost attempts",
    "around": "start and wait for the result",
}


def name(phase: Phase, figure: Phases) -> str:
    """A phase in words."""
    if phase.kind == "train" and figure.together == figure.children:
        return "training and validation"
    if phase.kind == "rest" and not any(other.kind == "train" for other in figure.phases):
        return "evaluation"
    return NAMES[phase.kind]


def plot(figure: Phases) -> Markup:
    """Both bars with their titles; their widths are percentages."""
    totals = [phase.total_s for phase in figure.phases]
    medians = [phase.median_s for phase in figure.phases]
    who = "the one child" if figure.children == 1 else f"all {count(figure.children)} children"
    return Markup("").join(
        [
            *_bar(figure, totals, 0, who),
            *_bar(figure, medians, BAR + 30, "medians of a child"),
        ]
    )


def drawing(figure: Phases) -> Markup:
    """The bars with a legend, as a file shows them."""
    return as_file(plot(figure), _legend(figure), description(figure), (WIDTH, HEIGHT), MARGIN)


def description(figure: Phases) -> str:
    """The figure in words."""
    parts = ", ".join(f"{name(phase, figure)} {100 * phase.total_s / figure.total_s:.1f} %" for phase in figure.phases)
    return f"{duration(figure.total_s)} that children were in flight: {parts}."


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    return element("rect", x=6, y=2, width=14, height=12, rx=2, class_=f"phase {kind}")


def _legend(figure: Phases) -> Iterator[Markup]:
    left, y = float(MARGIN["left"]) - 6, 14.0
    x = left
    for phase in figure.phases:
        label = name(phase, figure)
        width = 42 + 6.2 * len(label)
        if x + width > WIDTH - MARGIN["right"]:
            x, y = left, y + 22
        yield element("svg", symbol(phase.kind), x=x, y=y, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 26, y=y + 12.5, class_="legend")
        x += width


def _bar(figure: Phases, seconds: list[float], y: float, title: str) -> Iterator[Markup]:
    whole = sum(seconds)
    yield element("text", f"{title} · {duration(whole)}", x="0", y=y + 12, class_="name")
    at = 0.0
    for phase, own in zip(figure.phases, seconds, strict=True):
        share = own / whole if whole else 0.0
        if not share:
            continue
        words = f"{name(phase, figure)} {duration(own)}, {100 * share:.1f} %"
        box = {"x": percent(at), "y": y + 18, "width": percent(share), "height": BAR}
        yield element("rect", element("title", words), **box, class_=f"phase {phase.kind}")
        if share >= LEAST_LABELLED:
            middle = {"x": percent(at + share / 2), "y": y + 18 + BAR / 2, "dy": "0.35em"}
            yield element("text", f"{100 * share:.0f} %", **middle, class_=f"middle phase-share {phase.kind}")
        at += share
