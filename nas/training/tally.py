"""Counts over the batches of an evaluation."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, distributed


class Tally:
    """Accuracy and mean loss; the counts stay on the device until they are asked for.

    Args:
        keeps_answers: also keeps what was answered to every image, for metrics that are no mean over images.
        num_classes: of the answers.
    """

    def __init__(self, keeps_answers: bool = False, num_classes: int = 0) -> None:
        self._keeps_answers = keeps_answers
        self._logits = [torch.empty(0, num_classes)]
        self._labels = [torch.empty(0, dtype=torch.long)]
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
        if self._keeps_answers:
            self._logits.append(logits)
            self._labels.append(labels)

    def sum_over_ranks(self, device: torch.device) -> None:
        """Adds up the counts of all ranks, each of which has seen other images; all must call it. Of N ranks, number r
        has seen images r, r + N, r + 2 N and so on: answers come to be in the order of the images.

        Args:
            device: that the process group reduces on.
        """
        counts = torch.tensor([float(self._correct), float(self._loss), self.count], dtype=torch.float64, device=device)
        distributed.all_reduce(counts)
        correct, self._loss, count = counts.tolist()
        self._correct, self.count = int(correct), int(count)
        if self._keeps_answers:
            self._logits = [_interleaved(_joined(self._logits, device), self.count)]
            self._labels = [_interleaved(_joined(self._labels, device), self.count)]

    def answers(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Labels `(images,)` and the probabilities of each class, `(images, classes)`, of all images counted."""
        cpu = torch.device("cpu")
        labels, logits = _joined(self._labels, cpu), _joined(self._logits, cpu)
        return labels.numpy(), logits.double().softmax(1).numpy()

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return int(self._correct) / self.count

    @property
    def loss(self) -> float:
        """Mean cross-entropy in nats, without label smoothing; may be infinite or not a number."""
        return float(self._loss) / self.count


def _joined(batches: list[Tensor], device: torch.device) -> Tensor:
    return torch.cat([batch.to(device) for batch in batches])


def _interleaved(own: Tensor, total: int) -> Tensor:
    """The rows of all ranks, which took turns; this rank's are `own`."""
    most = -(-total // distributed.get_world_size())
    padded = torch.cat([own, own.new_zeros(most - len(own), *own.shape[1:])])
    everybodys = [torch.empty_like(padded) for _ in range(distributed.get_world_size())]
    distributed.all_gather(everybodys, padded)
    return torch.stack(everybodys, 1).flatten(0, 1)[:total]
