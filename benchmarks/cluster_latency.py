"""Submitting to a real SLURM beside bare submitit and sbatch, and refilling a slot. Goal: refilled within 2 s.

    tests/slurm/start.sh; export SLURM_CONF=/var/lib/nas-slurm/slurm.conf
    python -m benchmarks.cluster_latency [--jobs 100] [--children 40] [--slots 4]

Submissions a second, of jobs that may not begin yet, so that nothing but the submission is measured; each way once in
turn, three rounds. Then a search whose children sleep for two seconds: for each slot the time from the end of one
child's function to the beginning of the next one's, and what it is made of.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import submitit
from nas_launchers.submitit_executor import SubmititExecutor

from nas import run_search
from nas.algorithms.evolution import Evolution
from nas.search_spaces.bits import Bits

ROOT = Path(__file__).resolve().parents[1]
LATER = {"begin": "now+1hour"}
NODE = {"timeout_min": 60, "mem_gb": 1, "cpus_per_task": 1}
CHILD_S = 2.0
ROUNDS = 3


def nothing(number: int) -> int:
    return number


def stamped(genome: Any, seed: int) -> dict[str, float]:
    """A child that notes when it began and ended."""
    began = time.time()
    time.sleep(CHILD_S)
    return {"valid_accuracy": sum(genome) / len(genome), "began_s": began, "ended_s": time.time()}


def ours(folder: Path, jobs: int) -> None:
    node = {**NODE, "additional_parameters": LATER}
    executor = SubmititExecutor("submitit_slurm", node, folder=folder, slots=jobs, paths=[ROOT])
    for number in range(jobs):
        executor.submit(nothing, number, label=f"{number}:1")


def bare(folder: Path) -> submitit.AutoExecutor:
    executor = submitit.AutoExecutor(folder=folder / "%j", cluster="slurm")
    executor.update_parameters(timeout_min=60, mem_gb=1, cpus_per_task=1, slurm_additional_parameters=LATER)
    return executor


def submitit_one_by_one(folder: Path, jobs: int) -> None:
    executor = bare(folder)
    for number in range(jobs):
        executor.submit(nothing, number)


def submitit_array(folder: Path, jobs: int) -> None:
    bare(folder).map_array(nothing, range(jobs))


def sbatch(folder: Path, jobs: int, *options: str) -> None:
    for _ in range(jobs):
        command = ["sbatch", "--begin=now+1hour", f"--chdir={folder}", "--mem=1G", *options, "--wrap=true"]
        subprocess.run(command, check=True, capture_output=True)


def sbatch_array(folder: Path, jobs: int) -> None:
    sbatch(folder, 1, f"--array=0-{jobs - 1}")


WAYS: dict[str, Callable[[Path, int], None]] = {
    "ours, one by one": ours,
    "bare submitit, one by one": submitit_one_by_one,
    "sbatch, one by one": sbatch,
    "bare submitit, an array": submitit_array,
    "sbatch, an array": sbatch_array,
}


def submissions(jobs: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, submit in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.monotonic()
                submit(Path(folder), jobs)
                rates[name].append(jobs / (time.monotonic() - start))
                # only this benchmark's jobs wait for an hour from now
                subprocess.run(["scancel", "--state=PENDING", "--me"], check=True)
    print(f"submissions a second, {jobs} jobs, {ROUNDS} rounds: median (least to most)")
    for name, found in rates.items():
        print(f"  {name:<27}{statistics.median(found):8.1f} ({min(found):.1f} to {max(found):.1f})")


def refills(children: int, slots: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        space = Bits(num_bits=16)
        run_search(
            space=space,
            algorithm=Evolution(space=space, population_size=8, sample_size=2, survival="oldest"),
            evaluator=stamped,
            budget=children,
            run=run,
            executor=lambda run: SubmititExecutor("submitit_slurm", NODE, folder=run, slots=slots, paths=[ROOT]),
        )
        events = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()[1:]]
    told = {event["number"]: event for event in events if event["event"] == "told"}
    submitted = {event["number"]: event["time"] for event in events if event["event"] == "submitted"}
    began = sorted((event["metrics"]["began_s"], number) for number, event in told.items())
    ended = sorted((event["metrics"]["ended_s"], number) for number, event in told.items())
    pairs = list(zip(ended, began[slots:], strict=False))  # a slot that becomes free is the next child's
    parts = {
        "refill: end of a child to the beginning of the next": [start - end for (end, _), (start, _) in pairs],
        "  end of a child to its result in the journal": [told[number]["time"] - end for (end, number), _ in pairs],
        "  result in the journal to the next one's submission": [
            submitted[next_one] - told[number]["time"] for (_, number), (_, next_one) in pairs
        ],
        "  submission to the beginning": [start - submitted[number] for _, (start, number) in pairs],
    }
    print(f"{len(pairs)} refills of {slots} slots, seconds: median, 90 %, most")
    for name, values in parts.items():
        ordered = sorted(values)
        print(f"{name:<54}{statistics.median(values):6.2f}{ordered[int(0.9 * len(ordered))]:6.2f}{ordered[-1]:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--children", type=int, default=40)
    parser.add_argument("--slots", type=int, default=4)
    arguments = parser.parse_args()
    submissions(arguments.jobs)
    refills(arguments.children, arguments.slots)


if __name__ == "__main__":
    main()
