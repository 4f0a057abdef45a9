"""Where a SLURM job ran and how it ended, in SLURM's own words; it knows for some minutes after the end."""

import re
import subprocess

_COMMAND_S = 60.0


def node_of(job_id: str) -> str | None:
    """The node, or nodes, that a job got; None if it never got one, or SLURM does not say."""
    return _field(job_id, "NodeList")


def exit_code_of(job_id: str) -> str | None:
    """ "CODE:SIGNAL"; 0:53 is SLURM's for a job whose output file could not be opened."""
    return _field(job_id, "ExitCode")


def _field(job_id: str, name: str) -> str | None:
    command = ["scontrol", "show", "job", job_id, "--oneliner"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(rf"(?:^|\s){name}=(\S+)", done.stdout)
    return None if found is None or found[1] == "(null)" else found[1]
