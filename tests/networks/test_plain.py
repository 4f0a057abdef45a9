"""The detours around slow kernels change nothing: outputs and gradients are those of torch's own operations."""

from random import Random

import pytest
import torch
from torch import Tensor, nn

from benchmarks.plain_network import plain
from nas.networks.cell_network_spec import CellNetworkSpec
from nas.networks.concatenation import concatenate
from nas.networks.depthwise import DepthwiseConv2d
from nas.networks.factorized_reduction import FactorizedReduction
from nas.networks.genotypes import GENOTYPES
from nas.networks.same_padding import SameConv2d
from nas.search_spaces.cell_architecture import OPS
from nas.search_spaces.cells import Cells

SPACE = Cells(ops=OPS, num_combinations=5, identity_probability=0.05, op_mutation="any")


def gradients(part: nn.Module, x: Tensor) -> list[Tensor]:
    """The output and the gradients of the input and of every parameter."""
    x = x.clone().requires_grad_()
    output = part(x)
    weight = torch.linspace(-1, 1, output.numel(), dtype=output.dtype).reshape(output.shape)
    return [output.detach(), *torch.autograd.grad((output * weight).sum(), [x, *part.parameters()])]


def assert_equal(part: nn.Module, reference: nn.Module, x: Tensor, tolerance: float) -> None:
    for found, expected in zip(gradients(part, x), gradients(reference, x), strict=True):
        scale = max(1.0, float(expected.abs().max()))
        assert found.shape == expected.shape
        assert float((found - expected).abs().max()) <= tolerance * scale


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("size", [(8, 8), (9, 7), (16, 12), (2, 2), (5, 9)])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("kernel", [3, 5, 7])
def test_depthwise_convolutions(
    kernel: int, stride: int, dilation: int, size: tuple[int, int], memory_format: torch.memory_format
) -> None:
    torch.manual_seed(0)
    part = DepthwiseConv2d(6, kernel, stride, dilation)
    reference = SameConv2d(6, 6, kernel, stride, dilation, groups=6)
    reference.load_state_dict(part.state_dict())
    images = torch.randn(3, 6, *size).to(memory_format=memory_format)
    assert_equal(part, reference, images, 1e-5)
    with torch.no_grad():
        assert torch.allclose(part(images), reference(images), atol=1e-5)
    assert_equal(part.double(), reference.double(), images.double(), 1e-12)


@pytest.mark.parametrize("size", [(8, 8), (7, 9)])
def test_factorized_reductions(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    part = FactorizedReduction(4, 5).double()
    assert_equal(part, plain(part), torch.randn(2, 4, *size, dtype=torch.float64), 1e-12)


def test_concatenations_hand_out_dense_gradients() -> None:
    states = [torch.randn(2, channels, 4, 4).to(memory_format=torch.channels_last) for channels in (1, 3)]
    seen: list[Tensor] = []
    for state in states:
        state.requires_grad_().register_hook(seen.append)
    joined = concatenate(states)
    assert torch.equal(joined, torch.cat(states, 1))
    joined.square().sum().backward()
    assert len(seen) == 2
    for gradient in seen:
        assert gradient.is_contiguous(memory_format=torch.channels_last)


@pytest.fixture(autouse=True)
def _detours_for_small_tensors_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nas.networks.depthwise._WORTHWHILE", 1)


def genomes() -> dict[str, object]:
    drawn = {f"random_{seed}": SPACE.architecture(SPACE.initial(Random(seed))) for seed in range(6)}
    return {**GENOTYPES, **drawn}


@pytest.mark.parametrize("name", genomes())
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_whole_networks(spec: CellNetworkSpec, name: str, memory_format: torch.memory_format) -> None:
    torch.manual_seed(0)
    network = spec.build(genomes()[name], (3, 16, 16), 10).double()
    images = torch.randn(2, 3, 16, 16, dtype=torch.float64).to(memory_format=memory_format)
    assert_equal(network, plain(network), images, 1e-9)
    network.eval()
    with torch.no_grad():
        assert torch.allclose(network(images), plain(network)(images), atol=1e-10)
    single = network.float()
    with torch.no_grad():
        assert torch.allclose(single(images.float()), plain(single)(images.float()), atol=1e-5)


def test_mixed_precision_trains_too(spec: CellNetworkSpec) -> None:
    torch.manual_seed(0)
    network = spec.build(GENOTYPES["nasnet_a"], (3, 16, 16), 10)
    with torch.autocast("cpu", torch.bfloat16):
        network(torch.randn(2, 3, 16, 16)).float().square().sum().backward()
    assert all(bool(parameter.grad.isfinite().all()) for parameter in network.parameters())
