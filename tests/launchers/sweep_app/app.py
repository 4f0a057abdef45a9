"""A small Hydra application with the launcher settings of ours: each job is one "search"."""

import os
import signal
import sys
import time
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from nas_launchers.build import build_executor, launcher_kind
from omegaconf import DictConfig, OmegaConf


class Refused(ValueError):
    pass


def square(seed: int) -> int:
    return seed * seed


def stop(number: int, frame: object) -> None:
    print(f"stopping cleanly on {signal.Signals(number).name}")
    sys.exit(3)


@hydra.main(version_base="1.3", config_path="conf", config_name="config")
def main(config: DictConfig) -> int:
    launcher = HydraConfig.get().launcher
    kind = launcher_kind(launcher)
    node = OmegaConf.to_container(launcher, resolve=True)
    assert isinstance(node, dict)
    action = os.environ.get(f"SEED_{config.seed}", "")
    if config.refuse:
        raise Refused("no")
    if action == "show":
        print(kind, node["timeout_min"], node["cpus_per_task"], node["gpus_per_node"], node["mem_gb"])
        return 0
    if action == "raise":
        raise ValueError(f"seed {config.seed} is bad")
    if action == "exit":
        sys.exit(2)
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if action == "wait":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        Path(f"waiting-{config.seed}").write_text(str(os.getpid()))
        time.sleep(600)
    executor = build_executor(
        kind, node, workers=1, folder=Path.cwd() / f"run-{config.seed}"
    )  # as runs have: it owns its jobs
    value: int = executor.submit(square, config.seed).result()
    executor.shutdown()
    print(f"the square is {value}")
    return value


if __name__ == "__main__":
    main()
