"""torch.compile changes a training's speed, not what it computes."""

import pytest
import torch

from nas.training.build import fresh_network
from nas.training.fit import fit
from tests.training.test_fit import Child


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_compiled_training_has_the_same_first_losses() -> None:
    eager, compiled = (
        Child("training.epochs=1", "dataset.fraction=0.05", "network.filters=2", *overrides)
        for overrides in ([], ["hardware.compile=true"])
    )
    networks = [fresh_network(eager.spec, eager.architecture, eager.dataset, 0) for _ in range(2)]
    results = [
        fit(network, eager.dataset, eager.recipe, child.hardware, seed=0)
        for network, child in zip(networks, (eager, compiled), strict=True)
    ]
    assert results[1].train_loss == pytest.approx(results[0].train_loss, abs=1e-4)
    images = torch.zeros(2, *eager.dataset.image_shape)
    with torch.inference_mode():
        outputs = [network.eval()(images) for network in networks]  # none of them is compiled any more
    torch.testing.assert_close(outputs[1], outputs[0], atol=1e-3, rtol=1e-3)
