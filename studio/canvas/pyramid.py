"""Pyramid: a picture at full size and at halves of it, so that every zoom reads about as many pixels as it shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
"""(height, width, 3) RGB, C-contiguous."""

_SMALLEST_SIDE = 512


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The picture at one size; `step` picture pixels, across and down, make one of its pixels."""

    pixels: Pixels
    step: float


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """The levels of one picture, finest first."""

    levels: tuple[Level, ...]

    @classmethod
    def of(cls, pixels: Pixels, width: int) -> Pyramid:
        """All levels of a decoded picture that is `width` image pixels wide (more than `pixels` where it was shrunk).

        Runs for a second on 64 megapixels, in Pillow's code, which lets other threads go on.
        """
        levels = [_level(pixels, width)]
        while max(levels[-1].pixels.shape[:2]) > _SMALLEST_SIDE:
            finer = levels[-1]
            levels.append(Level(np.asarray(Image.fromarray(finer.pixels).reduce(2)), finer.step * 2))
        return cls(tuple(levels))

    @classmethod
    def flat(cls, pixels: Pixels, width: int) -> Pyramid:
        """One level alone: a thumbnail that stands for a picture `width` pixels wide."""
        return cls((_level(pixels, width),))

    @property
    def nbytes(self) -> int:
        return sum(level.pixels.nbytes for level in self.levels)

    def level_for(self, scale: float) -> Level:
        """The coarsest level that has a pixel for every view pixel, at `scale` view pixels per image pixel."""
        return next((level for level in reversed(self.levels) if level.step * scale <= 1 + 1e-9), self.levels[0])


def window(level: Level, x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
    """The columns and rows (x0, y0, x1, y1) of a level that cover a rectangle in image pixels, and one more around."""
    height, width = level.pixels.shape[:2]
    left, top = (max(0, math.floor(at / level.step) - 1) for at in (x0, y0))
    right = min(width, math.ceil(x1 / level.step) + 1)
    bottom = min(height, math.ceil(y1 / level.step) + 1)
    return (min(left, width), min(top, height), max(right, 0), max(bottom, 0))


def _level(pixels: Pixels, width: int) -> Level:
    return Level(np.ascontiguousarray(pixels), width / pixels.shape[1])
