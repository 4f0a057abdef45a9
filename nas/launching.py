"""From `hydra/launcher` and `hardware` to an executor: what the entry points that train share."""

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from nas.errors import UserError

PRELOADED = ("torch", "torchvision", "pytorch_lightning", "cloudpickle")


def composed_launcher_kind() -> str:
    """Which kind of launcher `hydra/launcher` chose, see `nas_launchers.build.launcher_kind`."""
    from hydra.core.hydra_config import HydraConfig
    from nas_launchers.build import launcher_kind

    return launcher_kind(HydraConfig.get().launcher)


def local_workers(kind: str, hardware: Any) -> int:
    """Jobs at once, by what this machine has.

    Raises:
        UserError: a job that runs here wants more devices than there are.
    """
    from nas_launchers.devices import visible_gpus

    num_gpus = len(visible_gpus())
    if kind == "local":
        hardware.check_devices(num_gpus)
    return hardware.worker_count(num_gpus)


def composed_executor(kind: str, workers: int, folder: Path, hardware: Any) -> Any:
    """The executor that the composed `hydra/launcher` describes.

    A search or a retraining takes `ready_executor`.

    Args:
        kind: see `composed_launcher_kind`.
        workers: jobs at once.
        folder: of what is run; submitit's files go there.
        hardware: a `nas.training.hardware.Hardware`.

    Raises:
        UserError: a field is unknown or out of range, or there are fewer GPUs or nodes than a job wants.
    """
    from hydra.core.hydra_config import HydraConfig
    from nas_launchers.build import build_executor

    from nas.preflight import check_launcher

    hydra = HydraConfig.get()
    composed = OmegaConf.to_container(hydra.launcher, resolve=True)
    assert isinstance(composed, dict)
    node = {str(key): value for key, value in composed.items()}
    if node.get("name") == hydra.job.name:
        node["name"] = None  # nobody has chosen one: jobs are named after their run
    if kind != "submitit_slurm":
        hardware.check_nodes()
    check_launcher(kind, node, hardware)
    try:
        return build_executor(
            kind,
            node,
            workers=workers,
            folder=folder.resolve(),
            threads=hardware.threads,
            devices_per_worker=hardware.devices,
            gpus=[] if hardware.accelerator == "cpu" else None,
            preload=PRELOADED,
            paths=[Path(__file__).resolve().parent.parent],
        )
    except ValueError as error:
        raise UserError(str(error)) from error


def ready_executor(kind: str, workers: int, folder: Path, hardware: Any, *, wanted: bool, parts: Any, data: Any) -> Any:
    """`composed_executor`; on a cluster, with a preflight before the first job.

    Args:
        kind: see `composed_executor`, likewise the next three.
        workers: see there.
        folder: see there.
        hardware: see there.
        wanted: whether there is a preflight.
        parts: what jobs will be sent.
        data: what of it holds the data.

    Raises:
        UserError: as `composed_executor`.
    """
    from nas.application import say
    from nas.preflight import Preflighted

    executor = composed_executor(kind, workers, folder, hardware)
    if kind != "submitit_slurm" or not wanted:
        return executor
    return Preflighted(executor, folder, hardware, say, parts=parts, data=data)
