"""ScheduledDropPath: op outputs dropped per example, ever more often (arXiv 1707.07012; the authors' code)."""

import torch
from torch import Tensor, nn


class DropPath(nn.Module):
    """Keeps each example's tensor with a probability, scaled so that its expectation stays; idle in evaluation.

    The probability falls linearly from 1 to `final_keep` with the training's progress.

    Args:
        final_keep: probability of keeping at the end of training (the papers' 0.7 is a keep probability).

    Attributes:
        keep: the present probability.
        generator: source of randomness, on the tensors' device; None is torch's global one.
    """

    def __init__(self, final_keep: float) -> None:
        super().__init__()
        self.final_keep = final_keep
        self.keep = 1.0
        self.generator: torch.Generator | None = None

    def set_progress(self, fraction: float) -> None:
        """Sets the present probability after `fraction` (0 to 1) of the training."""
        self.keep = 1.0 - fraction * (1.0 - self.final_keep)

    def forward(self, x: Tensor) -> Tensor:
        """`(batch, ...)` to the same shape."""
        if not self.training or self.keep == 1.0:
            return x
        shape = (x.shape[0],) + (1,) * (x.ndim - 1)
        kept = torch.rand(shape, generator=self.generator, device=x.device) < self.keep
        return x * (kept.to(x.dtype) / self.keep)

    def extra_repr(self) -> str:
        return f"final_keep={self.final_keep}"


def keep_at_depth(final_keep: float, cell: int, num_cells: int) -> float:
    """The final probability of cell `cell` (from 0) of `num_cells`, reductions included: the last gets `final_keep`."""
    return 1.0 - (cell + 1) / num_cells * (1.0 - final_keep)
