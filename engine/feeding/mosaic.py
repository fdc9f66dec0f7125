"""Mosaic (Bochkovskiy et al. 2020): four pictures as the quarters of one, so that a step shows more objects and places.

It is a mild one: pictures are shown hardly smaller than they are, and the cross where they meet stays near the middle.

Legend: (3, H, W) uint8 pictures in model space with their truths; a canvas is the picture that they make up.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.detectors import Truth
from engine.feeding import augment

N_PICTURES = 4
_GREY = 114
_NEAREST, _FARTHEST = 0.4, 0.6
"""Where the cross may be, as shares of the canvas."""


def mosaic(varied: Sequence[tuple[Tensor, Truth]], size: tuple[int, int]) -> tuple[Tensor, Truth]:
    """A canvas of `size` (height, width) of four pictures: a random part of each, as much as its quarter has room for.

    Randomness comes from torch's global generator.
    """
    height, width = size
    cross_y, cross_x = (round(extent * augment.uniform(_NEAREST, _FARTHEST)) for extent in size)
    canvas = torch.full((3, height, width), _GREY, dtype=torch.uint8)
    truths = []
    for at, (picture, truth) in enumerate(varied):
        top, bottom = (0, cross_y) if at < 2 else (cross_y, height)
        left, right = (0, cross_x) if at % 2 == 0 else (cross_x, width)
        part, seen = augment.random_crop(picture, truth, (bottom - top, right - left))
        canvas[:, top : top + part.shape[1], left : left + part.shape[2]] = part
        truths.append(augment.moved(seen, left, top))
    return canvas, Truth.joined(truths)
