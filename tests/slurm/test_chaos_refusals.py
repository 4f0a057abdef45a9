"""What cannot work is told in one sentence, and nothing stays in the queue."""

import os
import shutil
from pathlib import Path

import pytest
from chaos_cluster import accounted, queued, run
from chaos_search import Search, wait_until_gone

pytestmark = [pytest.mark.slurm, pytest.mark.side_by_side, pytest.mark.timeout(600)]
BUDGET = ("budget.evaluations=3", "hardware.workers=2")


def refused(search: Search, *words: str) -> None:
    """The driver ends at once with one sentence that has these words, and no child is left behind."""
    search.start()
    assert search.wait(120) == 2, search.output
    (sentence,) = search.sentences
    assert all(word in sentence for word in words), sentence
    assert "Traceback" not in search.output
    assert not queued(search.folder)
    assert not search.diary


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("hydra.launcher.partition=nowhere", "invalid partition specified: nowhere"),
        ("hydra.launcher.account=nobody", "Invalid account or account/partition combination specified"),
        ("hydra.launcher.gres=tpu:1", "Invalid generic resource (gres) specification"),
        ("hardware.mem_gb=4000", "Memory specification can not be satisfied"),
    ],
    ids=["partition", "account", "gres", "memory"],
)
def test_in_the_words_of_sbatch(place: Path, override: str, words: str) -> None:
    search = Search(place, *BUDGET, override, preflight=True)
    refused(search, words)
    assert not accounted(search.folder, search.since)


def test_no_sbatch(place: Path) -> None:
    search = Search(place, *BUDGET, preflight=True)
    search.environment["PATH"] = str(search.bin)
    for name in ("bash", "squeue"):
        (search.bin / name).symlink_to(str(shutil.which(name)))
    refused(search, "sbatch", "not on this machine's PATH")


def test_a_limit_shorter_than_the_delay_of_the_signal(place: Path) -> None:
    search = Search(place, *BUDGET, "hardware.timeout_min=2", "hydra.launcher.signal_delay_s=120", preflight=True)
    refused(search, "timeout_min", "signal_delay_s")


def test_a_job_that_can_never_start_is_named(place: Path) -> None:
    search = Search(
        place, *BUDGET, "hydra.launcher.partition=low", "+hydra.launcher.additional_parameters.nodes=2", preflight=True
    ).start()
    search.until(lambda: "PartitionNodeLimit" in search.output, "the user is told why nothing starts", 60)
    search.signal()
    search.wait(60)
    for job in queued(search.folder):
        run("scancel", job.id)
    wait_until_gone(search)


def test_a_run_folder_that_nodes_cannot_see(place: Path) -> None:
    if os.system("unshare --mount true 2>/dev/null") != 0:
        pytest.skip("this user may not make a mount namespace (unshare --mount)")
    hidden = place / "hidden"
    hidden.mkdir()
    mount = f'mount -t tmpfs none {hidden} && exec "$@"'
    search = Search(place, *BUDGET, before=("unshare", "--mount", "bash", "-c", mount, "bash"), preflight=True)
    search.overrides.append(f"runs_dir={hidden}")
    search.folder = hidden / "run"
    refused(search, str(search.folder))


def test_an_evaluator_that_cannot_be_pickled(place: Path) -> None:
    refused(Search(place, *BUDGET, "evaluator.fragile=true", preflight=True), "cannot pickle this evaluator")


def test_a_module_that_nodes_cannot_import(place: Path) -> None:
    search = Search(place, *BUDGET, "hydra.launcher.setup=['export PYTHONPATH=']", preflight=True)
    refused(search, "chaos_child")
