"""Memory of a training step of AmoebaNet-A (N=6, F=36) at batch 128: ours beside the plain build.

    python -m benchmarks.peak_memory [--batch 128]

Each in a process of its own, on the CPU, one thread. Goal: ours needs no more.
"""

import argparse
import resource
import subprocess
import sys

import torch
import torch.nn.functional as F

from benchmarks.plain_network import plain
from nas.networks.zoo import create_model
from nas.training.allocator import keep_memory

STEPS = 2


def peak_mb(build: str, batch: int) -> float:
    """Of a fresh process, in MB."""
    command = [sys.executable, "-m", "benchmarks.peak_memory", "--batch", str(batch), "--build", build]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def train(build: str, batch: int) -> float:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    keep_memory()
    network = create_model("amoebanet_a", "cifar_6_36").to(memory_format=torch.channels_last)
    if build == "plain":
        network = plain(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    images = torch.randn(batch, 3, 32, 32).to(memory_format=torch.channels_last)
    for _ in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(network(images), torch.zeros(batch, dtype=torch.long)).backward()
        optimizer.step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--build", choices=("ours", "plain"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        print(train(arguments.build, arguments.batch))
        return
    found = {build: peak_mb(build, arguments.batch) for build in ("ours", "plain")}
    print(f"peak: ours {found['ours']:,.0f} MB, plain {found['plain']:,.0f} MB")


if __name__ == "__main__":
    main()
