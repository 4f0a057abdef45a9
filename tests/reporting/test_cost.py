"""Cost: workers over time against brute force, phases and totals by hand, failures, in words and on the page."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journals import Timeline

from nas.reporting.drawings import phases as bars
from nas.reporting.drawings import utilisation
from nas.reporting.figures import utilisation as figures
from nas.reporting.figures.phases import phases
from nas.reporting.figures.spent import spent_on
from nas.reporting.figures.utilisation import utilisation_figure
from nas.reporting.material import Material
from nas.reporting.report import write_report
from nas.search.history import History

EVENTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60) | st.none()), min_size=1, max_size=12)


def material_of(line):
    return Material(line.history())


def text_of(line):
    return write_report(line.folder).read_text().replace("\xa0", " ")


def flights(folder, events, slots=(3,), end=70):
    """A journal of children that were asked for and told at those seconds; sessions begin at equal distances."""
    line = Timeline(folder)
    moments = [(end * place / len(slots), "opened", many) for place, many in enumerate(slots)]
    asked = sorted(events, key=lambda event: event[0])
    for number, (at, ended) in enumerate(asked):
        moments.append((at, "asked", number))
        if ended is not None and ended >= at:
            moments.append((ended + 0.5, "told", number))
    kinds = {"opened": line.opened, "asked": None, "told": None}
    for at, kind, what in sorted(moments, key=lambda moment: (moment[0], list(kinds).index(moment[1]))):
        if kind == "opened":
            line.opened(at, what)
        elif kind == "asked":
            line.asked(what, at)
        else:
            line.told(what, at)
    line.event("closed", end, reason="budget")
    return line, asked


@settings(deadline=None, max_examples=60)
@given(events=EVENTS, most_steps=st.sampled_from([1, 1000]), slots=st.sampled_from([(3,), (2, 5), (1, 1, 4)]))
def test_children_in_flight_are_those_of_brute_force(tmp_path_factory, events, most_steps, slots):
    line, asked = flights(tmp_path_factory.mktemp("run") / "run", events, slots)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "MOST_STEPS", most_steps)
        found = utilisation_figure(material_of(line))
    spans = [(at, 70 if ended is None or ended < at else ended + 0.5) for at, ended in asked]

    def mean(low, high):
        return sum(max(0.0, min(high, end) - max(low, start)) for start, end in spans) / (high - low)

    for low, high, busy in zip(found.edges, found.edges[1:], found.busy, strict=False):
        assert busy == pytest.approx(mean(low, high), abs=1e-6)
    assert (found.edges[0], found.edges[-1]) == (0, 70)
    assert found.mean == pytest.approx(mean(0, 70))
    length = 70 / len(slots)
    for place, session in enumerate(found.sessions):
        assert (session.start_s, session.end_s) == pytest.approx((place * length, (place + 1) * length))
        assert session.busy == pytest.approx(mean(session.start_s, session.end_s))
    assert found.share == pytest.approx(found.mean * 70 / sum(many * length for many in slots))
    if most_steps == 1000:
        steps = np.array([mean(at + 0.01, at + 0.02) for at in found.edges[:-1]])
        assert found.busy == pytest.approx(steps, abs=1e-6)  # nothing changes between two edges


def test_sessions_and_the_gap_between_them(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 2)
    line.asked(0, 1)
    line.gap_s = 7200
    line.opened(100, 4)
    line.told(0, 150)
    line.closed(200)
    found = utilisation_figure(material_of(line))
    assert [(session.slots, session.gap_s) for session in found.sessions] == [(2, None), (4, 7200)]
    assert found.mean == pytest.approx(149 / 200)
    assert found.share == pytest.approx(149 / (2 * 100 + 4 * 100))
    page = text_of(line)
    assert "Between its 2 sessions the search stood still for 2 h" in page
    assert "where there was room for 2 to 4: 24.8 %, over 3 min 20 s in 2 sessions." in page
    assert "<title>session 2 begins, 2 h after the one before</title>" in page
    assert "<tr><td>2</td><td>1 min 40 s</td><td>4</td><td>0.50</td><td>2 h</td></tr>" in page


def test_one_child_at_a_time_takes_a_sentence(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    for number in range(4):
        line.asked(number, 10 * number)
        line.told(number, 10 * number + 8)
    line.closed(40)
    page = text_of(line)
    assert "Children were evaluated one at a time; one was in flight for 80.0 % of the time" in page
    assert not (line.folder / "figures" / "utilisation.svg").exists()


def test_room_that_the_journal_does_not_know_is_not_drawn(tmp_path):
    line, _ = flights(tmp_path / "run", [(0, 30), (10, 50)], slots=(None,))
    found = utilisation_figure(material_of(line))
    assert found.share is None
    assert "room" not in {kind for kind, _ in utilisation.legend(found)}
    assert 'class="room"' not in utilisation.plot(found)


def test_the_picture_steps_as_the_children_do(tmp_path):
    line, _ = flights(tmp_path / "run", [(0, 34.5), (17.5, 52)], slots=(2,), end=70)
    found = utilisation_figure(material_of(line))
    (path,) = re.findall(r'<path d="([^"]*)" class="busy"', utilisation.plot(found))
    one, two = (1000 * (1 - share / (1.08 * 2)) for share in (1, 2))
    numbers = [float(number) for number in re.findall(r"[\d.]+", path)]
    expected = [0, 1000, one, 250, two, 500, one, 750, 1000, 1000, 1000]
    assert numbers == pytest.approx(expected, abs=0.01)


SECONDS = {"queue_s": 30.0, "data_s": 5.0, "train_s": 40.0, "valid_s": 10.0}


def trained(folder, told=2, **changes):
    """Children on two devices: 60 seconds of evaluation each, 100 from being asked for until told."""
    line = Timeline(folder)
    line.opened(0, 2)
    for number in range(told):
        line.asked(number, number)
        metrics = {**SECONDS, "train_flops": 10**12, "train_examples": 500, **changes}
        metrics = {name: value for name, value in metrics.items() if value is not None}
        line.told(number, 100 + number, metrics=metrics, device_s=120.0, provenance={"devices": 2, "host": "n"})
    line.closed(150)
    return line


def totals(found):
    return {phase.kind: phase.total_s for phase in found.phases}


def test_phases_by_hand(tmp_path):
    found = phases(material_of(trained(tmp_path / "run")))
    assert totals(found) == {"queue": 60, "data": 10, "train": 80, "valid": 20, "rest": 10, "around": 20}
    assert found.total_s == 200
    assert [phase.median_s for phase in found.phases] == [30, 5, 40, 10, 5, 10]
    words = bars.description(found)
    assert words.startswith("3 min 20 s that children were in flight: waiting in the queue 30.0 %, images 5.0 %")
    widths = [float(width) for width in re.findall(r'width="([\d.]+)%" height="26"', bars.plot(found))]
    assert widths[:6] == pytest.approx([30, 5, 40, 10, 5, 10])
    page = text_of(trained(tmp_path / "again"))
    assert "<td>1 min 20 s</td><td>40.0 %</td><td>40 s</td>" in page


def test_older_journals_have_training_and_validation_together(tmp_path):
    line = trained(tmp_path / "run", valid_s=None, train_s=50.0, queue_s=None, data_s=None)
    found = phases(material_of(line))
    assert totals(found) == {"train": 100, "rest": 20, "around": 80}
    assert found.together == 2
    assert "training and validation" in text_of(line)


def test_an_attempt_that_was_lost_is_no_part_of_the_evaluation(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    line.asked(0, 0)
    line.event("interrupted", 30, number=0, attempt=1, reason="preempted", cause="interruption", device_s=25.0)
    line.event("requeued", 60, number=0, attempt=2, job="7", restarts=1)
    line.told(0, 100, metrics={"train_s": 40.0}, device_s=50.0)
    line.asked(1, 100)
    line.event("interrupted", 110, number=1, attempt=1, reason="gone", cause="lost", device_s=5.0)
    line.failed(1, 120, device_s=8.0)
    line.asked(2, 120)
    line.closed(130)
    material = material_of(line)
    assert totals(phases(material)) == {"train": 40, "rest": 10, "lost": 25, "around": 25}
    spent = spent_on(material)
    assert (spent.device_s, spent.failed_device_s, spent.lost_device_s) == (88, 8, 30)
    assert (spent.told, spent.failed, spent.pending, spent.interrupted) == (1, 1, 1, 2)
    assert spent.interruptions == {"interruption": 1, "requeued": 1, "lost": 1}
    page = text_of(line)
    assert (
        "2 children had attempts without a result: 1 taken away by the cluster, 1 started again by the cluster, "
        "1 lost without a reason." in page
    )


def test_seconds_of_other_trainings_are_no_part_of_the_time(tmp_path):
    line = trained(tmp_path / "run", train_s=5e6)
    found = phases(material_of(line))
    assert found.simulated
    assert totals(found) == {"queue": 60, "rest": 120, "around": 20}
    page = text_of(line)
    assert "Children tell the seconds of other trainings" in page
    assert "</svg> evaluation</td>" in page


def test_what_was_spent_for_every_thousand(tmp_path):
    line = trained(tmp_path / "run", told=4)
    spent = spent_on(material_of(line))
    assert (spent.device_s, spent.flops, spent.examples, spent.elapsed_s) == (480, 4e12, 2000, 150)
    assert spent.per_thousand(spent.flops) == 1e15
    page = text_of(line)
    assert "<dt>devices for 1,000 evaluations</dt><dd>1 d 9 h (33.33 device-hours)</dd>" in page
    assert "<dt>training FLOPs</dt><dd>4.00 T</dd>" in page


def test_flops_that_not_all_tell_are_not_summed(tmp_path):
    line = trained(tmp_path / "run")
    line.asked(2, 151)
    line.told(2, 152)
    assert spent_on(material_of(line)).flops is None


@pytest.mark.parametrize("where", ["text", {"devices": "many"}, {"devices": [1], "nodes": [2]}, {"devices": -1}, None])
def test_odd_provenance_counts_as_one_device(tmp_path, where):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    line.asked(0, 0)
    line.told(0, 10, device_s=6.0, provenance=where)
    assert totals(phases(material_of(line))) == {"rest": 6, "around": 4}
    text_of(line)


def test_failures_open_their_individuals_and_say_what_they_cost(tmp_path):
    nasty = "<img src=x onerror=alert(1)>"
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    for number in range(60):
        line.asked(number, number)
        line.failed(number, number + 1, nasty if number % 2 else f"ValueError: {number}", device_s=60.0)
    line.closed(61, "failures")
    page = text_of(line)
    section = page[page.index('<section id="failures"') :]
    assert "<img" not in page
    assert '<tr><td>30</td><td class="reason">&lt;img src=x onerror=alert(1)&gt;</td><td>30 min</td>' in section
    assert '<button type="button" class="link" data-show="1">#1</button>, <button' in section
    assert section[: section.index("</table>")].count("<tr><td>") == 20
    assert "11 further reasons for 11 failures." in section
    assert '<section id="cost"' in page  # what only failed has cost something too


def test_a_cause_with_html_is_shown_not_executed(tmp_path):
    line = Timeline(tmp_path / "run")
    line.opened(0, 1)
    line.asked(0, 0)
    line.event("interrupted", 5, number=0, attempt=1, reason="", cause="<b>why</b>", device_s=1.0)
    line.told(0, 9)
    page = text_of(line)
    assert "1 &lt;b&gt;why&lt;/b&gt;" in page


def test_the_journal_of_the_first_version_has_all_of_it(tmp_path):
    line = (tmp_path / "run").mkdir() or tmp_path / "run" / "history.jsonl"
    source = History.load(__file__.replace("reporting/test_cost.py", "search/journals/v1.jsonl"))
    line.write_bytes(source.path.read_bytes())
    page = write_report(tmp_path / "run").read_text()
    for name in ("progress", "reliability", "cost", "provenance"):
        assert (f'<section id="{name}"' in page) is (name != "reliability" or "more than once" in page)
    assert "one was in flight for" in page
