"""`load_model`: a retrained winner, or the best of a search that kept its weights, ready to use."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from nas.data.preprocessing import Preprocessing
from nas.errors import UserError
from nas.recorded_network import network_spec
from nas.retraining.card import read_card, sha256
from nas.retraining.places import model_path
from nas.retraining.searched import searched_card
from nas.training import torch_file
from nas.training.inheritance import WeightsUnusable, load_weights, variables


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


def load_model(run_or_card: str | Path, own_ops: Mapping[str, Any] | None = None) -> Model:
    """The model of a card with its weights, on the CPU and in eval mode. Nothing is unpickled or executed.

    Args:
        run_or_card: a retraining's folder, its `card.json`, or the folder of a search: of one that kept its weights it
            is the best individual as the search trained it (a single weight file is that individual), of another the
            one retraining that lies beside it.
        own_ops: ops of the user's own by name, where the network has any; see `nas.search_spaces.cell_op`.

    Raises:
        UserError: there is no model, or its weights are missing or not its own.
    """
    path = model_path(Path(run_or_card))
    if path.suffix == ".pt":
        return _searched_model(path, own_ops)
    card = read_card(path)
    model = _model(card, path, own_ops)
    try:
        weights, digest = path.parent / Path(card["weights"]["file"]).name, card["weights"]["sha256"]
    except (KeyError, TypeError) as error:
        raise UserError(f"the model card {path} names no weights ({type(error).__name__}: {error})") from error
    _load_weights(model.network, weights, path)
    if sha256(weights) != digest:
        raise UserError(f"the weights {weights} are not those that {path} was made with")
    return model.eval()


def _searched_model(path: Path, own_ops: Mapping[str, Any] | None) -> Model:
    try:
        found, about = load_weights(path)
    except WeightsUnusable as error:
        raise UserError(f"{path}: {error}") from error
    model = _model(searched_card(path, about), path, own_ops)
    whole = model.network.state_dict()
    counters = {name: whole[name] for name in whole.keys() - variables(model.network).keys()}
    _load_state(model.network, {**counters, **found}, path, path)
    return model.eval()


def _model(card: Mapping[str, Any], path: Path, own_ops: Mapping[str, Any] | None) -> Model:
    """With fresh weights.

    Raises:
        UserError: the card describes no network.
    """
    try:
        spec, shape = network_spec(card["network"], own_ops), tuple(card["image_shape"])
        network = spec.build(card["architecture"], shape, card["num_classes"])
        preprocess = Preprocessing.from_plain(card["preprocessing"])
        return Model(network, preprocess, card)
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        raise UserError(f"the model card {path} describes no network ({what})") from error


def _load_weights(network: nn.Module, path: Path, card: Path) -> None:
    try:
        state = torch_file.read(path)
    except torch_file.Unreadable as error:
        raise UserError(f"the weights file {path} {error}") from error
    _load_state(network, state, path, card)


def _load_state(network: nn.Module, state: Any, path: Path, card: Path) -> None:
    try:
        network.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        lines = [line.strip() for line in str(error).splitlines()]
        first = next((line for line in lines[1:] if line), lines[0])
        shown = first if len(first) <= 160 else f"{first[:160]}..."
        raise UserError(f"the weights {path} do not fit the architecture of {card}: {shown}") from error
