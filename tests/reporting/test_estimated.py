"""What was estimated beside what was spent: by hand, in words, and with files that are of no use."""

from dataclasses import replace
from pathlib import Path

import pytest
from journals import Timeline

from nas.estimating.estimate import BOUND, DRY_RUN, Estimate
from nas.estimating.kept import FILE_NAME, Known, keep_known, known
from nas.estimating.ranges import Range
from nas.estimating.words import lines
from nas.reporting.figures.estimated import compared
from nas.reporting.material import Material
from nas.reporting.report import write_report

ESTIMATE = Estimate(
    basis=DRY_RUN,
    words="a dry run of 3 children",
    budget={"evaluations": 4, "hours": None},
    told=0,
    device_s=0.0,
    elapsed_s=0.0,
    children=4,
    slots=2,
    child_s=Range(900.0, 600.0, 1200.0),
    nine_of_ten=(500.0, 1500.0),
    device_hours=Range(1.0, 0.8, 1.3),
    wall_s=Range(1800.0, 1500.0, 2400.0),
    by_cost=(0.5, 2.0),
    memory={"process": 1.5, "estimate": 0.25, "largest": 0.5},
    disk={"journal": 4000.0, "weights": 2e6},
    price_per_hour=3.0,
    details=("3 children were trained, whole",),
)


def searched(folder: Path, told: int = 4, *estimates: Estimate) -> Timeline:
    line = Timeline(folder)
    line.opened(0, 2)
    for number in range(told):
        line.asked(number, number)
        line.told(number, 2000 + number, device_s=1080.0)
    line.closed(2700)
    keep_known(folder, Known(estimates or (ESTIMATE,)))
    return line


def page_of(line: Timeline) -> str:
    return write_report(line.folder).read_text().replace("\xa0", " ")


def test_by_hand(tmp_path: Path) -> None:
    line = searched(tmp_path / "run")
    found = compared(Material(line.history()))
    assert found is not None
    assert (found.device_s, found.elapsed_s, found.told) == (4320, 2700, 4)
    assert found.device_ratio == pytest.approx(1.2)
    assert found.wall_ratio == pytest.approx(1.5)
    page = page_of(line)
    assert (
        "Estimated 1 (0.8 to 1.3) device-hours for 4 evaluations, from a dry run of 3 children; spent 1.2 for 4: 1.20 "
        "times the estimate for so many." in page
    )
    assert "Estimated 30 min of the driver&#39;s time, it took 45 min: 1.50 times the estimate." in page


def test_a_part_of_the_search_is_compared_with_a_part_of_the_estimate(tmp_path: Path) -> None:
    found = compared(Material(searched(tmp_path / "run", 2).history()))
    assert found is not None
    assert found.device_ratio == pytest.approx(0.6 / 0.5)
    assert found.wall_ratio is None


def test_the_last_estimate_counts_from_where_it_was_made(tmp_path: Path) -> None:
    later = replace(ESTIMATE, told=2, device_s=2160.0, elapsed_s=900.0, children=2, device_hours=Range(1.2, 1.0, 1.4))
    line = searched(tmp_path / "run", 4, ESTIMATE, later)
    found = compared(Material(line.history()))
    assert found is not None
    assert (found.device_s, found.elapsed_s, found.told) == (2160, 1800, 2)
    assert found.device_ratio == pytest.approx(0.5)
    assert "device-hours for 2 evaluations after the first 2, from" in page_of(line)


def test_a_bound_is_called_one(tmp_path: Path) -> None:
    bound = replace(ESTIMATE, basis=BOUND, words="hardware.timeout_min=60", wall_s=None)
    page = page_of(searched(tmp_path / "run", 4, bound))
    assert "At most 1 device-hours for 4 evaluations, from hardware.timeout_min=60; spent 1.2" in page


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": "nas-estimate", "version": 1, "estimates": [{}]}', "\x00"]
)
def test_a_file_of_no_use_is_as_none(tmp_path: Path, text: str) -> None:
    line = searched(tmp_path / "run")
    (line.folder / FILE_NAME).write_text(text)
    assert known(line.folder) == Known()
    assert "times the estimate" not in page_of(line)


def test_what_is_kept_reads_back(tmp_path: Path) -> None:
    assert Estimate.read(ESTIMATE.plain()) == ESTIMATE
    what = Known((ESTIMATE, replace(ESTIMATE, wall_s=None, nine_of_ten=None, by_cost=None)), {"evaluations": 4})
    keep_known(tmp_path, what)
    assert known(tmp_path) == what


def test_html_in_a_kept_estimate_is_shown_not_executed(tmp_path: Path) -> None:
    page = page_of(searched(tmp_path / "run", 4, replace(ESTIMATE, words="<img src=x>")))
    assert "<img src=x>" not in page


def test_lines_for_a_terminal() -> None:
    text = "\n".join(lines(ESTIMATE))
    assert "4 children, 2 at once" in text
    assert "900 (600 to 1,200); nine of ten take 500 to 1,500" in text
    assert "1 (0.8 to 1.3); 0.5 if evolution always preferred the cheaper children, 2 if the costlier" in text
    assert "30 min (25 min to 40 min), of the driver's clock" in text
    assert "2.00 MB: journal 4.00 kB, weights 2.00 MB" in text
    assert "3 (2.4 to 3.9) at 3 for a device-hour" in text
    assert "1.61 GB of a process" in text
    assert lines(replace(ESTIMATE, told=2, children=1))[0].startswith("1 child, after 2 that are told, 2 at once")
