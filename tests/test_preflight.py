"""A preflight through real jobs of submitit's local executor; `tests/slurm/test_preflight.py` has it on SLURM."""

import dataclasses
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import calls
import pytest
from hydra import compose, initialize_config_dir
from nas_launchers.build import build_executor
from PIL import Image

from nas.application import build, config_folder
from nas.errors import UserError
from nas.preflight import Preflighted, PreflightFailed, check_launcher
from nas.preflight_job import Expected, check_node
from nas.search import provenance
from tests.helpers.photos import content, make_photos, pixels, write

ROOT = Path(__file__).resolve().parent.parent


def composed(*overrides: str) -> Any:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        return compose("config", overrides=list(overrides))


def parts(*overrides: str) -> tuple[Any, Any]:
    """Evaluator and hardware."""
    config = composed("experiment=toy", *overrides)
    space = build(config.search_space, "search_space")
    return build(config.evaluator, "evaluator", space=space), build(config.hardware, "hardware")


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[Any]:
    made = build_executor(
        "submitit_local", {"timeout_min": 5}, workers=1, folder=tmp_path, paths=[ROOT, ROOT / "tests" / "launchers"]
    )
    yield made
    made.shutdown(cancel=True)


def flown(executor: Any, folder: Path, evaluator: Any, hardware: Any) -> list[str]:
    said: list[str] = []
    ready = Preflighted(executor, folder, hardware, said.append, parts=evaluator, data=evaluator)
    assert [ready.submit(calls.add, number, 1).result() for number in range(2)] == [1, 2]
    assert ready.slots == executor.slots
    return said


def test_a_node_that_is_ready(executor: Any, tmp_path: Path) -> None:
    said = flown(executor, tmp_path, *parts())
    assert ["is queued" in said[0], "is ready" in said[1]] == [True, True]
    assert len(said) == 2, "before the first job alone"
    assert [path.name for path in tmp_path.iterdir()] == ["jobs"], "it leaves no file of its own in the run folder"


def test_a_node_without_the_modules(executor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The driver imports it from a folder that the job does not search."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "only_here.py").write_text("def ones(genome, seed):\n    return 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path / "mine"))
    evaluator, hardware = parts("evaluator=function", "evaluator.function=only_here.ones")
    with pytest.raises(UserError, match=r"node \S+: .*No module named 'only_here'"):
        flown(executor, tmp_path, evaluator, hardware)


def test_data_that_is_not_there(executor: Any, tmp_path: Path) -> None:
    for start, part in enumerate(("train", "val")):
        make_photos(tmp_path / "images", 4, part, start=10 * start)
    config = composed("dataset=image_folder", f"dataset.root={tmp_path}/images", "dataset.num_valid=2")
    dataset, (evaluator, hardware) = build(config.dataset, "dataset"), parts()
    dataset.fingerprint()  # of the driver, which keeps it
    write(tmp_path / "images/train/red/000.png", content(Image.fromarray(pixels(2, 99))))
    with pytest.raises(UserError, match=r"node \S+: the data there is not the driver's: data.fingerprint"):
        Preflighted(executor, tmp_path, hardware, print, parts=evaluator, data=dataset).submit(calls.add, 1, 1)


def test_what_cannot_be_pickled_is_refused_before_a_job(executor: Any, tmp_path: Path) -> None:
    evaluator, hardware = parts("evaluator=function", "evaluator.function=math.hypot")
    stuck = dataclasses.replace(evaluator, function=sys.stdout.write)
    with pytest.raises(PreflightFailed, match="FunctionEvaluator cannot be pickled"):
        flown(executor, tmp_path, stuck, hardware)
    assert not list((tmp_path / "jobs").iterdir())


@pytest.fixture
def expected(tmp_path: Path) -> Expected:
    evaluator, hardware = parts()
    (tmp_path / "question").write_text("secret")
    return Expected(
        parts=pickle.dumps((evaluator, None)),
        identity=None,
        versions=provenance.versions(),
        question=tmp_path / "question",
        secret="secret",
        hardware=hardware,
        trains=False,
        tasks=1,
    )


@pytest.fixture
def in_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a SLURM job's first task on a node."""
    names = {"SUBMITIT_EXECUTOR": "slurm", "SLURM_JOB_ID": "7", "SLURM_NTASKS": "1", "SLURM_PROCID": "0"}
    for name, value in {**names, "SLURMD_NODENAME": "n7"}.items():
        monkeypatch.setenv(name, value)


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"tasks": 2}, "the job has 1 tasks, but a child has 2 processes"),
    ({"versions": {**provenance.versions(), "torch": "1.0"}}, r"torch \S+ here, 1.0 at the driver"),
    ({"versions": {**provenance.versions(), "jax": "1.0"}}, "jax is missing here, 1.0 at the driver"),
    ({"secret": "another"}, "is another folder there"),
    ({"question": Path("/nowhere/question")}, r"the run folder /nowhere cannot be seen from there \(No such file"),
    ({"parts": b"nonsense"}, "what the driver sends cannot be loaded there"),
    ({"identity": {"name": "x"}}, "the data there is not the driver's"),
]


@pytest.mark.usefixtures("in_job")
@pytest.mark.parametrize(("changes", "words"), CHANGES)
def test_what_is_wrong_is_told_with_the_node(expected: Expected, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=rf"^node n7: .*{words}"):
        check_node(dataclasses.replace(expected, **changes))


@pytest.mark.usefixtures("in_job")
def test_a_folder_that_cannot_be_written(expected: Expected, tmp_path: Path) -> None:
    assert check_node(expected) == check_node(expected) == "n7", "SLURM may start the job again"
    (tmp_path / "question.0").unlink()
    (tmp_path / "question.0").mkdir()
    with pytest.raises(UserError, match=r"node n7: the run folder .* cannot be written from there: Is a directory"):
        check_node(expected)


@pytest.mark.usefixtures("in_job")
def test_devices_that_are_not_there(expected: Expected, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    many = torch.cuda.device_count() + 1
    hardware = dataclasses.replace(expected.hardware, accelerator="cuda", devices=many)
    with pytest.raises(UserError, match=rf"node n7: hardware.devices is {many}, but torch finds {many - 1} CUDA"):
        check_node(dataclasses.replace(expected, hardware=hardware, trains=True))
    shutil.rmtree(expected.question.parent, ignore_errors=False)
    expected.question.parent.mkdir()
    expected.question.write_text("secret")
    hardware = dataclasses.replace(expected.hardware, threads=4096)
    with pytest.raises(UserError, match=r"hardware.threads is 4096, but a task has"):
        check_node(dataclasses.replace(expected, hardware=hardware, trains=True))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"timeout_min": 3, "signal_delay_s": 120}, "hydra.launcher.timeout_min is 3, .* above .* which is 180"),
        ({"tasks_per_node": 2}, "hydra.launcher.tasks_per_node is 2, it must be hardware.devices, which is 1"),
        ({"nodes": 2}, "hydra.launcher.nodes is 2, it must be hardware.nodes, which is 1"),
    ],
)
def test_fields_that_contradict_each_other(fields: dict[str, Any], words: str) -> None:
    _, hardware = parts()
    with pytest.raises(UserError, match=words):
        check_launcher("submitit_slurm", fields, hardware)
    check_launcher("local", fields, hardware)


def test_local_jobs_have_tasks_too_and_nobody_who_signals_early() -> None:
    _, hardware = parts()
    with pytest.raises(UserError, match=r"tasks_per_node is 2, it must be hardware\.devices"):
        check_launcher("submitit_local", {"tasks_per_node": 2}, hardware)
    check_launcher("submitit_local", {"timeout_min": 1}, hardware)


def test_fields_that_agree() -> None:
    _, hardware = parts()
    check_launcher("submitit_slurm", {"timeout_min": 4, "signal_delay_s": 120, "tasks_per_node": 1}, hardware)
