"""Pictures scaled for a network: bilinear, in training and in detecting alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import interpolate

FRAME_STEP = 32
"""Sides of a batch's frame are multiples of this, the coarsest stride of a body."""


def model_size(height: int, width: int, scale: float) -> tuple[int, int]:
    """Height and width in model space of a picture or a part of one; at least a pixel each."""
    return (max(round(height * scale), 1), max(round(width * scale), 1))


def resized(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A (C, H, W) picture made (height, width) large; the same picture where it has that size already."""
    if tuple(picture.shape[-2:]) == size:
        return picture
    enlarged = interpolate(picture[None].float(), size, mode="bilinear", align_corners=False)[0]
    return enlarged if picture.is_floating_point() else enlarged.round().to(picture.dtype)


def frame_size(pictures: Sequence[Tensor], least: tuple[int, int], divisor: int) -> tuple[int, int]:
    """Height and width that hold `least` and all of some (C, H, W) pictures, if any, as multiples of a divisor."""
    height, width = (max([least[axis], *(each.shape[axis - 2] for each in pictures)]) for axis in (0, 1))
    return (divisor * math.ceil(height / divisor), divisor * math.ceil(width / divisor))
