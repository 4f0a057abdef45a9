"""The network settings that tests start from."""

from collections.abc import Iterator

import pytest
import torch

from nas.networks.cell_network_spec import CellNetworkSpec


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def spec() -> CellNetworkSpec:
    """A small network without an auxiliary head and without drop-path."""
    return CellNetworkSpec(
        num_cells=1,
        filters=8,
        stem="auto",
        imagenet_stem_from=128,
        stem_multiplier=3,
        stem_filters=32,
        skip_reduction_layer_input=False,
        auxiliary_head=False,
        auxiliary_filters=(16, 32),
        drop_path_keep=1.0,
        drop_path_by_depth=False,
        dropout=0.0,
        batch_norm_momentum=0.1,
        batch_norm_epsilon=1e-5,
    )
