"""Accuracy of the best models against the FLOPs of a forward pass, as SVG."""

import numpy as np
from markupsafe import Markup

from nas.reporting.drawings.arms import PAGE, Canvas, arm_class, as_file, dots, file_canvas, frame
from nas.reporting.drawings.axis import Axis, axis
from nas.reporting.drawings.svg import element
from nas.reporting.drawings.units import Unit, unit
from nas.reporting.figures.arm_curves import evenly
from nas.reporting.figures.final_models import ArmModels, ModelsFigure
from nas.reporting.labels import plural

MOST_DRAWN = 2500  # models of an arm


def plot(figure: ModelsFigure, canvas: Canvas = PAGE) -> Markup:
    """The plot alone, without margins."""
    across, up, flops = _axes(figure)
    points = [_points(arm, across, up, flops, canvas) for arm in figure.arms]
    return frame(across, up, flops.name) + canvas.lines(*points)


def drawing(figure: ModelsFigure) -> Markup:
    """The plot with its margins and legend, as a file shows it."""
    title = element("text", name(figure), x="0", y="0", dx="-44", dy="-16", class_="name")
    return as_file(
        plot(figure, file_canvas()) + title, [(arm.place, arm.name) for arm in figure.arms], description(figure)
    )


def name(figure: ModelsFigure) -> str:
    """What is drawn upwards."""
    return f"{'test' if figure.tested else 'validation'} accuracy of the best models"


def description(figure: ModelsFigure) -> str:
    """The figure in words."""
    arms = []
    for arm in figure.arms:
        flops, accuracies = np.array(arm.points).T
        arms.append(
            f"{arm.name}: {plural(len(arm.points), 'model')}, median {np.median(flops):.3g} FLOPs and accuracy "
            f"{np.median(accuracies):.4f}"
        )
    return f"{name(figure)} against the FLOPs of a forward pass. {'; '.join(arms)}."


def caption(figure: ModelsFigure) -> str:
    """What is drawn."""
    most = max(len(arm.points) for arm in figure.arms)
    drawn = f", of which {MOST_DRAWN:,} are drawn for each arm" if most > MOST_DRAWN else ""
    accuracy = "on test" if figure.tested else "on validation, as no test accuracy is known"
    return (
        f"The {figure.top_k} best of every search by validation{drawn}; accuracy {accuracy}. The lowest hundredth may "
        "lie on the lower edge. FLOPs are twice the multiply-adds."
    )


def _axes(figure: ModelsFigure) -> tuple[Axis, Axis, Unit]:
    flops, accuracies = np.array([point for arm in figure.arms for point in arm.points]).T
    scale = unit("flops", float(flops.max()))
    least, most = float(flops.min()) / scale.size, float(flops.max()) / scale.size
    low, high = float(np.quantile(accuracies, 0.01)), float(accuracies.max())
    room, width = high - low, most - least
    return (
        axis(max(0.0, least - 0.05 * width), most + 0.05 * width, about=5),
        axis(low - 0.1 * room, high + 0.08 * room, about=5),
        scale,
    )


def _points(arm: ArmModels, across: Axis, up: Axis, flops: Unit, canvas: Canvas) -> Markup:
    shown = np.array(arm.points)[evenly(len(arm.points), MOST_DRAWN)]
    x, y = canvas.x(shown[:, 0] / flops.size, across), canvas.y(shown[:, 1].clip(up.low, up.high), up)
    return dots(x, y, f"arm-points model {arm_class(arm.place)}")
