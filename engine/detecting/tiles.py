"""A large picture as overlapping tiles: where they lie, and which shapes their borders cut.

An inner border of a tile is one that is not the picture's own. What touches it goes on, or may go on, beyond.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.geometry.shapes import Bounds

_MARGIN_SHARE, _LEAST_MARGIN = 1 / 64, 2.0
"""A network's boxes end a little before the border that cuts them."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a picture, in its pixels: columns x0 up to x1, rows y0 up to y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def bounds(self) -> Bounds:
        return (self.x0, self.y0, self.x1, self.y1)


@dataclass(frozen=True, slots=True)
class Tiles:
    """The tiles of a picture of this size, row by row; all of the same size."""

    width: int
    height: int
    side: int
    """Of every tile, unless the picture is narrower or lower."""
    all: tuple[Tile, ...]

    def inside(self, tile: Tile) -> Bounds:
        """Where a shape lies clear of the tile's inner borders; without limit where the picture itself ends."""
        margin = max(self.side * _MARGIN_SHARE, _LEAST_MARGIN)
        return (
            tile.x0 + margin if tile.x0 > 0 else -math.inf,
            tile.y0 + margin if tile.y0 > 0 else -math.inf,
            tile.x1 - margin if tile.x1 < self.width else math.inf,
            tile.y1 - margin if tile.y1 < self.height else math.inf,
        )

    def is_whole(self, bounds: Bounds, tile: Tile) -> bool:
        """Whether a shape with these bounds lies clear of the tile's inner borders: the tile shows all of it."""
        x0, y0, x1, y1 = self.inside(tile)
        return bounds[0] > x0 and bounds[1] > y0 and bounds[2] < x1 and bounds[3] < y1


def tiles(width: int, height: int, side: int, overlap: float) -> Tiles:
    """Tiles of `side` pixels over a picture, neighbours sharing at least `overlap` of it."""
    rows = [(y, min(y + side, height)) for y in _starts(height, side, overlap)]
    columns = [(x, min(x + side, width)) for x in _starts(width, side, overlap)]
    return Tiles(width, height, side, tuple(Tile(x0, y0, x1, y1) for y0, y1 in rows for x0, x1 in columns))


def _starts(length: int, side: int, overlap: float) -> list[int]:
    """Where tiles begin along one axis, evenly from the first pixel to the last."""
    if length <= side:
        return [0]
    step = max(int(side * (1 - overlap)), 1)
    n_steps = -(-(length - side) // step)
    starts: list[int] = np.linspace(0, length - side, n_steps + 1).astype(int).tolist()
    return starts
