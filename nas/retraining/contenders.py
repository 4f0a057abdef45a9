"""What is trained several times and then tested: the winner, and the references that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from nas.data.seeds import derived_seed
from nas.errors import UserError, unknown
from nas.networks.genotypes import GENOTYPES
from nas.retraining.candidates import Candidate
from nas.retraining.finetuned import EXTRA_DATA, FinetunedResNet18Spec
from nas.search_spaces.base import SearchSpace

RANDOM_CELLS = "random_cells"
RESNET18 = "resnet18"
FINETUNED = FinetunedResNet18Spec.name
REFERENCES = (*GENOTYPES, RANDOM_CELLS, RESNET18, FINETUNED)
WINNER = "winner"


@dataclass(frozen=True, kw_only=True)
class Contender:
    """
    Attributes:
        name: "winner", or the reference's.
        network: has `build` and `cost`, both `(architecture, image_shape, num_classes)`.
        architectures: one for each training.
        extra_data: what it has seen besides the data set, in words; "" for nothing.
    """

    name: str
    network: Any
    architectures: tuple[Any, ...]
    extra_data: str = ""


def check_references(names: Sequence[str]) -> None:
    """
    Raises:
        UserError: a name is unknown or comes twice.
    """
    for name in names:
        if name not in REFERENCES:
            raise UserError(unknown(f"the reference {name}", str(name), list(REFERENCES)))
    if len(set(names)) != len(names):
        raise UserError(f"references is {list(names)}, every name may come once")


def winner(candidate: Candidate, network: Any, repeats: int) -> Contender:
    return Contender(name=WINNER, network=network, architectures=(candidate.architecture,) * repeats)


def reference(
    name: str, *, network: Any, resnet: Any, finetuned: Any, space: SearchSpace, seed: int, repeats: int
) -> Contender:
    """A reference of `REFERENCES`.

    Args:
        network: the settings that the winner is built with, and all cells.
        resnet: those of ResNet-18.
        finetuned: those of ResNet-18 from ImageNet's weights.
        space: that random cells are drawn from, another genome for each training.
        seed: of the retraining.
    """
    if name == RESNET18:
        return Contender(name=name, network=resnet, architectures=(None,) * repeats)
    if name == FINETUNED:
        architecture = {"learning_rate": finetuned.learning_rate}  # see `Recipe.of`
        return Contender(name=name, network=finetuned, architectures=(architecture,) * repeats, extra_data=EXTRA_DATA)
    if name == RANDOM_CELLS:
        draws = [Random(derived_seed(seed, RANDOM_CELLS, number)) for number in range(repeats)]
        return Contender(
            name=name, network=network, architectures=tuple(space.architecture(space.initial(rng)) for rng in draws)
        )
    return Contender(name=name, network=network, architectures=(GENOTYPES[name],) * repeats)
