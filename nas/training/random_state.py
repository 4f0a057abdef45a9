"""Where a training's random sources are in the middle of an epoch, on every rank."""

from typing import Any

import torch
from torch import Tensor, distributed, nn

from nas.networks.drop_path import DropPath

RankState = dict[str, Tensor]


def random_states(network: nn.Module, device: torch.device) -> list[RankState]:
    """Those of all ranks, which must ask at the same time: torch's global sources, and drop-path's."""
    own = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        own["cuda"] = torch.cuda.get_rng_state(device)
    generator = _drop_path_generator(network)
    if generator is not None:
        own["drop_path"] = generator.get_state()
    if not distributed.is_initialized():
        return [own]
    states: list[Any] = [None] * distributed.get_world_size()
    distributed.all_gather_object(states, own)
    return states


def restore_random_state(state: RankState, network: nn.Module, device: torch.device) -> None:
    """Takes a rank's sources back to where they were."""
    torch.set_rng_state(state["cpu"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"].cpu(), device)
    if "drop_path" in state:
        network.seed_drop_path(0)  # type: ignore[operator]
        generator = _drop_path_generator(network)
        assert generator is not None
        generator.set_state(state["drop_path"].cpu())


def _drop_path_generator(network: nn.Module) -> torch.Generator | None:
    """The one that all drop-paths of a network share."""
    generators = (part.generator for part in network.modules() if isinstance(part, DropPath))
    return next((generator for generator in generators if generator is not None), None)
