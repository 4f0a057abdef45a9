"""The cluster as an operator sees it: what its commands say, and what befalls nodes and jobs."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ENDED = (
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "TIMEOUT",
)


@dataclass(frozen=True)
class Listed:
    """A job as squeue or sacct lists it."""

    id: str
    state: str
    comment: str
    node: str
    reason: str = ""


def mark(run: Path) -> str:
    """How the comments of a run's jobs begin."""
    return f"nas:{hashlib.sha256(str(run.resolve()).encode()).hexdigest()[:12]}:"


def until(condition: Callable[[], object], seconds: float, what: str, every_s: float = 0.1) -> None:
    """Waits for something that must happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain until {what}"
        time.sleep(every_s)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout


def queued(folder: Path) -> list[Listed]:
    """The jobs of a run that squeue lists, ended ones left out."""
    lines = run("squeue", "--noheader", "--format=%i|%T|%k|%N|%r").splitlines()
    jobs = [Listed(*line.strip().split("|")) for line in lines]
    return [job for job in jobs if job.comment.startswith(mark(folder))]


def label(job: Listed) -> tuple[int, int] | None:
    """Number and attempt of the child that a job is for; None for one that only looks around."""
    parts = job.comment.split()[0].split(":")[2:]
    return (int(parts[0]), int(parts[1])) if len(parts) == 2 and parts[0].isdigit() else None


def accounted(folder: Path, since: str) -> list[Listed]:
    """Every start of every job of a run since a time, as sacct has it."""
    fields = "--format=JobID,State,Comment,NodeList"
    options = ("--noheader", "--parsable2", "--allocations", "--duplicates", f"--starttime={since}", fields)
    jobs = [Listed(*line.split("|")) for line in run("sacct", *options).splitlines()]
    return [job for job in jobs if job.comment.startswith(mark(folder))]


def nodes(partition: str) -> list[str]:
    return sorted(run("sinfo", "--noheader", "--Node", f"--partition={partition}", "--format=%N").split())


def preempt(partition: str, seconds: int, *share: str) -> None:
    """Takes the partition's node away from whoever has it, for some seconds, and gives it back.

    Args:
        partition: of one node.
        seconds: for which it is taken.
        share: options of sbatch that say how much of the node is taken, instead of all.
    """
    (node,) = nodes(partition)
    options = (
        "--partition=high",
        f"--nodelist={node}",
        "--output=/dev/null",
        "--mem=1000",
        *(share or ("--exclusive",)),
    )
    job = run("sbatch", "--parsable", *options, "--wrap", f"sleep {seconds}").strip()
    until(lambda: state(job) == "COMPLETED", 90, f"job {job} preempted those of {partition} and ended")


def state(job: str) -> str:
    return run("squeue", "--noheader", "--states=all", f"--jobs={job}", "--format=%T").strip()


def end_soon(job: str) -> None:
    """Lets the job run into its time limit now."""
    run("scontrol", "update", f"jobid={job}", "endtime=now+1")


def kill_node(node: str) -> None:
    """As if the machine had lost its power: its daemon and all that it runs are gone at once."""
    root = Path(os.environ["SLURM_CONF"]).parent
    with suppress(ProcessLookupError):
        os.kill(int((root / f"slurmd.{node}.pid").read_text()), signal.SIGKILL)
    ours = set(run("squeue", "--noheader", f"--nodelist={node}", "--format=%A").split())
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            words = process.cmdline()
            stepd = bool(words) and words[0].startswith("slurmstepd: [") and words[0][13:].split(".")[0] in ours
            environment = {} if stepd else process.environ()
            here = environment.get("SLURMD_NODENAME") == node and environment.get("SLURM_CONF", "").startswith(
                str(root)
            )
            if stepd or here:
                process.kill()


def start_node(node: str) -> None:
    """The machine is back."""
    subprocess.run(["slurmd", "-N", node], check=True, timeout=60)
    subprocess.run(["scontrol", "update", f"nodename={node}", "state=resume"], capture_output=True, check=False)


def own_shape() -> bool:
    """Whether the cluster that answers is one of tests/slurm/start.sh."""
    if shutil.which("sinfo") is None:
        return False
    done = subprocess.run(["sinfo", "--noheader", "--format=%R"], capture_output=True, text=True, check=False)
    return {"main", "low", "lowgrace", "lowcancel", "high", "fragile"} <= set(done.stdout.split())
