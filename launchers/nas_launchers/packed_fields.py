"""What is wrong with a packed launcher's fields, found before Dask is imported."""

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any


def check(fields: Mapping[str, Any]) -> None:
    """
    Raises:
        ValueError: a field is out of range, there is no sbatch, or the extra `cluster` is not installed.
    """
    missing = [name for name in ("distributed", "dask_jobqueue", "cryptography") if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"hydra/launcher=slurm_packed needs {' and '.join(missing)}: install the extra, nas-evolve[cluster]"
        )
    if shutil.which("sbatch") is None:
        raise ValueError(
            "slurm_packed needs SLURM's sbatch, which is not on this machine's PATH: start the search on a machine "
            "that may submit jobs, or choose hydra/launcher=local"
        )
    if not isinstance(fields["children_per_job"], int) or fields["children_per_job"] < 1:
        raise ValueError(f"children_per_job is {fields['children_per_job']!r}, it must be a whole number of at least 1")
    limit, walltime = fields["timeout_min"], fields["walltime_min"]
    if limit is None or limit <= 0:
        raise ValueError(f"timeout_min is {limit!r}, slurm_packed needs a positive limit for a child")
    if walltime < limit + 2:
        raise ValueError(
            f"walltime_min is {walltime}, a packed job needs at least timeout_min + 2 = {limit + 2}, so that its last "
            "child can end"
        )
