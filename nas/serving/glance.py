"""What the band above a served page says: where the search stands."""

from dataclasses import dataclass
from typing import Any

from nas.reporting import labels
from nas.tracking.words import best
from nas.watching.standing import Standing

ENDED = ("finished", "stopped", "gave up")


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at a journal.

    Attributes:
        state: that of `Standing`; "waiting" without a journal, "unreadable" where it is damaged.
        words: what can be said without a clock.
        told: how many.
        share: of the budget that is used; None where it has no bound that tells.
        since: what happened last, such as "last child finished", and the UTC seconds when it did; None before that.
        left_s: until the budget is used at the present pace; None where nothing tells.
        title: of the browser's tab, before the run's name.
    """

    state: str
    words: str
    told: int = 0
    share: float | None = None
    since: tuple[str, float] | None = None
    left_s: float | None = None
    title: str = ""

    @property
    def readable(self) -> bool:
        """Whether there is a journal to make a page of."""
        return self.state not in ("waiting", "unreadable")

    def sentence(self, now_s: float) -> str:
        """Everything, as of this moment in UTC seconds."""
        parts = [self.words]
        if self.since is not None:
            what, at_s = self.since
            parts.append(f"{what} {_duration(now_s - at_s)} ago")
        if self.left_s is not None:
            parts.append(f"about {_duration(self.left_s)} left")
        return " · ".join(filter(None, parts))


def glance(standing: Standing) -> Glance:
    """What is to be said of a journal that can be read."""
    state, bound = standing.state, standing.budget.get("evaluations")
    told = labels.count(standing.told)
    of = f" of {labels.count(bound)}" if bound is not None else ""
    words = [
        "its driver is gone without a word, the same command goes on with it" if state == "cut off" else "",
        f"{told}{of} told",
        best(standing.best_number, standing.best) if standing.told else "",
        f"{labels.count(standing.failed)} failed" if standing.failed else "",
        f"{labels.count(len(standing.in_flight))} in flight" if standing.in_flight else "",
    ]
    return Glance(
        state=state,
        words=" · ".join(filter(None, words)),
        told=standing.told,
        share=_share(standing),
        since=_since(standing),
        left_s=standing.left_s if state == "running" else None,
        title=f"{told}/{labels.count(bound)}" if bound is not None else told,
    )


def without_journal(sentence: str, state: str) -> Glance:
    """What is to be said where there is none, or none that can be read."""
    return Glance(state=state, words=sentence)


def _since(standing: Standing) -> tuple[str, float] | None:
    if standing.state in ENDED:
        return "ended", standing.last_s
    if standing.last_finished_s is not None:
        return "last child finished", standing.last_finished_s
    return ("no child has finished yet, last event", standing.last_s) if standing.last_s else None


def _share(standing: Standing) -> float | None:
    """That bound of the budget which is used most."""
    used: dict[str, Any] = {
        "evaluations": standing.told,
        "hours": standing.elapsed_s / 3600,
        "device_hours": standing.device_s / 3600,
    }
    bounds = {name: standing.budget[name] for name in used if standing.budget.get(name)}
    return max((min(1.0, used[name] / bound) for name, bound in bounds.items()), default=None)


def _duration(seconds: float) -> str:
    """As the report has it, but whole seconds; clocks of two machines may differ, so nothing is negative."""
    return f"{max(0, round(seconds))} s" if seconds < 10 else labels.duration(seconds)
