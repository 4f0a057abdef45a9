from nas_plugin_example import SuccessiveHalving, SwapCells

from nas.search_spaces.bits import Bits
from nas.testing import AlgorithmSuite, SearchSpaceSuite

OPS = ("none", "sep_conv_3x3", "avg_pool_3x3")


class TestSwapCells(SearchSpaceSuite):
    def make(self):
        values = {"num_combinations": 2, "identity_probability": 0.05, "op_mutation": "any", "swap_probability": 0.5}
        return SwapCells(ops=OPS, **values)


class TestSuccessiveHalving(AlgorithmSuite):
    def space(self):
        return Bits(num_bits=24)

    def make(self, space):
        return SuccessiveHalving(space=space, epochs=[1, 3, None], eta=3)

    def bound(self, algorithm):
        return 1000  # it keeps everybody
