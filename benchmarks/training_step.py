"""NASNet-A trained and applied: ours beside timm's nasnetalarge and beside the plain build of our own.

    python -m benchmarks.training_step [--pairs 5] [--size 96] [--batch 8] [--filters 8]

One thread, channels_last, equal weights (timm's, converted), equal widths and images, all with our allocator settings.
Prints how many times faster ours is; goals: 1.5 (training step) and 2 (inference) against timm.
Needs timm (the extra `bench`).
"""

import argparse
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.pairs import interleaved
from benchmarks.plain_network import plain
from nas.networks.folding import fold_batch_norms
from nas.networks.timm_weights import load_timm_weights
from nas.networks.zoo import create_model
from nas.training.allocator import keep_memory

STEPS = 4
WARM_UP = 2


def training(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Callable[[], float]:
    """Seconds of a step: forward, backward, momentum SGD."""
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(network(images), labels).backward()
        optimizer.step()

    network.train()
    return timed(step)


def inference(network: nn.Module, images: torch.Tensor) -> Callable[[], float]:
    """Seconds of a forward pass."""
    network.eval()

    def step() -> None:
        with torch.no_grad():
            network(images)

    return timed(step)


def timed(step: Callable[[], None]) -> Callable[[], float]:
    for _ in range(WARM_UP):
        step()

    def measure() -> float:
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        return (time.perf_counter() - start) / STEPS

    return measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--filters", type=int, default=8)
    arguments = parser.parse_args()
    from timm.models.nasnet import NASNetALarge

    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep_memory()
    peer = NASNetALarge(num_classes=10, stem_size=4 * arguments.filters, num_features=24 * arguments.filters)
    ours = create_model(
        "nasnet_a",
        preset="large",
        filters=arguments.filters,
        stem_filters=4 * arguments.filters,
        num_classes=10,
        image_size=arguments.size,
    )
    load_timm_weights(ours, "nasnet_a", peer.state_dict())
    reference = plain(ours)
    for network in (peer, ours, reference):
        network.to(memory_format=torch.channels_last)
    images = torch.randn(arguments.batch, 3, arguments.size, arguments.size).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (arguments.batch,))
    for name, other in (("timm", peer), ("the plain build", reference)):
        ratio = interleaved(training(other, images, labels), training(ours, images, labels), arguments.pairs)
        print(f"training step, {name} / ours: {ratio}", flush=True)
    folded = fold_batch_norms(ours)
    for name, other in (("timm", peer), ("the plain build", reference), ("ours without folding", ours)):
        ratio = interleaved(inference(other, images), inference(folded, images), arguments.pairs)
        print(f"inference, {name} / ours folded: {ratio}", flush=True)


if __name__ == "__main__":
    main()
