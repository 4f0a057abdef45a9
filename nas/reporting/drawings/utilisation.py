"""Children in flight over time as SVG: an area below the line of how many there was room for."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.frame import as_file, frame, inner_size
from nas.reporting.drawings.svg import element, number, percent, stretched
from nas.reporting.drawings.units import unit
from nas.reporting.figures.utilisation import MOST_STEPS, UtilisationFigure
from nas.reporting.labels import duration, plural

WIDTH, HEIGHT = 900, 330  # of the file, pixels
MARGIN = {"left": 64, "right": 28, "top": 70, "bottom": 56}
FINE = 1000.0  # the lines' own coordinates run from 0 to this in both directions
MOST_BOUNDS = 40  # sessions, up to which their beginnings are drawn

Size = tuple[float, float]


def plot(figure: UtilisationFigure, size: Size = (FINE, FINE)) -> Markup:
    """The plot alone, without margins: axis labels stand outside its box."""
    across, up, scale, name = _axes(figure)
    return Markup("").join(
        [
            frame(across, up, name, "children in flight"),
            _area(figure, across, up, scale, size),
            _room(figure, across, up, scale, size),
            *_bounds(figure, across, scale),
        ]
    )


def drawing(figure: UtilisationFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    size = (WIDTH, HEIGHT)
    return as_file(plot(figure, inner_size(size, MARGIN)), _legend(figure), description(figure), size, MARGIN)


def description(figure: UtilisationFigure) -> str:
    """The figure in words."""
    length, sessions = float(figure.edges[-1] - figure.edges[0]), len(figure.sessions)
    text = f"On average {figure.mean:.2f} {'child was' if figure.mean == 1 else 'children were'} in flight"
    if figure.share is not None:
        most = max(session.slots or 0 for session in figure.sessions)
        fewer = min(session.slots or 0 for session in figure.sessions)
        room = f"{most}" if most == fewer else f"{fewer} to {most}"
        text += f" where there was room for {room}: {100 * figure.share:.1f} %"
    text += f", over {duration(length)}"
    text += f" in {plural(sessions, 'session')}." if sessions > 1 else "."
    if len(figure.busy) > MOST_STEPS // 2 and _is_binned(figure):
        text += f" Drawn are means over {duration(length / len(figure.busy))} each."
    return text


def legend(figure: UtilisationFigure) -> list[tuple[str, str]]:
    """(kind of symbol, label) of everything that is drawn."""
    entries = [("busy", "children in flight")]
    if any(session.slots is not None for session in figure.sessions):
        entries.append(("room", "children at once"))
    if 1 < len(figure.sessions) <= MOST_BOUNDS:
        entries.append(("bound", "a session begins"))
    return entries


def symbol(kind: str) -> Markup:
    """A legend's sample, 26 x 16 pixels."""
    if kind == "busy":
        return element("path", d="M1 14V8H9V4H17V7H25V14Z", class_="busy")
    if kind == "room":
        return element("path", d="M1 8H25", class_="room")
    return element("path", d="M13 1V15", class_="bound")


def _is_binned(figure: UtilisationFigure) -> bool:
    steps = figure.edges[1:] - figure.edges[:-1]
    return bool(steps.max() - steps.min() < 1e-6 * steps.max())


def _legend(figure: UtilisationFigure) -> Iterator[Markup]:
    x = float(MARGIN["left"])
    for kind, label in legend(figure):
        yield element("svg", symbol(kind), x=x, y=18, width=26, height=16, overflow="visible")
        yield element("text", label, x=x + 31, y=30.5, class_="legend")
        x += 49 + 6.2 * len(label)


def _axes(figure: UtilisationFigure) -> tuple[Axis, Axis, float, str]:
    scale = unit("time_s", float(figure.edges[-1]))
    most = max(float(figure.busy.max()), *(session.slots or 0.0 for session in figure.sessions), 1.0)
    across = axis(float(figure.edges[0]) / scale.size, float(figure.edges[-1]) / scale.size, about=6)
    return across, axis(0, 1.08 * most, about=4, whole=True), scale.size, scale.name


def _area(figure: UtilisationFigure, across: Axis, up: Axis, scale: float, size: Size) -> Markup:
    x = (across.fractions(figure.edges / scale) * size[0]).tolist()
    y = ((1 - up.fractions(figure.busy)) * size[1]).tolist()
    steps = [f"M{number(x[0])} {number(size[1])}"]
    steps += [f"V{number(down)}H{number(right)}" for down, right in zip(y, x[1:], strict=True)]
    return stretched(element("path", d="".join([*steps, f"V{number(size[1])}Z"]), class_="busy"), size)


def _room(figure: UtilisationFigure, across: Axis, up: Axis, scale: float, size: Size) -> Markup:
    lines = []
    for session in figure.sessions:
        if session.slots is not None:
            left, right = (size[0] * across.fraction(at / scale) for at in (session.start_s, session.end_s))
            lines.append(f"M{number(left)} {number(size[1] * (1 - up.fraction(session.slots)))}H{number(right)}")
    return stretched(element("path", d="".join(lines), class_="room"), size) if lines else Markup("")


def _bounds(figure: UtilisationFigure, across: Axis, scale: float) -> Iterator[Markup]:
    if len(figure.sessions) > MOST_BOUNDS:
        return
    for place, session in enumerate(figure.sessions[1:], start=2):
        x = percent(across.fraction(session.start_s / scale))
        after = "" if session.gap_s is None else f", {duration(session.gap_s)} after the one before"
        title = element("title", f"session {place} begins{after}")
        yield element("line", title, x1=x, x2=x, y1="0", y2="100%", class_="bound")
