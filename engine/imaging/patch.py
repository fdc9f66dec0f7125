"""Patch: a window of a picture's pixels, at full size or coarser, that knows where on the picture it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry.masks import of_polygon
from engine.geometry.shapes import XY, Bounds, Mask, Polygon
from engine.geometry.spaces import Affine, transform

Pixels: TypeAlias = NDArray[np.uint8]
"""(height, width, 3) RGB."""
Bitmap: TypeAlias = NDArray[np.bool_]
"""(height, width)."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Pixels of a picture, each `step` image pixels wide and high, the first with its top left corner at (x, y)."""

    pixels: Pixels
    x: float = 0.0
    y: float = 0.0
    step: float = 1.0

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def bounds(self) -> Bounds:
        """What it covers, in image pixels."""
        return (self.x, self.y, self.x + self.width * self.step, self.y + self.height * self.step)

    @property
    def to_image(self) -> Affine:
        """Its own pixels to those of the picture."""
        return Affine(xx=self.step, dx=self.x, yy=self.step, dy=self.y)

    def cell(self, xy_image: XY) -> tuple[int, int]:
        """Row and column of its pixel under a point of the picture, or of the nearest one."""
        column, row = int((xy_image[0] - self.x) // self.step), int((xy_image[1] - self.y) // self.step)
        return min(max(row, 0), self.height - 1), min(max(column, 0), self.width - 1)

    def on_picture(self, mask: Mask) -> Mask:
        """A mask of its own pixels as one of the picture's: moved, and grown by its outline where it is coarser."""
        moved = transform(mask, self.to_image)
        return moved if isinstance(moved, Mask) else of_polygon(moved if isinstance(moved, Polygon) else Polygon(()))
