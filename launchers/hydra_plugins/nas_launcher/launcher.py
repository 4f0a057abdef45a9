"""`SearchLauncher`: what `-m` does with the searches of a sweep.

A search's driver is cheap; its children are what costs, and they run where `hydra/launcher` says. So the drivers of a
sweep run side by side on the machine where the command was given, each in a process of its own, and each sends its
children there by itself. Hydra's every start imports this module: nothing heavy here.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class SearchLauncher(Launcher):
    """Runs every job of a sweep as a driver on this machine.

    Args:
        drivers_at_once: how many drivers run side by side; None takes as many as there are processors.
        fields: those of the chosen `hydra/launcher` group; the drivers read them, not this class.

    Raises:
        ValueError: `drivers_at_once` is no whole number of at least 1.
    """

    def __init__(self, drivers_at_once: int | None = None, **fields: Any) -> None:
        if drivers_at_once is not None and (not isinstance(drivers_at_once, int) or drivers_at_once < 1):
            raise ValueError(f"hydra.launcher.drivers_at_once is {drivers_at_once!r}, it must be at least 1, or null")
        self._drivers_at_once = drivers_at_once
        self._setup: tuple[HydraContext, TaskFunction, DictConfig] | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        from hydra_plugins.nas_launcher._folder import keep_sweep_from_writing

        keep_sweep_from_writing(config)
        self._setup = (hydra_context, task_function, config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from hydra_plugins.nas_launcher._drivers import Drivers

        assert self._setup is not None
        at_once = self._drivers_at_once or min(len(job_overrides), os.cpu_count() or 1)
        drivers = Drivers(*self._setup, job_overrides, initial_job_idx)
        returns = drivers.run(at_once)
        print(drivers.summary(), file=sys.stderr, flush=True)
        return returns
