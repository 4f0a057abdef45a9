"""A child in a process of its own, for tests that kill it: `python killed_child.py ARGUMENTS.pickle [EPOCH]`.

Trains by `run_child` and leaves the metrics in `outcome.json` beside the arguments; with EPOCH, the process kills
itself by SIGKILL in the middle of that epoch, counted over all trainings of the child.
"""

import json
import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any


def main(arguments: Path, epoch: int | None) -> None:
    import torch

    from nas.evaluators.child import run_child
    from nas.training.classifier import Classifier

    torch.set_num_threads(1)
    evaluator, task = pickle.loads(arguments.read_bytes())
    begun = -1
    begin, step = Classifier.on_train_epoch_start, Classifier.training_step

    def on_train_epoch_start(self: Classifier) -> None:
        nonlocal begun
        begun += 1
        begin(self)

    def training_step(self: Classifier, batch: Any, batch_idx: int) -> Any:
        if begun == epoch and batch_idx == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(self, batch, batch_idx)

    Classifier.on_train_epoch_start, Classifier.training_step = on_train_epoch_start, training_step
    outcome = run_child(evaluator, task, capture_log=True)
    arguments.with_name("outcome.json").write_text(json.dumps({"metrics": outcome.metrics, "epochs": begun + 1}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None)
