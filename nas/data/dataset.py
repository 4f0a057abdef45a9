"""What a data set is: plain values that name its parts, and the arrays behind them. Torch-free."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, ClassVar

from nas.data.parts import Parts
from nas.data.split import PartSizes, part_sizes
from nas.errors import UserError

ImageShape = tuple[int, int, int]  # channels, height, width


@dataclass(frozen=True, kw_only=True)
class Dataset(ABC):
    """Labelled images in four parts. Subclasses are dataclasses; fields marked `identity: False` change no number.

    Attributes:
        image_size: height and width that images are resized to; None keeps their own.
        fraction: of the training part, above 0 and at most 1, classes in proportion.
        num_valid: official training images held out to measure the fitness; data sets of any size also take a share.
        num_selection: further ones held out for choosing among a search's best; likewise.
        split_seed: draws the parts.
        flip: whether a mirrored image still shows its class, which it does not for digits.
    """

    image_size: int | None
    fraction: float
    num_valid: int | float
    num_selection: int | float
    split_seed: int
    flip: bool
    name: ClassVar[str]

    def __post_init__(self) -> None:
        if isinstance(self.fraction, bool) or not isinstance(self.fraction, float | int) or not 0 < self.fraction <= 1:
            raise UserError(f"dataset.fraction is {self.fraction!r}, it must be above 0 and at most 1")
        for key in ("num_valid", "num_selection"):
            self._check_size(key)
        self._check_count("split_seed", 0)
        if self.image_size is not None:
            self._check_count("image_size", 1)

    @property
    @abstractmethod
    def image_shape(self) -> ImageShape:
        """Channels, height and width of the images a network gets."""

    @property
    @abstractmethod
    def num_classes(self) -> int:
        """How many classes there are."""

    @property
    @abstractmethod
    def num_images(self) -> int:
        """Official training images, before any is held out."""

    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of the content, wherever it lies.

        Raises:
            UserError: the data is missing or damaged.
        """

    @abstractmethod
    def _load(self) -> Parts: ...

    @property
    def sizes(self) -> PartSizes:
        """Sizes of the parts.

        Raises:
            UserError: nothing is left to train on.
        """
        return part_sizes(self.num_images, int(self.num_valid), int(self.num_selection), self.fraction)

    @property
    def num_train(self) -> int:
        """Images of the training part; errors are those of `sizes`."""
        return self.sizes.train

    def load(self) -> Parts:
        """The parts; kept by this process for the next call.

        Raises:
            UserError: the data is missing or damaged, or too small for the parts.
        """
        return _loaded(self)

    def identity(self) -> dict[str, Any]:
        """Everything that changes a search's numbers: the fields and the content."""
        values = {
            field.name: getattr(self, field.name) for field in fields(self) if field.metadata.get("identity", True)
        }
        return {"name": self.name, **values, "fingerprint": self.fingerprint()}

    def notes(self) -> list[str]:
        """What the user should know of the data before a search begins, a line each."""
        return []

    def description(self) -> dict[str, Any] | None:
        """The same in full, as JSON data for a run folder; None where there is nothing to tell."""
        return None

    def _check_size(self, key: str) -> None:
        self._check_count(key, 0)

    def _check_count(self, key: str, least: int) -> None:
        value = getattr(self, key)
        if type(value) is not int or value < least:
            raise UserError(f"dataset.{key} is {value!r}, it must be a whole number of at least {least}")


@lru_cache(maxsize=2)
def _loaded(dataset: Dataset) -> Parts:
    return dataset._load()
