"""What a DNA's network is made like apart from the DNA, as plain values. Torch-free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nas.errors import UserError
from nas.search_spaces.cost import Block, Cost
from nas.search_spaces.dna_cost import dna_blocks, dna_cost
from nas.search_spaces.dna_json import dna_from_json
from nas.search_spaces.dna_shapes import plan_dna

if TYPE_CHECKING:
    from nas.networks.dna_network import DnaNetwork


@dataclass(frozen=True, kw_only=True)
class DnaNetworkSpec:
    """Batch norm, rectifier and fresh weights (Real et al. 2017, arXiv 1703.01041, section 3.2 and supplement S1).

    Attributes:
        batch_norm_momentum: weight of the newest batch in the running statistics: 1 - the paper's decay.
        batch_norm_epsilon: added to variances; the paper does not say.
        leakiness: slope of the rectifier below 0.
        init_scale: factor of the deviation of fresh filters, beside He's and that of their vertex's in-edges.
    """

    batch_norm_momentum: float
    batch_norm_epsilon: float
    leakiness: float
    init_scale: float
    name: ClassVar[str] = "dna"
    names_variables: ClassVar[bool] = True  # by ids, so that they can be inherited

    def __post_init__(self) -> None:
        for key, least, most in (
            ("batch_norm_momentum", 0, 1),
            ("batch_norm_epsilon", 0, 1),
            ("leakiness", 0, 1),
            ("init_scale", 0, float("inf")),
        ):
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise UserError(f"network.{key} is {value!r}, it must be a number from {least} to {most}")

    def build(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> DnaNetwork:
        """The network with fresh weights, drawn from torch's global generator (`torch.manual_seed`).

        Args:
            architecture: a DNA in JSON form.
            image_shape: channels, height, width.
            num_classes: outputs of the classifier.

        Raises:
            UserError: no valid DNA.
        """
        from nas.networks.dna_network import DnaNetwork

        dna = dna_from_json(architecture)
        return DnaNetwork(plan_dna(dna, image_shape), dna.classifier_id, num_classes, self)

    def cost(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int) -> Cost:
        """Parameters and multiply-adds in closed form; arguments and errors are those of `build`."""
        return dna_cost(plan_dna(dna_from_json(architecture), image_shape), num_classes)

    def blocks(self, architecture: Any, image_shape: tuple[int, int, int], num_classes: int | None) -> Iterator[Block]:
        """What is counted, without the classifier if `num_classes` is None; errors are those of `build`."""
        return dna_blocks(plan_dna(dna_from_json(architecture), image_shape), num_classes)
