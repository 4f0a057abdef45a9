"""The ImageNet configurations make networks of the published sizes (arXiv 1802.01548, 1712.00559)."""

import pytest
from hydra import compose, initialize_config_dir

from nas.application import build, config_folder
from nas.networks.genotypes import GENOTYPES


@pytest.mark.parametrize(
    ("network", "size", "parameters_m", "multiply_adds_m"),
    [("imagenet_mobile", 224, 5.1, 555), ("imagenet_large", 331, 86.7, 23_100)],
)
def test_amoebanet_a_has_the_published_size(
    network: str, size: int, parameters_m: float, multiply_adds_m: float
) -> None:
    with initialize_config_dir(str(config_folder()), version_base="1.3"):
        config = compose("config", overrides=[f"network={network}"])
    spec = build(config.network, "network")
    cost = spec.cost(GENOTYPES["amoebanet_a"], (3, size, size), 1000)
    assert cost.parameters / 1e6 == pytest.approx(parameters_m, rel=0.01)
    assert cost.multiply_adds / 1e6 == pytest.approx(multiply_adds_m, rel=0.01)
