"""One training picture in one of its variants: by itself, with others as a mosaic, with objects of another pasted on.

Which variant it is depends on the seed alone; other pictures are drawn from all that are trained on, so that a variant
does not depend on what else is in its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from engine.detectors import Network, Truth
from engine.feeding.augment import Augmentation, augmented, uniform
from engine.feeding.data import Example
from engine.feeding.mosaic import N_PICTURES, mosaic
from engine.feeding.pasting import pasted
from engine.nn.scaling import model_size

Phase: TypeAlias = Literal["still", "varied", "calm"]
"""Of a training: 'still' while its pretrained body stands still, 'calm' at its end, when pictures are no mosaics."""

_SMALLEST, _LARGEST = 0.5, 0.9
"""Pictures of a mosaic are so many times their usual size: half of it shows them whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A picture in model space, its truth, and the names of the pictures it is made of."""

    picture: Tensor
    truth: Truth
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Varying:
    """The pictures that are trained on, and how they vary."""

    examples: Sequence[Example]
    network: Network
    how: Augmentation

    def variant(self, index: int, seed: int, phase: Phase) -> Variant:
        """The variant of a picture that a seed gives; torch's global generator is left as it was."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if phase == "varied" and _chance(self.how.mosaic):
                return self._mosaic(index)
            own = self._augmented(index)
            return self._pasted(own) if _chance(self.how.copy_paste) else own

    def _augmented(self, index: int, enlarged: float = 1.0) -> Variant:
        example = self.examples[index]
        picture = as_tensor(example)
        scale = enlarged * self.network.scale(*picture.shape[-2:])
        return Variant(*augmented(picture, example.truth, scale, self.how), example.name)

    def _mosaic(self, index: int) -> Variant:
        own = as_tensor(self.examples[index])
        height, width = own.shape[-2:]
        size = model_size(height, width, self.network.scale(height, width))
        indices = [index, *(self._any() for _ in range(N_PICTURES - 1))]
        parts = [self._augmented(each, uniform(_SMALLEST, _LARGEST)) for each in indices]
        canvas = mosaic([(part.picture, part.truth) for part in parts], size)
        return Variant(*canvas, " with ".join(part.name for part in parts))

    def _pasted(self, own: Variant) -> Variant:
        other = self._augmented(self._any())
        picture, truth = pasted(own.picture, own.truth, other.picture, other.truth)
        return replace(own, picture=picture, truth=truth, name=f"{own.name} with {other.name}")

    def _any(self) -> int:
        return int(torch.randint(len(self.examples), ()))


def _chance(probability: float) -> bool:
    """Whether something of this probability happens; nothing is drawn where it never does."""
    return probability > 0 and uniform(0, 1) < probability


def as_tensor(example: Example) -> Tensor:
    """(3, H, W) uint8."""
    return torch.from_numpy(example.picture).permute(2, 0, 1)
