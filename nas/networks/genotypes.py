"""The published cells as plain data.

Source: the authors' code (`tensorflow/tpu` amoeba_net model_specs; `tensorflow/models` slim nasnet_utils and pnasnet).
Inputs are numbered as there: 0 is the previous cell, 1 the one before. The concat lists are the code's: they hold
states that are read and even cell inputs, and only with them do the published sizes come out; the papers' figures join
unused states only.

Differs from the papers: AmoebaNet-A's normal cell is the code's, figure 5 of arXiv 1802.01548 exchanges two inputs.
`dil_sep_conv_5x5` in AmoebaNet-B is dilated here; the open code parses it as a plain one.
"""

from collections.abc import Sequence
from typing import Any

_SHORT = {
    "none": "none",
    "1x1": "conv_1x1",
    "3x3": "conv_3x3",
    "1x7": "conv_1x7_7x1",
    "sep3": "sep_conv_3x3",
    "sep5": "sep_conv_5x5",
    "sep7": "sep_conv_7x7",
    "dilsep5": "dil_sep_conv_5x5",
    "avg3": "avg_pool_3x3",
    "max2": "max_pool_2x2",
    "max3": "max_pool_3x3",
}


def _cell(text: str, concat: Sequence[int]) -> dict[str, Any]:
    """`text` holds the combinations as the papers' tables do: "avg3 0 + max3 0, sep3 1 + none 1, ..."."""
    elements = [[element.split() for element in pair.split("+")] for pair in text.split(",")]
    combinations = [[[_SHORT[op], int(source)] for op, source in pair] for pair in elements]
    return {"combinations": combinations, "concat": list(concat)}


AMOEBANET_A = {
    "normal": _cell(
        "avg3 0 + max3 0, sep3 1 + none 1, none 0 + avg3 1, sep3 0 + sep5 2, avg3 5 + sep3 0", [1, 3, 4, 6]
    ),
    "reduction": _cell(
        "sep3 1 + avg3 0, max3 0 + sep7 2, max3 1 + max3 0, sep3 4 + 1x7 0, avg3 1 + sep7 0", [2, 3, 4, 5, 6]
    ),
}

AMOEBANET_B = {
    "normal": _cell("1x1 1 + max3 1, none 1 + sep3 0, 1x1 1 + sep3 0, 1x1 2 + none 2, avg3 1 + 1x1 5", [0, 3, 4, 6]),
    "reduction": _cell("max2 0 + max3 0, none 2 + 3x3 1, dilsep5 2 + max3 2, none 3 + sep3 1, avg3 4 + 1x1 3", [5, 6]),
}

AMOEBANET_C = {
    "normal": _cell(
        "avg3 0 + sep3 0, none 0 + sep3 0, avg3 2 + sep3 1, none 0 + sep3 1, avg3 3 + sep3 0", [1, 2, 4, 5, 6]
    ),
    "reduction": _cell(
        "max3 0 + max3 0, sep7 2 + sep3 0, sep7 0 + max3 1, sep5 4 + sep5 4, max3 1 + sep3 1", [0, 2, 3, 4, 5, 6]
    ),
}

AMOEBANET_D = {
    "normal": _cell("1x1 1 + max3 1, none 1 + 1x7 0, 1x1 0 + 1x7 0, max3 2 + none 2, avg3 1 + 1x1 5", [0, 3, 4, 6]),
    "reduction": _cell("max2 0 + max3 0, none 2 + 3x3 1, 1x7 2 + max3 2, none 3 + max2 1, avg3 2 + 1x1 3", [4, 5, 6]),
}

NASNET_A = {
    "normal": _cell(
        "sep5 0 + sep3 1, sep5 1 + sep3 1, avg3 0 + none 1, avg3 1 + avg3 1, sep3 0 + none 0", [1, 2, 3, 4, 5, 6]
    ),
    "reduction": _cell(
        "sep5 0 + sep7 1, max3 0 + sep7 1, avg3 0 + sep5 1, none 3 + avg3 2, sep3 2 + max3 0", [3, 4, 5, 6]
    ),
}

PNASNET_5 = {  # one type of cell, at stride 2 in the place of some normal ones: see `nas.search_spaces.cell_stack`
    "normal": _cell(
        "sep5 1 + max3 1, sep7 0 + max3 0, sep5 0 + sep3 0, sep3 4 + max3 0, sep3 1 + none 0", [2, 3, 4, 5, 6]
    )
}

GENOTYPES: dict[str, dict[str, Any]] = {
    "amoebanet_a": AMOEBANET_A,
    "amoebanet_b": AMOEBANET_B,
    "amoebanet_c": AMOEBANET_C,
    "amoebanet_d": AMOEBANET_D,
    "nasnet_a": NASNET_A,
    "pnasnet_5": PNASNET_5,
}
