"""The words above a served page, and how much of the budget is used."""

from pathlib import Path
from typing import Any

import pytest

from nas.search.lock import Holder
from nas.serving.glance import glance
from nas.watching.standing import Flight, Standing


def standing(**values: Any) -> Standing:
    return Standing(folder=Path("a"), identity={}, **{"budget": {"evaluations": 1000}, **values})


RUNNING = {
    "holder": Holder("here", 1),
    "told": 37,
    "failed": 3,
    "best": 0.91234,
    "best_number": 17,
    "in_flight": {38: Flight(), 39: Flight()},
    "last_s": 990.0,
    "last_finished_s": 988.0,
}


def test_a_running_search() -> None:
    running = standing(**RUNNING)
    running.recent_s.extend([0.0, 10.0])
    assert glance(running).sentence(1000.4) == (
        "37 of 1,000 told · best 0.9123 (#17) · 3 failed · 2 in flight · last child finished 12 s ago · "
        "about 2 h 40 min left"
    )
    assert glance(running).sentence(988.4).count("last child finished 0 s ago") == 1
    assert glance(running).sentence(900.0).count("last child finished 0 s ago") == 1  # another machine's clock
    assert (glance(running).title, glance(running).share) == ("37/1,000", 0.037)


@pytest.mark.parametrize(
    ("closed", "state"), [("budget", "finished"), ("stopped", "stopped"), ("failures", "gave up"), (None, "cut off")]
)
def test_the_end(closed: str | None, state: str) -> None:
    ended = glance(standing(**RUNNING | {"holder": None, "closed": closed, "in_flight": {}}))
    sentence = ended.sentence(1110.0)
    assert ended.state == state
    assert ("ended 2 min ago" in sentence) == (closed is not None)
    assert ("its driver is gone without a word" in sentence) == (closed is None)
    assert "left" not in sentence


def test_before_the_first_child_and_before_the_first_event() -> None:
    begun = glance(standing(holder=Holder("here", 1), last_s=990.0, in_flight={0: Flight()}))
    assert begun.sentence(992.0) == ("0 of 1,000 told · 1 in flight · no child has finished yet, last event 2 s ago")
    assert glance(standing(holder=Holder("here", 1))).sentence(992.0) == "0 of 1,000 told"


@pytest.mark.parametrize(
    ("budget", "share"),
    [
        ({"evaluations": 100, "hours": None}, 0.37),
        ({"evaluations": 100, "hours": 1.0}, 0.5),
        ({"evaluations": None, "device_hours": 0.5}, 0.8),
        ({"evaluations": 10}, 1.0),
        ({"evaluations": None, "flops": 1e15}, None),
        ({}, None),
    ],
)
def test_the_share_is_that_of_the_bound_which_is_used_most(budget: dict[str, Any], share: float | None) -> None:
    found = glance(standing(**RUNNING | {"budget": budget, "elapsed_s": 1800.0, "device_s": 1440.0}))
    assert found.share == share
    assert found.words.startswith("37 of" if budget.get("evaluations") else "37 told")
