"""The published networks by name. Torch-free until one is built.

    net = create_model("amoebanet_a", num_cells=6, filters=36, num_classes=10, image_size=32)
    net = create_model("amoebanet_a", "cifar_6_36")                   # the same
    net = create_model("nasnet_a", "large", pretrained="timm")        # with timm's weights

The cells are in `nas.networks.genotypes`, the sizes in `nas.networks.zoo_presets`.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack

from nas.errors import UserError
from nas.networks.cell_network_spec import STEMS, CellNetworkSpec
from nas.networks.genotypes import GENOTYPES
from nas.networks.zoo_presets import BY_STEM, PLAIN, PRESETS, Settings
from nas.search_spaces.cost import Cost

if TYPE_CHECKING:
    from nas.networks.cell_network import CellNetwork

PRETRAINED_PRESET = "large"  # the size that timm's weights have
_WIRING = ("num_cells", "filters", "stem", "stem_filters", "skip_reduction_layer_input")


class NetworkSettings(TypedDict, total=False):
    """What `nas.networks.cell_network_spec.CellNetworkSpec` describes, each with a default, and the images' sizes."""

    num_cells: int
    filters: int
    num_classes: int
    image_size: int | tuple[int, int]
    in_channels: int
    stem: str
    stem_multiplier: int
    stem_filters: int
    skip_reduction_layer_input: bool
    auxiliary_head: bool
    auxiliary_filters: tuple[int, int]
    drop_path_keep: float
    drop_path_by_depth: bool
    dropout: float
    batch_norm_momentum: float
    batch_norm_epsilon: float


class ModelPlan(NamedTuple):
    """A network of the zoo before it is built.

    Attributes:
        spec: the stack around the cells.
        architecture: the cells as plain data.
        image_shape: channels, height, width.
        num_classes: outputs.
    """

    spec: CellNetworkSpec
    architecture: dict[str, Any]
    image_shape: tuple[int, int, int]
    num_classes: int

    def build(self) -> CellNetwork:
        """The network with fresh weights."""
        return self.spec.build(self.architecture, self.image_shape, self.num_classes)

    def cost(self) -> Cost:
        """Parameters, multiply-adds and activations in closed form."""
        return self.spec.cost(self.architecture, self.image_shape, self.num_classes)


def list_models() -> list[str]:
    """The names that `create_model` knows."""
    return sorted(GENOTYPES)


def list_presets(name: str) -> list[str]:
    """The published sizes of a model.

    Raises:
        UserError: no such model.
    """
    return list(PRESETS[_known("model", name, list_models())])


def create_model(
    name: str, preset: str | None = None, *, pretrained: str | None = None, **settings: Unpack[NetworkSettings]
) -> CellNetwork:
    """A published network, with fresh weights from torch's global generator unless `pretrained`.

    Args:
        name: one of `list_models()`.
        preset: one of `list_presets(name)`, a published size. Without one, `num_cells` and `filters` must be given, and
            the rest is that of CIFAR networks, or of ImageNet ones from 128 pixels on (`stem` decides, if given).
        pretrained: "timm" loads the ImageNet weights of the package timm, through it, into the preset "large" of
            nasnet_a and pnasnet_5. Images must then be normalised to -1 .. 1 (mean and deviation 0.5). With another
            number of classes than 1000 the classifier stays fresh, and so does an auxiliary head.
        settings: change single values of the preset; `CellNetworkSpec` describes them. `image_size` is in pixels, a
            number or (height, width); `in_channels` is 3 if not given.

    Raises:
        UserError: an unknown name, preset or setting, a value out of range, images too small for the stem or for the
            auxiliary head, or weights that do not exist or cannot be loaded.
    """
    plan = plan_model(name, preset, **settings)
    if pretrained is None:
        return plan.build()
    from nas.networks.timm_weights import SOURCES, download_timm_weights, load_timm_weights

    if name not in SOURCES:
        raise UserError(f"there are no public PyTorch weights of {name}, only of {' and '.join(SOURCES)}")
    if pretrained != "timm":
        raise UserError(f"pretrained is {pretrained!r}, the one known source of weights is 'timm'")
    _check_size(name, plan)
    weights = download_timm_weights(name)
    network = plan.build()
    load_timm_weights(network, name, weights)
    return network


def plan_model(name: str, preset: str | None = None, **settings: Unpack[NetworkSettings]) -> ModelPlan:
    """What `create_model` would build, with the same arguments and errors, sizes apart; without torch."""
    chosen = _resolve(name, preset, dict(settings))
    height, width = _image_size(chosen.pop("image_size"))
    num_classes, in_channels = chosen.pop("num_classes"), chosen.pop("in_channels")
    _check_count("num_classes", num_classes)
    _check_count("in_channels", in_channels)
    return ModelPlan(CellNetworkSpec(**chosen), GENOTYPES[name], (in_channels, height, width), num_classes)


def _resolve(name: str, preset: str | None, given: Settings) -> Settings:
    """Every setting: the given ones before the preset's, before those that go with the stem."""
    presets = PRESETS[_known("model", name, list_models())]
    for key in given:
        _known("setting", key, NetworkSettings.__annotations__)
    if preset is None and not {"num_cells", "filters"} <= given.keys():
        raise UserError(f"{name} needs num_cells and filters, or one of its presets: {', '.join(presets)}")
    chosen = {**({} if preset is None else presets[_known(f"preset of {name}", preset, presets)]), **given}
    if _known("stem", chosen.get("stem", "auto"), STEMS) == "auto":
        size = _image_size(chosen.get("image_size", BY_STEM["cifar"]["image_size"]))
        chosen["stem"] = "imagenet" if min(size) >= PLAIN["imagenet_stem_from"] else "cifar"
    return {"in_channels": 3, **PLAIN, **BY_STEM[chosen["stem"]], **chosen}


def _check_size(name: str, plan: ModelPlan) -> None:
    published = plan_model(name, PRETRAINED_PRESET)
    differing = [(key, getattr(plan.spec, key), getattr(published.spec, key)) for key in _WIRING]
    for key, value, needed in [*differing, ("in_channels", plan.image_shape[0], published.image_shape[0])]:
        if value != needed:
            what = f"timm's weights of {name} fit the preset {PRETRAINED_PRESET!r} only"
            raise UserError(f"{what}: {key} is {value!r}, it must be {needed!r}")


def _known(what: str, name: str, allowed: Collection[str]) -> str:
    if name in allowed:
        return name
    near = get_close_matches(str(name).lower().replace("-", "_"), allowed, n=1)
    meant = f" (did you mean {near[0]!r}?)" if near else ""
    raise UserError(f"there is no {what} {name!r}{meant}, known are {', '.join(allowed)}")


def _image_size(value: Any) -> tuple[int, int]:
    height, width = value if isinstance(value, tuple | list) and len(value) == 2 else (value, value)
    _check_count("image_size", height)
    _check_count("image_size", width)
    return height, width


def _check_count(key: str, value: Any) -> None:
    if type(value) is not int or value < 1:
        raise UserError(f"{key} is {value!r}, it must be a whole number of at least 1")
