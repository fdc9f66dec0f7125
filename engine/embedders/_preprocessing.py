"""What is done to a face crop before a network sees it; part of what two vectors must share to be compared.

Legend: N crops of H x W pixels become N pictures of C channels of h x w.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec
import torch
from torch import Tensor

Channels: TypeAlias = Literal["RGB", "BGR", "grey"]

MOST_SIDE = 4096
"""Crops are brought to no more pixels a side, whatever a card asks for: they would take any amount of memory."""
_REVISION = 1
"""Goes up when the same settings begin to give other values: vectors from before are then no longer comparable."""
_LUMA = (0.299, 0.587, 0.114)
_LEAST_DEVIATION = 1e-5
"""Of a standardised crop: one of a single colour becomes zeros."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """Resize, order or join the channels, divide, subtract the mean, divide by the deviation."""

    height: int
    width: int
    channels: Channels = "RGB"
    divisor: float = 255.0
    mean: tuple[float, ...] = ()
    """By channel in the order of `channels`; empty is zeros."""
    deviation: tuple[float, ...] = ()
    """Likewise; empty is ones."""
    is_standardised: bool = False
    """Whether each crop is brought to mean 0 and deviation 1 by its own values, which evens out light and contrast."""
    adds_mirror: bool = False
    """Whether a crop's vector is that of the crop and of its mirror image added up."""

    def __post_init__(self) -> None:
        """Raises ValueError for settings that mean nothing."""
        if min(self.height, self.width) < 1 or not self.divisor > 0:
            raise ValueError("a crop needs a height, a width and a divisor above 0")
        if max(self.height, self.width) > MOST_SIDE:
            raise ValueError(f"a crop has at most {MOST_SIDE} x {MOST_SIDE} pixels")
        if any(len(each) not in {0, self.n_channels} for each in (self.mean, self.deviation)):
            raise ValueError(f"mean and deviation need {self.n_channels} numbers each")
        if any(not each > 0 for each in self.deviation):
            raise ValueError("a deviation is above 0")

    @property
    def n_channels(self) -> int:
        return 1 if self.channels == "grey" else 3

    @property
    def sha256(self) -> str:
        """The same for the same treatment, on any machine."""
        return hashlib.sha256(msgspec.json.encode((_REVISION, self), order="deterministic")).hexdigest()

    def shown(self, crops: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB crops as (N, C, h, w) float32, divided; other sizes are stretched without aliasing.

        Raises ValueError for anything that is no such crops.
        """
        if crops.dtype != torch.uint8 or crops.ndim != 4 or crops.shape[1] != 3 or 0 in crops.shape[2:]:
            raise ValueError(f"crops are (N, 3, H, W) uint8, not {tuple(crops.shape)} {crops.dtype}")
        pictures = self._ordered(crops.float())
        if pictures.shape[2:] != (self.height, self.width) and len(pictures):
            size = (self.height, self.width)
            pictures = torch.nn.functional.interpolate(pictures, size, mode="bilinear", antialias=True)
        return pictures.reshape(-1, self.n_channels, self.height, self.width) / self.divisor

    def normalised(self, shown: Tensor) -> Tensor:
        """What a network sees of pictures that `shown` gave."""
        if self.mean:
            shown = shown - shown.new_tensor(self.mean)[:, None, None]
        if self.deviation:
            shown = shown / shown.new_tensor(self.deviation)[:, None, None]
        if not self.is_standardised:
            return shown
        deviation, mean = torch.std_mean(shown, dim=(1, 2, 3), keepdim=True, correction=0)
        return (shown - mean) / deviation.clamp(min=_LEAST_DEVIATION)

    def _ordered(self, pictures: Tensor) -> Tensor:
        if self.channels == "grey":
            return torch.einsum("nchw,c->nhw", pictures, pictures.new_tensor(_LUMA))[:, None]
        return pictures.flip(1) if self.channels == "BGR" else pictures
