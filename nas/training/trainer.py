"""Lightning's Trainer with all that a child does not need switched off."""

import os
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.environments.lightning import LightningEnvironment

from nas.training.batch_plan import BatchPlan
from nas.training.classifier import Classifier
from nas.training.device import choose_precision
from nas.training.job import JobTask
from nas.training.task_ranks import TaskEnvironment


def make_trainer(
    plan: BatchPlan,
    device: torch.device,
    callbacks: list[pl.Callback],
    options: dict[str, Any],
    *,
    task: JobTask | None,
    folder: Path | None,
) -> pl.Trainer:
    """The trainer of this process, which is one of `plan.devices` ranks.

    Args:
        plan: the batches.
        device: of this process.
        callbacks: ours.
        options: the caller's, in place of ours; callbacks come besides.
        task: of a job with several, which are the ranks; None where this process has started them, or is alone.
        folder: of the checkpoint.
    """
    recipe, is_distributed = plan.recipe, plan.devices > 1
    settings: dict[str, Any] = {
        "accelerator": device.type,
        "devices": plan.devices // (1 if task is None else task.num_nodes),
        "num_nodes": 1 if task is None else task.num_nodes,
        # Starts no process here: the environment variable LOCAL_RANK says that somebody else did. See `ranks`.
        "strategy": "ddp" if is_distributed else "auto",
        "sync_batchnorm": is_distributed and recipe.sync_batchnorm,
        "precision": choose_precision(recipe.precision, device),
        "max_epochs": recipe.num_epochs(plan.num_train),
        "limit_train_batches": plan.num_batches,
        "accumulate_grad_batches": plan.accumulate,
        "gradient_clip_val": recipe.gradient_clip,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "use_distributed_sampler": False,
        # In a SLURM job Lightning would take the job's other tasks for ranks of this training.
        "plugins": [LightningEnvironment() if task is None else TaskEnvironment(task)],
        # In a SLURM job Lightning goes on from any hpc_ckpt_N.ckpt that it finds here: never where others write.
        "default_root_dir": os.devnull if folder is None else folder,
    }
    trainer = pl.Trainer(**{**settings, **options, "callbacks": [*callbacks, *options.get("callbacks", ())]})
    # Signals are the launcher's: Lightning would turn SIGTERM, which ends a worker, into a failed child.
    trainer._signal_connector.register_signal_handlers = lambda: None  # type: ignore[method-assign]
    return trainer


def release(trainer: pl.Trainer, module: Classifier) -> None:
    """Takes trainer and module apart: they refer to each other, and would keep weights and momentum until the next
    collection of cycles, which takes 0.2 s of a child's time when it is forced."""
    trainer.strategy.optimizers = []
    trainer.strategy.lr_scheduler_configs = []
    del module.network
