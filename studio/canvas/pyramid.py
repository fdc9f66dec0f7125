"""Pyramid: a picture at full size and at halves of it, so that every zoom reads about as many pixels as it shows.

Legend: RGB (height, width, 3) as decoded; BGRX (height, width, 4), the layout that Qt resamples four times as quickly.
Everything goes strip by strip, which lets other threads go on and takes little memory besides the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QImage

from engine.geometry.shapes import Bounds
from engine.imaging.patch import Patch

Pixels = NDArray[np.uint8]

_SMALLEST_SIDE = 512
_STRIP = 128
"""Rows at a time; even, so that halves of strips are strips of the half."""


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """The picture at one size; `step` picture pixels, across and down, make one of its pixels."""

    pixels: Pixels
    """BGRX, C-contiguous."""
    step: float


@dataclass(frozen=True, slots=True, eq=False)
class Pyramid:
    """The levels of one picture, finest first."""

    levels: tuple[Level, ...]

    @classmethod
    def of(cls, rgb: Pixels, width: int) -> Pyramid:
        """All levels of a decoded picture that is `width` image pixels wide (more than `rgb` where it was shrunk).

        Takes about a second for 64 megapixels.
        """
        levels = [_finest(rgb, width)]
        while max(levels[-1].pixels.shape[:2]) > _SMALLEST_SIDE:
            levels.append(Level(_halved(levels[-1].pixels), levels[-1].step * 2))
        return cls(tuple(levels))

    @classmethod
    def flat(cls, rgb: Pixels, width: int) -> Pyramid:
        """One level alone: a thumbnail that stands for a picture `width` pixels wide."""
        return cls((_finest(rgb, width),))

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


def patch_of(pyramid: Pyramid, bounds: Bounds, most: int) -> Patch | None:
    """The pixels of a window, from the finest level that has at most `most` of them a side; nothing is copied."""
    x0, y0, x1, y1 = bounds
    side = max(x1 - x0, y1 - y0)
    level = next((level for level in pyramid.levels if side <= most * level.step), pyramid.levels[-1])
    height, width = level.pixels.shape[:2]
    left, top = max(0, math.floor(x0 / level.step)), max(0, math.floor(y0 / level.step))
    right, bottom = min(width, math.ceil(x1 / level.step)), min(height, math.ceil(y1 / level.step))
    if left >= right or top >= bottom:
        return None
    return Patch(level.pixels[top:bottom, left:right, 2::-1], left * level.step, top * level.step, level.step)


def _finest(rgb: Pixels, width: int) -> Level:
    height, own_width, _ = rgb.shape
    pixels = np.empty((height, own_width, 4), np.uint8)
    for rows in _strips(height):
        strip = np.ascontiguousarray(rgb[rows])
        read = QImage(strip.data, own_width, len(strip), 3 * own_width, QImage.Format.Format_RGB888)
        wide = read.convertToFormat(QImage.Format.Format_RGB32)
        pixels[rows] = np.frombuffer(wide.constBits(), np.uint8).reshape(len(strip), own_width, 4)
    return Level(pixels, width / own_width)


def _halved(pixels: Pixels) -> Pixels:
    """Means of two by two pixels; the last row and column of an odd size stand for what is there."""
    height, width, _ = pixels.shape
    half = np.empty(((height + 1) // 2, (width + 1) // 2, 4), np.uint8)
    for rows in _strips(height):
        strip = pixels[rows]
        half[rows.start // 2 : (rows.stop + 1) // 2] = np.asarray(_image(strip).reduce(2))
    return half


def _image(pixels: Pixels) -> Image.Image:
    """Pillow's image of these pixels, for which the order of colours is all one."""
    height, width, _ = pixels.shape
    return Image.frombuffer("RGBX", (width, height), pixels, "raw", "RGBX", 0, 1)


def _strips(height: int) -> Iterator[slice]:
    return (slice(top, min(top + _STRIP, height)) for top in range(0, height, _STRIP))
