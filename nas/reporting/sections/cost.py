"""What the search cost: workers over time, where children's time went, and what was spent in all."""

from collections.abc import Iterator

from markupsafe import Markup

from nas.estimating.estimate import amount
from nas.reporting import labels
from nas.reporting.drawings import phases as bars
from nas.reporting.drawings import utilisation
from nas.reporting.figures.estimated import Compared, compared
from nas.reporting.figures.phases import Phases, phases
from nas.reporting.figures.spent import PER, SpentOn, spent_on
from nas.reporting.figures.utilisation import UtilisationFigure, utilisation_figure
from nas.reporting.material import Material
from nas.reporting.rendering import render
from nas.reporting.sections.section import Section
from nas.reporting.table import Table

MOST_SESSIONS = 50  # that are listed
CAUSES = {
    "stopped": "stopped with the driver",
    "interruption": "taken away by the cluster",
    "lost": "lost without a reason",
    "timeout": "ended by their time limit",
    "requeued": "started again by the cluster",
}


def section(material: Material) -> Section | None:
    if not material.history.individuals:
        return None
    busy, parts, spent = utilisation_figure(material), phases(material), spent_on(material)
    drawn = None if busy is None or busy.one_by_one else busy
    body = render(
        "sections/cost.html.j2",
        busy=drawn,
        sessions=None if drawn is None or len(drawn.sessions) < 2 else _sessions(drawn),
        parts=parts,
        table=None if parts is None else _table(parts),
        sentences=[*_estimated(compared(material)), *_workers(busy), *_interruptions(spent), *_clocks(parts)],
        pairs=list(_pairs(spent)),
        utilisation=utilisation,
        bars=bars,
    )
    figures: list[tuple[str, Markup]] = []
    figures += [] if drawn is None else [("utilisation", utilisation.drawing(drawn))]
    figures += [] if parts is None else [("phases", bars.drawing(parts))]
    return Section(name="cost", title="Cost", body=body, figures=figures)


def _estimated(found: Compared | None) -> Iterator[str]:
    """What was known before, beside what was spent."""
    if found is None:
        return
    estimate, ratio = found.estimate, found.device_ratio
    after = f" after the first {labels.count(estimate.told)}" if estimate.told else ""
    hours = estimate.device_hours
    yield (
        f"{'At most' if found.is_bound else 'Estimated'} {amount(hours.middle)} "
        + ("" if found.is_bound else f"({amount(hours.low)} to {amount(hours.high)}) ")
        + f"device-hours for {labels.count(estimate.children)} evaluations{after}, from {estimate.words}; spent "
        f"{amount(found.device_s / 3600)} for {labels.count(found.told)}"
        + ("." if ratio is None else f": {ratio:.2f} times the estimate for so many.")
    )
    if found.wall_ratio is not None and estimate.wall_s is not None:
        yield (
            f"Estimated {labels.duration(estimate.wall_s.middle)} of the driver's time, it took "
            f"{labels.duration(found.elapsed_s)}: {found.wall_ratio:.2f} times the estimate."
        )


def _workers(busy: UtilisationFigure | None) -> Iterator[str]:
    if busy is not None and busy.one_by_one:
        yield (
            f"Children were evaluated one at a time; one was in flight for {100 * busy.mean:.1f} % of the time, the "
            "rest is the search's own work."
        )
    gaps = [session.gap_s for session in busy.sessions if session.gap_s is not None] if busy is not None else []
    if gaps:
        yield (
            f"Between its {labels.count(len(gaps) + 1)} sessions the search stood still for "
            f"{labels.duration(sum(gaps))}, which no clock here counts."
        )


def _sessions(busy: UtilisationFigure) -> Table:
    numbered = list(enumerate(busy.sessions, start=1))[-MOST_SESSIONS:]
    rows = [
        [
            str(number),
            labels.duration(session.end_s - session.start_s),
            "–" if session.slots is None else labels.count(session.slots),
            "–" if session.busy is None else f"{session.busy:.2f}",
            "–" if session.gap_s is None else labels.duration(session.gap_s),
        ]
        for number, session in numbered
    ]
    return Table(["session", "length", "children at once", "in flight on average", "pause before it"], rows)


def _interruptions(spent: SpentOn) -> Iterator[str]:
    if spent.interrupted:
        causes = ", ".join(f"{labels.count(many)} {CAUSES.get(why, why)}" for why, many in spent.interruptions.items())
        children = "1 child" if spent.interrupted == 1 else f"{labels.count(spent.interrupted)} children"
        yield f"{children} had attempts without a result: {causes}."


def _clocks(parts: Phases | None) -> Iterator[str]:
    if parts is None:
        return
    if parts.simulated:
        yield "Children tell the seconds of other trainings than those of this search, so they are no part of its time."
    elif 0 < parts.together < parts.children:
        yield f"{labels.count(parts.together)} children tell validation with training, as older versions did."


def _table(parts: Phases) -> Table:
    """Its first column is the phase, its last the kind."""
    rows = [
        [
            bars.name(phase, parts),
            labels.duration(phase.total_s),
            f"{100 * phase.total_s / parts.total_s:.1f} %",
            labels.duration(phase.median_s),
            labels.duration(phase.most_s),
            phase.kind,
        ]
        for phase in parts.phases
    ]
    return Table(["phase", "in all", "share", "median of a child", "90 % take less than"], rows)


def _pairs(spent: SpentOn) -> Iterator[tuple[str, str]]:
    yield "evaluations", labels.count(spent.told)
    for name, many in (("failed", spent.failed), ("given up", spent.cancelled), ("in flight", spent.pending)):
        if many:
            yield name, labels.count(many)
    yield "time of the driver", labels.duration(spent.elapsed_s)
    yield "time of devices", _device_time(spent.device_s)
    if spent.failed_device_s:
        yield "of which failed", _device_time(spent.failed_device_s)
    if spent.lost_device_s:
        yield "of which lost attempts", _device_time(spent.lost_device_s)
    if spent.simulated_s is not None:
        yield "simulated training", labels.duration(spent.simulated_s)
    if spent.examples is not None:
        yield "training examples", labels.quantity(spent.examples)
    if spent.flops is not None:
        yield "training FLOPs", labels.quantity(spent.flops)
    if not spent.told:
        return
    thousand = f"for {PER:,} evaluations"
    yield f"devices {thousand}", _device_time(spent.per_thousand(spent.device_s))
    yield f"driver {thousand}", labels.duration(spent.per_thousand(spent.elapsed_s))
    if spent.flops is not None:
        yield f"FLOPs {thousand}", labels.quantity(spent.per_thousand(spent.flops))


def _device_time(seconds: float) -> str:
    hours = f" ({labels.quantity(seconds / 3600)} device-hours)" if seconds >= 3600 else ""
    return f"{labels.duration(seconds)}{hours}"
