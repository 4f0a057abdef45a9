"""Counts over the batches of an evaluation."""

import torch
import torch.nn.functional as F
from torch import Tensor, distributed


class Tally:
    """Accuracy and mean loss; the counts stay on the device until they are asked for."""

    def __init__(self) -> None:
        self._correct: Tensor | int = 0
        self._loss: Tensor | float = 0.0
        self.count = 0

    def add(self, logits: Tensor, labels: Tensor) -> None:
        """Counts a batch: logits `(batch, classes)`, labels `(batch,)`."""
        logits = logits.float()
        summed = F.cross_entropy(logits, labels, reduction="sum")
        self._correct = self._correct + (logits.argmax(1) == labels).sum()
        self._loss = self._loss + (summed if summed.device.type == "mps" else summed.double())  # MPS has no doubles
        self.count += len(labels)

    def sum_over_ranks(self, device: torch.device) -> None:
        """Adds up the counts of all ranks, each of which has seen other images; all must call it.

        Args:
            device: that the process group reduces on.
        """
        counts = torch.tensor([float(self._correct), float(self._loss), self.count], dtype=torch.float64, device=device)
        distributed.all_reduce(counts)
        correct, self._loss, count = counts.tolist()
        self._correct, self.count = int(correct), int(count)

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return int(self._correct) / self.count

    @property
    def loss(self) -> float:
        """Mean cross-entropy in nats, without label smoothing; may be infinite or not a number."""
        return float(self._loss) / self.count
