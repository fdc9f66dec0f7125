"""Recipe: how to train, as a frozen value that goes into the project file as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from engine.detectors import option
from engine.errors import UserError
from engine.feeding.augment import Augmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train. Give `epochs` or `minutes`; with neither, ten minutes.

    A field made by `option` is offered in the fine-tune dialog, with its sentence.
    """

    detector: str = "mask_rcnn"
    options: Mapping[str, Any] = field(default_factory=dict)
    """The detector's options that are not to be chosen from the data, by name."""
    weights: str = "auto"
    """'auto' (official), 'none' (from scratch) or the path of a file."""
    epochs: int | None = None
    minutes: float | None = None
    batch: int | None = option(
        None, "Pictures in a step: more make it steadier and need more memory; empty suits it to network and device."
    )
    """None is 1 on a CPU, where more steps are worth more than smoother ones, else 4, or what the detector suggests."""
    learning_rate: float = option(
        5e-4, "How far a step on one picture goes; it grows with the root of the batch. Too high and losses jump."
    )
    pretrained_rate: float = option(
        0.5, "Learning rate of what pretrained weights brought, as a share of the rest's; low keeps what they know."
    )
    weight_decay: float = option(
        1e-4, "How strongly weights are drawn to zero, which keeps few pictures from being learned by heart."
    )
    warmup_steps: int = option(
        50, "Steps until the learning rate is at its full height, so that new layers settle first."
    )
    averaging: float = option(
        0.998, "Decay of the moving average of the weights that is tried and kept; 0 keeps the network itself."
    )
    still_share: float = option(
        0.0,
        "Share of the training in which the pretrained body stands still: only the rest learns then, twice as fast.",
    )
    balance: float = option(
        0.1,
        "Pictures with a class that fewer than this share of the pictures show come up more often; 0 treats all alike.",
    )
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: Literal["auto", "float32", "bfloat16", "float16"] = option(
        "auto",
        "Numbers to compute in: half as long ones are faster where the hardware multiplies them; auto finds out.",
    )
    patience: int | None = option(
        12, "Validations that may pass without a better result before the training ends with its best; empty goes on."
    )
    device: str = "auto"
    threads: int | None = option(None, "CPU threads; empty tries which number is fastest at the start.")
    loaders: int | None = option(
        None, "Processes that read pictures ahead; 0 reads them in between, empty takes some where there is a GPU."
    )
    seed: int = option(0, "The same seed gives the same training again.")

    def __post_init__(self) -> None:
        """Raises UserError for a recipe that cannot be followed."""
        if self.epochs is not None and self.minutes is not None:
            raise UserError("A training is limited by epochs or by minutes, not by both.")
        limit = self.epochs if self.epochs is not None else self.budget_minutes
        if not limit > 0:
            raise UserError("A training needs at least one epoch, or more than no minutes.")
        if self.batch is not None and self.batch < 1:
            raise UserError("A batch needs at least one picture.")
        if self.loaders is not None and self.loaders < 0:
            raise UserError("There cannot be fewer than no loaders.")
        if self.patience is not None and self.patience < 1:
            raise UserError("Patience needs at least one validation.", "Leave it empty to train to the end.")

    @property
    def budget_minutes(self) -> float:
        return 10.0 if self.minutes is None else self.minutes

    def batch_on(self, device_type: str) -> int:
        """Pictures in a step on a 'cpu' or a 'cuda' device."""
        return self.batch or (1 if device_type == "cpu" else 4)

    def to_json(self) -> str:
        """The recipe as it is kept in a Run."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe of a Run; raises UserError when it is none."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise UserError(f"This is no training recipe: {error}.") from error
