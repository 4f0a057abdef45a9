"""What every cell op of one's own must hold."""

import json
import pickle
from abc import ABC, abstractmethod
from functools import partial

import pytest

from nas.search.identity import identity_of
from nas.search_spaces.cell_op import CellOp
from nas.testing.rules import rule

SHAPES = [(6, 6, (8, 8)), (9, 5, (7, 10)), (3, 11, (5, 5)), (4, 3, (2, 1)), (2, 2, (1, 1))]  # in, filters, size


class CellOpSuite(ABC):
    """Subclass it as `TestMyOp`."""

    @abstractmethod
    def make(self) -> CellOp:
        """The op under test."""

    @pytest.mark.parametrize("stride", [1, 2])
    @rule("an op puts out (batch, filters, ceil(height / stride), ceil(width / stride)), for any channels and sizes")
    def test_shapes(self, stride: int) -> None:
        import torch
        from torch import nn

        for in_channels, filters, size in SHAPES:
            op = self.make().build(in_channels, filters, stride, nn.BatchNorm2d)
            shape = tuple(op(torch.randn(3, in_channels, *size)).shape)
            wanted = (3, filters, -(-size[0] // stride), -(-size[1] // stride))
            assert shape == wanted, f"{in_channels} channels of {size} give {shape}, not {wanted}"

    @pytest.mark.parametrize("stride", [1, 2])
    @rule("every parameter, and what the op reads, gets a gradient")
    def test_gradients(self, stride: int) -> None:
        import torch
        from torch import nn

        for in_channels, filters, size in SHAPES:
            op = self.make().build(in_channels, filters, stride, nn.BatchNorm2d)
            x = torch.randn(3, in_channels, *size, requires_grad=True)
            y = op(x)
            (y * torch.randn_like(y)).sum().backward()
            assert x.grad is not None, "none for what it reads"
            for name, parameter in op.named_parameters():
                assert parameter.grad is not None, f"none for {name}"

    @pytest.mark.parametrize("stride", [1, 2])
    @rule("its closed-form cost is that of the module, counted: parameters, multiply-adds and activations")
    def test_costs(self, stride: int) -> None:
        from torch import nn

        from nas.networks.cost import network_cost

        for in_channels, filters, size in SHAPES:
            op = self.make()
            module = nn.Sequential(op.build(in_channels, filters, stride, nn.BatchNorm2d))
            counter = nn.Module()
            counter.anchor = nn.Parameter(next(iter(module.parameters()), nn.Parameter()).new_zeros(0))
            counter.op, counter.forward = module, module.forward
            assert network_cost(counter, (in_channels, *size)) == op.cost(in_channels, filters, stride, size)

    @rule("an op leaves what it reads as it is: several ops read the same state")
    def test_its_input_stays(self) -> None:
        import torch
        from torch import nn

        for stride in (1, 2):
            op = self.make().build(8, 8, stride, partial(nn.BatchNorm2d, eps=1e-3))
            x = torch.randn(2, 8, 6, 6)
            before = x.clone()
            op(x)
            assert torch.equal(x, before)

    @rule("an op has an identity of plain data, and travels")
    def test_it_has_an_identity(self) -> None:
        op = self.make()
        assert isinstance(op, CellOp), f"{type(op).__name__} is no CellOp"
        json.dumps(identity_of(op), allow_nan=False)
        assert identity_of(pickle.loads(pickle.dumps(op))) == identity_of(op)
