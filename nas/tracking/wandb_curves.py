"""The curves of final trainings in W&B: a run for each, in the group of the search that the networks come from."""

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nas.tracking.wandb_account import WandbAccount
from nas.tracking.wandb_folder import run_id

if TYPE_CHECKING:
    from nas.training.curves import Opening, OpenLogger


@dataclass(frozen=True, kw_only=True)
class WandbCurves:
    """Can be sent to where a training runs.

    Attributes:
        account: where runs go.
        group, tags: of every run.
    """

    account: WandbAccount
    group: str
    tags: tuple[str, ...]

    def opening(self, folder: Path, config: Mapping[str, Any]) -> "Opening":
        """What opens the logger of a training.

        Args:
            folder: of the training; attempts at it share its run.
            config: what is trained, and how.
        """
        return functools.partial(self._opened, folder, dict(config))

    @contextmanager
    def _opened(self, folder: Path, config: dict[str, Any]) -> "Iterator[OpenLogger]":
        from pytorch_lightning.loggers import WandbLogger

        from nas.training.curves import OpenLogger

        run = self.account.start(
            folder,
            run_id(folder),
            name=f"{folder.absolute().parent.parent.name}/{folder.name}",
            group=self.group,
            job_type="retrain",
            tags=list(self.tags),
            config=config,
        )
        try:
            run.define_metric("trainer/global_step", hidden=True)
            run.define_metric("*", step_metric="trainer/global_step", step_sync=True)
            yield OpenLogger(WandbLogger(experiment=run), delivered=run.starting_step)
        finally:
            run.finish()
