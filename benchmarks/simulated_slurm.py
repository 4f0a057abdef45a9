"""A cluster in two scripts and a process: as much of SLURM as a driver sees, for benchmarks of the driver."""

import os
import pickle
import time
from pathlib import Path

from nas.evaluators.child import run_child

SBATCH = """#!/bin/sh
read id <{folder}/last
id=$((id + 1))
echo $id >{folder}/last
comment=$(sed -n 's/^#SBATCH --comment=//p' "$1" | tr -d "\\"'")
echo "$id|$comment" >>{folder}/submitted
echo "Submitted batch job $id"
"""
SQUEUE = """#!/bin/sh
exec cat {folder}/queue
"""
LOOK_S = 0.05
SHOWN_S = 20.0  # ended jobs; SLURM's MinJobAge, shortened to what a run of a minute sees


def make_commands(folder: Path) -> None:
    """Writes `sbatch`, `squeue` and `scancel` into the folder."""
    (folder / "last").write_text("0\n")
    for name in ("queue", "submitted"):
        (folder / name).touch()
    for name, script in (("sbatch", SBATCH), ("squeue", SQUEUE), ("scancel", "#!/bin/sh\n")):
        (folder / name).write_text(script.format(folder=folder))
        (folder / name).chmod(0o755)


def serve_nodes(folder: Path, jobs: Path, child_s: float) -> None:
    """Runs every submitted job `child_s` after its submission, and keeps squeue's text; until it is ended."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started: dict[str, float] = {}
    comments: dict[str, str] = {}
    ended: dict[str, float] = {}
    seen, next_text = 0, 0.0
    while True:
        now = time.monotonic()
        lines = (folder / "submitted").read_text().splitlines()
        for line in lines[seen:]:
            job_id, comments[job_id] = line.split("|")
            started[job_id] = now
        seen = len(lines)
        for job_id, since in list(started.items()):
            if now - since < child_s:
                break
            _run(jobs, job_id)
            del started[job_id]
            ended[job_id] = now
        for job_id, since in list(ended.items()):
            if now - since > SHOWN_S:
                del ended[job_id]
        if now >= next_text:
            rows = [
                f"{job_id:<20}|RUNNING|0|{int(now - since)}|None|{comments[job_id]}|"
                for job_id, since in started.items()
            ]
            rows += [f"{job_id:<20}|COMPLETED|0|{int(child_s)}|None|{comments[job_id]}|" for job_id in ended]
            draft = folder / "queue.part"
            draft.write_text("".join(f"{row.replace(' ', '')}\n" for row in rows))
            draft.replace(folder / "queue")
            next_text = now + 0.5
        time.sleep(LOOK_S)


def _run(jobs: Path, job_id: str) -> None:
    """What a node does: the call, its result.json, and submitit's files."""
    path = jobs / f"{job_id}_submitted.pkl"
    delayed = pickle.loads(path.read_bytes())
    _, (evaluator, task, _) = delayed.args
    outcome = run_child(evaluator, task, False)
    for log in ("log.out", "log.err"):
        (jobs / f"{job_id}_0_{log}").touch()
    from nas_launchers.remote import call

    value = call(lambda: outcome, ())
    draft = jobs / f"{job_id}_0_result.pkl.save_tmp"
    draft.write_bytes(pickle.dumps(("success", value)))
    draft.rename(jobs / f"{job_id}_0_result.pkl")
