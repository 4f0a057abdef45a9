"""Where and with what a training runs. Torch-free until it is asked."""

from typing import Any

from nas.cpu import cpu_model
from nas.training.hardware import Hardware
from nas.training.recipe import Recipe


def training_provenance(hardware: Hardware, recipe: Recipe) -> dict[str, Any]:
    """Where and with what this process trains."""
    import torch

    from nas.training.device import choose_device, choose_precision

    device = choose_device(hardware)
    is_cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if is_cuda else device.type,
        **({"cpu": cpu_model()} if device.type == "cpu" else {}),
        "devices": hardware.devices,
        **({"nodes": hardware.nodes} if hardware.nodes > 1 else {}),
        "precision": choose_precision(recipe.precision, device),
        "threads": hardware.threads,
        "torch": torch.__version__,
    }
