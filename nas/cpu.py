"""The CPU of this machine in words, as far as equal bits depend on it."""

import functools
import platform
import subprocess
from pathlib import Path

_WIDEST = ("amx_bf16", "avx512_bf16", "avx512f", "avx2", "sve", "asimd")  # numerical libraries choose kernels by these


@functools.cache
def cpu_model() -> str:
    """Maker's name, family and model, and the widest vector instructions, as far as the system tells them."""
    try:
        if platform.system() == "Darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
        found = _first_core(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace"))
    except (OSError, subprocess.SubprocessError):
        found = {}
    flags = found.get("flags", found.get("Features", "")).split()
    parts = [
        found.get("model name") or platform.processor() or platform.machine(),
        *(f"{key.removeprefix('cpu ')} {found[key]}" for key in ("cpu family", "model", "CPU part") if key in found),
        *[flag for flag in _WIDEST if flag in flags][:1],
    ]
    return ", ".join(parts)


def _first_core(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\n\n", 1)[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
