"""Counts over the batches of an evaluation."""

import torch.nn.functional as F
from torch import Tensor


class Tally:
    """Accuracy and mean loss; the counts stay on the device until they are asked for."""

    def __init__(self) -> None:
        self._correct: Tensor | int = 0
        self._loss: Tensor | float = 0.0
        self.count = 0

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """Counts a batch: logits `(batch, classes)`, labels `(batch,)`."""
        logits = logits.float()
        self._correct = self._correct + (logits.argmax(1) == labels).sum()
        self._loss = self._loss + F.cross_entropy(logits, labels, reduction="sum").double()
        self.count += len(labels)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return int(self._correct) / self.count

    @property
    def loss(self) -> float:
        """Mean cross-entropy in nats, without label smoothing; may be infinite or not a number."""
        return float(self._loss) / self.count
