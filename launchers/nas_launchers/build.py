"""Builds the executor that a Hydra launcher's node describes: the one word that decides where children run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nas_launchers.devices import device_sets, visible_gpus
from nas_launchers.executor import Executor
from nas_launchers.fields import completed


def launcher_kind(node: Any) -> str:
    """ "local", "submitit_local", "submitit_slurm" or "slurm_packed", by a composed `hydra.launcher` node.

    A site's own file extends `submitit_slurm` under another name and keeps its schema; one that extends `slurm_packed`,
    which has none, keeps its field `children_per_job`.
    """
    from omegaconf import OmegaConf

    schema = getattr(OmegaConf.get_type(node), "__name__", "")
    named = {"SlurmQueueConf": "submitit_slurm", "LocalQueueConf": "submitit_local"}.get(schema)
    return named or ("slurm_packed" if "children_per_job" in node else "local")


def build_executor(
    kind: str,
    node: Mapping[str, Any],
    *,
    workers: int,
    folder: Path,
    threads: int | None = 1,
    devices_per_worker: int = 1,
    gpus: Sequence[str] | None = None,
    preload: Sequence[str] = (),
    paths: Sequence[str | Path] = (),
) -> Executor:
    """The executor for one search.

    Args:
        kind: "local", "submitit_local", "submitit_slurm" or "slurm_packed"; see `launcher_kind`.
        node: the launcher's fields as plain values.
        workers: jobs at once; 0 runs them in this process when they run locally, and counts as 1 elsewhere.
        folder: the run folder; jobs of a cluster leave their files in `folder/jobs`.
        threads: of numerical libraries in a local worker or a slot of a packed job; None leaves their own default.
        devices_per_worker: GPUs that each of these gets for its own, where there are any; 0 hides them.
        gpus: as `CUDA_VISIBLE_DEVICES` names them; None finds those of this machine.
        preload: modules that they start with.
        paths: folders that jobs of a cluster need on PYTHONPATH.

    Raises:
        ValueError: a field is unknown or out of range, there are fewer GPUs than a worker wants, or there is no sbatch.
    """
    fields = completed(kind, node)
    if workers < 0:
        raise ValueError(f"workers is {workers}, it must be at least 0")
    if kind == "slurm_packed":
        from nas_launchers.packed_executor import PackedExecutor

        return PackedExecutor(
            fields,
            folder=folder,
            slots=max(1, workers),
            threads=threads,
            devices_per_slot=devices_per_worker,
            use_gpus=gpus is None or len(gpus) > 0,
            preload=preload,
            paths=paths,
        )
    if kind != "local":
        from nas_launchers.submitit_executor import SubmititExecutor

        return SubmititExecutor(kind, fields, folder=folder, slots=max(1, workers), paths=paths)
    if workers == 0:
        from nas_launchers.inline import InlineExecutor

        return InlineExecutor()
    from nas_launchers.pool import PoolExecutor

    limit_min = node.get("timeout_min")
    return PoolExecutor(
        workers,
        threads=threads,
        device_sets=device_sets(visible_gpus() if gpus is None else gpus, workers, devices_per_worker),
        limit_s=None if limit_min is None else 60.0 * limit_min,
        preload=preload,
    )
