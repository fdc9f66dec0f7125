"""Recipe: how to train, as a frozen value that goes into the project file as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from engine.errors import UserError
from engine.training.augment import Augmentation


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to train. Give `epochs` or `minutes`; with neither, ten minutes."""

    detector: str = "mask_rcnn"
    options: Mapping[str, Any] = field(default_factory=dict)
    """The detector's options that are not to be chosen from the data, by name."""
    weights: str = "auto"
    """'auto' (official), 'none' (from scratch) or the path of a file."""
    epochs: int | None = None
    minutes: float | None = None
    batch: int | None = None
    """Pictures in a step; None is 1 on a CPU, where more steps are worth more than smoother ones, else 4."""
    learning_rate: float = 5e-4
    """Of a step on one picture; it grows with the root of the batch."""
    pretrained_rate: float = 0.5
    """Learning rate of adopted tensors, as a share of the others'."""
    weight_decay: float = 1e-4
    warmup_steps: int = 50
    averaging: float = 0.998
    """Decay of the moving average that is validated and kept; 0 keeps the network itself."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: str = "auto"
    threads: int | None = None
    """CPU threads; None tries what is fastest at the start."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises UserError for a recipe that cannot be followed."""
        if self.epochs is not None and self.minutes is not None:
            raise UserError("A training is limited by epochs or by minutes, not by both.")
        limit = self.epochs if self.epochs is not None else self.budget_minutes
        if not limit > 0:
            raise UserError("A training needs at least one epoch, or more than no minutes.")
        if self.batch is not None and self.batch < 1:
            raise UserError("A batch needs at least one picture.")

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
