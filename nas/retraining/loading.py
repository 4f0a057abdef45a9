"""`load_model`: a retrained winner as a module that is ready to use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nas.errors import UserError
from nas.retraining.card import read_card, sha256
from nas.retraining.networks import network_spec
from nas.retraining.places import card_path
from nas.data.preprocessing import Preprocessing


class Model(nn.Module):
    """A trained network with what it takes to use it.

    Attributes:
        network: the module itself.
        preprocess: turns an image (a file's path, a Pillow image or uint8 `(height, width[, channels])`) into the
            network's input, float `(1, channels, height, width)`.
        classes: a name for every logit.
        card: the model card.
    """

    def __init__(self, network: nn.Module, preprocess: Preprocessing, card: Mapping[str, Any]) -> None:
        super().__init__()
        self.network = network
        self.preprocess = preprocess
        self.classes: tuple[str, ...] = tuple(card["classes"])
        self.card = card

    def forward(self, images: Tensor) -> Tensor:
        """Preprocessed images `(batch, channels, height, width)` to logits `(batch, classes)`."""
        return self.network(images)


def load_model(run_or_card: str | Path) -> Model:
    """The model of a card with its weights, on the CPU and in eval mode. Nothing is unpickled or executed.

    Args:
        run_or_card: a retraining's folder, its `card.json`, or the folder of a search with one retraining beside it.

    Raises:
        UserError: there is no card, or its weights are missing or not its own.
    """
    path = card_path(Path(run_or_card))
    card = read_card(path)
    try:
        spec, shape = network_spec(card["network"]), tuple(card["image_shape"])
        network = spec.build(card["architecture"], shape, card["num_classes"])
        preprocess = Preprocessing.from_plain(card["preprocessing"])
        weights, digest = path.parent / Path(card["weights"]["file"]).name, card["weights"]["sha256"]
        model = Model(network, preprocess, card)
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        raise UserError(f"the model card {path} describes no network ({what})") from error
    _load_weights(network, weights, path)
    if sha256(weights) != digest:
        raise UserError(f"the weights {weights} are not those that {path} was made with")
    return model.eval()


def _load_weights(network: nn.Module, path: Path, card: Path) -> None:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise UserError(f"the weights {path} cannot be read: {error.strerror}") from error
    except Exception as error:  # torch names damage in many ways
        raise UserError(f"{path} holds no weights ({type(error).__name__})") from error
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        first = next((line for line in lines[1:] if line), lines[0])
        shown = first if len(first) <= 160 else f"{first[:160]}..."
        raise UserError(f"the weights {path} do not fit the architecture of {card}: {shown}") from error
