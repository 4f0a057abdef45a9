"""Which device and precision the plain values mean on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from nas.errors import UserError
from nas.training.hardware import Hardware, usable_cores
from nas.training.job import job_task


def choose_device(hardware: Hardware) -> torch.device:
    """The device that a child in this process uses.

    A task of a job may be given its own cores alone, so they are not counted there.

    Raises:
        UserError: the wanted accelerator is not here, or not so many of them.
    """
    has = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    kind = hardware.accelerator
    if kind == "auto":
        kind = next(kind for kind, is_here in has.items() if is_here)
    if not has[kind]:
        here = ", ".join(kind for kind, is_here in has.items() if is_here)
        raise UserError(
            f"hardware.accelerator is {kind!r}, which torch does not find on this machine (it finds {here})"
        )
    number, what = {
        "cuda": (torch.cuda.device_count(), "CUDA devices"),
        "mps": (1, "MPS device"),
        "cpu": (usable_cores(), "CPU cores"),
    }[kind]
    if hardware.devices > number and not (kind == "cpu" and job_task() is not None):
        raise UserError(f"hardware.devices is {hardware.devices}, there are {number} {what} here")
    return torch.device(kind) if kind == "cpu" else torch.device(kind, 0)


def choose_precision(precision: str, device: torch.device) -> str:
    """Lightning's word for a recipe's precision on this device."""
    if precision == "auto":
        has_bf16 = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
        precision = "bf16" if has_bf16 else "32"
    return {"32": "32-true", "bf16": "bf16-mixed"}[precision]


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Lets torch use so many threads meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
