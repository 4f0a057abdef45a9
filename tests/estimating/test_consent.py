"""Who is asked before a costly search begins on a cluster, what the estimate is from, nobody is asked twice."""

import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import parts
import pytest
from searches import SPACE, search
from tests_cli import evolve

from nas.algorithms.evolution import Evolution
from nas.errors import UserError
from nas.estimating.consent import check_consent, covers, read_limit
from nas.estimating.estimate import BOUND, DRY_RUN, FLOPS, INSTANT, JOURNAL, Estimate
from nas.estimating.kept import Known, keep_dry_run, keep_known, kept_dry_run, known
from nas.estimating.plan import Plan, spent_before
from nas.estimating.quick import quick_estimate
from nas.estimating.ranges import Range
from nas.evaluators.base import Evaluator, Metrics, Task
from nas.evaluators.toy import Toy
from nas.search.budget import Budget, Spent
from nas.search.session import Session


class Costly(Evaluator):
    """Knows its FLOPs, where it is told any."""

    name = "costly"
    writes_files = False

    def __init__(self, flops: float | None = None) -> None:
        self._flops = flops

    def identity(self) -> dict[str, Any]:
        return {"name": self.name}

    def cost(self, genome: Any) -> Metrics:
        return {} if self._flops is None else {"train_flops": self._flops, "multiply_adds": 1.0}

    def evaluate(self, task: Task) -> Metrics:
        raise AssertionError("nothing is evaluated here")


def plan_of(
    folder: Path, budget: Budget, flops: float | None = None, kind: str = "submitit_slurm", **changes: Any
) -> Plan:
    session = Session(
        space=SPACE,
        algorithm=Evolution(space=SPACE, population_size=4, sample_size=2, survival="oldest"),
        evaluator=Costly(flops),
        budget=budget,
        seed=0,
        order="completion",
        workers=5,
    )
    hardware = replace(parts.hardware(), timeout_min=60, assumed_tflops=0.5)
    made = Plan(session=session, folder=folder, hardware=hardware, kind=kind, make_executor=print, spent=Spent())
    return replace(made, **changes)


def test_flops_at_the_rate_that_is_assumed(tmp_path: Path) -> None:
    found = quick_estimate(plan_of(tmp_path, Budget(evaluations=40), flops=1.8e15), None)
    assert (found.basis, found.children, found.device_hours.middle) == (FLOPS, 40, pytest.approx(40.0))
    assert (found.device_hours.low, found.device_hours.high) == (pytest.approx(10.0), pytest.approx(160.0))
    assert "assumed_tflops=0.5" in found.words


def test_nothing_known_is_an_upper_bound(tmp_path: Path) -> None:
    found = quick_estimate(plan_of(tmp_path, Budget(evaluations=40)), None)
    assert (found.basis, found.device_hours.middle) == (BOUND, 40.0)
    plan = plan_of(tmp_path, Budget(evaluations=40))
    assert (
        quick_estimate(replace(plan, hardware=replace(plan.hardware, timeout_min=30)), None).device_hours.middle == 20
    )


@pytest.mark.parametrize(
    ("budget", "hours"),
    [
        (Budget(evaluations=1000, device_hours=12), 12 + 5),
        (Budget(hours=3), 3 * 5 + 5),
        (Budget(evaluations=2, device_hours=12), 2),
    ],
)
def test_never_above_what_the_budget_allows(tmp_path: Path, budget: Budget, hours: float) -> None:
    """Children in flight may end: one hour each, in five places."""
    assert quick_estimate(plan_of(tmp_path, budget), None).device_hours.middle <= hours


def test_a_dry_run_that_was_kept_is_better_and_the_journal_better_still(tmp_path: Path) -> None:
    budget = Budget(evaluations=40)
    plan = plan_of(tmp_path, budget, flops=1.8e15)
    kept = replace(quick_estimate(plan, None), basis=DRY_RUN, words="a dry run", child_s=Range.around(360.0, 0.1))
    assert quick_estimate(plan, kept) == kept  # of just this
    later = replace(plan, spent=Spent(told=4, device_s=4 * 360))
    found = quick_estimate(later, kept)
    assert (found.basis, found.children, found.device_hours.middle) == (DRY_RUN, 36, pytest.approx(3.6))
    later = replace(plan, spent=Spent(told=20, device_s=20 * 180), told_device_s=20 * 180.0)
    found = quick_estimate(later, kept)
    assert (found.basis, found.children, found.device_hours.middle) == (JOURNAL, 20, pytest.approx(1.0))


def test_the_kept_one_is_of_this_search_on_this_hardware(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "run", Budget(evaluations=40), flops=1.8e15)
    keep_dry_run(tmp_path, plan.key, quick_estimate(plan, None))
    assert kept_dry_run(tmp_path, plan.key) == quick_estimate(plan, None)
    others = [
        replace(plan, kind="slurm_packed"),
        replace(plan, session=replace(plan.session, seed=1)),
        replace(plan, session=replace(plan.session, workers=6)),
        replace(plan, hardware=replace(plan.hardware, threads=2)),
    ]
    assert all(kept_dry_run(tmp_path, other.key) is None for other in others)
    dearer = replace(plan, hardware=replace(plan.hardware, price_per_hour=3.0, timeout_min=9))
    assert kept_dry_run(tmp_path, dearer.key) is not None
    for text in ("", "{}", '{"format": "nas-estimate", "version": 1, "estimate": {}}', "[1, 2"):
        (tmp_path / ".estimates" / f"{plan.key}.json").write_text(text)
        assert kept_dry_run(tmp_path, plan.key) is None


def test_look_ups_cost_nothing(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, Budget(evaluations=10**6))
    toy = Toy(space=SPACE, noise=0.01, counted=1)
    found = quick_estimate(replace(plan, session=replace(plan.session, evaluator=toy)), None)
    assert (found.basis, found.children, found.device_hours.middle) == (INSTANT, 10**6, 0.0)


def check(plan: Plan, estimate: Estimate, limit: float | None = 100.0, given: bool = False) -> bool:
    return check_consent(plan, estimate, limit, given, known(plan.folder))


def test_a_costly_search_names_its_estimate(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "run", Budget(evaluations=1200), flops=1.8e15)
    estimate = quick_estimate(plan, None)
    with pytest.raises(UserError, match=r"estimated to take 1,200 device-hours \(1,200 children, from FLOPs") as error:
        check(plan, estimate)
    assert "confirm_device_hours=100: yes=true starts it, dry_run=true measures" in str(error.value)
    assert check(plan, estimate, given=True)
    assert not check(plan, estimate, limit=None)
    assert not check(plan, estimate, limit=1200.0)
    assert not check(replace(plan, kind="local"), estimate)
    bound = plan_of(tmp_path / "run", Budget(evaluations=1200))
    with pytest.raises(UserError, match="may take up to 1,200 device-hours"):
        check(bound, quick_estimate(bound, None))


def test_nobody_is_asked_twice_unless_there_is_more(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, Budget(evaluations=1200), flops=1.8e15)
    keep_known(tmp_path, Known(consented=asdict(plan.budget)))
    assert check(plan, quick_estimate(plan, None))
    more = replace(plan, session=replace(plan.session, budget=Budget(evaluations=1500)))
    with pytest.raises(UserError, match="1,500 device-hours"):
        check(more, quick_estimate(more, None))
    nearly = replace(more, spent=Spent(told=1450))  # only what remains counts
    assert not check(nearly, quick_estimate(nearly, None))


def test_what_a_consent_covers() -> None:
    said = {"evaluations": 100, "hours": None}
    assert covers(said, {"evaluations": 100, "hours": 3})
    assert not covers(said, {"evaluations": 101, "hours": None})
    assert not covers(said, {"evaluations": None, "hours": 3})
    assert not covers(None, said)
    assert not covers({"evaluations": None}, {"evaluations": None})


@pytest.mark.parametrize("value", [-1, "many", True, float("nan"), float("inf")])
def test_a_limit_that_is_none(value: Any) -> None:
    with pytest.raises(UserError, match=r"budget.confirm_device_hours is .*, it must be at least 0, or null"):
        read_limit(value)


def test_what_was_spent_before_is_read_from_the_journal(tmp_path: Path) -> None:
    history = search(tmp_path / "run", budget=7).history()
    spent, device_s = spent_before(tmp_path / "run", history.identity)
    assert (spent.told, spent.in_flight, spent.elapsed_s) == (7, 0, history.elapsed_s)
    assert spent.device_s == device_s == sum(individual.device_s for individual in history.told)
    assert spent_before(tmp_path / "nowhere", {}) == (Spent(), 0.0)
    with pytest.raises(UserError, match="holds another search, which differs in seed"):
        spent_before(tmp_path / "run", {**history.identity, "seed": 99})


FAR = ["experiment=toy", "hydra/launcher=submitit_slurm"]
UNKNOWN = ["evaluator=function", "evaluator.function=math.dist"]


def line_of(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("nas: ")]
    assert "Traceback" not in done.stderr
    return line


def test_the_command_line_refuses_before_anything_is_made(tmp_path: Path) -> None:
    where = [*FAR, f"runs_dir={tmp_path / 'runs'}", "run=far"]
    said = line_of(evolve(*where, *UNKNOWN))
    assert "this search may take up to 4,000 device-hours (1,000 children, from hardware.timeout_min=240" in said
    digits = ["dataset=digits", "evaluator=train", "search_space=cells", "budget.evaluations=20000", "hardware=cpu"]
    said = line_of(evolve(*where, *digits))
    assert "is estimated to take" in said
    assert "FLOPs at hardware.assumed_tflops=0.02" in said
    assert "yes is 'maybe'" in line_of(evolve(*where, *UNKNOWN, "yes=maybe"))
    assert not (tmp_path / "runs").exists()
