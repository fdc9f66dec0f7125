"""Levels: how a picture is shown, as one lookup: brightness, contrast, gamma, channel. Its pixels stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.imaging.patch import Pixels

Channel: TypeAlias = Literal["all", "red", "green", "blue", "grey"]
CHANNELS: tuple[Channel, ...] = ("all", "red", "green", "blue", "grey")

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Rec. 601: what grey is commonly made of."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How a picture is shown."""

    brightness: float = 0.0
    """Added, in shares of the whole range: -1 is black, 1 white."""
    contrast: float = 0.0
    """Steepness about mid grey: -1 is grey all over, 0 as it is, 1 a step."""
    gamma: float = 1.0
    """Above 1 shadows are lifted."""
    channel: Channel = "all"
    """One channel alone is shown in grey."""

    @property
    def is_plain(self) -> bool:
        """Whether a picture is shown as it is."""
        return self == Levels()

    @property
    def words(self) -> str:
        """What is otherwise than in the picture, as 'brightness +20, grey'; nothing where all is as it is."""
        changed = []
        if self.brightness:
            changed.append(f"brightness {100 * self.brightness:+.0f}")
        if self.contrast:
            changed.append(f"contrast {100 * self.contrast:+.0f}")
        if self.gamma != 1.0:
            changed.append(f"gamma {self.gamma:.2f}")
        if self.channel != "all":
            changed.append(self.channel if self.channel == "grey" else f"{self.channel} alone")
        return ", ".join(changed)

    def table(self) -> NDArray[np.uint8]:
        """(256,) what each value becomes."""
        value = (np.arange(256) / 255) ** (1 / self.gamma)
        # A tangent makes equal steps of the slider feel equal, from a flat line at -1 to a step at 1.
        steepness = np.tan((min(max(self.contrast, -1.0), 0.999) + 1) * np.pi / 4)
        shown = (value - 0.5) * steepness + 0.5 + self.brightness
        table: NDArray[np.uint8] = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
        return table

    def apply(self, pixels: Pixels) -> Pixels:
        """(..., 3) pixels as they are shown; the same array where that is as they are."""
        if self.is_plain:
            return pixels
        table = self.table()
        if self.channel == "all":
            return np.asarray(table[pixels])
        grey = np.rint(pixels @ _LUMA).astype(np.uint8) if self.channel == "grey" else pixels[..., _AT[self.channel]]
        shown: Pixels = np.repeat(table[grey][..., None], 3, axis=-1)
        return shown


_AT: dict[Channel, int] = {"red": 0, "green": 1, "blue": 2}
