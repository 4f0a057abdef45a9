"""Curves of arms as SVG: means as steps with a band of +- 2 standard errors, every run faint behind them.

A curve is a step function (`nas.comparison.bands`), and is drawn as one.
"""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from nas.comparison.curves import MEASURES
from nas.reporting.drawings.arms import PAGE, Canvas, arm_class, as_file, file_canvas, frame
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.svg import element, percent
from nas.reporting.drawings.units import Unit
from nas.reporting.figures.arm_curves import ArmCurve, CurvesFigure
from nas.reporting.labels import plural

Points = list[tuple[float, float]]
BEGINNING = 0.1  # share of the width whose low values do not stretch the axis


def plot(figure: CurvesFigure, unit: Unit, threshold: float | None = None, canvas: Canvas = PAGE) -> Markup:
    """The plot alone, without margins."""
    across, up = axes(figure, unit, threshold)
    parts = [frame(across, up, unit.name)]
    if threshold is not None:
        y = percent(1 - up.fraction(threshold))
        parts.append(element("line", x1="0", x2="100%", y1=y, y2=y, class_="threshold"))
    scene = _Scene(canvas, across, up, unit)
    parts.append(canvas.lines(*(draw(arm, scene) for draw in (_runs, _band, _mean) for arm in figure.arms)))
    return Markup("").join(parts)


def drawing(figure: CurvesFigure, unit: Unit, top_k: int, threshold: float | None = None) -> Markup:
    """The plot with its margins, title and legend, as a file shows it."""
    title = element("text", MEASURES[figure.measure].format(k=top_k), x="0", y="0", dx="-44", dy="-16", class_="name")
    arms = [(arm.place, arm.name) for arm in figure.arms]
    return as_file(plot(figure, unit, threshold, file_canvas()) + title, arms, description(figure, unit, top_k))


def description(figure: CurvesFigure, unit: Unit, top_k: int) -> str:
    """The figure in words."""
    ends = [
        f"{arm.name} ends at {arm.band.mean[-1]:.4f}" if len(arm.band.mean) else f"{arm.name} has no common range"
        for arm in figure.arms
    ]
    return f"{MEASURES[figure.measure].format(k=top_k)} against {unit.name}, mean over runs: {'; '.join(ends)}."


def caption(figure: CurvesFigure, threshold: float | None = None) -> str:
    """What is drawn, for all figures of a context."""
    few = [arm for arm in figure.arms if arm.num_runs > len(arm.runs)]
    single = all(arm.band.low is None for arm in figure.arms)
    drawn = "thin: every run"
    if few:
        drawn = f"thin: {plural(len(few[0].runs), 'run')} of the {few[0].num_runs} of an arm, evenly chosen by seed"
    band = "" if single else ", band: ±2 standard errors of it"
    line = "" if threshold is None else f" Dotted: the threshold {threshold:g}."
    return (
        f"Thick: mean over the runs of an arm, as far as all of them go{band}; {drawn}. "
        f"The very beginning may lie below the lower edge.{line}"
    )


def axes(figure: CurvesFigure, unit: Unit, threshold: float | None = None) -> tuple[Axis, Axis]:
    """What was spent across, the measure up: from the lowest mean after the beginning to the highest run."""
    last = max(float(x[-1]) for arm in figure.arms for x, _ in arm.runs)
    low = [float(y[-1]) for arm in figure.arms for _, y in arm.runs]
    high = [float(y.max()) for arm in figure.arms for _, y in arm.runs]
    for arm in figure.arms:
        later = arm.band.x >= BEGINNING * last
        lower = arm.band.mean if arm.band.low is None else arm.band.low
        low += lower[later].tolist()
        high += [] if arm.band.high is None else arm.band.high[later].tolist()
    if threshold is not None:
        low, high = [*low, threshold], [*high, threshold]
    room = max(high) - min(low)
    across = axis(0, last / unit.size, about=4, whole=unit.size == 1 and unit.name == "evaluations")
    return across, axis(min(low) - 0.06 * room, max(high) + 0.05 * room, about=5)


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where values lie."""

    canvas: Canvas
    across: Axis
    up: Axis
    unit: Unit


def _xy(x: NDArray[np.float64], y: NDArray[np.float64], scene: _Scene) -> Points:
    """Coordinates, without points that look like those before them."""
    pairs = zip(scene.canvas.x(x / scene.unit.size, scene.across), scene.canvas.y(y, scene.up), strict=True)
    kept: Points = []
    for pair in pairs:
        if kept and pair[0] == kept[-1][0]:
            kept[-1] = pair
        else:
            kept.append(pair)
    return [pair for index, pair in enumerate(kept) if index in (0, len(kept) - 1) or pair[1] != kept[index - 1][1]]


def _steps(points: Points) -> str:
    """Rightwards: a value holds until the next."""
    (x, y), *rest = points
    written = [f"M{x:g} {y:g}"]
    for to_x, to_y in rest:
        written.append(f"h{to_x - x:g}" + (f"v{to_y - y:g}" if to_y != y else ""))
        x, y = to_x, to_y
    return "".join(written)


def _steps_back(points: Points) -> str:
    """The same step function from its end to its beginning, after a line to its end."""
    x, y = points[-1]
    written = [f"L{x:g} {y:g}"]
    for to_x, to_y in reversed(points[:-1]):
        written.append((f"v{to_y - y:g}" if to_y != y else "") + f"h{to_x - x:g}")
        x, y = to_x, to_y
    return "".join(written)


def _runs(arm: ArmCurve, scene: _Scene) -> Markup:
    d = "".join(_steps(_xy(x, y, scene)) for x, y in arm.runs)
    dense = " dense" if len(arm.runs) > 12 else ""
    return element("path", d=d, class_=f"arm-run {arm_class(arm.place)}{dense}")


def _band(arm: ArmCurve, scene: _Scene) -> Markup:
    band = arm.band
    if band.low is None or band.high is None or not len(band.x):
        return Markup("")
    high = _steps(_xy(band.x, band.high, scene))
    low = _steps_back(_xy(band.x, band.low, scene))
    return element("path", d=f"{high}{low}Z", class_=f"arm-band {arm_class(arm.place)}")


def _mean(arm: ArmCurve, scene: _Scene) -> Markup:
    if not len(arm.band.x):
        return Markup("")
    title = element("title", arm.name)
    d = _steps(_xy(arm.band.x, arm.band.mean, scene))
    return element("path", title, d=d, class_=f"arm-mean {arm_class(arm.place)}")
