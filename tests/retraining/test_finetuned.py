"""The fine-tuned reference: torchvision's weights where torch keeps them, its network, and what it says of itself."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torchvision.models import ResNet18_Weights

from nas.errors import UserError
from nas.retraining.contenders import reference
from nas.retraining.finetuned import WEIGHTS_NAME, FinetunedResNet18Spec
from nas.search.identity import identity_of

COLOUR = (3, 48, 48)


def spec(weights: Path | None = None, **fields: Any) -> FinetunedResNet18Spec:
    own = {"weights": None if weights is None else str(weights), "least_side": 96, "learning_rate": 0.01}
    return FinetunedResNet18Spec(**(own | fields))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mine.pth"
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), path)
    return path


@pytest.mark.parametrize("variables", [{"TORCH_HOME": "/t"}, {"XDG_CACHE_HOME": "/x"}, {}])
def test_weights_are_looked_for_where_torch_keeps_them(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert spec().path == Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS_NAME
    assert ResNet18_Weights.IMAGENET1K_V1.url.endswith(f"/{WEIGHTS_NAME}")


def test_all_but_the_last_layer_comes_from_the_file(weights: Path) -> None:
    torch.manual_seed(3)
    network = spec(weights).build(None, COLOUR, 5).eval()
    theirs = torchvision.models.resnet18(weights=None)
    theirs.load_state_dict(torch.load(weights, weights_only=True))
    theirs.fc = network.body.fc  # type: ignore[union-attr, assignment]
    images = torch.randn(2, *COLOUR)
    enlarged = torch.nn.functional.interpolate(images, (96, 96), mode="bilinear", align_corners=False)
    with torch.no_grad():
        torch.testing.assert_close(network(images), theirs.eval()(enlarged))
        large = torch.randn(1, 3, 100, 120)
        torch.testing.assert_close(network(large), theirs(large))


def test_its_cost_is_that_of_the_enlarged_image(weights: Path) -> None:
    cost = spec(weights, least_side=224).cost(None, (3, 64, 64), 1000)
    published = ResNet18_Weights.IMAGENET1K_V1.meta
    assert cost.parameters == published["num_params"]
    assert cost.multiply_adds == pytest.approx(published["_ops"] * 1e9, rel=0.01)


def test_its_identity_is_the_content_of_the_file(weights: Path, tmp_path: Path) -> None:
    there = tmp_path / "copy.pth"
    there.write_bytes(weights.read_bytes())
    assert identity_of(spec(weights)) == identity_of(spec(there))
    assert set(identity_of(spec(weights))) == {"name", "least_side", "learning_rate", "sha256"}


def test_it_has_a_learning_rate_of_its_own_and_says_what_it_has_seen(weights: Path) -> None:
    contender = reference(
        "resnet18_finetuned",
        network=None,
        resnet=None,
        finetuned=spec(weights),
        space=None,  # type: ignore[arg-type]
        seed=0,
        repeats=2,
    )
    assert contender.architectures == ({"learning_rate": 0.01},) * 2
    assert contender.extra_data == "weights from ImageNet"


def test_what_is_missing_or_another_thing_is_told_in_one_sentence(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere.pth, which are not there: nothing is downloaded unasked"):
        spec(tmp_path / "nowhere.pth").build(None, COLOUR, 5)
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(UserError, match=r"text.pth holds no weights"):
        spec(tmp_path / "text.pth").build(None, COLOUR, 5)
    torch.save({"layer": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(UserError, match=r"other.pth holds no ResNet-18 of torchvision's"):
        spec(tmp_path / "other.pth").build(None, COLOUR, 5)
    with pytest.raises(UserError, match="needs images of 3 channels, these have 1"):
        spec(weights).build(None, (1, 48, 48), 5)
    for fields in ({"least_side": 0}, {"learning_rate": -1}):
        with pytest.raises(UserError, match=f"finetuned.{next(iter(fields))} is"):
            spec(weights, **fields)
