"""Where a picture's tiles come from: a picture in memory, or a file of tiles on the disk.

Legend: a tile is BGRX (height, width, 4), C-contiguous, at most TILE_SIDE a side; a spot says which.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from PySide6.QtGui import QImage

from engine.geometry.shapes import Bounds
from engine.tiling.reading import TILE_SIDE, TileFile, TileLevel
from studio.canvas.pyramid import Pixels, Pyramid


class Spot(NamedTuple):
    """Which tile: the column and row of a level, 0 being the finest."""

    level: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Cells:
    """The columns and rows of a level's tiles that cover something, the last ones not included."""

    level: int
    columns: range
    rows: range

    @classmethod
    def under(cls, levels: Sequence[TileLevel], level: int, bounds: Bounds) -> Cells:
        """The tiles of a level under a rectangle in image pixels."""
        x0, y0, x1, y1 = (at / (levels[level].step * TILE_SIDE) for at in bounds)
        columns = range(max(0, math.floor(x0)), min(levels[level].n_columns, math.ceil(x1)))
        return cls(level, columns, range(max(0, math.floor(y0)), min(levels[level].n_rows, math.ceil(y1))))

    def spots(self) -> Iterator[Spot]:
        """Each of them."""
        return (Spot(self.level, column, row) for row in self.rows for column in self.columns)


class TileSource(Protocol):
    """Gives any tile of a picture, on any thread."""

    @property
    def levels(self) -> Sequence[TileLevel]:
        """Finest first."""
        ...

    def read(self, spot: Spot) -> Pixels:
        """A tile as it is stored; raises UserError where it cannot be read."""
        ...


class HeldSource:
    """The tiles of a picture in memory."""

    def __init__(self, pyramid: Pyramid) -> None:
        self._pyramid = pyramid
        sizes = ((level.pixels.shape[1], level.pixels.shape[0], level.step) for level in pyramid.levels)
        self.levels = tuple(TileLevel(*size) for size in sizes)

    def read(self, spot: Spot) -> Pixels:
        """A copy of that part of a level."""
        x, y = spot.column * TILE_SIDE, spot.row * TILE_SIDE
        return np.ascontiguousarray(self._pyramid.levels[spot.level].pixels[y : y + TILE_SIDE, x : x + TILE_SIDE])


class FiledSource:
    """The tiles of a file."""

    def __init__(self, file: TileFile) -> None:
        self._file = file
        self.levels = file.levels

    def read(self, spot: Spot) -> Pixels:
        """The tile, decoded."""
        rgb = np.ascontiguousarray(self._file.read(*spot))
        height, width, _ = rgb.shape
        image = QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        wide = image.convertToFormat(QImage.Format.Format_RGB32)
        return np.frombuffer(wide.constBits(), np.uint8).reshape(height, width, 4).copy()


def level_for(levels: Sequence[TileLevel], scale: float) -> int:
    """The coarsest level that has a pixel for every view pixel, at `scale` view pixels per image pixel."""
    found = (n for n in reversed(range(len(levels))) if levels[n].step * scale <= 1 + 1e-9)
    return next(found, 0)
